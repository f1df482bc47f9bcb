//go:build !unix

package harness

import "time"

// CPU is 0 where the system does not tell in a way that Go knows.
func CPU() time.Duration { return 0 }
