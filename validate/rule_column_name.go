package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func ruleColumnName() Rule {
	return Rule{
		Code:     "column_name",
		Severity: Warning,
		Title:    "A column's name is not written as the format writes it",
		Why:      "This program understood it. Stripe's toolkit may not know the column and drop it.",
		Fix:      "Write the name exactly as suggested: lower case, without spaces, quotes or the words (required).",
		Bad:      "Customer,start_date (required),price\ncus_Ada,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, columns: names copied from the documentation",
		Header: func(h *HeaderCheck) {
			for _, c := range h.Header.Columns {
				var without []string
				for _, q := range []struct {
					quirk csvspec.Quirk
					words string
				}{
					{csvspec.QuirkCase, "capitals"}, {csvspec.QuirkRequired, "the words (required)"},
					{csvspec.QuirkSpace, "spaces around it"}, {csvspec.QuirkQuote, "quotes of its own"},
				} {
					if c.Has(q.quirk) {
						without = append(without, q.words)
					}
				}
				if name := ColumnName(c); c.Known() && len(without) > 0 {
					h.Report(c.Index, Finding{Message: fmt.Sprintf("%s was expected, without %s.", name, strings.Join(without, " and ")),
						Suggestion: name, Mend: mendIf(!c.Has(csvspec.QuirkDuplicate))})
				}
			}
		},
	}
}
