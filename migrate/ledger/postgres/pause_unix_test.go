//go:build unix

package postgres_test

import (
	"os"
	"syscall"
)

// pause stops a process as a machine does that is asleep; goOn lets it continue.
func pause(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }
func goOn(p *os.Process) error  { return p.Signal(syscall.SIGCONT) }
