package schedule

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// directSpec is one strategy of a direct subscription: the dates that it fits, and what it makes of them. A row whose
// dates one of them fits, in a mode that allows it, becomes that; all others become schedules or are refused. At most one
// fits.
//
// None fits a row with a trial: created now, a subscription would be in trial from now on, and not from the start date.
// Those rows, and a backdate that is to be canceled without an anchor, become schedules in every mode; a part of a period
// that would have to be charged in a subscription that ends at its anchor, or after a trial, is refused in every mode.
type directSpec struct {
	strategy    Strategy
	description string
	needed      bool // no schedule expresses these rows
	fits        func(timing) bool
	apply       func(timing, *Subscription)
}

// directSpecs is the table that picks one. It never changes.
var directSpecs = [...]directSpec{
	directAnchored,
	directProrated,
	directEnding,
	directBackdated,
}

// direct returns the strategy of a direct subscription that the row is given; false when it becomes a schedule.
func (t timing) direct(mode Direct) (spec directSpec, ok bool) {
	for _, s := range directSpecs {
		if (mode == Exact || mode == Needed && s.needed) && s.fits(t) {
			return s, true
		}
	}
	return directSpec{}, false
}

// inside tells whether the anchor cuts the first period short, and no trial has to do with it.
func (t timing) inside() bool { return t.trial == 0 && t.start < t.anchor && t.anchor < t.periodEnd }

// directAnchored is the guide's "paid and in the middle of a period": active, not in trial as with TrialBridge.
var directAnchored = directSpec{
	strategy: DirectAnchored,
	description: "Created and active when the migration runs; charged nothing until the billing anchor, in full on that day, " +
		"then every period from it; with a backdate the subscription has that as its own start date.",
	fits: func(t timing) bool { return t.inside() && t.proration == prorationNone && !t.cancel },
	apply: func(t timing, s *Subscription) {
		s.BackdateStartDate = t.backdate
		s.BillingCycleAnchor = t.anchor
		s.ProrationBehavior = prorationNone
	},
}

// directProrated is the guide's "past due": what is left of the period is charged on the start date.
var directProrated = directSpec{
	strategy: DirectProrated,
	needed:   true,
	description: "Created when the migration runs, in trial until the start date; on that day charged for the part of a period " +
		"until the billing anchor, by the second, and on the anchor in full, then every period from it.",
	fits: func(t timing) bool {
		return t.inside() && t.proration != prorationNone && t.backdate == 0 && !t.cancel
	},
	apply: func(t timing, s *Subscription) {
		s.TrialEnd = t.start
		s.BillingCycleAnchor = t.anchor
		s.ProrationBehavior = "create_prorations"
	},
}

// directEnding is a subscription that is paid elsewhere until the anchor, and ends there.
var directEnding = directSpec{
	strategy:    DirectEnding,
	description: "Created and active when the migration runs; ends on the billing anchor and is never charged, except for usage.",
	fits:        func(t timing) bool { return t.inside() && t.proration == prorationNone && t.cancel },
	apply: func(t timing, s *Subscription) {
		directAnchored.apply(t, s)
		s.CancelAt = t.anchor
	},
}

// directBackdated is a subscription that is charged from the start date on and began long before it.
var directBackdated = directSpec{
	strategy: DirectBackdated,
	description: "Created when the migration runs, in trial until the start date; charged in full on that day, then every period; " +
		"the subscription has its original start date as its own.",
	fits: func(t timing) bool {
		return t.backdate != 0 && t.proration == prorationNone && t.trial == 0 && t.freeUntil() == 0 && !t.cancel
	},
	apply: func(t timing, s *Subscription) {
		s.TrialEnd = t.start
		s.BackdateStartDate = t.backdate
		s.ProrationBehavior = prorationNone
	},
}

// firstDirectCharge returns when the recurring items of a direct subscription are charged for the first time. Usage is
// charged at the end of the period that it belongs to, which is the anchor also when the period is cut short or free.
func (t timing) firstDirectCharge(s *Subscription, lines lineItems) csvspec.Timestamp {
	onlyUsage := lines.metered == len(lines.items)
	switch {
	case s.CancelAt != 0 && lines.metered == 0:
		return 0
	case s.TrialEnd == 0 || onlyUsage && s.BillingCycleAnchor != 0:
		return s.BillingCycleAnchor
	case onlyUsage:
		return lines.cycle.Next(s.TrialEnd)
	}
	return s.TrialEnd
}

// refuseOneOffs: what is charged once is charged when a subscription is created, and that is before the start date.
func (s directSpec) refuseOneOffs(row *csvspec.Row) *NotExpressibleError {
	at := slices.IndexFunc(row.AddInvoiceItems, func(i csvspec.InvoiceItem) bool { return !i.IsBlank() })
	instead := "migrate the row as a schedule (--direct=needed)"
	if s.needed {
		instead = "write none in proration_behavior, so that the row becomes a schedule (--direct=needed)"
	}
	return refusal("direct_invoice_item", csvspec.FieldInvoiceAmount.Name(at),
		"the row becomes a direct subscription, whose one-off items would be charged as soon as the migration runs",
		"take the one-off out of the row and invoice it separately", instead)
}

// CreatableFrom returns the first moment at which Stripe takes a direct subscription, blank for a schedule. One with a trial
// until its start date waits until that is at most 730 days away; one without waits until its anchor is less than one
// period ahead, because a whole period would be charged at once. That the moment lies before the row's start date is checked
// by package validate.
func (p *Planned) CreatableFrom() csvspec.Timestamp {
	switch {
	case p.Subscription == nil:
		return 0
	case p.Subscription.TrialEnd != 0:
		return p.Subscription.TrialEnd - validate.LongestTrial
	}
	return p.Cycle.Reaching(p.Subscription.BillingCycleAnchor)
}
