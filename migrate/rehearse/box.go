package rehearse

import (
	"context"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate/sandbox"
)

// Open returns a sandbox for a rehearsal that begins at a moment: in memory, with a clock that only Run moves, and with
// the same IDs every time. The caller loads or provisions its account, and closes it.
func Open(now time.Time) (*sandbox.Server, error) {
	return sandbox.Open(sandbox.Options{Now: func() time.Time { return now }, Seed: "rehearsal"})
}

// boxClock is the sandbox's time. Nobody who lives by it waits: nothing else happens meanwhile.
type boxClock struct{ box *sandbox.Server }

func (c boxClock) Now() time.Time { return c.box.Now() }

func (boxClock) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// freeClock is for the pacer, which spreads requests over time: here waiting is what makes the time pass.
type freeClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *freeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *freeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}
