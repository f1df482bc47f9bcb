package validate

import "github.com/subferry/subferry/csvspec"

func ruleFreeWithoutEmail() Rule {
	return Rule{
		Code:     "free_without_email",
		Severity: Warning,
		Title:    "A free subscription's customer, who is sent invoices, has no e-mail address",
		Why:      "There is nothing to pay while the subscription is free, so no invoice is sent. As soon as it is not, after a change of its price or discount, invoices reach nobody.",
		Fix:      "Add an e-mail address to the customer, or charge automatically. Nothing has to be done if the subscription stays free and Stripe takes it; try one such row first.",
		Bad:      "customer,start_date,price,collection_method,days_until_due\ncus_Bare,1801440000,price_Free,send_invoice,30\n",
		Good:     "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Free,send_invoice,30\n",
		Source:   "toolkit guide, column customer: e-mail when invoiced",
		When:     []csvspec.Field{csvspec.FieldCollectionMethod},
		needs:    dataCustomers,
		Check: func(c *Check) {
			if !c.lacksEmail() {
				return
			}
			if why := c.free(); why != "" {
				c.Report(Finding{Column: "customer", Message: c.words("the customer has no e-mail address for invoices. The row collects nothing: %s.", why)})
			}
		},
	}
}
