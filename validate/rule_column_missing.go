package validate

import (
	"github.com/subferry/subferry/csvspec"
)

func ruleColumnMissing() Rule {
	return Rule{
		Code:     "column_missing",
		Severity: Error,
		Title:    "A column that every file needs is missing",
		Why:      "Without customer, start_date and a column that says what is sold, no row can become a subscription.",
		Fix:      "Add the column to the header, and fill it in.",
		Bad:      "customer,price\ncus_Ada,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, columns: required",
		Header: func(h *HeaderCheck) {
			if len(h.Header.Columns) == 0 || h.foreign() {
				return // which is reported as such
			}
			have := newHeaderInfo(h.Header, nil).columns
			for _, f := range []csvspec.Field{csvspec.FieldCustomer, csvspec.FieldStartDate} {
				if !have.has(f) && !h.misspelt(f) {
					h.Report(-1, Finding{Column: f.Name(0), Message: "the file has no column " + f.Name(0) + "."})
				}
			}
			if have&soldFields == 0 && !h.misspelt(csvspec.FieldPrice, csvspec.FieldItemPrice, csvspec.FieldAdhocAmount) {
				h.Report(-1, Finding{Column: "price", Message: "the file has no column that says what is sold: price, items.0.price or adhoc_items.0.amount."})
			}
		},
	}
}
