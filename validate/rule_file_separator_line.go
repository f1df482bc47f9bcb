package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileSeparatorLine() Rule {
	return noteRule(Rule{
		Code:     "file_separator_line",
		Severity: Warning,
		Title:    "A line that names the separator stands above the header",
		Why:      "Excel reads sep=; as an instruction. It was skipped here; Stripe takes it for the header.",
		Fix:      "Delete the line, or let `migrate fix` write the file anew.",
		Bad:      "sep=,\ncustomer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "Excel",
		mends:    MendFix,
	}, map[csvspec.NoteKind]string{csvspec.NoteSeparatorLine: "this line names the separator for Excel; the header was expected."})
}
