package validate

import "strings"

func ruleCellSpaces() Rule {
	return Rule{
		Code:     "cell_spaces",
		Severity: Warning,
		Title:    "A cell has spaces around its value",
		Why:      "They were ignored here. Stripe's toolkit may take them for a part of the value.",
		Fix:      "Delete the spaces; in a spreadsheet: =TRIM(A2).",
		Bad:      "customer,start_date,price\ncus_Ada ,1801440000,price_Pro\n",
		Good:     "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		Source:   "RFC 4180: spaces are part of a field",
		mends:    MendFix,
		onlyIf:   hasPadding,
		Check: func(c *Check) {
			for i := range c.Row.Source.Len() {
				if text := c.Row.Source.Text(i); padded(text) {
					c.reportSpaces(i, text)
				}
			}
		},
	}
}

// padded tells cheaply whether the text may begin or end with a space of any kind.
func padded(text string) bool {
	return text != "" && (!solid(text[0]) || !solid(text[len(text)-1]))
}

func solid(b byte) bool { return b > ' ' && b < 0x80 }

func (c *Check) reportSpaces(i int, text string) {
	trimmed := strings.TrimSpace(text)
	if trimmed == text || i >= len(c.Row.Source.Header.Columns) || !c.Row.Source.Header.Columns[i].Known() {
		return
	}
	f := Finding{Column: c.Row.Source.Header.Columns[i].Name, Message: "the value has spaces around it.", Suggestion: trimmed}
	if trimmed == "" {
		f.Message, f.Fix = "the cell looks blank, but holds spaces.", "Clear the cell."
	}
	c.Report(f)
}
