// Package rehearse runs a whole migration offline: the file is migrated into a sandbox by the same code that migrates
// it into Stripe, the sandbox's clock is advanced through go-live and the months after it, and what was charged is
// collected and compared, row by row, with what package forecast says beforehand.
//
// The two know nothing of each other: the sandbox bills by its clock, invoice after invoice, and the forecast computes
// dates and amounts from a row. Where they agree, two ways have led to the same figure; where they do not, the row is
// a Difference, and somebody should look at it before real customers are charged.
//
// Package report, below this one, shows a Rehearsal as text, as JSON, and as a page.
package rehearse
