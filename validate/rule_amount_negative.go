package validate

import "github.com/subferry/subferry/csvspec"

func ruleAmountNegative() Rule {
	return Rule{
		Code:     "amount_negative",
		Severity: Error,
		Title:    "An amount is negative",
		Why:      "The format takes amounts of 0 or more. A discount is a coupon, not a negative amount.",
		Fix:      "Write the amount without a minus. For a discount, use the coupon column.",
		Bad:      adhocAmount("-500", "usd"),
		Good:     adhocAmount("500", "usd"),
		Source:   "toolkit guide, column adhoc_items.x.amount: number, 0 or more",
		When:     amountFields(),
		Check: func(c *Check) {
			c.eachAmount(func(f csvspec.Field, item int, m csvspec.Money) {
				if m.Minor < 0 {
					c.Report(Finding{Column: f.Name(item), Message: "an amount of 0 or more was expected."})
				}
			})
		},
	}
}

func amountFields() []csvspec.Field {
	return []csvspec.Field{csvspec.FieldAdhocAmount, csvspec.FieldInvoiceAmount}
}

// eachAmount visits the amounts that the row states.
func (c *Check) eachAmount(visit func(f csvspec.Field, item int, m csvspec.Money)) {
	for i := range c.Row.AdhocItems {
		if item := &c.Row.AdhocItems[i]; item.Amount.Set {
			visit(csvspec.FieldAdhocAmount, i, item.Money())
		}
	}
	for i := range c.Row.AddInvoiceItems {
		if item := &c.Row.AddInvoiceItems[i]; item.Amount.Set {
			visit(csvspec.FieldInvoiceAmount, i, item.Money())
		}
	}
}

func adhocAmount(amount, currency string) string {
	return "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\n" +
		"cus_Ada,1801440000," + amount + ",prod_Pro,month," + currency + "\n"
}
