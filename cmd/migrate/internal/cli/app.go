// Package cli is the program migrate: it wires the library, prints and asks. It has no rule of its own and knows no
// type of Stripe's.
//
// One command is one file, named as the command; parts of a command have its name in front (plan_print.go). A command on a
// file works in a fileSession, one on a migration in a session; both hold the ledger, the account and the clock. Every
// command line that a message suggests is written in commandline.go, every exit code stands in exit.go.
//
// Data goes to stdout; questions, progress and messages go to stderr. In JSON mode stdout holds exactly one object (list:
// one array), also when the command fails: then the object is
//
//	{"error": {"code": "no_key", "message": "…", "exit_code": 4}}
//
// or, when a run or a cancel was done in part, the command's own object with the member "error" in it.
package cli

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/spf13/cobra"
)

// Main runs the program in this process's environment and returns its exit code.
func Main(ctx context.Context) int {
	env, release := system()
	defer release()
	return Run(ctx, env)
}

// Run runs the program once and returns its exit code, which is one of the Exit constants.
func Run(ctx context.Context, env Environment) int {
	env.Stderr = &lockedWriter{w: env.Stderr}
	a := &app{env: env, output: formatText}
	root := a.root()
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	cmd, err := root.ExecuteContextC(ctx)
	return a.finish(cmd.CommandPath(), err)
}

// app is one run of the program.
type app struct {
	env      Environment
	output   format
	started  bool        // the command line was understood
	signaled atomic.Bool // the user asked to stop
}

// asRunE turns a command's function into the one that cobra calls. An error before it is called is one of the command
// line.
func (a *app) asRunE(run func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.started = true
		return run(cmd.Context(), args)
	}
}

// say writes a message to stderr.
func (a *app) say(text string, args ...any) { fmt.Fprintf(a.env.Stderr, text+"\n", args...) }

// print writes data to stdout.
func (a *app) print(text string, args ...any) { fmt.Fprintf(a.env.Stdout, text, args...) }

// textMode tells whether stdout gets text for people, and not JSON or another form.
func (a *app) textMode() bool { return a.output == formatText }

// stdout is where data goes.
func (a *app) stdout() io.Writer { return a.env.Stdout }

// lockedWriter is a writer for several goroutines: progress and outages are told beside the command's own messages.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// Write implements io.Writer.
func (s *lockedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}
