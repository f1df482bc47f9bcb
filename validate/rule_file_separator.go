package validate

import "github.com/subferry/subferry/csvspec"

func ruleFileSeparator() Rule {
	return noteRule(Rule{
		Code:     "file_separator",
		Severity: Warning,
		Title:    "The cells are not separated by commas",
		Why:      "This program read the file with the separators it has. Stripe expects commas and would see a single column.",
		Fix:      "Export the file with commas, or let `migrate fix` write it anew.",
		Bad:      "customer;start_date;price\ncus_Ada;1801440000;price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "Excel writes semicolons where the comma is the decimal sign",
		mends:    MendFix,
	}, map[csvspec.NoteKind]string{
		csvspec.NoteSemicolon: "cells are separated by semicolons; commas were expected.",
		csvspec.NoteTab:       "cells are separated by tabs; commas were expected.",
	})
}
