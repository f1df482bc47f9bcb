package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileBlankLines() Rule {
	return noteRule(Rule{
		Code:     "file_blank_lines",
		Severity: Info,
		Title:    "The file has blank lines",
		Why:      "They were skipped. They may show that two exports were pasted together.",
		Fix:      "Nothing has to be done; `migrate fix` removes them.",
		Bad:      "customer,start_date,price\n\ncus_Ada,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "RFC 4180",
		mends:    MendFix,
	}, map[csvspec.NoteKind]string{csvspec.NoteBlankLines: "blank lines were skipped; the first is this one."})
}
