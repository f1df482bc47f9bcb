package validate

func ruleHeaderMissing() Rule {
	return Rule{
		Code:     "header_missing",
		Severity: Error,
		Title:    "The first line is not a header of this format",
		Why:      "The first line names the columns. Without a single known name nothing in the file can be understood.",
		Fix:      "Delete what stands above the header, or put a header above the rows; `migrate template basic` prints one. If this is an export of another system, its columns have to be renamed.",
		Bad:      "Migration February,,\ncustomer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, templates",
		head: func(h *Head) {
			if len(h.Header.Columns) > 0 && h.foreign() {
				h.report(-1, Finding{Message: "none of the names in this line is a column of the format." + h.headless()})
			}
		},
	}
}

// foreign tells whether no column is known. Then nothing more is said of columns.
func (h *Head) foreign() bool { return foreign(h.Header.Columns) }
