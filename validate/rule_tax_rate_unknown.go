package validate

import "github.com/subferry/subferry/csvspec"

func ruleTaxRateUnknown() Rule {
	return Rule{
		Code:     "tax_rate_unknown",
		Severity: Error,
		Title:    "The account has no such tax rate, or it is archived",
		Why:      "Stripe refuses tax rates that it does not know or that are archived.",
		Fix:      "Write the ID that the tax rate has in this account and mode.",
		Bad:      "customer,start_date,price,default_tax_rate\ncus_Ada,1801440000,price_Pro,txr_Gone\n",
		Good:     "customer,start_date,price,default_tax_rate\ncus_Ada,1801440000,price_Pro,txr_Vat19\n",
		Source:   "toolkit guide, column default_tax_rate",
		When:     []csvspec.Field{csvspec.FieldDefaultTaxRate},
		needs:    dataTaxRates,
		Check: func(c *Check) {
			rate, ok := c.Account().TaxRates[c.Row.DefaultTaxRate]
			switch {
			case !isID(c.Row.DefaultTaxRate, "txr_"), c.foreign(c.Row.DefaultTaxRate):
				// reported as something other than a tax rate
			case !ok:
				c.Report(Finding{Column: "default_tax_rate", Message: "the account has no tax rate with this ID."})
			case !rate.Active:
				c.Report(Finding{Column: "default_tax_rate", Message: "the tax rate is archived."})
			}
		},
	}
}
