package validate

import (
	"strings"
	"unicode/utf8"

	"github.com/subferry/subferry/csvspec"
)

func ruleMetadataValue() Rule {
	return Rule{
		Code:     "metadata_value",
		Severity: Error,
		Title:    "A metadata value is too long",
		Why:      "Stripe refuses values of more than 500 characters.",
		Fix:      "Shorten the text to 500 characters, or keep it elsewhere.",
		Bad:      "customer,start_date,price,metadata.note\ncus_Ada,1801440000,price_Pro," + strings.Repeat("x", 501) + "\n",
		Good:     "customer,start_date,price,metadata.note\ncus_Ada,1801440000,price_Pro," + strings.Repeat("x", 500) + "\n",
		Source:   "toolkit guide, column metadata.KEY: value 500 characters",
		When:     []csvspec.Field{csvspec.FieldMetadata},
		onlyIf:   hasOddMetadata,
		Check: func(c *Check) {
			for i := range c.Row.Metadata {
				kv := &c.Row.Metadata[i]
				if len(kv.Value) <= maxMetadataValue {
					continue
				}
				if n := utf8.RuneCountInString(kv.Value); n > maxMetadataValue {
					c.Report(Finding{Column: "metadata." + kv.Key, Message: c.words("the text has %d characters; at most %d were expected.", n, maxMetadataValue)})
				}
			}
		},
	}
}
