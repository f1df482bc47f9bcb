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
	Ready   int64      `json:"ready"`
	Invalid int        `json:"invalid"`
	Error   *errorJSON `json:"error,omitempty"`
}

// printOutcome prints what came of a run, and returns why it is not all well.
func (w *fileSession) printOutcome(o *outcome, failure error) error {
	o.Summary.Failures = orEmpty(o.Summary.Failures)
	switch {
	case failure == nil && o.Failed > 0:
		failure = w.rowsRefused(o)
	case failure != nil && o.Status == string(ledger.StatusInProgress):
		failure = &partlyDone{failure}
	}
	if !w.textMode() {
		o.Error = w.errorJSON(failure)
		return joined(asPrinted(failure), w.printJSON(o))
	}
	w.showSummary(o.Summary, statusWords(o.Status))
	if failure == nil && o.Status == string(ledger.StatusInProgress) {
		w.say("The canary is scheduled. Look at it in Stripe before the rest follows. To list it: %s", w.ledgerCommand("report", o.ID))
	}
	if !as[*migrate.AlreadyScheduledError](failure) { // resumed as it is, it would be refused again: the error says what goes on
		w.next(o.Summary)
	}
	return asPrinted(failure)
}

// rowsRefused says how refused rows are tried again: the ways differ by where the cause is put right.
func (w *fileSession) rowsRefused(o *outcome) error {
	ways := []suggestion{{"try them again when the cause is put right in Stripe", w.migrationCommand("resume", o.ID)}}
	if w.resumedAccount == nil && w.plan == nil {
		ways = append(ways, suggestion{"run them when it is put right in the file", w.sameCommand("--skip-scheduled")})
	}
	return &withSuggestions{&rowsFailed{fmt.Sprintf("Stripe refused %s. What is scheduled stays as it is", plural(o.Failed, "row"))}, ways}
}

func asPrinted(err error) error {
	if err == nil {
		return nil
	}
	return &alreadyPrinted{err}
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
		s.say("Next: %s", s.ledgerCommand("status", m.ID))
		s.say("Undo: %s", s.cancelCommandLine(m.ID))
	case m.Status == string(ledger.StatusScheduled):
		s.say("To list the refused rows: %s", s.ledgerCommand("report", m.ID))
	default:
		s.say("Next: %s", s.migrationCommand("resume", m.ID))
		s.say("Undo: %s", s.cancelCommandLine(m.ID))
	}
}

// refuseFile shows why a file is not run.
func (w *fileSession) refuseFile(why *migrate.InvalidFileError) error {
	report := *why.Report
	report.Findings = append(report.Findings[:len(report.Findings):len(report.Findings)], why.Findings...)
	report.Findings.Sort()
	report.Findings = orEmpty(report.Findings)
	switch w.output {
	case formatJSON:
		return printedAs(w.printJSON(struct {
			Error  *errorJSON `json:"error"`
			Report any        `json:"validation"`
		}{w.errorJSON(why), report}), why)
	case formatCSV, formatHTML: // of charges, among which no findings belong
		if err := w.findingsBeside(&report); err != nil {
			return errors.Join(why, err)
		}
	default:
		if err := w.writeText(&report, nil, defaultLimit, w.mendCommands(mendTarget{report.File, readingWords(w.options.Unit, nil, w.options.Sheet)})); err != nil {
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
	return &alreadyPrinted{why}
}

// printedAs returns the failure of printing, or else the error whose details were printed.
func printedAs(failure, err error) error {
	if failure != nil {
		return errors.Join(err, failure)
	}
	return &alreadyPrinted{err}
}

// defaultLimit is how many findings are shown as text.
const defaultLimit = 20
