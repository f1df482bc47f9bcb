package validate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

func ruleDirectInvoiceItem() Rule {
	return Rule{
		Code:     "direct_invoice_item",
		Severity: Error,
		Title:    "A one-off item would be charged before the start date",
		Why:      "The row becomes a direct subscription. Its one-off items stand on its first invoice, which is sent as soon as the migration runs.",
		Fix:      "Take the one-off out of the row and invoice it separately. Or make the row a schedule, which keeps it, with --direct=needed.",
		Bad:      adhocDates("billing_cycle_anchor", 1802649600, "add_invoice_items.0.amount", "500", "add_invoice_items.0.product", "prod_Setup", "add_invoice_items.0.currency", "usd"),
		Good:     adhocDates("billing_cycle_anchor", 1802649600),
		Source:   "schedules: direct subscriptions; docs.stripe.com/api/subscriptions/create, add_invoice_items: on the first invoice",
		When:     []csvspec.Field{csvspec.FieldInvoiceAmount},
		Reads: []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
			csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd},
		Check: func(c *Check) {
			if filled(c.Row.AddInvoiceItems) == 0 {
				return
			}
			switch kind := c.direct(); kind {
			case notDirect:
			case directUnknown:
				c.wait()
			default:
				fix := "" // the rule's own
				if kind == directProrated {
					fix = "Take the one-off out of the row and invoice it separately. If the customer has paid until the anchor, write none into proration_behavior: with --direct=needed the row then becomes a schedule, which keeps the one-off."
				}
				c.Report(Finding{Fix: fix, Column: csvspec.FieldInvoiceAmount.Name(0), Message: c.words("the one-off would be charged when the migration runs and not on start_date, %s.", words.Moment(c.Row.StartDate))})
			}
		},
	}
}
