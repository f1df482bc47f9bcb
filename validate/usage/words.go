package usage

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// once does something the first time that it is asked for under a name.
func (r *reader) once(name string, do func()) {
	key := "\x00" + name // no identifier of a file begins like that
	if _, done := r.seen[key]; !done {
		r.seen[key] = first{}
		do()
	}
}

// isNew tells whether an ID is one of the map's new ones.
func (r *reader) isNew(id string) bool {
	if r.news == nil {
		r.news = map[string]bool{}
		for _, to := range r.opts.Customers {
			r.news[to] = true
		}
	}
	return r.news[id]
}

// unmapped tells whether the customer is missing in the map, which is said instead of what follows from it.
func (c *check) unmapped() bool {
	if c.opts().Customers == nil {
		return false
	}
	_, ok := c.opts().Customers[c.source]
	return !ok && !c.reader.isNew(c.source)
}

// sentBefore tells whether the ledger has the row's event, so that no new one is made of it. What time has changed since, the
// age of the row, its customer or its meter, does not matter any more.
func (c *check) sentBefore() bool {
	if c.opts().Sent == nil {
		return false
	}
	e := c.opts().Sent(&c.event)
	return e != nil && e.Same && !e.Pending
}

// column returns a column's name when the file has it.
func (c *check) column(name string, index int) string {
	if index < 0 {
		return ""
	}
	return name
}

// meant returns the column that somebody who wrote name is likely to have meant, or "".
func meant(name string) string {
	name = strings.NewReplacer(" ", "_", "-", "_", ".", "_").Replace(strings.ToLower(name))
	if _, ok := kindOf(name); ok {
		return name
	}
	for _, known := range []struct{ word, column string }{
		{"customer", PayloadPrefix + DefaultCustomerKey}, {"stripe_customer", PayloadPrefix + DefaultCustomerKey}, {"customer_id", PayloadPrefix + DefaultCustomerKey},
		{"stripe_customer_id", PayloadPrefix + DefaultCustomerKey}, {"value", PayloadPrefix + DefaultValueKey}, {"quantity", PayloadPrefix + DefaultValueKey},
		{"amount", PayloadPrefix + DefaultValueKey}, {"usage", PayloadPrefix + DefaultValueKey}, {"meter", ColumnEventName}, {"event", ColumnEventName}, {"time", ColumnTimestamp},
		{"date", ColumnTimestamp}, {"id", ColumnIdentifier}, {"idempotency_key", ColumnIdentifier},
	} {
		if name == known.word {
			return known.column
		}
	}
	return nearest(name, Columns())
}

// nearest returns the word that is at most two slips of the finger away, or "".
func nearest(name string, words []string) string {
	best, least := "", 3
	for _, w := range words {
		if d := distance(strings.ToLower(name), strings.ToLower(w)); d < least && d < utf8.RuneCountInString(w)/2 {
			best, least = w, d
		}
	}
	return best
}

// distance is how many letters have to be changed, added or left out.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal, row[j+1] = row[j+1], slices.Min([]int{cost, row[j] + 1, row[j+1] + 1})
		}
	}
	return row[len(b)]
}
