package validate

import "github.com/subferry/subferry/csvspec"

func ruleTaxRateNotAnID() Rule {
	return Rule{
		Code:     "tax_rate_not_an_id",
		Severity: Error,
		Title:    "The tax rate is not a tax rate ID",
		Why:      "A percentage or a name does not tell Stripe which tax rate is meant.",
		Fix:      "Write the ID of the tax rate, which begins with txr_, or leave the cell blank.",
		Bad:      "customer,start_date,price,default_tax_rate\ncus_Ada,1801440000,price_Pro,19%\n",
		Good:     "customer,start_date,price,default_tax_rate\ncus_Ada,1801440000,price_Pro,txr_Vat19\n",
		Source:   "toolkit guide, column default_tax_rate: tax rate ID txr_…",
		When:     []csvspec.Field{csvspec.FieldDefaultTaxRate},
		Check: func(c *Check) {
			if c.Row.Source != nil && bool(c.Row.AutomaticTax) {
				return // beside Stripe Tax no tax rate is right, which is reported as that
			}
			if id := c.Row.DefaultTaxRate; !isID(id, "txr_") && !rounded(id) {
				c.Report(Finding{Column: "default_tax_rate", Message: "a tax rate ID that begins with txr_ was expected." + c.hint("default_tax_rate", c.Row.DefaultTaxRate)})
			}
		},
	}
}
