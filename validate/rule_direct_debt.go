package validate

import (
	"cmp"

	"github.com/subferry/subferry/csvspec"
)

func ruleDirectDebt() Rule {
	return Rule{
		Code:     "direct_debt",
		Severity: Warning,
		Title:    "What a customer owes is collected when the migration runs",
		Why:      "The row becomes a direct subscription that is in trial until its start date, whose first invoice, over 0, is made at once. An invoice over 0 collects what stands as a debt on the customer's balance. When a charge for that fails, Stripe refuses the row; with send_invoice the invoice is sent and can be paid until it is due.",
		Fix:      "Nothing has to be changed if the debt may be collected then. Otherwise settle it before the migration, or make the row a schedule, where one expresses it, with --direct=needed.",
		Bad:      "customer,start_date,price,backdate_start_date,proration_behavior\ncus_Debt,1801440000,price_Pro,1767225600,none\n",
		Good:     "customer,start_date,price,backdate_start_date,proration_behavior\ncus_Ada,1801440000,price_Pro,1767225600,none\n",
		Source:   "docs.stripe.com/billing/customer/balance: the balance is applied to the next invoice that is finalized",
		When:     []csvspec.Field{csvspec.FieldBillingCycleAnchor, csvspec.FieldBackdateStartDate},
		Reads: []csvspec.Field{csvspec.FieldCustomer, csvspec.FieldStartDate, csvspec.FieldBillingCycleAnchor, csvspec.FieldTrialEnd,
			csvspec.FieldBackdateStartDate, csvspec.FieldCancelAtPeriodEnd},
		needs: dataCustomers,
		Check: func(c *Check) {
			customer := c.Account().Customers[c.Row.Customer]
			if customer.Balance <= 0 {
				return
			}
			switch c.direct() {
			case directUnknown:
				c.wait()
			case directProrated, directBackdated: // the others have no invoice before their anchor
				owed := csvspec.Money{Minor: customer.Balance, Currency: cmp.Or(customer.Currency, c.charged())}
				if !collected(owed) {
					return
				}
				how := "which is charged when the migration runs"
				if c.Row.CollectionMethod == "send_invoice" {
					how = "for which an invoice is sent when the migration runs"
				}
				c.Report(Finding{Column: "customer", Message: c.words("the customer owes %s on the balance, %s.", owed, how)})
			}
		},
	}
}

// collected tells whether an amount is collected at all: less than the currency's smallest charge stays on the balance, and
// so do Ugandan shillings that round to no whole one.
func collected(m csvspec.Money) bool {
	if m.Currency == "ugx" {
		m.Minor = (m.Minor + 50) / 100 * 100
	}
	smallest, _ := csvspec.MinimumCharge(m.Currency)
	return m.Minor > 0 && m.Minor >= smallest
}
