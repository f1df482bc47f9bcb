package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

func ruleColumnDuplicate() Rule {
	return Rule{
		Code:     "column_duplicate",
		Severity: Error,
		Title:    "A column stands twice in the header",
		Why:      "Only one of them can count; which one is not for a program to decide. metadata.KEY and metadata_KEY are the same column.",
		Fix:      "Remove one of the two columns, or rename it.",
		Bad:      "customer,start_date,price,price\ncus_Ada,1801440000,price_Pro,price_Max\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, columns",
		Header: func(h *HeaderCheck) {
			for _, c := range h.Header.Columns {
				if !c.Has(csvspec.QuirkDuplicate) || c.Has(csvspec.QuirkBlank) {
					continue
				}
				first, _ := h.Header.Lookup(c.Name)
				h.Report(c.Index, Finding{Message: fmt.Sprintf("column %d has the same name.", first.Index+1)})
			}
		},
	}
}
