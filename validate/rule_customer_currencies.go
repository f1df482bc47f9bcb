package validate

import "fmt"

func ruleCustomerCurrencies() Rule {
	return Rule{
		Code:     "customer_currencies",
		Severity: Error,
		Title:    "A customer is charged in two currencies",
		Why:      "All that a customer has - live subscriptions, schedules, discounts, quotes, pending invoice items - shares one currency. Stripe refuses the second one, in the middle of a run.",
		Fix:      "Charge all rows of the customer in one currency, or create a second customer for the others. A row that leaves currency blank is charged in the default currency of its price.",
		Bad:      "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,usd\ncus_Ada,1801526400,price_Pro,eur\n",
		Good:     "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,usd\ncus_Ada,1801526400,price_Pro,usd\n",
		Source:   "Stripe API, customers: currency",
		File: func(t *FileCheck) {
			for _, s := range t.byCustomer.Clashes {
				t.reportRow(s.Again, Finding{Message: fmt.Sprintf("line %d charges the same customer in %s, this row in %s: Stripe keeps one currency for a customer.",
					s.First.Line(), currencyOf(s.First.Currency()), currencyOf(s.Again.Currency()))})
			}
		},
	}
}
