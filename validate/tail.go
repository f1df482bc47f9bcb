package validate

import "github.com/subferry/subferry/csvspec"

// Tail is one rule at work when the whole file has been read.
type Tail struct {
	v     *Validator
	rule  *Rule
	head  *headFacts
	notes []csvspec.Note
	size  int64 // of the file in bytes
	tally *tally
	subs  sifted // rows compared by customer, items and start
	refs  sifted // rows compared by source ID

	findings Findings
	spoiled  map[int]bool // rows in which an error was found by comparing rows
}

// report adds a finding about the file, with the place that the finding already has, and its severity if it has one.
func (t *Tail) report(f Finding) {
	if f.Severity == "" {
		f.Severity = t.rule.Severity
	}
	f.Code, f.Severity = t.rule.Code, t.v.severity(f.Severity)
	if f.Mend == "" {
		f.Mend = t.rule.mends
	}
	if f.Fix == "" {
		f.Fix = t.rule.Fix
	}
	t.findings = append(t.findings, f)
}

// reportRow adds a finding about a row that was compared with others.
func (t *Tail) reportRow(e entry, f Finding) {
	f.Row, f.Line = e.rowNumber(), int(e.line)
	if column, ok := t.head.header.Lookup(f.Column); ok && f.Column != "" {
		f.Column, f.ColumnNumber = headerName(column), column.Index+1
	}
	t.report(f)
	if e.state() != Invalid && !t.spoiled[f.Row] {
		t.tally.states[e.state()]--
		t.tally.states[Invalid]++
	}
	t.spoiled[f.Row] = true
}

// finish runs the rules about the whole file.
func (t *Tail) finish() {
	t.spoiled = map[int]bool{}
	for i := range t.v.rules {
		if t.v.rules[i].tail != nil {
			t.rule = &t.v.rules[i]
			t.rule.tail(t)
		}
	}
}
