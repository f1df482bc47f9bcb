package migrate

import (
	"context"
	"log/slog"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// sweep undoes all rows in some states.
func (u *undo) sweep(ctx context.Context, states ...ledger.State) error {
	crew := newCrew(u.workers, u.seed, u.stop, func(e ledger.Entry) error {
		if err := u.one(ctx, e); err != nil {
			return err
		}
		u.counts.done.Add(1)
		u.tell(u.counts)
		return nil
	})
	for e, err := range u.ledger.Entries(ctx, u.migration.ID, states...) {
		if err != nil {
			crew.halt(err)
			break
		}
		if !u.looksAt(e.State) {
			continue
		}
		if crew.give(e.Customer, e) != nil {
			break
		}
	}
	if err := crew.finish(); err != nil || !crew.left.Load() {
		return err
	}
	return ErrInterrupted
}

// recent is how long after the intent of a row its last request may have left.
const recent = 2 * patience

// outlast waits until nothing can be in flight any more that a run sent before it died: nothing has left since this cancel
// began, because it holds the migration's lock. A look-up that came before such a request would find nothing, and its
// schedule would go live after the cancel.
func (u *undo) outlast(ctx context.Context, began time.Time) error {
	last := csvspec.Timestamp(0)
	for e, err := range u.ledger.Entries(ctx, u.migration.ID, ledger.Intended, ledger.Unknown) {
		if err != nil {
			return err
		}
		last = max(last, e.UpdatedAt)
	}
	if began.Sub(last.Time()) > recent {
		return nil
	}
	progress := u.progress(u.counts)
	progress.WaitsUntil = began.Add(u.linger)
	u.log.Info("waiting for requests that may still be under way", slog.Time("until", progress.WaitsUntil))
	for u.clock.Now().Before(progress.WaitsUntil) {
		u.observe(progress)
		if u.stopping() || u.clock.Sleep(ctx, time.Second) != nil {
			return ErrInterrupted
		}
	}
	return nil
}
