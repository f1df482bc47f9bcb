package validate

import "github.com/subferry/subferry/csvspec"

func ruleIntervalUnknown() Rule {
	return Rule{
		Code:     "interval_unknown",
		Severity: Error,
		Title:    "An interval is not day, week, month or year",
		Why:      "Stripe bills by day, week, month or year; the toolkit takes one interval, without a count.",
		Fix:      "Write day, week, month or year in lower case. For every three or six months, create a price in Stripe and use it in items.x.price.",
		Bad:      "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\ncus_Ada,1801440000,1999,prod_Pro,monthly,usd\n",
		Good:     "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency\ncus_Ada,1801440000,1999,prod_Pro,month,usd\n",
		Source:   "toolkit guide, column adhoc_items.x.interval",
		When:     []csvspec.Field{csvspec.FieldAdhocInterval},
		Check: func(c *Check) {
			for i := range c.Row.AdhocItems {
				switch interval := c.Row.AdhocItems[i].Interval; interval {
				case "", "day", "week", "month", "year":
				default:
					c.reportChoice(csvspec.FieldAdhocInterval.Name(i), interval, "day", "week", "month", "year")
				}
			}
		},
	}
}
