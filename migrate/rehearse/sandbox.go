package rehearse

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
)

// Open returns a sandbox for a rehearsal that begins at a moment: in memory, with a clock that only Run moves, and with
// the same IDs every time. The caller loads or provisions its account, and closes it.
func Open(now time.Time) (*sandbox.Server, error) {
	return sandbox.Open(sandbox.Options{Now: func() time.Time { return now }, Seed: "rehearsal"})
}

// newGateway returns a client of a sandbox in this process. Its address is not asked, and it takes any test key.
func newGateway(s *sandbox.Server) (*gateway.Gateway, error) {
	key, err := gateway.NewKey("sk_test_rehearsal")
	if err != nil {
		return nil, err
	}
	return gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: s.Transport()})
}

// dividedGateway sends what is about one customer's schedules to the part of the sandbox that has the customer. The whole
// sandbox answers everything else: what a review asks.
type dividedGateway struct {
	migrate.Gateway
	rehearsal *rehearsal
	scheduled func(*part) // told when the schedule of the last row of a part exists
}

func (d *dividedGateway) CreateSchedule(ctx context.Context, s schedule.Schedule, key string) (migrate.ScheduleState, error) {
	p := d.rehearsal.part(s.Customer)
	if p.gateway == nil {
		return migrate.ScheduleState{}, fmt.Errorf("the sandbox has gone on before the rows of the customer %s were scheduled", s.Customer)
	}
	made, err := p.gateway.CreateSchedule(ctx, s, key)
	var refused *migrate.StripeError
	if err == nil || errors.As(err, &refused) && refused.Outcome == migrate.Refused {
		if p.waiting.Add(-1) == 0 {
			d.scheduled(p)
		}
	}
	return made, err
}

func (d *dividedGateway) Schedules(ctx context.Context, f migrate.ScheduleFilter) (migrate.SchedulePage, error) {
	if f.Customer == "" {
		return d.Gateway.Schedules(ctx, f)
	}
	return d.rehearsal.part(f.Customer).gateway.Schedules(ctx, f)
}

// sandboxClock is the sandbox's time. Nobody who lives by it waits: nothing else happens meanwhile.
type sandboxClock struct{ server *sandbox.Server }

func (c sandboxClock) Now() time.Time { return c.server.Now() }

func (sandboxClock) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

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
