package engine

import (
	"context"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// RunClock does what falls due on one clock until a time, each thing at its own
// time and in a transaction of its own.
func RunClock(ctx context.Context, s *store.Store, clock object.Text, until int64) error {
	queue := s.Queue(clock)
	for {
		e, due := queue.Next(until)
		if !due {
			return nil
		}
		if err := ctx.Err(); err != nil {
			queue.Add(e)
			return err
		}
		if !s.Holds(e) {
			continue
		}
		t := s.Begin(e.At)
		step(t, e)
		if err := s.Commit(t, store.Fingerprint{}, nil); err != nil {
			return err
		}
	}
}

// step does one thing that is due.
func step(t *store.Tx, e store.DueEntry) {
	switch e.Rank {
	case store.DueSchedule:
		stepSchedule(t, t.Schedules.Edit(e.ID))
	case store.DueSubscription:
		stepSubscription(t, t.Subscriptions.Edit(e.ID))
	case store.DueInvoice:
		Finalize(t, t.Invoices.Edit(e.ID))
	}
}
