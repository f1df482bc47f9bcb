package validate

import "fmt"

func ruleRowBlank() Rule {
	return Rule{
		Code:     "row_blank",
		Severity: Info,
		Title:    "The file has rows of separators without values",
		Why:      "Spreadsheets leave such rows below the last one. They were skipped; Stripe's toolkit would report every required column as missing.",
		Fix:      "Nothing has to be done; `migrate fix` removes them.",
		Bad:      "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n,,\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "toolkit guide, common errors: missing required data",
		mends:    MendFix,
		File: func(t *FileCheck) {
			switch b := t.tally.blank; b.n {
			case 0:
			case 1:
				t.Report(Finding{Line: b.line, Message: "this row holds nothing but separators; it was skipped."})
			default:
				t.Report(Finding{Line: b.line, Message: fmt.Sprintf("%d rows hold nothing but separators; they were skipped. The first is this one.", b.n)})
			}
		},
	}
}

// blankRows counts the rows of a file that hold nothing but separators.
type blankRows struct{ n, line int }

func (b *blankRows) see(line int) {
	if b.n++; b.n == 1 {
		b.line = line
	}
}

func (b *blankRows) merge(later blankRows) {
	if b.n == 0 {
		b.line = later.line
	}
	b.n += later.n
}
