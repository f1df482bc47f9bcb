package validate

import (
	"strings"

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

// part is one of the cells that an item needs.
type part struct {
	field csvspec.Field
	there bool
}

// incomplete reports the missing parts of an item in one finding, at the first of them. Parts that could not be
// read are not missing, and an item of which nothing is there is not used.
func (c *Check) incomplete(item int, what string, parts ...part) {
	var missing []string
	used := false
	for _, p := range parts {
		used = used || p.there
		if !p.there && !c.lost(p.field, item) {
			missing = append(missing, p.field.Name(item))
		}
	}
	if len(missing) > 0 && (used || what == "ad-hoc item" && c.Row.AdhocItems[item].Quantity.Set) {
		c.Report(Finding{Column: missing[0], Message: c.words("%s %d is incomplete: %s missing.", what, item, isOrAre(missing))})
	}
}

func isOrAre(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are"
}
