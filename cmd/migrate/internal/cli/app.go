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

// asRunE turns what a command does into what cobra calls. What fails before it is the command line's fault.
func (a *app) asRunE(run func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a.started = true
		return run(cmd.Context(), args)
	}
}

// say writes a message for the person in front of the screen.
func (a *app) say(text string, args ...any) { fmt.Fprintf(a.env.Stderr, text+"\n", args...) }

// print writes data.
func (a *app) print(text string, args ...any) { fmt.Fprintf(a.env.Stdout, text, args...) }

// textMode tells whether people read what stdout gets.
func (a *app) textMode() bool { return a.output == formatText }

// stdout is where data goes.
func (a *app) stdout() io.Writer { return a.env.Stdout }

// lockedWriter is a writer for several goroutines: what is waited for is said while something else is.
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
