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
	Ready   int64    `json:"ready"`
	Invalid int      `json:"invalid"`
	Error   *problem `json:"error,omitempty"`
}

// told prints what came of a run, and returns why it is not all well.
func (w *work) told(o *outcome, failure error) error {
	o.Summary.Failures = orEmpty(o.Summary.Failures)
	switch {
	case failure == nil && o.Failed > 0:
		failure = w.rowsRefused(o)
	case failure != nil && o.Status == string(ledger.StatusInProgress):
		failure = &partly{failure}
	}
	if !w.text() {
		o.Error = w.problem(failure)
		return joined(printedIf(failure), w.printJSON(o))
	}
	w.showSummary(o.Summary, statusWords(o.Status))
	if failure == nil && o.Status == string(ledger.StatusInProgress) {
		w.say("The canary is scheduled. Look at it in Stripe before the rest follows. To list it: %s", w.command("report", o.ID))
	}
	if !as[*migrate.AlreadyScheduledError](failure) { // resumed as it is, it would be refused again: the error says what goes on
		w.next(o.Summary)
	}
	return printedIf(failure)
}

// rowsRefused says how refused rows are tried again: the ways differ by where the cause is put right.
func (w *work) rowsRefused(o *outcome) error {
	ways := []way{{"try them again when the cause is put right in Stripe", w.undoable("resume", o.ID)}}
	if w.account == nil && w.plan == nil {
		ways = append(ways, way{"run them when it is put right in the file", w.sameCommand("--skip-scheduled")})
	}
	return &advised{&rowsFailed{fmt.Sprintf("Stripe refused %s. What is scheduled stays as it is", plural(o.Failed, "row"))}, ways}
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
	case m.Status == string(ledger.StatusScheduled) && m.Failed == 0:
		s.say("Next: %s", s.command("status", m.ID))
		s.say("Undo: %s", s.undoCommand(m.ID))
	case m.Status == string(ledger.StatusScheduled):
		s.say("To list the refused rows: %s", s.command("report", m.ID))
	default:
		s.say("Next: %s", s.undoable("resume", m.ID))
		s.say("Undo: %s", s.undoCommand(m.ID))
	}
}

// refuseFile shows why a file is not run.
func (w *work) refuseFile(why *migrate.InvalidFileError) error {
	report := *why.Report
	report.Findings = append(report.Findings[:len(report.Findings):len(report.Findings)], why.Findings...)
	report.Findings.Sort()
	report.Findings = orEmpty(report.Findings)
	switch w.output {
	case formatJSON:
		return printedAs(w.printJSON(struct {
			Error  *problem `json:"error"`
			Report any      `json:"validation"`
		}{w.problem(why), report}), why)
	case formatCSV, formatHTML: // of charges, among which no findings belong
		if err := w.findingsBeside(&report); err != nil {
			return errors.Join(why, err)
		}
	default:
		if err := w.writeText(&report, nil, defaultLimit, w.mendCommands(mendFile{report.File, readingWords(w.options.Unit, nil, w.options.Sheet)})); err != nil {
			return errors.Join(why, err)
		}
	}
	w.say("\nNext: correct the file and run the same command again.")
	if len(report.Findings) > defaultLimit {
		w.say("To see every finding: %s", w.validateAgain(why.Report.File, w.options))
	}
	if !hasErrors(why.Report) && why.Report.Valid > 0 {
		w.say("To leave those rows out: %s", w.sameCommand("--skip-invalid"))
	}
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
