package validate

import "github.com/subferry/subferry/csvspec"

func ruleSettingsUnread() Rule {
	return Rule{
		Code:     "settings_unread",
		Severity: Warning,
		Title:    "E-mail settings of the two accounts cannot be read",
		Why: "In a move between Stripe accounts both may write to the same customers: e-mails about upcoming renewals, about expiring cards, about failed payments. " +
			"No API tells whether they are switched on.",
		Fix: "Look at Settings > Billing > Subscriptions and emails in both accounts: in the old one switch off e-mails about renewals before the move, and in the new " +
			"one only what customers are meant to get from now on.",
		Bad:    "customer,start_date,price,metadata.source\ncus_Ada,1801440000,price_Pro,internal:Stripe\n",
		Good:   "customer,start_date,price,metadata.source\ncus_Ada,1801440000,price_Pro,external:zuora\n",
		Source: "toolkit guide, Stripe-to-Stripe; the API has no endpoint for these settings",
		File: func(t *FileCheck) {
			if t.Account() != nil && t.Account().ID != "" && t.tally.fromStripe {
				t.Report(Finding{Message: "the subscriptions come from another Stripe account, and whether either account sends e-mails about renewals, expiring cards or failed payments cannot be read."})
			}
		},
	}
}

// fromStripe tells whether a row comes from another Stripe account.
func fromStripe(m csvspec.Metadata) bool {
	return m.Get("source") == "internal:Stripe" || isID(m.Get(oldSubscription), "sub_")
}
