package validate

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/subferry/subferry/csvspec"
)

func ruleMetadataKey() Rule {
	return Rule{
		Code:     "metadata_key",
		Severity: Error,
		Title:    "A metadata key is not one that Stripe accepts",
		Why:      "Stripe refuses keys of more than 40 characters or with square brackets.",
		Fix:      "Give the column a shorter name without square brackets.",
		Bad:      "customer,start_date,price,metadata.contract[2027]\ncus_Ada,1801440000,price_Pro,A-17\n",
		Good:     "customer,start_date,price,metadata.contract_2027\ncus_Ada,1801440000,price_Pro,A-17\n",
		Source:   "toolkit guide, column metadata.KEY: key 40 characters without square brackets",
		When:     []csvspec.Field{csvspec.FieldMetadata},
		onlyIf:   isBuilt, // of a file it is said once, of the header
		Header: func(h *HeaderCheck) {
			for _, c := range h.Header.Columns {
				if problem := keyProblem(c.Key); c.Field == csvspec.FieldMetadata && problem != "" {
					h.Report(c.Index, Finding{Message: problem})
				}
			}
		},
		Check: func(c *Check) {
			for _, kv := range c.Row.Metadata {
				if problem := keyProblem(kv.Key); problem != "" {
					c.Report(Finding{Column: "metadata." + kv.Key, Message: problem})
				}
			}
		},
	}
}

func keyProblem(key string) string {
	switch n := utf8.RuneCountInString(key); {
	case n == 0:
		return "a metadata key of at least one character was expected."
	case n > maxMetadataKey:
		return fmt.Sprintf("the key has %d characters; at most %d were expected.", n, maxMetadataKey)
	case strings.ContainsAny(key, "[]"):
		return "the key has a square bracket, which Stripe refuses."
	}
	return ""
}
