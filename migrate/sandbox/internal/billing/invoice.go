package billing

import "slices"

// percentWhole is 100 % in ten-thousandths of a percent.
const percentWhole = 100 * 10_000

// Line is one line before and after discount and tax.
type Line struct {
	Amount       int64 // before discount; what a tier or proration came to
	Product      string
	Discountable bool
	Rates        []Rate
	Exempt       bool // the customer owes no tax: none is added, and what is contained is not charged

	Net      int64   // Amount without the taxes it contains
	Discount int64   // taken off, positive
	Taxes    []int64 // one for each of Rates; all 0 when Exempt
}

// Rate is a tax rate.
type Rate struct {
	Percent   int64 // ten-thousandths of a percent
	Inclusive bool  // contained in the amount instead of added
}

// Coupon takes a percentage or an amount off.
type Coupon struct {
	Percent  int64 // ten-thousandths of a percent; 0 when Amount is meant
	Amount   int64
	Products []string // none means all
}

// Totals are the sums of an invoice.
type Totals struct {
	Subtotal             int64
	Discount             int64
	Tax                  int64 // inclusive and exclusive
	Total                int64
	SubtotalExcludingTax int64
	TotalExcludingTax    int64
}

// Compute fills in each line's discount and taxes and returns the totals. The coupon may be nil. Who is exempt from an
// inclusive tax pays the amount less the tax that it contains, so the total is less than subtotal and discount make it.
func Compute(lines []*Line, coupon *Coupon) Totals {
	if coupon != nil {
		coupon.spread(lines)
	}
	var sum Totals
	for _, l := range lines {
		exclusive, inclusive := l.tax()
		sum.Subtotal += l.Amount
		sum.Discount += l.Discount
		if l.Exempt {
			clear(l.Taxes)
			sum.Total += l.Amount - l.Discount - inclusive
		} else {
			sum.Tax += exclusive + inclusive
			sum.Total += l.Amount - l.Discount + exclusive
		}
		sum.TotalExcludingTax += l.Amount - l.Discount - inclusive
		l.Net = l.Amount - l.contained(l.Amount)
		sum.SubtotalExcludingTax += l.Net
	}
	return sum
}

// tax computes the line's taxes on what is left after the discount.
func (l *Line) tax() (exclusive, inclusive int64) {
	base := l.Amount - l.Discount
	contained := l.inclusivePercent()
	l.Taxes = make([]int64, len(l.Rates))
	for i, r := range l.Rates {
		if r.Inclusive {
			l.Taxes[i] = MulDiv(base, r.Percent, percentWhole+contained)
			inclusive += l.Taxes[i]
		} else {
			l.Taxes[i] = MulDiv(base, r.Percent, percentWhole)
			exclusive += l.Taxes[i]
		}
	}
	return exclusive, inclusive
}

func (l *Line) inclusivePercent() int64 {
	var sum int64
	for _, r := range l.Rates {
		if r.Inclusive {
			sum += r.Percent
		}
	}
	return sum
}

// contained is the inclusive tax within an amount.
func (l *Line) contained(amount int64) int64 {
	percent := l.inclusivePercent()
	return MulDiv(amount, percent, percentWhole+percent)
}

// spread gives each line its share of the coupon: a percentage is taken from every line; an amount is spread in
// proportion, each line in order taking its part of what it and the lines behind it still have to take, and never takes
// more than there is.
func (c *Coupon) spread(lines []*Line) {
	var eligible []*Line
	var sum int64
	for _, l := range lines {
		if l.Discountable && l.Amount > 0 && (len(c.Products) == 0 || slices.Contains(c.Products, l.Product)) {
			eligible = append(eligible, l)
			sum += l.Amount
		}
	}
	if sum == 0 {
		return
	}
	left := min(c.Amount, sum)
	for _, l := range eligible {
		if c.Percent > 0 {
			l.Discount = MulDiv(l.Amount, c.Percent, percentWhole)
			continue
		}
		l.Discount = MulDiv(left, l.Amount, sum)
		left, sum = left-l.Discount, sum-l.Amount
	}
}

// Prorate is the part of an amount for some seconds of a period.
func Prorate(amount, seconds, period int64) int64 { return MulDiv(amount, seconds, period) }
