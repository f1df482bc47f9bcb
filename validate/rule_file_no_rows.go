package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileNoRows() Rule {
	r := noteRule(Rule{
		Code:     "file_no_rows",
		Severity: Error,
		Title:    "The file has a header and no rows",
		Why:      "There is nothing to migrate.",
		Fix:      "Add one row for each subscription below the header. If the file has rows but no header, add the header.",
		Bad:      "customer,start_date,price\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, templates: one CSV row is one subscription",
	}, map[csvspec.NoteKind]string{csvspec.NoteNoRows: "no row stands below the header."})
	noted := r.File
	r.File = func(t *FileCheck) {
		if noted(t); t.tally.rows == 0 && t.tally.blank.n > 0 {
			t.Report(Finding{Line: t.head.header.Line, Message: "no row with values stands below the header."})
		}
	}
	return r
}
