package rehearse

import "github.com/subferry/subferry/migrate/forecast"

// compared is what comparing the invoices of one row came to.
type compared struct {
	differences []Difference
	compared    int64 // invoices whose amount was known beforehand
	unknown     int64
}

// differ compares what was made with what was forecast, both in the order of time. As many invoices as forecasts are
// compared one by one; otherwise those of the same moment are, and what is left over is missing on one side.
func differ(forecast []forecast.Charge, made []Invoice) compared {
	var c compared
	for len(forecast) > 0 || len(made) > 0 {
		switch pairs := len(forecast) == len(made); {
		case pairs, len(forecast) > 0 && len(made) > 0 && forecast[0].At == made[0].Created:
			c.pair(&forecast[0], &made[0])
			forecast, made = forecast[1:], made[1:]
		case len(made) == 0, len(forecast) > 0 && forecast[0].At < made[0].Created:
			c.note(NotMade, amountsOf(&forecast[0]), Amounts{})
			forecast = forecast[1:]
		default:
			c.note(NotForecast, Amounts{}, made[0].amounts())
			made = made[1:]
		}
	}
	return c
}

func (c *compared) note(kind DifferenceKind, forecast, made Amounts) {
	c.differences = append(c.differences, Difference{Kind: kind, Forecast: forecast, Made: made})
}

// pair compares one invoice with its forecast.
func (c *compared) pair(f *forecast.Charge, inv *Invoice) {
	inv.Forecast = f
	want, got := amountsOf(f), inv.amounts()
	if want.At != got.At {
		c.note(OtherMoment, want, got)
	}
	if want.Currency != got.Currency {
		c.note(OtherCurrency, want, got)
		return
	}
	if inv.Status == "draft" || !f.Known() {
		want.Due, got.Due = 0, 0 // not final, or not known beforehand
	}
	if !f.TotalKnown() {
		before, ok := f.BeforeTax()
		if !ok {
			c.unknown++
			return
		}
		want.Total, want.Tax, want.TaxIncluded = before, 0, 0
		got.Total, got.Tax, got.TaxIncluded = got.Total-got.Tax, 0, 0
	}
	c.compared++
	if kind, differs := amountsDiffer(want, got); differs {
		c.note(kind, want, got)
	}
}

func amountsDiffer(want, got Amounts) (DifferenceKind, bool) {
	switch {
	case want.Total != got.Total:
		return OtherAmount, true
	case want.Due != got.Due:
		return OtherDue, true
	case want.Discount != got.Discount:
		return OtherDiscount, true
	case want.Tax != got.Tax, want.TaxIncluded != got.TaxIncluded:
		return OtherTax, true
	}
	return "", false
}

func amountsOf(c *forecast.Charge) Amounts {
	return Amounts{At: c.At, Currency: c.Currency, Total: c.Total, Due: c.Due, Discount: c.Discount, Tax: c.Tax, TaxIncluded: c.TaxIncluded}
}
