package validate

import (
	"cmp"

	"github.com/subferry/subferry/csvspec"
)

func ruleTaxBehavior() Rule {
	return Rule{
		Code:     "tax_behavior",
		Severity: Error,
		Title:    "Price and tax rate disagree on whether tax is included",
		Why:      "Stripe refuses a tax rate that adds tax to a price that includes it, and the other way round.",
		Fix:      "Use a tax rate whose inclusive or exclusive behaviour is that of the price.",
		Bad:      "customer,start_date,price,default_tax_rate\ncus_Ada,1801440000,price_Pro,txr_Inclusive\n",
		Good:     "customer,start_date,price,default_tax_rate\ncus_Ada,1801440000,price_Pro,txr_Vat19\n",
		Source:   "toolkit guide, common errors: price and tax rate whose tax_behavior differ",
		When:     []csvspec.Field{csvspec.FieldDefaultTaxRate},
		needs:    dataTaxRates | dataPrices,
		Check: func(c *Check) {
			rate, ok := c.Account().TaxRates[c.Row.DefaultTaxRate]
			if !ok || bool(c.Row.AutomaticTax) {
				return
			}
			behavior := map[bool]string{true: "inclusive", false: "exclusive"}[rate.Inclusive]
			said := false // of one price, because it is one rate that does not fit
			c.eachPrice(func(f csvspec.Field, item int, id string) {
				p := c.Account().Prices[id]
				if said {
					return
				}
				stated := p.Amounts[cmp.Or(c.charged(), p.Currency)].TaxBehavior
				if stated == "inclusive" && behavior == "exclusive" || stated == "exclusive" && behavior == "inclusive" {
					said = true
					c.Report(Finding{Column: "default_tax_rate", Message: c.words("the tax rate is %s, but the price in %s is %s.", behavior, f.Name(item), stated)})
				}
			})
		},
	}
}
