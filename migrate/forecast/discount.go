package forecast

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/period"
)

// discount is a row's coupon on its way through the invoices.
type discount struct {
	named   bool // the row has a coupon
	coupon  validate.Coupon
	amount  int64             // what an amount takes off in the row's currency
	until   csvspec.Timestamp // a repeating one counts for invoices before
	used    bool              // a coupon for once was taken off
	unknown Reason            // why nothing can be said of it
}

// discount returns the row's coupon, which counts from the start date.
func (s *subscription) discount() discount {
	d := discount{named: s.phase.Coupon != ""}
	if !d.named {
		return d
	}
	var ok bool
	if d.coupon, ok = s.facts.Coupons[s.phase.Coupon]; !ok {
		d.unknown = CouponNotLookedUp
		return d
	}
	d.amount, d.unknown = amountOff(d.coupon, s.currency)
	switch months := d.coupon.DurationInMonths; {
	case d.coupon.Duration == "once", d.coupon.Duration == "forever":
	case d.coupon.Duration == "repeating" && months > 0:
		d.until = period.Cycle{Interval: "month", Count: 1}.Nth(s.start, months)
	default:
		d.unknown = CouponTerms
	}
	return d
}

// amountOff returns what a coupon takes off in the currency; 0 for a percentage.
func amountOff(c validate.Coupon, currency string) (int64, Reason) {
	switch {
	case c.PercentOff > 0 && c.PercentOff <= validate.Hundred:
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

// take takes the coupon off the lines of an invoice. unsure says that the invoice has more lines than are known.
func (d *discount) take(lines []line, at csvspec.Timestamp, unsure bool) Reason {
	switch {
	case !d.named, d.used, !d.until.IsBlank() && at >= d.until:
		return ""
	case d.unknown != "":
		return d.unknown
	}
	base := d.base(lines)
	if d.coupon.Duration == "once" {
		d.used = base > 0 || unsure
	}
	if d.coupon.PercentOff > 0 {
		d.takePercent(lines)
	} else {
		d.takeAmount(lines, base)
	}
	return ""
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

func (d *discount) takePercent(lines []line) {
	for i, l := range lines {
		if d.counts(l) {
			lines[i].discount = percentOf(l.amount, d.coupon.PercentOff)
		}
	}
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
