package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileEmpty() Rule {
	return noteRule(Rule{
		Code:     "file_empty",
		Severity: Error,
		Title:    "The file is empty",
		Why:      "There is nothing to migrate.",
		Fix:      "Check that the export has finished. `migrate template basic` prints a file to begin with.",
		Bad:      "",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, templates",
	}, map[csvspec.NoteKind]string{csvspec.NoteEmpty: "the file is empty; a header with the names of the columns was expected."})
}
