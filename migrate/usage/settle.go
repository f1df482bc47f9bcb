package usage

import (
	"context"
	"fmt"
	"math/big"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	judge "github.com/subferry/subferry/validate/usage"
)

// minute is the shortest time of which Stripe tells the sum.
const minute = 60

// slot is the events of a customer and meter in a minute.
type slot struct {
	meter, customer string
	start           csvspec.Timestamp
}

// tally is what the ledger has of a slot.
type tally struct {
	counted, open *big.Rat // of events that count, and of those of unknown outcome
	others        int      // events that count
	unknown       []ledger.UsageEvent
}

func slotOf(e ledger.UsageEvent) slot {
	return slot{e.Meter, e.Customer, e.Timestamp - e.Timestamp%minute}
}

// weight is what an event adds to a sum.
func weight(m judge.Meter, e ledger.UsageEvent) *big.Rat {
	if m.Formula == "count" {
		return big.NewRat(1, 1)
	}
	return rat(e.Value)
}

// settleOld finds out what became of events whose identifiers Stripe may have forgotten: by what their meter has counted in
// their minute. What does not count is sent; what counts is recorded as sent; what cannot be told stays unknown.
func (r *run) settleOld(ctx context.Context) error {
	slots := map[slot]*tally{}
	for _, e := range r.open {
		if e.State.Open() && r.unsettled(e) && r.ours(e) {
			slots[slotOf(e)] = &tally{counted: new(big.Rat), open: new(big.Rat)}
		}
	}
	if len(slots) == 0 {
		return nil
	}
	for e, err := range r.Ledger.UsageOf(ctx, r.book()) {
		if err != nil {
			return err
		}
		t := slots[slotOf(e)]
		if t == nil {
			continue
		}
		switch w := weight(r.review.meters[e.Meter], e); {
		case e.State.Open() && r.unsettled(e):
			t.open.Add(t.open, w)
			t.unknown = append(t.unknown, e)
		case e.State.Counts(), e.State.Open(), sentElsewhere(e): // a young one that is open is sent again, and is not told apart here
			t.counted.Add(t.counted, w)
			t.others++
		}
	}
	for s, t := range slots {
		if err := r.settleSlot(ctx, s, t); err != nil {
			return err
		}
	}
	return nil
}

// settleSlot settles the events of a slot.
func (r *run) settleSlot(ctx context.Context, s slot, t *tally) error {
	m, ok := r.review.meters[s.meter]
	verdict := r.options.Assume
	if ok && verdict == AssumeNothing {
		page, err := migrate.Ask(ctx, r.Lookups(), func() (SummaryPage, error) {
			return r.Gateway.Summaries(ctx, SummaryQuery{Meter: m.ID, Customer: s.customer, Start: s.start, End: s.start + minute})
		})
		if err != nil {
			return fmt.Errorf("what the meter %s has counted cannot be looked up: %w", m.ID, err)
		}
		counted := new(big.Rat)
		for _, one := range page.Summaries {
			counted.Add(counted, rat(one.Value))
		}
		verdict = t.verdict(m, counted)
	}
	for _, e := range t.unknown {
		if !r.ours(e) {
			continue // its own file settles it
		}
		switch verdict {
		case AssumeSent:
			delete(r.open, e.Identifier)
			r.unclear[e.Identifier] = true // for the row: it is settled
			if err := r.record(ctx, []job{{from: e.State, event: e}}, ledger.UsageSent); err != nil {
				return err
			}
			r.done.Add(1)
		case AssumeUnsent:
			e.IntendedAt = 0 // it begins anew
			r.open[e.Identifier] = e
		default:
			r.unclear[e.Identifier] = true
			if e.Error == "" {
				e.Error = "its outcome is unknown, and what the meter has counted in its minute does not tell"
			}
			if err := r.record(ctx, []job{{from: e.State, event: e}}, ledger.UsageUnknown); err != nil {
				return err
			}
			r.unknown.Add(1)
			r.old.Add(1)
			r.done.Add(1)
		}
	}
	return nil
}

// verdict compares what a meter has counted with what the ledger knows: nothing of the unknown events, or all of them. In
// between, or with usage from elsewhere, nothing can be said.
func (t *tally) verdict(m judge.Meter, counted *big.Rat) Assumption {
	if m.Formula == "last" {
		switch {
		case t.others > 0 || len(t.unknown) != 1:
			return AssumeNothing
		case counted.Cmp(rat(t.unknown[0].Value)) == 0:
			return AssumeSent // or the same value from elsewhere, which comes to the same
		case counted.Sign() == 0:
			return AssumeUnsent
		}
		return AssumeNothing
	}
	switch all := new(big.Rat).Add(t.counted, t.open); {
	case counted.Cmp(all) == 0:
		return AssumeSent
	case counted.Cmp(t.counted) == 0:
		return AssumeUnsent
	}
	return AssumeNothing
}
