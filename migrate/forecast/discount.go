package forecast

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// discounts are what can be taken off the invoices of a row: its coupon, and the customer's own discount, which counts
// while the row has none, or none any more.
type discounts struct{ row, own discount }

// discount is a coupon on its way through the invoices.
type discount struct {
	named   bool // there is a coupon
	own     bool // it is the customer's own
	coupon  account.Coupon
	amount  int64             // what an amount takes off in the row's currency
	from    csvspec.Timestamp // it counts for invoices from then on
	until   csvspec.Timestamp // and, unless blank, for those before
	doubt   csvspec.Timestamp // until when a repeating coupon would count, had it begun with the first invoice that has it
	used    *usedState        // of a coupon for once; all subscriptions share that of their customer's discount
	unknown Reason            // why nothing can be said of it
}

// usedState tells whether a coupon for once was taken off.
type usedState int

const (
	unused  usedState = iota
	doubted           // an invoice that is not known may have had something to take it off
	usedUp
)

// discounts returns the row's coupon, which counts from the start of the subscription, and the customer's own discount; ownUsed says
// whether that was taken off already.
func (s *subscription) discounts(ownUsed *usedState) (d discounts) {
	if own := s.customer.Discount; own != nil {
		d.own = s.discountOf(discount{own: true, coupon: own.Coupon, from: own.Start, until: own.End, used: ownUsed})
	}
	if s.terms.Coupon == "" {
		return d
	}
	coupon, ok := s.facts.Coupons[s.terms.Coupon]
	if !ok {
		d.row = discount{named: true, used: new(usedState), unknown: CouponNotLookedUp}
		return d
	}
	d.row = s.discountOf(discount{coupon: coupon, from: s.start, used: new(usedState)})
	if s.undated && coupon.Duration == "repeating" {
		d.row.unknown, d.row.until = CreationNotKnown, 0
	}
	return d
}

// forever leaves of the discounts what counts for good.
func (d discounts) forever() discounts {
	for _, one := range []*discount{&d.row, &d.own} {
		one.from = 0
		if one.named && one.unknown == "" && (one.coupon.Duration != "forever" || !one.until.IsBlank()) {
			*one = discount{}
		}
	}
	return d
}

// take takes a discount off the lines of an invoice. unsure says that the invoice has more lines than are known.
func (d *discounts) take(lines []line, c *Charge, unsure bool) {
	switch {
	case d.row.named && !d.row.over(c.At):
		d.row.take(lines, c, unsure)
		return
	case d.row.named && d.row.base(lines) > 0:
		d.row.begin(c) // the first invoice that has it may come when its months are over
		if c.At < d.row.doubt {
			c.assume(RepeatingFromStart)
		}
	}
	if d.own.named && !d.own.over(c.At) && c.At >= d.own.from {
		d.own.take(lines, c, unsure)
	}
}

// over tells whether the discount counts no more.
func (d *discount) over(at csvspec.Timestamp) bool {
	return *d.used == usedUp || !d.until.IsBlank() && at >= d.until
}

// discountOf completes a discount of which its coupon is known.
func (s *subscription) discountOf(d discount) discount {
	d.named = true
	d.amount, d.unknown = amountOff(d.coupon, s.currency)
	switch months := d.coupon.DurationInMonths; {
	case d.coupon.Duration == "once", d.coupon.Duration == "forever":
	case d.coupon.Duration == "repeating" && !d.until.IsBlank():
	case d.coupon.Duration == "repeating" && months > 0:
		d.until = after(d.from, months)
	default:
		d.unknown = CouponTerms
	}
	return d
}

func after(t csvspec.Timestamp, months int64) csvspec.Timestamp {
	return period.Cycle{Interval: "month", Count: 1}.Nth(t, months)
}

// amountOff returns what a coupon takes off in the currency; 0 for a percentage.
func amountOff(c account.Coupon, currency string) (int64, Reason) {
	switch {
	case c.PercentOff > 0 && c.PercentOff <= account.Hundred:
		return 0, ""
	case c.PercentOff == 0 && c.AmountOff > 0 && c.Currency == currency:
		return c.AmountOff, ""
	case c.PercentOff == 0 && c.AmountOff > 0:
		if amount, ok := c.AmountsOff[currency]; ok {
			return amount, ""
		}
		return 0, CouponCurrency
	}
	return 0, CouponTerms
}

// take takes the coupon off the lines of an invoice.
func (d *discount) take(lines []line, c *Charge, unsure bool) {
	if d.unknown != "" {
		c.Unknown = note(c.Unknown, d.unknown)
		return
	}
	base := d.base(lines)
	switch {
	case base > 0 && *d.used == doubted:
		c.Unknown = note(c.Unknown, DiscountNotKnown)
		*d.used = usedUp // now, if not before
		return
	case base > 0:
		d.begin(c)
	case unsure && d.coupon.Duration == "once":
		*d.used = doubted
	}
	if d.coupon.PercentOff > 0 {
		if d.takePercent(lines) != percentOf(base, d.coupon.PercentOff) {
			c.assume(PercentPerLine)
		}
	} else {
		d.takeAmount(lines, base)
	}
}

// begin notes that the invoice has something that the coupon can be taken off.
func (d *discount) begin(c *Charge) {
	switch {
	case d.coupon.Duration == "once":
		*d.used = usedUp
		if d.own {
			c.assume(DiscountByTime)
		}
	case d.coupon.Duration == "repeating" && !d.own && d.doubt.IsBlank():
		d.doubt = after(c.At, d.coupon.DurationInMonths)
	}
}

// counts tells whether the coupon can be taken off a line.
func (d *discount) counts(l line) bool {
	return len(d.coupon.Products) == 0 || slices.Contains(d.coupon.Products, l.product)
}

// base is what the lines come to that the coupon can be taken off.
func (d *discount) base(lines []line) (total int64) {
	for _, l := range lines {
		if d.counts(l) {
			total += l.amount
		}
	}
	return total
}

// takePercent returns what it took off in all.
func (d *discount) takePercent(lines []line) (all int64) {
	for i, l := range lines {
		if d.counts(l) {
			lines[i].discount = percentOf(l.amount, d.coupon.PercentOff)
			all += lines[i].discount
		}
	}
	return all
}

// takeAmount shares an amount among lines that come to base. Each takes its part of what is left, so that the parts
// always add up and none is more than its line.
func (d *discount) takeAmount(lines []line, base int64) {
	left := min(d.amount, base)
	for i, l := range lines {
		if !d.counts(l) || l.amount == 0 {
			continue
		}
		lines[i].discount = portion(left, l.amount, base)
		left, base = left-lines[i].discount, base-l.amount
	}
}
