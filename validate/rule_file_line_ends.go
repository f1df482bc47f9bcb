package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileLineEnds() Rule {
	return noteRule(Rule{
		Code:     "file_line_ends",
		Severity: Warning,
		Title:    "Lines end as on old Macs",
		Why:      "Most programs take a file whose lines end with a carriage return alone for a single line.",
		Fix:      "Export the file as \"CSV UTF-8\" instead of \"CSV (Macintosh)\", or let `migrate fix` write it anew.",
		Bad:      "customer,start_date,price\rcus_Ada,1801440000,price_Pro\r",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "RFC 4180: lines end with CRLF; LF is common",
		mends:    MendFix,
	}, map[csvspec.NoteKind]string{csvspec.NoteCarriageReturns: "lines end with a carriage return alone."})
}
