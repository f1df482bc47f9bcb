package cli

import (
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// outcome is what came of a run: what JSON mode prints.
type outcome struct {
	*migrate.Summary
	Ready        int64    `json:"ready"`
	Deferred     int      `json:"deferred"`
	Invalid      int      `json:"invalid"`
	DeferredFile string   `json:"deferred_file,omitempty"`
	Error        *problem `json:"error,omitempty"`
}

// told prints what came of a run, and returns why it is not all well.
func (w *work) told(o *outcome, failure error) error {
	o.Summary.Failures = orEmpty(o.Summary.Failures)
	switch {
	case failure == nil && o.Failed > 0:
		failure = w.rowsRefused(o)
	case failure != nil && o.Status == string(ledger.InProgress):
		failure = &partly{failure}
	}
	if !w.text() {
		o.Error = w.problem(failure)
		return joined(printedIf(failure), w.printJSON(o))
	}
	w.showSummary(o.Summary, statusWords(o.Status))
	if failure == nil && o.Status == string(ledger.InProgress) {
		w.say("The canary is scheduled. Look at it in Stripe before the rest follows; %s lists it.", w.command("report", o.ID))
	}
	w.next(o.Summary)
	return printedIf(failure)
}

// rowsRefused says how refused rows are tried again: the ways differ by where the cause is put right.
func (w *work) rowsRefused(o *outcome) error {
	return &rowsFailed{fmt.Sprintf("Stripe refused %s. Put right in Stripe, %s tries again; put right in the file, run the file with --skip-scheduled. What is scheduled stays as it is",
		plural(o.Failed, "row"), w.undoable("resume", o.ID))}
}

func printedIf(err error) error {
	if err == nil {
		return nil
	}
	return &printed{err}
}

// orEmpty makes a list that JSON writes as [] and not as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// next names the command that follows a run.
func (s *session) next(m *migrate.Summary) {
	switch {
	case m.Status == string(ledger.Complete) && m.Failed == 0:
		s.say("Next: %s", s.command("status", m.ID))
		s.say("Undo: %s", s.undoCommand(m.ID))
	case m.Status == string(ledger.Complete):
		s.say("Next: %s lists the refused rows", s.command("report", m.ID))
	default:
		s.say("Next: %s", s.undoable("resume", m.ID))
		s.say("Undo: %s", s.undoCommand(m.ID))
	}
}

// refuseFile shows why a file is not run.
func (w *work) refuseFile(r *migrate.Review, why *migrate.InvalidFileError) error {
	report := *why.Report
	report.Findings = append(report.Findings[:len(report.Findings):len(report.Findings)], r.Findings...)
	report.Findings.Sort()
	report.Findings = orEmpty(report.Findings)
	if !w.text() {
		return printedAs(w.printJSON(struct {
			Error  *problem `json:"error"`
			Report any      `json:"validation"`
		}{w.problem(why), report}), why)
	}
	if err := w.writeText(&report, nil, defaultLimit, w.mendCommands(mendFile{report.File, readingWords(w.options.Unit, nil, w.options.Sheet)})); err != nil {
		return errors.Join(why, err)
	}
	hint := ""
	if !hasErrors(why.Report) {
		hint = "; or leave those rows out with --skip-invalid"
	}
	w.say("\nNext: correct the file and run the same command again%s.", hint)
	return &printed{why}
}

// printedAs returns the failure of printing, or else the error whose details were printed.
func printedAs(failure, err error) error {
	if failure != nil {
		return errors.Join(err, failure)
	}
	return &printed{err}
}

// defaultLimit is how many findings are shown as text.
const defaultLimit = 20
