package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/period"
)

func ruleIntervalMixed() Rule {
	return Rule{
		Code:     "interval_mixed",
		Severity: Error,
		Title:    "The row mixes billing intervals",
		Why:      "All items of a subscription are billed at the same interval.",
		Fix:      "Use one interval for all items of the row, or split the row into one subscription for each interval.",
		Bad:      mixedInterval("year"),
		Good:     mixedInterval("month"),
		Source:   "schedules, limits: all items of one subscription share currency and interval",
		When:     []csvspec.Field{csvspec.FieldAdhocInterval, csvspec.FieldItemPrice},
		Check: func(c *Check) {
			if len(c.Row.AdhocItems)+len(c.Row.Items) < 2 {
				return
			}
			first, known := c.cycle()
			if !known {
				return
			}
			var odd Finding
			others := 0
			see := func(cycle period.Cycle, f csvspec.Field, item int) {
				switch {
				case !cycle.Valid() || cycle == first:
				case odd.Column == "":
					odd = Finding{Column: f.Name(item), Message: fmt.Sprintf("this is billed every %s, but the first item of the row every %s.", cycleInWords(cycle), cycleInWords(first))}
				default:
					others++
				}
			}
			for i := range c.Row.AdhocItems {
				see(period.Cycle{Interval: c.Row.AdhocItems[i].Interval, Count: 1}, csvspec.FieldAdhocInterval, i)
			}
			for i := range c.Row.Items {
				cycle, _ := c.priceCycle(c.Row.Items[i].Price)
				see(cycle, csvspec.FieldItemPrice, i)
			}
			c.reportMixed(odd, others)
		},
	}
}

func cycleInWords(c period.Cycle) string {
	if c.Count == 1 {
		return c.Interval
	}
	return fmt.Sprintf("%d %ss", c.Count, c.Interval)
}

func mixedInterval(second string) string {
	return "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency," +
		"adhoc_items.1.amount,adhoc_items.1.product,adhoc_items.1.interval,adhoc_items.1.currency\n" +
		"cus_Ada,1801440000,1999,prod_Pro,month,usd,500,prod_Seat," + second + ",usd\n"
}
