package validate

func ruleColumnLeftover() Rule {
	return Rule{
		Code:     "column_leftover",
		Severity: Info,
		Title:    "The file still has the errors of an earlier validation",
		Why:      "The column processing_error was added by Stripe's toolkit or by this program. It is ignored.",
		Fix:      "Nothing has to be done; delete the column before the file is uploaded in the Dashboard.",
		Bad:      "customer,start_date,price,processing_error\ncus_Ada,1801440000,price_Pro,start_date is too early\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, flow: errors come back as the same file with a column processing_error",
		Header: func(h *HeaderCheck) {
			for _, c := range h.Header.Columns {
				if c.Name == ErrorColumn {
					h.Report(c.Index, Finding{Message: "this column holds the errors of an earlier validation."})
				}
			}
		},
	}
}
