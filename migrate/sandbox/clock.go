package sandbox

import (
	"context"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// runClock does what falls due on one clock until a time, each thing at its own
// time and in a transaction of its own.
func runClock(ctx context.Context, s *memory, clock object.Text, until int64) error {
	queue := s.queue(clock)
	for {
		e, due := queue.next(until)
		if !due {
			return nil
		}
		if err := ctx.Err(); err != nil {
			queue.add(e)
			return err
		}
		if !s.holds(e) {
			continue
		}
		t := s.Begin(e.at)
		t.step(e)
		if err := s.Commit(t, fingerprint{}, nil); err != nil {
			return err
		}
	}
}

// step does one thing that is due.
func (t *tx) step(e dueEntry) {
	switch e.rank {
	case dueSchedule:
		t.stepSchedule(t.schedules.edit(e.id))
	case dueSubscription:
		t.stepSubscription(t.subscriptions.edit(e.id))
	case dueInvoice:
		t.finalize(t.invoices.edit(e.id))
	}
}
