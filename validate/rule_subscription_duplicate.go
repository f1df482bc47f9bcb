package validate

import "fmt"

func ruleSubscriptionDuplicate() Rule {
	return Rule{
		Code:     "subscription_duplicate",
		Severity: Error,
		Title:    "A subscription stands in the file twice",
		Why:      "The customer would be subscribed and charged twice.",
		Fix:      "Delete one of the two rows. If the customer has two such subscriptions, raise the quantity, or tell them apart by their source IDs in metadata.third_party_sub_id.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Pro\ncus_Ada,1801440000,price_Pro\n",
		Good:     "customer,start_date,price,quantity\ncus_Ada,1801440000,price_Pro,2\n",
		Source:   "what people who migrate suffer from: duplicates",
		File: func(t *FileCheck) {
			for _, s := range t.byCustomer.Duplicates {
				t.reportRow(s.Again, Finding{Fix: t.orRounded(), Message: fmt.Sprintf("line %d has the same customer, items and start date.", s.First.Line())})
			}
		},
	}
}
