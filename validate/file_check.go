package validate

import (
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/internal/dedupe"
)

// FileCheck is one rule at work when the whole file has been read. It is valid during the call of Rule.File only.
type FileCheck struct {
	Notes []csvspec.Note // what reading the file took care of
	Size  int64          // of the file in bytes

	v          *Validator
	rule       *Rule
	head       *headerInfo
	tally      *tally
	byCustomer dedupe.Result // rows compared by customer, items and start
	bySourceID dedupe.Result // rows compared by source ID

	findings Findings
	spoiled  map[int]bool // rows in which an error was found by comparing rows
}

// Now returns the moment of the upload.
func (t *FileCheck) Now() time.Time { return t.v.opts.Now }

// Account returns what is known of the account; nil when nothing is.
func (t *FileCheck) Account() *account.Account { return t.v.opts.Account }

// Header returns the header of the file, which is not to be changed.
func (t *FileCheck) Header() *csvspec.Header { return t.head.header }

// Rows returns how many rows of the file are valid, deferred and invalid, as far as the rules before this one can tell.
func (t *FileCheck) Rows() (valid, deferred, invalid int) {
	return t.tally.states[Valid], t.tally.states[Deferred], t.tally.states[Invalid]
}

// Customers returns how many customers the rows have.
func (t *FileCheck) Customers() int { return t.byCustomer.Groups }

// Report adds a finding of the rule about the file, with the place that the finding already has, and its severity if it
// has one. The check states Message and, where it has it, Fix; the code is filled in, and so are severity and Fix from
// the rule's own when they are blank.
func (t *FileCheck) Report(f Finding) {
	if f.Severity == "" {
		f.Severity = t.rule.Severity
	}
	f.Code, f.Severity = t.rule.Code, t.v.severity(f.Severity)
	if f.Mend == "" && t.v.opts.Format == nil {
		f.Mend = t.rule.mends
	}
	if f.Fix == "" {
		f.Fix = t.rule.Fix
	}
	t.findings = append(t.findings, f)
}

// reportRow adds a finding about a row that was compared with others.
func (t *FileCheck) reportRow(e dedupe.Entry, f Finding) {
	f.Row, f.Line = e.Row(), e.Line()
	if column, ok := t.head.header.Lookup(f.Column); ok && f.Column != "" {
		f.Column, f.ColumnNumber = headerName(column), column.Index+1
	}
	t.Report(f)
	if state := State(e.State()); state != Invalid && !t.spoiled[f.Row] {
		t.tally.states[state]--
		t.tally.states[Invalid]++
	}
	t.spoiled[f.Row] = true
}

// finish runs the rules about the whole file.
func (t *FileCheck) finish() {
	t.spoiled = map[int]bool{}
	for i := range t.v.rules {
		if t.v.rules[i].File != nil {
			t.rule = &t.v.rules[i]
			t.rule.File(t)
		}
	}
}

// waiting lists the rules that wait for the account: those that could not be run, and those that could not decide
// about every row.
func (t *FileCheck) waiting() []string {
	var list []string
	for i := range t.v.rules {
		r := &t.v.rules[i]
		if r.needs&^t.v.known != 0 && t.head.columns&setOf(r.When...) != 0 && t.tally.rows > 0 {
			list = append(list, r.Code)
		}
	}
	for i, n := range t.tally.waits {
		if n > 0 {
			list = append(list, t.v.rules[i].Code)
		}
	}
	return list
}
