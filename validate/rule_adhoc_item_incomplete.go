package validate

import (
	"github.com/subferry/subferry/csvspec"
)

func ruleAdhocItemIncomplete() Rule {
	return Rule{
		Code:     "adhoc_item_incomplete",
		Severity: Error,
		Title:    "An ad-hoc item lacks one of its four parts",
		Why:      "An amount means nothing without its product, interval and currency.",
		Fix:      "Fill in amount, product, interval and currency of the item, or clear all of its columns. Write 0 as the amount of a free item.",
		Bad:      "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\ncus_Ada,1801440000,1999,prod_Pro,,usd\n",
		Good:     "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\ncus_Ada,1801440000,1999,prod_Pro,month,usd\n",
		Source:   "toolkit guide, columns adhoc_items.x.*: required in the ad-hoc template",
		When:     []csvspec.Field{csvspec.FieldAdhocAmount},
		Check: func(c *Check) {
			for i := range c.Row.AdhocItems {
				item := &c.Row.AdhocItems[i]
				if item.Amount.Set && item.Product != "" && item.Interval != "" && item.Currency != "" {
					continue
				}
				if *item == (csvspec.AdhocItem{}) && c.unread&adhocFields == 0 {
					continue
				}
				c.incomplete(i, "ad-hoc item", part{csvspec.FieldAdhocAmount, item.Amount.Set}, part{csvspec.FieldAdhocProduct, item.Product != ""},
					part{csvspec.FieldAdhocInterval, item.Interval != ""}, part{csvspec.FieldAdhocCurrency, item.Currency != ""})
			}
		},
	}
}
