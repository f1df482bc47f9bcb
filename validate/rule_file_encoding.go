package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileEncoding() Rule {
	return noteRule(Rule{
		Code:     "file_encoding",
		Severity: Warning,
		Title:    "The file is not UTF-8",
		Why:      "It was decoded here. Stripe reads UTF-8 and would show letters like é as something else, or refuse the file.",
		Fix:      "Export the file as UTF-8 (Excel: \"CSV UTF-8\"), or let `migrate fix` write it anew.",
		Bad:      "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,Ren\xe9\n",
		Good:     "customer,start_date,price,metadata.name\ncus_Ada,1801440000,price_Pro,René\n",
		Source:   "Excel's \"Unicode text\" is UTF-16, its \"CSV\" Windows-1252",
		mends:    MendFix,
	}, map[csvspec.NoteKind]string{
		csvspec.NoteUTF16:       "the file is UTF-16, as Excel writes \"Unicode text\"; UTF-8 was expected.",
		csvspec.NoteWindows1252: "the file was read as Windows-1252, as Excel writes \"CSV\"; UTF-8 was expected. If names with accents look wrong, it is in another encoding.",
	})
}
