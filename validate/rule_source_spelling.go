package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleSourceSpelling() Rule {
	return Rule{
		Code:     "source_spelling",
		Severity: Warning,
		Title:    "metadata.source is not written as Stripe writes it",
		Why:      "internal:Stripe marks a move between Stripe accounts, external:NAME one from another system. Reports that look for these words would not find the row.",
		Fix:      "Write internal:Stripe, or external: and the name of the system, for example external:zuora.",
		Bad:      "customer,start_date,price,metadata.source\ncus_Ada,1801440000,price_Pro,internal:stripe\n",
		Good:     "customer,start_date,price,metadata.source\ncus_Ada,1801440000,price_Pro,internal:Stripe\n",
		Source:   "toolkit guide, column metadata.source",
		When:     []csvspec.Field{csvspec.FieldMetadata},
		onlyIf:   hasOddMetadata,
		Check: func(c *Check) {
			source := c.Row.Metadata.Get("source")
			if source == "" || source == internalStripe || externalSource(source) {
				return
			}
			f := Finding{Column: "metadata.source", Message: "internal:Stripe, or external: and a name, was expected."}
			if strings.EqualFold(source, internalStripe) {
				f.Suggestion = internalStripe
			}
			c.Report(f)
		},
	}
}
