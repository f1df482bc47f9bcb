package cutover

import (
	"context"

	"github.com/subferry/subferry/csvspec/words"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// PlanUndo says what Undo would do. It changes nothing.
func (c *Cutover) PlanUndo(ctx context.Context, id string, o Options) (*Result, error) {
	w, err := c.begin(ctx, id, o)
	if err != nil {
		return nil, err
	}
	w.result.Undo = true
	if err := w.planUndo(ctx); err != nil {
		return nil, err
	}
	return w.sealed(), nil
}

// Undo lets go on what carries the mark of this migration's cutover, as it was before, as long as it has not ended. Rows
// whose destination has begun to charge are refused: both would charge. Its errors are those of Apply.
func (c *Cutover) Undo(ctx context.Context, id string, o Options) (*Result, error) {
	w, unlock, err := c.lock(ctx, id, o)
	if err != nil {
		return nil, err
	}
	defer unlock()
	w.result.Undo, w.result.Applied = true, true
	if err := w.waitForInFlight(ctx); err != nil {
		return nil, err
	}
	if err := w.planUndo(ctx); err != nil {
		return nil, err
	}
	w.progress.Total = int64(len(w.todo))
	err = w.each(ctx, w.todo, w.restore)
	return w.sealed(), w.ended(ctx, err)
}

// planUndo reads how all rows stand, and decides about each whether it is to be restored.
func (w *work) planUndo(ctx context.Context) error {
	entries, err := w.entries(ctx)
	if err != nil {
		return err
	}
	rows, err := w.read(ctx, entries)
	if err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		d, concerned := w.decideUndo(r)
		if !concerned {
			continue
		}
		if settled, err := w.settleUndo(ctx, r, d); err != nil {
			return err
		} else if settled {
			continue
		}
		if w.options.Canary == 0 || len(w.todo) < w.options.Canary {
			w.todo = append(w.todo, *r)
		}
		w.result.ToDo++
	}
	return nil
}

// decideUndo decides about a row by how it stands now; false means that it was never stopped.
func (w *work) decideUndo(r *standing.Row) (d decision, concerned bool) {
	s := r.Old
	touched := r.Source.Stopped() || r.Source == ledger.SourceRestored
	if s == nil {
		return refused("source_missing", "The source account has no subscription %s any more.", r.SourceID), touched
	}
	m, marked := markOf(s)
	if !marked || m.tag != (schedule.Tag{Migration: w.mig.ID, Row: r.Row}) {
		return decision{do: isDone}, touched // it goes on, whoever has seen to that
	}
	switch {
	case s.Ended():
		return refused("ended", "%s has ended on %s: nothing can bring it back.", s.ID, words.Minute(s.EndedAt)), true
	case !m.done(s):
		return refused("changed", "%s was stopped in another way since, by somebody else: it is left as it is.", s.ID), true
	case r.Exists() && !firstCharge(r).IsBlank() && firstCharge(r) <= r.Now(w.now):
		return refused("both_would_charge", "The new account charges since %s: if %s went on, both would. Cancel the new one first.", words.Minute(firstCharge(r)), s.ID), true
	}
	return decision{do: stopIt, mark: m}, true
}

// settleUndo deals with a row about which nothing is to be sent, and tells whether it is one.
func (w *work) settleUndo(ctx context.Context, r *standing.Row, d decision) (bool, error) {
	switch d.do {
	case leave:
		w.refuse(r.Entry, d.code, d.sentence)
		return true, nil
	case isDone:
		w.count(&w.result.Done, 1)
		return true, w.found(ctx, r.Entry, ledger.SourceRestored, "", "")
	}
	return false, nil
}

// restore lets the source of one row go on, as stop stops it.
func (w *work) restore(ctx context.Context, e ledger.Entry) error {
	var failure *migrate.StripeError
	var carried mark
	r, err := standing.Reread(ctx, w.destination, w.source, e)
	for attempt := 1; err == nil; attempt++ {
		d, _ := w.decideUndo(&r)
		switch {
		case d.do == isDone && attempt > 1 && r.Old != nil && !carried.restored(r.Old):
			return w.failed(ctx, &e, "not_restored", ledger.SourceStopped, &migrate.StripeError{
				Message: "the mark is gone, and yet the subscription does not go on as before (" + carried.text() + "): look at it in the Dashboard",
			})
		case d.do != stopIt:
			w.count(&w.result.ToDo, -1)
			_, err := w.settleUndo(ctx, &r, d)
			return err
		case failure != nil && failure.Outcome == migrate.Refused && !failure.Replayed:
			return w.failed(ctx, &e, "refused", ledger.SourceStopped, failure)
		case attempt > maxAttempts:
			w.count(&w.result.Unsettled, 1)
			return nil
		}
		if !e.Source.Stopped() { // the ledger does not know of it: it was lost, or says that it goes on
			from := e.Source
			e.SourceStop = d.mark.text()
			if err := w.record(ctx, &e, from, ledger.SourceStopped); err != nil {
				return err
			}
		}
		carried = d.mark
		if failure, err = w.send(ctx, &e, "restore", ledger.SourceRestoring, d.mark.text(), d.mark.undo()); err != nil {
			return err
		}
		if failure != nil && failure.Outcome == migrate.Retryable {
			return failure
		}
		r.Entry = e
		r.Old, err = standing.Get[standing.Subscription](ctx, w.source, "subscriptions", e.SourceID, nil)
	}
	return err
}
