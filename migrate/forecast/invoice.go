package forecast

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
)

// line is one line of an invoice, in minor units.
type line struct {
	product  string
	amount   int64
	discount int64
}

// charge computes one invoice.
func (s *subscription) charge(m moment, d *discounts) Charge {
	c := Charge{At: m.at, Kind: m.kind, Currency: s.currency}
	if !s.known {
		c.assume(CustomerNotLookedUp)
	}
	var lines []line
	if m.items {
		lines = s.items(&c)
	}
	if m.part {
		s.takePart(lines, &c)
	}
	c.Items = sum(lines)
	if m.oneOffs {
		lines = s.oneOffs(lines, &c)
	}
	if m.usage {
		c.Unknown = note(c.Unknown, MeteredUsage)
	}
	unsure := len(c.Unknown) > 0
	if unsure || len(lines) > 0 {
		d.take(lines, &c, unsure)
		s.tax(lines, &c)
	}
	c.finish(lines)
	return c
}

// takePart leaves of the lines what is charged for the time until the billing anchor: by the second, against the whole
// period that would begin at the same moment.
func (s *subscription) takePart(lines []line, c *Charge) {
	c.Until, c.Whole = s.part, s.cycle.Next(s.free)
	for i := range lines {
		if lines[i].amount > 0 {
			lines[i].amount = portion(lines[i].amount, int64(s.part-s.free), int64(c.Whole-s.free))
			c.assume(PartOfPeriod)
		}
	}
}

// oneOffs adds the lines of the add_invoice_items.
func (s *subscription) oneOffs(lines []line, c *Charge) []line {
	for _, item := range s.terms.InvoiceItems {
		amount, ok := times(item.Money.Minor, 1)
		if !ok {
			c.Unknown = note(c.Unknown, AmountTooLarge)
			continue
		}
		lines = append(lines, line{product: item.Product, amount: amount})
		c.OneOffs += amount
	}
	return lines
}

// finish adds up.
func (c *Charge) finish(lines []line) {
	for _, l := range lines {
		c.Discount += l.discount
	}
	c.Total = c.Items + c.OneOffs - c.Discount + c.Tax - c.TaxExempted
	if c.Total > csvspec.MaxAmount {
		c.Unknown = note(c.Unknown, AmountTooLarge)
	}
	if !c.Known() {
		c.Total = 0
	}
	c.Due = c.Total
}

func sum(lines []line) (total int64) {
	for _, l := range lines {
		total += l.amount
	}
	return total
}

// items returns the lines that are charged in advance and known, and notes why others are not.
func (s *subscription) items(c *Charge) []line {
	lines := make([]line, 0, len(s.terms.Items)+len(s.terms.InvoiceItems))
	for _, item := range s.terms.Items {
		if s.facts.Prices[item.Price].Metered {
			continue
		}
		l, rests, why := s.item(item)
		c.Unknown = note(c.Unknown, why)
		if why == "" {
			lines = append(lines, l)
		}
		if rests {
			c.assume(FractionsPerTier)
		}
	}
	return lines
}

// item computes one line, or says why it cannot. rests says that it rests on the assumption FractionsPerTier.
func (s *subscription) item(item schedule.Item) (l line, rests bool, why Reason) {
	quantity := item.Quantity.Or(1)
	if item.Price == "" {
		amount, ok := times(item.Money.Minor, quantity)
		if !ok {
			return line{}, false, AmountTooLarge
		}
		return line{product: item.Product, amount: amount}, false, ""
	}
	price, ok := s.facts.Prices[item.Price]
	if !ok {
		return line{}, false, PriceNotLookedUp
	}
	cost, why := costOf(price, s.currency, quantity)
	return line{product: price.Product, amount: cost.amount}, cost.rests, why
}
