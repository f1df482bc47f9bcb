package migrate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/period"
)

// prorationNone is the proration_behavior that charges nothing for part of a period.
const prorationNone = "none"

// timing is all of a row that decides its strategy.
type timing struct {
	start     csvspec.Timestamp // S
	anchor    csvspec.Timestamp // A; 0 when blank
	trial     csvspec.Timestamp // T; 0 when blank
	periodEnd csvspec.Timestamp // N; 0 when the interval is not known
	backdate  csvspec.Timestamp // 0 when blank
	proration string            // as written; blank means create_prorations
	cancel    bool              // cancel_at_period_end
}

// timingOf reads the dates of a row whose billing period is cycle; the zero cycle is one that is not known.
func timingOf(row *csvspec.Row, cycle period.Cycle) timing {
	t := timing{
		start:     row.StartDate,
		anchor:    row.BillingCycleAnchor,
		trial:     row.TrialEnd,
		backdate:  row.BackdateStartDate,
		proration: row.ProrationBehavior,
		cancel:    bool(row.CancelAtPeriodEnd),
	}
	if cycle.Valid() {
		t.periodEnd = cycle.Next(t.start)
	}
	return t
}

// needsPeriodEnd tells whether N decides anything: not for a plain row, nor for an anchor on the start date.
func (t timing) needsPeriodEnd() bool { return t.trial != 0 || t.anchor > t.start }

// freeUntil returns the moment until which nothing recurring is charged, 0 when that begins at once.
//
// A trial that ends before the anchor is extended to the anchor: with proration_behavior none the time between
// the two costs nothing either.
func (t timing) freeUntil() csvspec.Timestamp {
	if t.trial != 0 {
		return max(t.trial, t.anchor)
	}
	if t.anchor == t.start || t.anchor == t.periodEnd {
		return 0
	}
	return t.anchor
}

// bridges tells whether the free time ends with the anchor and not with a trial.
func (t timing) bridges() bool {
	free := t.freeUntil()
	return free != 0 && free == t.anchor && free != t.trial
}
