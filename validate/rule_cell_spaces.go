package validate

import "strings"

func ruleCellSpaces() Rule {
	return Rule{
		Code:     "cell_spaces",
		Severity: Warning,
		Title:    "A cell has spaces around its value",
		Why:      "This program ignored them. Stripe's toolkit may read them as part of the value.",
		Fix:      "Delete the spaces; in a spreadsheet: =TRIM(A2).",
		Bad:      "customer,start_date,price\ncus_Ada ,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "RFC 4180: spaces are part of a field",
		mends:    MendFix,
		onlyIf:   hasPadding,
		Check: func(c *Check) {
			columns := c.Row.Source.Header.Columns
			for i := range min(c.Row.Source.Len(), len(columns)) {
				text := c.Row.Source.Text(i)
				if text == "" || solid(text[0]) && solid(text[len(text)-1]) {
					continue
				}
				trimmed := strings.TrimSpace(text)
				if trimmed == text || !columns[i].Known() {
					continue
				}
				f := Finding{Column: columns[i].Name, Message: "the value has spaces around it.", Suggestion: trimmed}
				if trimmed == "" {
					f.Message, f.Fix = "the cell looks blank, but holds spaces.", "Clear the cell."
				}
				c.Report(f)
			}
		},
	}
}

// solid tells whether a byte cannot be part of white space, without decoding the character it belongs to.
func solid(b byte) bool { return b > ' ' && b < 0x80 }
