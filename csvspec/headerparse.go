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
		lower := strings.ToLower(name)
		if prefix := len(familyMetadata); len(name) > prefix && strings.EqualFold(name[:prefix], string(familyMetadata)) {
			lower = string(familyMetadata) + name[prefix:] // the case of a key counts
		}
		if folded := ParseColumn(lower); folded.Known() {
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

// cleanName takes away spaces, invisible characters, quotes and the words "(required)" until nothing more goes.
func cleanName(raw string) (string, Quirk) {
	name, quirks := raw, Quirk(0)
	for {
		before := name
		if name = strings.TrimFunc(name, invisible); name != before {
			quirks |= QuirkSpace
		}
		if cut := len(name) - len("(required)"); cut >= 0 && strings.EqualFold(name[cut:], "(required)") {
			name = strings.TrimRightFunc(name[:cut], invisible) // the space before the words belongs to them
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

// CleanName returns a column's name without the spaces, invisible characters, quotes and the words "(required)" that
// people and programs put around it.
func CleanName(raw string) string {
	name, _ := cleanName(raw)
	return name
}
