package validate

import "fmt"

func ruleSourceTermsDiffer() Rule {
	return Rule{
		Code:     "source_terms_differ",
		Severity: Warning,
		Title:    "What stands for a price or coupon of the source account is sold on other terms",
		Why:      "The map says which price or coupon here stands for one of the source account. When it costs something else, or at another interval, every customer who has it is charged another amount from the first charge on.",
		Fix:      "Name the right one in the map, and export again. When other terms are meant, write \"different terms\" instead of yes into the map's column accepted.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Tiers\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, Stripe-to-Stripe: prices are created anew in the destination account",
		Check: func(c *Check) {
			if c.Account() == nil || len(c.Account().Unlike) == 0 {
				return
			}
			c.eachReference(func(column, id string) {
				for _, u := range c.Account().Unlike[id] {
					c.Report(Finding{Column: column, Message: fmt.Sprintf("it is %s, and %s of the source account, which it stands for, is %s.", u.Here, u.Source, u.There)})
				}
			})
		},
	}
}
