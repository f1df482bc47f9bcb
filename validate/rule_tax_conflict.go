package validate

import "github.com/subferry/subferry/csvspec"

func ruleTaxConflict() Rule {
	return Rule{
		Code:     "tax_conflict",
		Severity: Error,
		Title:    "The row asks for Stripe Tax and for a tax rate of its own",
		Why:      "Stripe refuses a manual tax rate together with automatic tax.",
		Fix:      "Clear default_tax_rate to let Stripe Tax compute the tax, or set automatic_tax to false to use the rate.",
		Bad:      "customer,start_date,price,automatic_tax,default_tax_rate\ncus_Ada,1801440000,price_Pro,true,txr_Vat19\n",
		Good:     "customer,start_date,price,automatic_tax,default_tax_rate\ncus_Ada,1801440000,price_Pro,true,\n",
		Source:   "toolkit guide, column default_tax_rate: not together with automatic_tax=true",
		When:     []csvspec.Field{csvspec.FieldAutomaticTax},
		Check: func(c *Check) {
			if c.Row.DefaultTaxRate != "" {
				c.Report(Finding{Column: "default_tax_rate", Message: "automatic_tax is true, so no tax rate was expected."})
			}
		},
	}
}
