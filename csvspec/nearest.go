package csvspec

import (
	"strconv"
	"strings"
)

// Nearest returns the known column that somebody who wrote name most likely meant, and whether there is one close
// enough to suggest. It understands capitals, spaces, hyphens and brackets (Start Date, startDate, items[0].price),
// slips of the finger (custmer) and names that are cut short or added to (cancel_at, customer_id).
func Nearest(name string) (string, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	if c := ParseColumn(name); c.Known() {
		return c.Name, true
	}
	if key, ok := looseMetadata(name); ok {
		return "metadata." + key, true
	}
	letters, item := squash(name)
	limit := 3 // how far the name may be from the one that is suggested for it
	switch {
	case len(letters) < 4:
		limit = 0
	case len(letters) < 6:
		limit = 1
	case len(letters) < 12:
		limit = 2
	}
	best, score := FieldUnknown, limit+1
	for _, s := range specs() {
		if s.family == familyMetadata {
			continue
		}
		known := s.letters()
		short, long := letters, known
		if len(short) > len(long) {
			short, long = long, short
		}
		d := distance(letters, known)
		if len(short) >= 5 && (strings.HasPrefix(long, short) || strings.HasSuffix(long, short)) {
			d = min(d, 2) // one name is the beginning or the end of the other
		}
		if d < score {
			best, score = s.field, d
		}
	}
	return best.Name(item), best != FieldUnknown
}

// looseMetadata reads metadata source, metadata-source and metadata:source.
func looseMetadata(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, string(familyMetadata))
	key := strings.Trim(rest, " -_.:/[]")
	return key, ok && key != "" && rest[0] != key[0]
}

// letters returns the column's name as squash does.
func (s spec) letters() string {
	letters, _ := squash(s.field.Name(0))
	return letters
}

// squash drops everything but letters from a lower-case name, with x in place of the first number, which it returns.
func squash(name string) (letters string, item int) {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z' || c >= 0x80:
			b.WriteByte(c)
		case c >= '0' && c <= '9':
			n := i
			for i+1 < len(name) && name[i+1]-'0' <= 9 {
				i++
			}
			if item, _ = strconv.Atoi(name[n : i+1]); item >= maxItemColumns {
				item = 0
			}
			b.WriteByte('x')
		}
	}
	return b.String(), item
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour to turn a into b
// (optimal string alignment).
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
