package validate

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec/words"
)

func ruleSourceIDZeros() Rule {
	return Rule{
		Code:     "source_id_zeros",
		Severity: Warning,
		Title:    "Long source IDs all end in zeros, as if a spreadsheet had rounded them",
		Why:      "Spreadsheets keep 15 digits of a number and write zeros for the rest: different IDs become the same one, and none finds its subscription again.",
		Fix:      fixRounded,
		Bad:      "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,205000000000017000\ncus_Bob,1801440000,price_Pro,205000000000018000\n",
		Good:     "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,205000000000017391\ncus_Bob,1801440000,price_Pro,205000000000018442\n",
		Source:   "what people who migrate suffer from: IDs that a spreadsheet has rounded",
		File: func(t *FileCheck) {
			if ids := t.tally.long; ids.rounded() {
				t.Report(Finding{Line: ids.line, Message: fmt.Sprintf("%s of the file %s more than 15 digits, and all the digits behind those are 0.",
					words.Count(ids.n, "source ID"), map[bool]string{true: "has", false: "have"}[ids.n == 1])})
			}
		},
	}
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
