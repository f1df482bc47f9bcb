package validate

import "github.com/subferry/subferry/csvspec"

func ruleCollectionMethodUnknown() Rule {
	return Rule{
		Code:     "collection_method_unknown",
		Severity: Error,
		Title:    "The collection method is not charge_automatically or send_invoice",
		Why:      "It decides whether the customer is charged or gets an invoice to pay.",
		Fix:      "Write charge_automatically or send_invoice. A blank cell means charge_automatically.",
		Bad:      "customer,start_date,price,collection_method\ncus_Ada,1801440000,price_Pro,invoice\n",
		Good:     "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,send_invoice,30\n",
		Source:   "toolkit guide, column collection_method",
		When:     []csvspec.Field{csvspec.FieldCollectionMethod},
		onlyIf:   hasOddMethod,
		Check: func(c *Check) {
			switch m := c.Row.CollectionMethod; m {
			case "charge_automatically", "send_invoice":
			default:
				c.reportChoice("collection_method", m, "charge_automatically", "send_invoice")
			}
		},
	}
}
