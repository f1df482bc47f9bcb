package validate

import "github.com/subferry/subferry/csvspec"

func ruleInvoiceItemInTrial() Rule {
	return Rule{
		Code:     "invoice_item_in_trial",
		Severity: Warning,
		Title:    "A one-off item is charged while the row is free",
		Why:      "The row is free until its trial ends or its anchor, but one-off items stand on the first invoice, which is sent at the start.",
		Fix:      "Keep the row if the one-off is due at start_date; otherwise move start_date to the moment of the first charge, or invoice the one-off separately.",
		Bad:      adhocDates("billing_cycle_anchor", 1802649600, "proration_behavior", "none", "add_invoice_items.0.amount", "500", "add_invoice_items.0.product", "prod_Setup", "add_invoice_items.0.currency", "usd"),
		Good:     adhocDates("billing_cycle_anchor", 1802649600, "proration_behavior", "none"),
		Source:   "schedules, case 14; what holds for the trial bridge holds for a trial",
		When:     []csvspec.Field{csvspec.FieldInvoiceAmount},
		Reads:    []csvspec.Field{csvspec.FieldTrialEnd, csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor},
		Check: func(c *Check) {
			if filled(c.Row.AddInvoiceItems) == 0 {
				return
			}
			switch free, known := c.bridged(); {
			case c.direct() != notDirect: // see direct_invoice_item
			case free || c.Row.TrialEnd > c.Row.StartDate:
				c.Report(Finding{Column: csvspec.FieldInvoiceAmount.Name(0), Message: "the one-off is charged at start_date, on an invoice that is 0 otherwise."})
			case !known:
				c.wait()
			}
		},
	}
}
