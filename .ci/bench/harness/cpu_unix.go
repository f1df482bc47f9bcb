//go:build unix

package harness

import (
	"syscall"
	"time"
)

// CPU is how much processor time this process has used so far. Unlike the clock it hardly depends on what else the
// machine is doing.
func CPU() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
