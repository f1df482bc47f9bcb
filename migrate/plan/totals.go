package plan

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/sums"
	"github.com/subferry/subferry/validate/period"
)

// totals adds up forecasts. It grows with days, currencies and intervals, not with rows.
type totals struct {
	currencies map[string]*Total
	days       map[sums.Key]*Sum
	unknown    map[forecast.Reason]int64
	assumed    map[forecast.Assumption]int64
	revenue    map[string]*revenue
	overflow   *bool
}

// revenue is what recurs in one currency.
type revenue struct {
	cycles  map[period.Cycle]*Cycle
	assumed int64
	unknown int64
}

func (t totals) add(f *forecast.Forecast) {
	for i := range f.Charges {
		t.charge(&f.Charges[i])
	}
	t.recurring(f)
}

func (t totals) charge(c *forecast.Charge) {
	if c.Kind == forecast.Opening && c.OneOffs == 0 && c.Nothing() {
		return // an invoice over 0 is no charge, unless a debt is collected with it
	}
	for _, why := range c.Unknown {
		t.unknown[why]++
	}
	if c.Known() {
		for _, what := range c.Assumptions {
			t.assumed[what]++
		}
	}
	total := sums.At(t.currencies, c.Currency)
	day := sums.At(t.days, sums.KeyOf(c.At, c.Currency))
	for _, s := range []*Sum{total.of(c.Kind), &total.All, day} {
		*t.overflow = !s.add(c) || *t.overflow
	}
}

func (t *Total) of(k forecast.Kind) *Sum {
	switch k {
	case forecast.Opening:
		return &t.Opening
	case forecast.Renewal:
		return &t.Renewals
	}
	return &t.First
}

// add takes in a charge; false when the sum does not fit.
func (s *Sum) add(c *forecast.Charge) bool {
	if before, ok := c.BeforeTax(); !c.Known() {
		if !ok || c.TotalKnown() {
			s.Unknown++
			return true
		}
		s.PlusTax++
		s.BeforeTax += before
		return s.BeforeTax >= 0
	}
	s.Charges++
	if c.Basis() == forecast.FromAssumption {
		s.Assumed++
	}
	s.Total += c.Total
	s.AmountDue += c.Due
	s.Discount += c.Discount
	s.Tax += c.Tax
	s.TaxIncluded += c.TaxIncluded
	return s.Total >= 0 && s.AmountDue >= 0 && s.Discount >= 0 // each charge is less than 2^40, so that a sum that wraps around is negative
}

func (t totals) recurring(f *forecast.Forecast) {
	r := f.Recurring
	if !f.Ends.IsBlank() {
		return
	}
	v := sums.At(t.revenue, f.Currency)
	if len(r.Unknown) > 0 || !r.Cycle.Valid() {
		v.unknown++
		return
	}
	if v.cycles == nil {
		v.cycles = map[period.Cycle]*Cycle{}
	}
	c := sums.At(v.cycles, r.Cycle)
	c.Subscriptions++
	if slices.ContainsFunc(f.Charges, assumesItems) {
		v.assumed++
	}
	c.Amount += r.Amount
	*t.overflow = c.Amount < 0 || *t.overflow
}

// assumesItems tells whether what recurs in a charge rests on an assumption: not only what is collected of it, and when.
func assumesItems(c forecast.Charge) bool {
	return slices.ContainsFunc(c.Assumptions, func(a forecast.Assumption) bool {
		switch a {
		case forecast.MadeUpAccount, forecast.CustomerNotLookedUp, forecast.PercentPerLine, forecast.FractionsPerTier:
			return true
		}
		return false
	})
}

// write puts the sums into a plan, sorted.
func (t totals) write(p *Plan) error {
	p.Unknown, p.Assumptions = t.unknown, t.assumed
	for _, currency := range slices.Sorted(maps.Keys(t.currencies)) {
		total := *t.currencies[currency]
		total.Currency = currency
		p.Totals = append(p.Totals, total)
	}
	for _, k := range slices.SortedFunc(maps.Keys(t.days), sums.Key.Compare) {
		date, _, _ := strings.Cut(k.Date.String(), "T")
		p.Days = append(p.Days, Day{Date: date, Currency: k.Currency, Sum: *t.days[k]})
	}
	for _, currency := range slices.Sorted(maps.Keys(t.revenue)) {
		r, ok := t.revenue[currency].monthly()
		r.Currency = currency
		p.Recurring = append(p.Recurring, r)
		*t.overflow = !ok || *t.overflow
	}
	if *t.overflow {
		return ErrTooMuch
	}
	return nil
}

// monthly normalises what recurs at each interval; ok is false when a sum does not fit.
func (v *revenue) monthly() (r Recurring, ok bool) {
	r.Unknown, r.Assumed, ok = v.unknown, v.assumed, true
	for _, cycle := range slices.SortedFunc(maps.Keys(v.cycles), byLength) {
		c := *v.cycles[cycle]
		c.Every = every(cycle)
		monthly, fits := forecast.Monthly(c.Amount, cycle)
		c.Monthly = monthly
		r.Cycles = append(r.Cycles, c)
		r.Subscriptions += c.Subscriptions
		r.Monthly += monthly
		ok = ok && fits && r.Monthly >= 0
	}
	return r, ok
}

// byLength sorts cycles from days to years.
func byLength(a, b period.Cycle) int {
	rank := func(c period.Cycle) int { return slices.Index([]string{"day", "week", "month", "year"}, c.Interval) }
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Count, b.Count))
}
