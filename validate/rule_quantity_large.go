package validate

import (
	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/words"
)

// maxQuantity is the largest quantity that is not remarkable.
const maxQuantity = 999_999_999

func ruleQuantityLarge() Rule {
	return Rule{
		Code:     "quantity_large",
		Severity: Warning,
		Title:    "A quantity is larger than 999,999,999",
		Why:      "Numbers this large are often dates, amounts or IDs in the wrong column. Stripe documents no limit; the sandbox of a rehearsal refuses them.",
		Fix:      "Check the quantity against the original data.",
		Bad:      "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,1801440000\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,18\n",
		Source:   "advice: the sandbox's limit",
		When:     quantityFields(),
		onlyIf:   hasItems | hasOddNumber,
		Check: func(c *Check) {
			c.eachQuantity(func(f csvspec.Field, item int, n int64) {
				if n <= maxQuantity {
					return
				}
				said := false // by amount_large or total_large, of the same cell
				c.eachSold(func(sold soldItem) {
					said = said || sold.quantity == f && sold.index == item && sold.known && sold.total.GreaterThan(decimal.NewFromInt(csvspec.MaxAmount))
				})
				if !said {
					c.Report(Finding{Column: f.Name(item), Message: c.words("a quantity of at most %s was expected.", words.Grouped(maxQuantity))})
				}
			})
		},
	}
}
