package csvspec

import (
	"strings"
	"unicode"
)

// newHeader reads the first record of a file as columns.
func newHeader(src *Source) *Header {
	h := &Header{Line: src.Line, source: src}
	seen := make(map[string]bool, src.Len())
	for i := range src.Len() {
		c := ReadColumn(src.Text(i))
		c.Index = i
		if c.Name != "" && seen[c.Name] {
			c.Quirk |= QuirkDuplicate
		}
		seen[c.Name] = true
		h.Columns = append(h.Columns, c)
	}
	return h
}

// ReadColumn reads a column's name as files write it: it recognises the column behind everything that people and
// programs put around its name, and says in Quirk what that was.
func ReadColumn(raw string) Column {
	name, quirks := cleanName(raw)
	c := ParseColumn(name)
	if !c.Known() {
		if folded := ParseColumn(foldName(name)); folded.Known() {
			c = folded
			quirks |= QuirkCase
		}
	}
	if name == "" {
		quirks |= QuirkBlank
	}
	c.Raw, c.Quirk = raw, quirks
	return c
}

// foldName returns the name in lower case, but for the key of metadata, whose case counts.
func foldName(name string) string {
	const prefix = len("metadata.")
	if len(name) > prefix && strings.EqualFold(name[:prefix-1], string(familyMetadata)) {
		return string(familyMetadata) + name[prefix-1:]
	}
	return strings.ToLower(name)
}

// cleanName takes away spaces, invisible characters, quotes and the words "(required)" until nothing more goes.
func cleanName(raw string) (string, Quirk) {
	name, quirks := raw, Quirk(0)
	for {
		before := name
		if name = strings.TrimFunc(name, invisible); name != before {
			quirks |= QuirkSpace
		}
		if rest, ok := cutSuffixFold(name, "(required)"); ok {
			name = strings.TrimRightFunc(rest, invisible) // the space before the words belongs to them
			quirks |= QuirkRequired
		}
		if n := strings.Trim(name, "\"'`“”„‘’"); n != name {
			name = n
			quirks |= QuirkQuote
		}
		if name == before {
			return name, quirks
		}
	}
}

// invisible tells whether nobody sees the character: spaces, byte order marks, zero-width joiners, NUL.
func invisible(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// cutSuffixFold is strings.CutSuffix for a lower-case ASCII suffix in any case.
func cutSuffixFold(s, suffix string) (string, bool) {
	cut := len(s) - len(suffix)
	if cut < 0 || !strings.EqualFold(s[cut:], suffix) {
		return s, false
	}
	return s[:cut], true
}

// CleanName returns a column's name without the spaces, invisible characters, quotes and the words "(required)" that
// people and programs put around it.
func CleanName(raw string) string {
	name, _ := cleanName(raw)
	return name
}
