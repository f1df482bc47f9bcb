package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// SourceID returns the ID that the subscription had in the system it comes from; "" when it had none, or when a word
// like N/A says so, which many rows share.
//
// Source: toolkit guide, columns metadata.third_party_sub_id and metadata.old_Stripe_sub_id.
func SourceID(m csvspec.Metadata) string {
	for _, key := range [...]string{"third_party_sub_id", "old_Stripe_sub_id"} {
		if id := m.Get(key); id != "" && !isPlaceholder(id) {
			return id
		}
	}
	return ""
}

// longIDs counts source IDs that have more digits than a spreadsheet keeps.
type longIDs struct {
	n     int // that end in zeros behind those
	zeros int // how many zeros these are together
	odd   int // that end in anything else
	line  int // of the first one
}

// spreadsheetDigits is how many digits of a number a spreadsheet keeps.
const spreadsheetDigits = 15

// see takes in an ID of more than spreadsheetDigits characters.
func (l *longIDs) see(id string, line int) {
	if digitsEnd(id, 0) != len(id) {
		return
	}
	if strings.Trim(id[spreadsheetDigits:], "0") != "" {
		l.odd++
		return
	}
	if l.n++; l.n == 1 {
		l.line = line
	}
	l.zeros += len(id) - spreadsheetDigits
}

func (l *longIDs) merge(o longIDs) {
	if l.n == 0 {
		l.line = o.line
	}
	l.n, l.zeros, l.odd = l.n+o.n, l.zeros+o.zeros, l.odd+o.odd
}

// rounded tells whether the IDs are likely to be rounded: three zeros come by chance in one of a thousand files.
func (l *longIDs) rounded() bool { return l.odd == 0 && l.zeros >= 3 }

// orRounded returns the fix for two rows that seem to be the same subscription: the rule's own, unless it is likely
// that a spreadsheet has made their source IDs equal.
func (t *FileCheck) orRounded() string {
	if t.tally.long.rounded() {
		return "Delete neither of the two rows yet: a spreadsheet seems to have rounded the source IDs, so they may be different subscriptions. Export the source IDs again, as text, and validate the file with them."
	}
	return t.rule.Fix
}
