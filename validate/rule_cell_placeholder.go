package validate

import "strings"

// codePlaceholder is the code of the rule that takes the place of any other about the same cell: the checks of IDs
// report such words, and Report gives them this code.
const codePlaceholder = "cell_placeholder"

func ruleCellPlaceholder() Rule {
	return Rule{
		Code:     codePlaceholder,
		Severity: Error,
		Title:    "A cell holds a word for nothing, or the error of a formula",
		Why:      "Programs write null, nan or N/A for a value they do not have, people TBD, spreadsheets #REF! for one they have lost. Stripe would take the word for the value.",
		Fix:      "Clear the cell if it is to be blank; otherwise fill in the value that is missing.",
		Bad:      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,null\n",
		Good:     "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,\n",
		Source:   "toolkit guide, columns: blank means not stated",
	}
}

const placeholderMessage = "this stands for a missing value or an error; a value or a blank cell was expected."

// isPlaceholder tells whether programs, or people, write the text when they have no value.
func isPlaceholder(text string) bool {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxPlaceholder || strings.IndexByte(placeholderBegins, text[0]) < 0 {
		return false // at once: this is asked of every row, and most texts are IDs
	}
	switch text = strings.ToLower(text); text {
	case "null", "nil", "none", "nan", "nat", "undefined", `\n`, "n/a", "na", "-", "--", "(blank)", "(null)", "<na>",
		"[object object]", "loading...", "tbd", "tba", "todo", "?", "??", "???":
		return true
	}
	return formulaError(text)
}

// maxPlaceholder is the length of the longest such word.
const maxPlaceholder = len("[object object]")

// placeholderBegins are the bytes with which such a word begins.
const placeholderBegins = `nNuUlLtTeE#-?(<[\`

// formulaError tells whether a spreadsheet shows the text, in lower case, for a formula that has failed: #ref! and, in
// other languages, #bezug! and #nv; err:504; number signs alone where a number does not fit its cell.
func formulaError(text string) bool {
	word, ok := strings.CutPrefix(text, "#")
	if !ok {
		return strings.HasPrefix(text, "err:5") && len(text) == len("err:502")
	}
	switch strings.Trim(word, "#") {
	case "", "n/a", "nv", "n/d", "n/v", "getting_data":
		return word != ""
	}
	return !strings.ContainsAny(word, " \t") && strings.ContainsAny(word[len(word)-1:], "!?")
}

// asPlaceholder turns a finding about a cell that holds such a word into one of this rule; the word is the mistake,
// whatever else is wrong with it.
func (c *Check) asPlaceholder(f *Finding) {
	if f.ColumnNumber == 0 || f.Code == codePlaceholder || !isPlaceholder(f.Value) || f.Column == "proration_behavior" {
		return
	}
	for i := range c.v.rules {
		if r := &c.v.rules[i]; r.Code == codePlaceholder {
			f.Code, f.Severity, f.Message, f.Fix, f.Suggestion, f.Mend, f.Deferred = r.Code, r.Severity, placeholderMessage, r.Fix, "", "", false
		}
	}
}
