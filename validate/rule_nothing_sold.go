package validate

import "github.com/subferry/subferry/csvspec"

func ruleNothingSold() Rule {
	return Rule{
		Code:     "nothing_sold",
		Severity: Error,
		Title:    "The row does not say what is sold",
		Why:      "A subscription needs at least one recurring price.",
		Fix:      "Fill in price, or items.0.price, or the columns of adhoc_items.0.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, templates: price is required",
		Lacks:    []csvspec.Field{csvspec.FieldPrice, csvspec.FieldItemPrice, csvspec.FieldAdhocAmount},
		Check: func(c *Check) {
			if c.unread&(adhocFields|itemFields) != 0 {
				return
			}
			for _, f := range []csvspec.Field{csvspec.FieldPrice, csvspec.FieldItemPrice, csvspec.FieldAdhocAmount} {
				if !c.absent(f) { // when all are, that is said once for the file
					c.Report(Finding{Column: f.Name(0), Message: f.Name(0) + " is blank; the price of the subscription was expected."})
					return
				}
			}
		},
	}
}
