package forecast

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
)

// balance is what a customer has as credit (negative) or owes (positive) in minor units, as its invoices are finalized
// one after the other.
type balance struct {
	minor   int64
	unknown bool
}

// settle computes what is collected of an invoice when it is finalized: the balance is added, then the amount is
// rounded where the currency asks for it, then one that is too small to be charged is carried on.
func (b *balance) settle(c *Charge) {
	if slices.Contains(c.Unknown, StaysDraft) {
		c.Due = 0
		return
	}
	if b.unknown {
		c.Unknown = note(c.Unknown, BalanceNotKnown)
	}
	if !c.Known() {
		c.Due = 0
		b.after(c)
		return
	}
	if b.minor != 0 {
		c.assume(BalanceByTime)
	}
	due := c.Total + b.minor
	b.minor = min(due, 0)
	due = max(due, 0)
	if rounded := coarse(due, c.Currency); rounded != due {
		b.minor, due = b.minor+due-rounded, rounded
	}
	minimum, published := csvspec.MinimumCharge(c.Currency)
	switch {
	case due == 0:
	case !published:
		c.assume(MinimumNotPublished)
	case due < minimum:
		b.minor, due = b.minor+due, 0
	}
	c.Due, c.Balance = due, due-c.Total
}

// after notes what an invoice leaves whose total is not known: nothing when it is certainly larger than a credit. That
// it is large enough to be charged is taken for granted.
func (b *balance) after(c *Charge) {
	least, ok := c.BeforeTax()
	if !ok {
		least = 0
	}
	b.unknown = b.unknown || least+b.minor < 0 || c.Currency == "ugx"
	b.minor = 0
}

// coarse rounds an amount due in Ugandan shillings to whole ones, which are hundreds of minor units, half away from zero.
func coarse(due int64, currency string) int64 {
	if currency != "ugx" {
		return due
	}
	return (due + 50) / 100 * 100
}
