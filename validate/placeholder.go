package validate

import "strings"

// isPlaceholder tells whether programs, or people, write the text when they have no value.
func isPlaceholder(text string) bool {
	if text != "" && 'a' <= text[0] && text[0] <= 'z' && strings.IndexByte(placeholderBegins, text[0]) < 0 {
		return false // at once: this is asked of every row, and most texts are IDs
	}
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxPlaceholder || strings.IndexByte(placeholderBegins, text[0]) < 0 {
		return false
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
