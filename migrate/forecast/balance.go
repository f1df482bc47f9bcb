package forecast

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
)

// balance is what a customer has as credit (negative) or owes (positive) in minor units, as its invoices are finalized
// one after the other. An invoice whose total is not known may leave it anywhere between two bounds.
type balance struct {
	least, most int64
	doubt       bool // that it is nothing rests on the assumption UnknownIsCharged
}

// settle computes what is collected of an invoice when it is finalized: the balance is added, then the amount is
// rounded where the currency asks for it, then one that is too small to be charged is carried on.
func (b *balance) settle(c *Charge) {
	if slices.Contains(c.Unknown, StaysDraft) {
		c.Due = 0
		return
	}
	if b.least != b.most {
		c.Unknown = note(c.Unknown, BalanceNotKnown)
	}
	if !c.Known() {
		c.Due = 0
		b.after(c)
		return
	}
	if b.least != 0 {
		c.assume(BalanceByTime)
	}
	if b.doubt {
		c.assume(UnknownIsCharged)
	}
	due, left := collect(c.Total+b.least, c.Currency)
	if _, published := csvspec.MinimumCharge(c.Currency); !published && due > 0 {
		c.assume(MinimumNotPublished)
	}
	c.Due, c.Balance = due, due-c.Total
	*b = balance{least: left, most: left, doubt: b.doubt && due == 0}
}

// collect returns what is collected of an amount, and what is left on the balance.
func collect(amount int64, currency string) (due, left int64) {
	minimum, _ := csvspec.MinimumCharge(currency)
	rounded := coarse(amount, currency)
	if rounded <= 0 || rounded < minimum {
		return 0, amount
	}
	return rounded, amount - rounded
}

// coarse rounds an amount in Ugandan shillings to whole ones, which are hundreds of minor units, half away from zero.
func coarse(amount int64, currency string) int64 {
	if currency != "ugx" || amount <= 0 {
		return amount
	}
	return (amount + 50) / 100 * 100
}

// after notes between which bounds an invoice leaves the balance that is not known in full: its total, or only what is
// collected of it. One that is certainly large enough to be charged leaves nothing.
func (b *balance) after(c *Charge) {
	from := c.atLeast()
	minimum, _ := csvspec.MinimumCharge(c.Currency)
	lowest, highest := min(from+b.least, 0), max(minimum-1, 0)
	switch {
	case c.Currency == "ugx": // up to half of the step that is rounded to, both ways
		*b = balance{least: min(lowest, -50), most: 50}
	case from+b.least >= minimum:
		*b = balance{}
	case from == 0 && b.least == 0 && b.most == 0:
		b.doubt = true
	case c.TotalKnown() && from+b.most < max(minimum, 1): // nothing is collected
		*b = balance{least: from + b.least, most: from + b.most, doubt: b.doubt}
	default:
		*b = balance{least: lowest, most: highest}
	}
}

// atLeast returns what the total certainly comes to: usage and taxes that are not known only add to it, and of a larger
// amount a coupon leaves no less.
func (c *Charge) atLeast() int64 {
	if c.TotalKnown() {
		return c.Total
	}
	for _, r := range c.Unknown {
		if r != MeteredUsage && !r.OnlyTax() && !r.OnlyDue() {
			return 0
		}
	}
	return c.Items + c.OneOffs - c.Discount - c.TaxExempted
}
