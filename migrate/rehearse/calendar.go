package rehearse

import (
	"cmp"
	"maps"
	"slices"

	"github.com/subferry/subferry/csvspec"
)

// calendar adds up charges by day and currency.
type calendar struct{ sums map[dayKey]*Sums }

type dayKey struct {
	date     csvspec.Timestamp
	currency string
}

func newCalendar() *calendar { return &calendar{sums: map[dayKey]*Sums{}} }

// add adds an invoice; one over nothing is no charge.
func (c *calendar) add(inv *Invoice) {
	if inv.nothing() {
		return
	}
	key := dayKey{midnight(inv.Created), inv.Currency}
	if c.sums[key] == nil {
		c.sums[key] = &Sums{}
	}
	c.sums[key].add(inv)
}

// days returns the sums in the order of dates, and of currencies within them.
func (c *calendar) days() []Day {
	days := make([]Day, 0, len(c.sums))
	for key, sums := range c.sums {
		days = append(days, Day{Date: key.date, Currency: key.currency, Sums: *sums})
	}
	slices.SortFunc(days, func(a, b Day) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.Currency, b.Currency))
	})
	return days
}

// totals returns the sums of the whole time in the order of currencies.
func (c *calendar) totals() []Total {
	all := map[string]*Sums{}
	for key, sums := range c.sums {
		if all[key.currency] == nil {
			all[key.currency] = &Sums{}
		}
		all[key.currency].Merge(*sums)
	}
	totals := make([]Total, 0, len(all))
	for _, currency := range slices.Sorted(maps.Keys(all)) {
		totals = append(totals, Total{Currency: currency, Sums: *all[currency]})
	}
	return totals
}

// Merge adds other charges.
func (s *Sums) Merge(other Sums) {
	s.Charges += other.Charges
	s.Amount += other.Amount
	s.Invoiced += other.Invoiced
	s.Failed += other.Failed
	s.FailedAmount += other.FailedAmount
	s.Sent += other.Sent
	s.SentAmount += other.SentAmount
	s.Assumed += other.Assumed
	s.Unknown += other.Unknown
}

// midnight returns the beginning of a moment's day in UTC.
func midnight(t csvspec.Timestamp) csvspec.Timestamp { return t - t%(24*60*60) }
