package forecast

// tax computes the taxes of an invoice, line by line after the discount.
func (s *subscription) tax(lines []line, c *Charge) {
	switch {
	case s.terms.AutomaticTax:
		if (len(c.Unknown) > 0 || due(lines)) && !(s.exempt() && s.allExclusive()) {
			c.Unknown = note(c.Unknown, AutomaticTax)
		}
		return
	case s.terms.DefaultTaxRate == "":
		return
	}
	rate, ok := s.facts.TaxRates[s.terms.DefaultTaxRate]
	switch {
	case !ok:
		c.Unknown = note(c.Unknown, TaxRateNotLookedUp)
		return
	case rate.Percent < 0:
		c.Unknown = note(c.Unknown, TaxRatePercent)
		return
	}
	for _, l := range lines {
		amount := l.amount - l.discount
		switch {
		case rate.Inclusive && s.exempt():
			c.TaxExempted += contained(amount, rate.Percent)
		case rate.Inclusive:
			c.TaxIncluded += contained(amount, rate.Percent)
		case !s.exempt():
			c.Tax += percentOf(amount, rate.Percent)
		}
	}
}

// allExclusive tells whether no tax is contained in any amount of the row: an exempt customer then pays all of it.
func (s *subscription) allExclusive() bool {
	for _, item := range s.terms.Items {
		if amount, _ := s.facts.Prices[item.Price].In(s.currency); amount.TaxBehavior != "exclusive" {
			return false
		}
	}
	return len(s.terms.InvoiceItems) == 0
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
