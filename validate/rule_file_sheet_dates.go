package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileSheetDates() Rule {
	return noteRule(Rule{
		Code:     "file_sheet_dates",
		Severity: Warning,
		Title:    "Dates of a workbook were read as times in UTC",
		Why:      "A workbook stores dates without a time zone. They were taken as UTC and turned into Unix seconds; if they are meant in another zone, every start is off by some hours, and may be a day early.",
		Fix:      "Check one date. If your dates are meant in another zone, let `migrate fix --dates ZONE` write the file as CSV, or write Unix seconds into the sheet: =(A2-25569)*86400 minus the hours by which your zone is ahead of UTC, times 3600.",
		Bad:      "a workbook whose start_date column is formatted as a date",
		Good:     "a workbook whose start_date column holds Unix seconds",
		Source:   "ECMA-376, part 1, 18.17.4: dates are serial numbers without a zone",
		mends:    MendFixDates,
	}, map[csvspec.NoteKind]string{csvspec.NoteSheetDates: "the first date of the workbook stands in this row; dates were read as UTC."})
}
