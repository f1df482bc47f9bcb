package cli

import (
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/report"
)

// outcome is what came of a run: what JSON mode prints.
type outcome struct {
	*migrate.Summary
	Ready   int64      `json:"ready"`
	Invalid int        `json:"invalid"`
	Error   *errorJSON `json:"error,omitempty"`
}

// printOutcome prints what came of a run and the next command, and returns why it is not all well.
func (w *fileSession) printOutcome(o *outcome, failure error) error {
	o.Summary.Failures = orEmpty(o.Summary.Failures)
	unfinished := o.Status == string(ledger.StatusInProgress)
	switch {
	case failure == nil && o.Failed > 0: // the ways differ by where the cause is put right
		refused := &withSuggestions{&rowsFailed{fmt.Sprintf("Stripe refused %s. What is scheduled stays as it is", plural(o.Failed, "row"))},
			[]suggestion{{"try them again when the cause is put right in Stripe", w.migrationCommand("resume", o.ID)}}}
		if w.resumedAccount == nil && w.plan == nil {
			refused.suggestions = append(refused.suggestions, suggestion{"run them when it is put right in the file", w.skipCommand()})
		}
		failure = refused
	case failure != nil && unfinished:
		failure = &partlyDone{failure}
	}
	if !w.textMode() {
		o.Error = w.errorJSON(failure)
		return joined(asPrinted(failure), w.printJSON(o))
	}
	w.showSummary(o.Summary, statusWords(o.Status))
	if failure == nil && unfinished {
		w.say("The canary is scheduled. Look at it in Stripe before the rest follows. To list it: %s", w.ledgerCommand("report", o.ID))
	}
	switch {
	case as[*migrate.AlreadyScheduledError](failure): // resumed as it is, it would be refused again: the error says what goes on
		return asPrinted(failure)
	case o.Status == string(ledger.StatusScheduled) && o.Failed > 0:
		w.say("To list the refused rows: %s", w.ledgerCommand("report", o.ID))
		return asPrinted(failure)
	case o.Status == string(ledger.StatusScheduled):
		w.say("Next: %s", w.ledgerCommand("status", o.ID))
	case w.plan != nil && unfinished: // resume would go on with the file, and the plan is to be compared again
		w.say("Next: %s", w.fileCommand("run", fileWord(w.planFile)))
	default:
		w.say("Next: %s", w.migrationCommand("resume", o.ID))
	}
	w.say("Undo: %s", w.cancelCommandLine(o.ID))
	return asPrinted(failure)
}

// asPrinted marks an error as one whose details stand on stdout already; nil stays nil.
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

// defaultLimit is how many findings are shown as text.
const defaultLimit = 20

// refuseFile shows why a file is not run.
func (w *fileSession) refuseFile(why *migrate.InvalidFileError) error {
	all := *why.Report
	all.Findings = append(all.Findings[:len(all.Findings):len(all.Findings)], why.Findings...)
	all.Findings.Sort()
	all.Findings = orEmpty(all.Findings)
	var text *report.Text
	switch w.output {
	case formatJSON:
		if err := w.printJSON(struct {
			Error  *errorJSON `json:"error"`
			Report any        `json:"validation"`
		}{w.errorJSON(why), all}); err != nil {
			return errors.Join(why, err)
		}
		return &alreadyPrinted{why}
	case formatCSV, formatHTML: // of charges, among which no findings belong
		text = report.NewText(w.env.Stderr, report.TextOptions{Limit: defaultLimit, Colour: w.colours(w.env.Tty.Stderr)})
	default:
		commands := w.mendCommands(mendTarget{all.File, readingWords(w.options.Unit, nil, w.options.Sheet, schedule.Never)})
		text = report.NewText(w.stdout(), w.textOptions(defaultLimit, commands))
	}
	if err := text.Close(&all); err != nil {
		return errors.Join(why, err)
	}
	w.say("\nNext: correct the file and run the same command again.")
	if len(all.Findings) > defaultLimit {
		w.say("To see every finding: %s", w.validateAgain(why.Report.File, w.options))
	}
	if !hasErrors(why.Report) && why.Report.Valid > 0 {
		w.say("To leave those rows out: %s", w.sameCommand("--skip-invalid"))
	}
	return &alreadyPrinted{why}
}
