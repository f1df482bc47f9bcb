package schedule

import (
	"fmt"

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

// refuseTiming returns why nothing that the mode allows expresses the dates, or nil when exactly one strategy does. The
// checks that need no billing period come first.
func refuseTiming(t timing, mode Direct) *NotExpressibleError {
	for _, check := range [...]func(timing) *NotExpressibleError{
		refuseBackdate, refuseOrder, refuseUnknownPeriod, refusePeriodEnd, refuseTrialAndAnchor,
	} {
		if err := check(t); err != nil {
			return err
		}
	}
	if _, ok := t.direct(mode); ok {
		return nil
	}
	return refuseProration(t)
}

// refuseBackdate: a backdate changes no charge, which is true only when proration is switched off in writing.
func refuseBackdate(t timing) *NotExpressibleError {
	switch {
	case t.backdate == 0:
		return nil
	case t.backdate >= t.start:
		return refusal("backdate_not_in_past", "backdate_start_date",
			fmt.Sprintf("%s is not before start_date %s", when(t.backdate), when(t.start)),
			"write the day on which the subscription began originally", "leave it blank")
	case t.proration != prorationNone:
		return refusal("backdate_prorated", "proration_behavior",
			"with backdate_start_date it must be none, written out, because blank means create_prorations",
			"write none", "leave backdate_start_date blank")
	}
	return nil
}

// refuseOrder: nothing lies before the start.
func refuseOrder(t timing) *NotExpressibleError {
	switch {
	case t.trial != 0 && t.trial <= t.start:
		return refusal("trial_end_not_after_start", "trial_end",
			fmt.Sprintf("%s is not after start_date %s", when(t.trial), when(t.start)),
			"leave it blank, because the trial is over by then", "move start_date before it")
	case t.anchor != 0 && t.anchor < t.start:
		return refusal("anchor_before_start", "billing_cycle_anchor",
			fmt.Sprintf("%s is before start_date %s", when(t.anchor), when(t.start)),
			"write the first renewal date after start_date", "leave it blank to bill from start_date")
	}
	return nil
}

// refuseUnknownPeriod: the first period's end is never guessed. It decides nothing for a plain row, nor for an anchor
// on the start date.
func refuseUnknownPeriod(t timing) *NotExpressibleError {
	if t.periodEnd != 0 || t.trial == 0 && t.anchor <= t.start {
		return nil
	}
	column := "billing_cycle_anchor"
	if t.trial != 0 {
		column = "trial_end"
	}
	return refusal("period_unknown", column,
		"whether it lies within the first billing period depends on the price's interval, which was not looked up",
		"plan the row with access to the Stripe account", "leave the column blank")
}

// refusePeriodEnd: the toolkit's format allows nothing after the first period.
func refusePeriodEnd(t timing) *NotExpressibleError {
	switch {
	case t.trial != 0 && t.trial >= t.periodEnd:
		return refusal("trial_end_too_late", "trial_end",
			fmt.Sprintf("%s is not before the end of the first period, %s", when(t.trial), when(t.periodEnd)),
			"move start_date to the end of the trial and leave trial_end blank", "write a trial_end before the end of the first period")
	case t.anchor > t.start && t.anchor > t.periodEnd:
		return refusal("anchor_too_late", "billing_cycle_anchor",
			fmt.Sprintf("%s is after the end of the first period, %s", when(t.anchor), when(t.periodEnd)),
			"write a date within one billing period from start_date", "move start_date to the anchor and leave the anchor blank")
	}
	return nil
}

// refuseTrialAndAnchor: both together have one clear meaning only when the anchor ends the trial, or when it lies
// after it, at most at the end of the first period, and nothing is charged in between.
func refuseTrialAndAnchor(t timing) *NotExpressibleError {
	if t.trial == 0 || t.anchor == 0 || t.trial == t.anchor {
		return nil
	}
	ways := []string{
		fmt.Sprintf("leave billing_cycle_anchor blank to bill from the end of the trial, %s", when(t.trial)),
		"leave trial_end blank",
	}
	switch {
	case t.anchor < t.trial:
		return refusal("trial_and_anchor", "billing_cycle_anchor",
			fmt.Sprintf("%s is before the end of the trial, %s", when(t.anchor), when(t.trial)), ways...)
	case t.proration != prorationNone:
		ways = append(ways, "write none in proration_behavior: nothing is charged until the anchor")
		return refusal("trial_and_anchor", "billing_cycle_anchor",
			"the time from the end of the trial until the anchor would have to be prorated, which a schedule cannot do", ways...)
	}
	return nil
}

// refuseProration: a schedule takes no anchor date, so that the part of a period before one cannot be charged.
func refuseProration(t timing) *NotExpressibleError {
	if t.trial != 0 || t.freeUntil() == 0 || t.proration == prorationNone {
		return nil
	}
	ways := []string{
		"write none in proration_behavior: nothing is charged until the anchor, then a full period",
		fmt.Sprintf("move start_date to the anchor, %s, and leave the anchor blank", when(t.anchor)),
	}
	if directProrated.fits(t) {
		ways = append([]string{"migrate it as a direct subscription (--direct): it exists as soon as the migration runs, " +
			"and the part until the anchor is charged on start_date"}, ways...)
	}
	return refusal("anchor_prorated", "billing_cycle_anchor",
		fmt.Sprintf("the time from start_date until %s would have to be prorated (blank means create_prorations), which a schedule cannot do", when(t.anchor)),
		ways...)
}
