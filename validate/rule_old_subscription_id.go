package validate

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleOldSubscriptionID() Rule {
	return Rule{
		Code:     "old_subscription_id",
		Severity: Warning,
		Title:    "The source subscription is not named, or not by its ID",
		Why:      "In a move between Stripe accounts the ID of the source subscription is what finds it again when it has to be stopped.",
		Fix:      "Write the ID of the subscription in the source account, which begins with sub_, into metadata.old_Stripe_sub_id.",
		Bad:      "customer,start_date,price,metadata.source,metadata.old_Stripe_sub_id\ncus_Ada,1801440000,price_Pro,internal:Stripe,cus_Ada\n",
		Good:     "customer,start_date,price,metadata.source,metadata.old_Stripe_sub_id\ncus_Ada,1801440000,price_Pro,internal:Stripe,sub_Ada\n",
		Source:   "toolkit guide, Stripe-to-Stripe mapping",
		When:     []csvspec.Field{csvspec.FieldMetadata},
		Header: func(h *HeaderCheck) {
			for _, c := range h.Header.Columns {
				if misspeltOld(c.Key) {
					name := ColumnName(csvspec.Column{Raw: c.Raw, Name: "metadata." + oldSubscription, Field: c.Field, Key: oldSubscription})
					h.Report(c.Index, Finding{
						Message:    "the key is written " + oldSubscription + "; one with other capitals is another key, by which nobody looks for the subscription.",
						Fix:        "Rename the column to " + name + ".",
						Suggestion: name,
					})
				}
			}
		},
		onlyIf: hasOddMetadata,
		Check: func(c *Check) {
			id := c.Row.Metadata.Get(oldSubscription)
			switch {
			case id == "" && c.Row.Metadata.Get("source") != internalStripe:
				// nothing is expected
			case id == "" && c.head != nil && slices.ContainsFunc(c.Row.Metadata, func(kv csvspec.KeyValue) bool { return misspeltOld(kv.Key) }):
				// said once, of the header
			case id == "":
				c.Report(Finding{Column: "metadata." + oldSubscription, Message: "metadata.source is internal:Stripe, so the ID of the source subscription was expected."})
			case !isID(id, "sub_") && !rounded(id):
				c.Report(Finding{Column: "metadata." + oldSubscription, Message: "a subscription ID that begins with sub_ was expected." + c.hint("metadata."+oldSubscription, id)})
			}
		},
	}
}

// misspeltOld tells whether the metadata key is oldSubscription in other capitals.
func misspeltOld(key string) bool {
	return key != oldSubscription && strings.EqualFold(key, oldSubscription)
}
