package cutover

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
)

// plan reads how all rows stand, and decides about each. What is to be stopped is in w.todo afterwards, what is not in
// the result. Right before a row is stopped, it is decided once more.
func (w *work) plan(ctx context.Context) error {
	entries, err := w.entries(ctx)
	if err != nil {
		return err
	}
	rows, err := w.read(ctx, entries)
	if err != nil {
		return err
	}
	var candidates, ending []standing.Row
	for i := range rows {
		r := &rows[i]
		d := w.decide(r)
		if d.do == endsOff {
			ending = append(ending, *r)
			continue
		}
		if decided, err := w.settle(ctx, r, d); err != nil {
			return err
		} else if !decided {
			candidates = append(candidates, *r)
		}
	}
	if ending, err = w.unchanged(ctx, ending); err != nil { // a customer may have canceled since
		return err
	}
	for i := range ending {
		if _, err := w.settle(ctx, &ending[i], w.decide(&ending[i])); err != nil {
			return err
		}
	}
	if !w.result.Applied {
		if candidates, err = w.unchanged(ctx, candidates); err != nil {
			return err
		}
	}
	if err := w.readLeftovers(ctx, candidates); err != nil {
		return err
	}
	first := csvspec.Timestamp(0)
	for i := range candidates {
		r := &candidates[i]
		if refusal, bad := w.refusedForItems(r); bad {
			w.refuse(r.Entry, "pending_items", refusal)
			continue
		}
		if w.options.Canary > 0 && len(w.todo) == w.options.Canary {
			w.result.ToDo++ // stays for the next time
			continue
		}
		if next := r.Old.Next(); !next.IsBlank() && (first.IsBlank() || next < first) {
			first = next
		}
		w.todo = append(w.todo, *r)
	}
	w.result.ToDo += int64(len(w.todo))
	w.result.FirstEnd = first.String()
	return nil
}

// settle deals with a row about which nothing is to be sent, and tells whether it is one. In a cutover, as opposed to a
// plan, the ledger hears what was found: a request whose answer was lost, or that somebody else has ended it.
func (w *work) settle(ctx context.Context, r *standing.Row, d decision) (bool, error) {
	switch d.do {
	case stopIt:
		return false, nil
	case leave:
		w.refuse(r.Entry, d.code, d.sentence)
		if r.Old == nil || r.Old.Ended() {
			return true, nil
		}
		switch r.Source { // it was just seen to go on
		case ledger.SourceStopping:
			return true, w.found(ctx, r.Entry, ledger.SourceRefused, "", d.sentence)
		case ledger.SourceStopped, ledger.SourceRestoring:
			return true, w.found(ctx, r.Entry, ledger.SourceRestored, "", d.sentence)
		}
		return true, nil
	case stands:
		w.refuse(r.Entry, d.code, d.sentence)
		return true, w.found(ctx, r.Entry, ledger.SourceStopped, d.mark.text(), "")
	case isDone:
		w.count(&w.result.Done, 1)
		return true, w.found(ctx, r.Entry, ledger.SourceStopped, d.mark.text(), "")
	}
	w.count(&w.result.Ends, 1)
	if r.Exists() && !firstCharge(r).IsBlank() {
		w.mu.Lock()
		w.result.Notes = append(w.result.Notes, rowOf(r.Entry, "ends_by_itself", d.sentence+" The new account goes on charging: if it was the customer who "+
			"canceled, cancel the new one too."))
		w.mu.Unlock()
	}
	return true, w.found(ctx, r.Entry, ledger.SourceEnds, "", d.sentence)
}

// found records what was found of a source, unless the ledger knows it.
func (w *work) found(ctx context.Context, e ledger.Entry, to ledger.SourceState, stop, note string) error {
	if !w.result.Applied || e.Source == to {
		return nil
	}
	from := e.Source
	e.SourceStop, e.SourceNote = stop, note
	return w.record(ctx, &e, from, to)
}

// record writes a step of a row's source into the ledger.
func (w *work) record(ctx context.Context, e *ledger.Entry, from, to ledger.SourceState) error {
	e.Source, e.SourceAt = to, csvspec.At(w.Clock.Now())
	return w.Ledger.PutSource(ctx, w.mig.ID, from, *e)
}

// unchanged returns the rows that are still as they were when they were verified; the others are refused.
func (w *work) unchanged(ctx context.Context, rows []standing.Row) ([]standing.Row, error) {
	if w.Verify == nil || len(rows) == 0 {
		return rows, nil
	}
	meant := map[int64]bool{}
	for i := range rows {
		meant[rows[i].Row] = true
	}
	changed, err := w.Verify(ctx, w.mig.ID, meant)
	if err != nil {
		return nil, err
	}
	kept := rows[:0:0]
	for _, r := range rows {
		if why, is := changed[r.Row]; is {
			w.refuse(r.Entry, "changed", "It has changed since it was verified: "+why)
			continue
		}
		kept = append(kept, r)
	}
	return kept, nil
}
