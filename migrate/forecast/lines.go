package forecast

import (
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate"
)

// line is one line of an invoice, in minor units.
type line struct {
	product  string
	amount   int64
	discount int64
}

// charge computes one invoice.
func (s *subscription) charge(m moment, d *discount) Charge {
	c := Charge{At: m.at, Kind: m.kind, Currency: s.currency}
	var lines []line
	if m.items {
		lines, c.Unknown = s.items(c.Unknown)
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
		c.Unknown = note(c.Unknown, d.take(lines, m.at, unsure))
		s.tax(lines, &c)
	}
	c.finish(lines)
	return c
}

// oneOffs adds the lines of the add_invoice_items.
func (s *subscription) oneOffs(lines []line, c *Charge) []line {
	for _, item := range s.phase.InvoiceItems {
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
	c.Total = c.Items + c.OneOffs - c.Discount + c.Tax
	if c.Total > maxAmount {
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

// items returns the lines that are charged in advance and known, and adds to the reasons why others are not.
func (s *subscription) items(unknown []Reason) ([]line, []Reason) {
	lines := make([]line, 0, len(s.phase.Items)+len(s.phase.InvoiceItems))
	for _, item := range s.phase.Items {
		if s.facts.Prices[item.Price].Metered {
			continue
		}
		l, why := s.item(item)
		unknown = note(unknown, why)
		if why == "" {
			lines = append(lines, l)
		}
	}
	return lines, unknown
}

// item computes one line, or says why it cannot.
func (s *subscription) item(item migrate.Item) (line, Reason) {
	product, unit, quantity := item.Product, item.Money.Minor, item.Quantity.Or(1)
	if item.Price != "" {
		price, ok := s.facts.Prices[item.Price]
		if !ok {
			return line{}, PriceNotLookedUp
		}
		var why Reason
		if unit, why = unitAmount(price, s.currency); why != "" {
			return line{}, why
		}
		product, quantity = price.Product, packages(price.Package, quantity)
	}
	amount, ok := times(unit, quantity)
	if !ok {
		return line{}, AmountTooLarge
	}
	return line{product: product, amount: amount}, ""
}

// unitAmount returns what a unit costs in the currency.
func unitAmount(p validate.Price, currency string) (int64, Reason) {
	amount, ok := p.In(currency)
	switch {
	case !ok:
		return 0, PriceCurrency
	case len(amount.Tiers) > 0:
		return 0, PriceTiered
	case amount.Open, !amount.Unit.IsInteger():
		return 0, PriceNotWhole
	}
	return amount.Unit.IntPart(), ""
}

// packages returns how often the unit amount is charged for a quantity.
func packages(p validate.Package, quantity int64) int64 {
	switch {
	case p.Size < 2:
		return quantity
	case p.RoundUp && quantity%p.Size > 0:
		return quantity/p.Size + 1
	}
	return quantity / p.Size
}
