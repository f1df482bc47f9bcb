package validate

import "github.com/subferry/subferry/csvspec"

// tally is what is counted over the rows of a file, for rules about the file as a whole.
type tally struct {
	rows       int
	states     [3]int // by State
	waits      []int  // per rule on rows: rows whose check waits for the account
	firstStart csvspec.Timestamp
	amount     seenAmount
}

// seenAmount is an amount of the file as it was understood.
type seenAmount struct {
	place Finding
	text  string // "" when none was seen
	money string
}

// count adds a row.
func (t *tally) count(row *csvspec.Row, state State) {
	t.rows++
	t.states[state]++
	if state == Valid && (t.firstStart == 0 || row.StartDate < t.firstStart) {
		t.firstStart = row.StartDate
	}
}

// Tail is one rule at work when the whole file has been read.
type Tail struct {
	v        *Validator
	rule     *Rule
	head     *headFacts
	notes    []csvspec.Note
	size     int64 // of the file in bytes
	tally    *tally
	findings []Finding
}

// report adds a finding about the file, with the place that the finding already has.
func (t *Tail) report(f Finding) {
	f.Code, f.Severity = t.rule.Code, t.v.severity(t.rule.Severity)
	if f.Fix == "" {
		f.Fix = t.rule.Fix
	}
	t.findings = append(t.findings, f)
}

// finish runs the rules about the whole file.
func (t *Tail) finish() []Finding {
	for i := range t.v.rules {
		if t.v.rules[i].tail != nil {
			t.rule = &t.v.rules[i]
			t.rule.tail(t)
		}
	}
	return t.findings
}

// state returns what becomes of the row. Without the columns that every row needs none can be uploaded, although
// that is said once for the file.
func (c *Check) state(found Findings) State {
	if c.head.lacking {
		return Invalid
	}
	return found.State()
}
