package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec/words"
)

func ruleRowRagged() Rule {
	return Rule{
		Code:     "row_ragged",
		Severity: Error,
		Title:    "A row has more or fewer cells than the header",
		Why:      "A separator too many or too few puts every value behind it under the wrong column.",
		Fix:      "Compare the row with the header. Text that contains a separator needs double quotes around it.",
		Bad:      "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,Lovelace, Ada\n",
		Good:     "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,\"Lovelace, Ada\"\n",
		Source:   "RFC 4180: each line contains the same number of fields",
		onlyIf:   isRagged,
		Check: func(c *Check) {
			if c.head != nil && c.head.foreign {
				return
			}
			src, want := c.Row.Source, len(c.Row.Source.Header.Columns)
			f := Finding{Message: fmt.Sprintf("the row has %s; the header has %d.", words.Count(src.Len(), "cell"), want)}
			for i := src.Len() - 1; i >= want; i-- {
				if strings.TrimSpace(src.Text(i)) != "" {
					f.Value = src.Text(i)
				}
			}
			if src.Len() > want && f.Value == "" {
				f.Message += " The extra cells are blank."
				f.Fix = extraBlank
			}
			c.Report(f)
		},
		review: func(c *Check) {
			if i := slices.IndexFunc(c.findings, func(f Finding) bool { return f.Code == c.rule().Code }); i >= 0 && c.findings[i].Value+c.findings[i].Fix != extraBlank {
				c.findings = append(c.findings[:0], c.findings[i]) // the rest stands under columns that are not its own
			}
		},
	}
}

// extraBlank is the fix for extra cells that are blank, which move no other cell.
const extraBlank = "Delete the separators at the end of the row."
