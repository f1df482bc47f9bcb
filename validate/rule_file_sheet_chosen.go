package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileSheetChosen() Rule {
	return noteRule(Rule{
		Code:     "file_sheet_chosen",
		Severity: Info,
		Title:    "A workbook has sheets that were not read",
		Why:      "One worksheet is one file. Without --sheet it is the only visible one that has a header of the format, or the first one when none has.",
		Fix:      "Nothing has to be done if it is the right one; --sheet NAME reads another.",
		Bad:      "a workbook with a cover sheet in front of the subscriptions",
		Good:     "a workbook with one sheet",
		Source:   "ECMA-376, part 1, 18.2.20: a workbook has any number of sheets",
	}, map[csvspec.NoteKind]string{
		csvspec.NoteSheetFound:  "the sheet {} was read: it is the only visible one with a header of the format.",
		csvspec.NoteSheetsOther: "these sheets were not read: {}.",
	})
}
