// Package csvtext is how the writers of package validate write cells and line ends.
package csvtext

import "strings"

// BOM is the byte order mark of UTF-8, with which some programs begin a file.
const BOM = "\uFEFF"

// Quote returns the text in CSV quotes.
func Quote(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// QuoteIfNeeded quotes what would not be read back as it is.
func QuoteIfNeeded(text string) string {
	if strings.ContainsAny(text, ",\"\r\n") {
		return Quote(text)
	}
	return text
}

// LineEnd returns the ending of a record: one line feed, with one carriage return before it if there is one, or one
// carriage return; "" at the end of a file that has none.
func LineEnd(record string) string {
	for _, end := range []string{"\r\n", "\n", "\r"} {
		if strings.HasSuffix(record, end) {
			return end
		}
	}
	return ""
}
