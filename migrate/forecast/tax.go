package forecast

// tax computes the taxes of an invoice, line by line after the discount.
func (s *subscription) tax(lines []line, c *Charge) {
	switch {
	case s.phase.AutomaticTax:
		if len(c.Unknown) > 0 || due(lines) {
			c.Unknown = note(c.Unknown, AutomaticTax)
		}
		return
	case s.phase.DefaultTaxRate == "":
		return
	}
	rate, ok := s.facts.TaxRates[s.phase.DefaultTaxRate]
	switch {
	case !ok:
		c.Unknown = note(c.Unknown, TaxRateNotLookedUp)
		return
	case rate.Percent < 0:
		c.Unknown = note(c.Unknown, TaxRatePercent)
		return
	}
	for _, l := range lines {
		if rate.Inclusive {
			c.TaxIncluded += contained(l.amount-l.discount, rate.Percent)
		} else {
			c.Tax += percentOf(l.amount-l.discount, rate.Percent)
		}
	}
}

// due tells whether anything is left to be taxed.
func due(lines []line) bool {
	for _, l := range lines {
		if l.amount > l.discount {
			return true
		}
	}
	return false
}
