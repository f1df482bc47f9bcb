package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileSheetTitle() Rule {
	return noteRule(Rule{
		Code:     "file_sheet_title",
		Severity: Info,
		Title:    "Rows stand above the header of a worksheet",
		Why:      "They were skipped. They may be a title; a row of subscriptions that stands there is not read.",
		Fix:      "Nothing has to be done if they are no subscriptions.",
		Bad:      "a worksheet with a title in row 1 and the header in row 3",
		Good:     "a worksheet with the header in row 1",
		Source:   "toolkit guide, templates: the first line names the columns",
	}, map[csvspec.NoteKind]string{csvspec.NoteSheetTitle: "the header stands in this row; what stands above it was skipped, beginning with \"{}\"."})
}
