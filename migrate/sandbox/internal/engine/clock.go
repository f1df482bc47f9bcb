// Package engine bills: it starts schedules, enters their phases, begins, renews and ends subscriptions, and makes,
// finalizes and collects invoices, each in a transaction of the store. It refuses nothing: who asks has checked that it
// may be done. Amounts are computed by package billing.
package engine

import (
	"context"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// RunClock does what falls due on one clock until a time, each thing at its own time and in a transaction of its own.
func RunClock(ctx context.Context, s *store.Store, clock object.Text, until int64) error {
	queue := s.Queue(clock)
	t := &store.Tx{}
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
		s.BeginIn(t, e.At)
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
