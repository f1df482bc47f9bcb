package usage

import (
	"strings"

	"github.com/subferry/subferry/validate"
)

func ruleCustomerUnknown() rule {
	return rule{Rule: validate.Rule{
		Code:     "usage_customer_unknown",
		Severity: validate.Error,
		Title:    "The account has no such customer",
		Why:      "Stripe drops the event and reports meter_event_customer_not_found later.",
		Fix:      "Check the ID; a customer of the old account has another one here: give a map with --customers.",
		Bad:      "the ID of a customer of another account",
		Good:     "the ID of a customer of this account",
		Source:   "--online: customers of the account",
	}, check: func(c *check) {
		if c.opts().Present != nil && strings.HasPrefix(c.event.Customer, "cus_") && !c.opts().Present[c.event.Customer] && !c.sentBefore() {
			c.Report(validate.Finding{Column: c.customer.column, Message: "the account has no customer " + c.event.Customer + "."})
		}
	}}
}
