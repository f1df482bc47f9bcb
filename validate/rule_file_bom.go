package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileBOM() Rule {
	return noteRule(Rule{
		Code:     "file_bom",
		Severity: Info,
		Title:    "The file begins with a byte order mark",
		Why:      "Excel writes one into its \"CSV UTF-8\". It was ignored here; a reader that does not would not find the first column.",
		Fix:      "Nothing has to be done; `migrate fix` removes it.",
		Bad:      "\uFEFFcustomer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, columns: header cells may have a byte order mark in front",
		mends:    MendFix,
	}, map[csvspec.NoteKind]string{csvspec.NoteBOM: "a byte order mark stands in front of the header."})
}
