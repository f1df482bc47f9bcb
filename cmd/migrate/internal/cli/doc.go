// Package cli is the program migrate: it wires the library, prints and asks. It has no rule of its own and knows no
// type of Stripe's.
//
// One command is one file. Data goes to stdout; questions, progress and messages go to stderr. In JSON mode stdout
// holds exactly one object (list: one array), also when the command fails: then the object is
//
//	{"error": {"code": "no_key", "message": "…", "exit_code": 4}}
//
// or, when a run or a cancel was done in part, the command's own object with the member "error" in it.
package cli
