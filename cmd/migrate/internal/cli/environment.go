package cli

import (
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/term"
)

// Environment is what the program gets from its process: arguments, streams, variables, clock, signals. Tests replace
// it.
type Environment struct {
	Program   string   // as the program was started: a name or a path; "" is migrate
	Args      []string // without the program's name
	Stdin     io.Reader
	Stdout    io.Writer
	Stderr    io.Writer
	LookupEnv func(name string) (string, bool)
	OS        string           // as runtime.GOOS names it
	Now       func() time.Time // the machine's clock
	Zone      *time.Location   // in which local times are shown
	Signals   <-chan os.Signal // Ctrl-C and its like
	Tty       Tty
}

// Tty tells which streams are terminals.
type Tty struct{ Stdout, Stderr bool }

// system returns the environment of this process, and a function that ends its listening to signals.
func system() (Environment, func()) {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	env := Environment{
		Program: os.Args[0], Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv,
		OS: runtime.GOOS, Now: time.Now, Zone: time.Local, Signals: signals,
		Tty: Tty{Stdout: term.IsTerminal(int(os.Stdout.Fd())), Stderr: term.IsTerminal(int(os.Stderr.Fd()))},
	}
	return env, func() { signal.Stop(signals) }
}

// getenv returns a variable of the environment, "" when it is not set.
func (e Environment) getenv(name string) string {
	value, _ := e.LookupEnv(name)
	return value
}
