package forecast

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// subscription is what a schedule becomes, or a direct subscription is, as far as money is concerned.
type subscription struct {
	terms    schedule.Terms
	facts    *account.Account
	customer account.Customer // its zero value when it was not looked up
	known    bool             // the customer was looked up
	currency string
	cycle    period.Cycle      // not valid when it is not known
	start    csvspec.Timestamp // when it begins to exist; the row's start date when that is not known
	free     csvspec.Timestamp // until when nothing recurs; the start when there is no free time
	part     csvspec.Timestamp // the end of the part of a period that is charged at free; blank for a whole one
	end      csvspec.Timestamp // blank when it goes on
	metered  int               // how many items are billed by usage

	direct  bool // it is created when the migration runs
	undated bool // and that moment is not known
	active  bool // it is active and not in trial until free: usage is billed, and there is no invoice before
}

func newSubscription(planned *schedule.Planned, facts *account.Account) *subscription {
	s := &subscription{
		terms: planned.Terms(), facts: facts, cycle: planned.Cycle, direct: planned.IsDirect(),
		start: planned.StartDate, free: planned.StartDate,
	}
	if facts == nil {
		s.facts = &account.Account{}
	}
	s.customer, s.known = s.facts.Customers[planned.Customer()]
	s.currency = s.chooseCurrency()
	if s.direct {
		s.readDirect(planned)
	} else {
		s.readSchedule(&planned.Schedule)
	}
	for _, item := range s.terms.Items {
		if s.facts.Prices[item.Price].Metered {
			s.metered++
		}
	}
	return s
}

// readSchedule sets the dates of a schedule.
func (s *subscription) readSchedule(planned *schedule.Schedule) {
	end := phaseEnd(planned, s.cycle)
	if planned.EndBehavior == schedule.EndCancel {
		s.end = end
	}
	switch {
	case planned.Phase.Trial:
		s.free = end
	case planned.Phase.TrialEnd > s.start:
		s.free = planned.Phase.TrialEnd
	}
}

// readDirect sets the dates of a direct subscription.
func (s *subscription) readDirect(planned *schedule.Planned) {
	d := planned.Subscription
	if s.undated = planned.Created.IsBlank(); !s.undated {
		s.start = planned.Created
	}
	s.end = d.CancelAt
	switch {
	case d.TrialEnd.IsBlank():
		s.free, s.active = d.BillingCycleAnchor, true
	case d.BillingCycleAnchor > d.TrialEnd:
		s.free, s.part = d.TrialEnd, d.BillingCycleAnchor
	default:
		s.free = d.TrialEnd
	}
}

// phaseEnd returns the end of the only phase, blank when it is counted in periods whose length is not known.
func phaseEnd(planned *schedule.Schedule, cycle period.Cycle) csvspec.Timestamp {
	switch phase := &planned.Phase; {
	case !phase.EndDate.IsBlank():
		return phase.EndDate
	case cycle.Valid():
		return cycle.Nth(planned.StartDate, phase.Iterations)
	}
	return 0
}

// chooseCurrency returns what the row says, or else the default currency of its first known price, or else the currency
// of the first amount in it.
func (s *subscription) chooseCurrency() string {
	if s.terms.Currency != "" {
		return s.terms.Currency
	}
	for _, item := range s.terms.Items {
		if price, ok := s.facts.Prices[item.Price]; ok {
			return price.Currency
		}
	}
	for _, item := range s.terms.Items {
		if item.Price == "" {
			return item.Money.Currency
		}
	}
	if len(s.terms.InvoiceItems) > 0 {
		return s.terms.InvoiceItems[0].Money.Currency
	}
	return ""
}

// exempt tells whether the customer pays no tax.
func (s *subscription) exempt() bool {
	return s.customer.TaxExempt == "exempt" || s.customer.TaxExempt == "reverse"
}

// ownCoupon returns the coupon of the customer's own discount, as one that counts or as one that the row's replaces.
func (s *subscription) ownCoupon() (counts, replaced string) {
	own := s.customer.Discount
	switch {
	case own == nil, !own.End.IsBlank() && own.End <= s.start:
		return "", ""
	case s.terms.Coupon != "":
		return "", own.Coupon.ID
	}
	return own.Coupon.ID, ""
}
