package forecast

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// subscription is what a schedule becomes, as far as money is concerned.
type subscription struct {
	phase    *schedule.Phase
	facts    *account.Account
	customer account.Customer // its zero value when it was not looked up
	known    bool             // the customer was looked up
	currency string
	cycle    period.Cycle // not valid when it is not known
	start    csvspec.Timestamp
	free     csvspec.Timestamp // until when nothing recurs; the start when there is no free time
	end      csvspec.Timestamp // blank when it goes on
	metered  int               // how many items are billed by usage
}

func newSubscription(planned *schedule.Planned, facts *account.Account) *subscription {
	s := &subscription{
		phase: &planned.Schedule.Phase, facts: facts, cycle: planned.Cycle,
		start: planned.Schedule.StartDate, free: planned.Schedule.StartDate,
	}
	if facts == nil {
		s.facts = &account.Account{}
	}
	s.customer, s.known = s.facts.Customers[planned.Schedule.Customer]
	s.currency = s.chooseCurrency()
	if planned.Schedule.EndBehavior == schedule.EndCancel {
		s.end = s.phaseEnd()
	}
	switch {
	case s.phase.Trial:
		s.free = s.phaseEnd()
	case s.phase.TrialEnd > s.start:
		s.free = s.phase.TrialEnd
	}
	for _, item := range s.phase.Items {
		if s.facts.Prices[item.Price].Metered {
			s.metered++
		}
	}
	return s
}

// phaseEnd returns the end of the only phase, blank when it is counted in periods whose length is not known.
func (s *subscription) phaseEnd() csvspec.Timestamp {
	switch {
	case !s.phase.EndDate.IsBlank():
		return s.phase.EndDate
	case s.cycle.Valid():
		return s.cycle.Nth(s.start, s.phase.Iterations)
	}
	return 0
}

// chooseCurrency returns what the row says, or else the default currency of its first known price, or else the currency
// of the first amount in it.
func (s *subscription) chooseCurrency() string {
	if s.phase.Currency != "" {
		return s.phase.Currency
	}
	for _, item := range s.phase.Items {
		if price, ok := s.facts.Prices[item.Price]; ok {
			return price.Currency
		}
	}
	for _, item := range s.phase.Items {
		if item.Price == "" {
			return item.Money.Currency
		}
	}
	if len(s.phase.InvoiceItems) > 0 {
		return s.phase.InvoiceItems[0].Money.Currency
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
	case s.phase.Coupon != "":
		return "", own.Coupon.ID
	}
	return own.Coupon.ID, ""
}
