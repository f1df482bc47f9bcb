package cli

import (
	"fmt"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// statusWords says what a status means when nobody is at work on the migration, as far as is known.
func statusWords(s string) string {
	switch ledger.Status(s) {
	case ledger.StatusInProgress:
		return "not finished"
	case ledger.StatusScheduled:
		return "scheduled"
	case ledger.StatusCanceling:
		return "canceling not finished"
	case ledger.StatusCanceled:
		return "canceled"
	}
	return s
}

// modeWords names the mode of a migration.
func modeWords(m *migrate.Summary) string {
	if m.Livemode {
		return "live mode"
	}
	return "test mode"
}

// showSummary prints how a migration stands, with what was refused.
func (a *app) showSummary(m *migrate.Summary, status string) {
	a.showCounts(m, status)
	a.showFailures(m.Failures)
}

func (a *app) showCounts(m *migrate.Summary, status string) {
	a.print("migration   %s\n", m.ID)
	a.print("status      %s\n", status)
	a.print("file        %s, %s, %s\n", m.File, plural(m.Rows, "row"), plural(m.Customers, "customer"))
	a.print("account     %s, %s\n", m.Account, modeWords(m))
	if name := a.ledgerName(); name != "" {
		a.print("ledger      %s\n", name)
	}
	a.print("scheduled   %d\n", m.Scheduled)
	for _, c := range otherCounts(m) {
		if c.n > 0 {
			a.print("%-11s %d%s\n", c.name, c.n, c.note)
		}
	}
	if m.FirstStart != nil {
		a.print("first start %s\n", a.when(*m.FirstStart))
	}
	if m.CancelBefore != nil {
		a.print("cancel by   %s\n", a.when(*m.CancelBefore))
	}
}

// count is how many rows are in a state, and what there is to say about it.
type count struct {
	name string
	n    int64
	note string
}

// otherCounts returns the rows that are not simply scheduled.
func otherCounts(m *migrate.Summary) []count {
	deferred := " (start too soon, or cannot be created yet; held back, not among the rows above"
	if m.DeferredFile != "" {
		deferred += ", in " + m.DeferredFile
	}
	return []count{
		{"direct", m.Direct, " (of the scheduled ones: direct subscriptions, which exist since they were created)"},
		{"live", m.Live, liveNote(m)}, {"released", m.Released, ""}, {"failed", m.Failed, ""}, {"canceled", m.Canceled, ""},
		{"unknown", m.Unknown, " (begun, without an answer yet: the next command finds out, and nothing is created twice)"}, {"not begun", m.Pending, ""},
		{"deferred", m.Deferred, deferred + ")"},
		{"verified", m.Verified, " (found as the file says: see migrate verify)"},
		{"old stopped", m.SourceStopped, " (of the source account: see migrate status --who-bills)"},
		{"first paid", m.FirstPaid, " (first invoices, when migrate monitor last looked)"},
		{"to look at", m.FirstProblems, " (first invoices: see migrate monitor)"},
	}
}

// liveNote says what owns the subscriptions whose start date has come.
func liveNote(m *migrate.Summary) string {
	const ended = "no schedule owns direct subscriptions; whether one has ended since is not in the ledger"
	switch m.LiveDirect {
	case 0:
		return " (owned by their schedules: see migrate release)"
	case m.Live:
		return " (their start date has come; " + ended + ")"
	}
	return fmt.Sprintf(" (their start date has come; schedules own %d of them: see migrate release; %s)", m.Live-m.LiveDirect, ended)
}

// shownFailures is how many failures a summary shows as text.
const shownFailures = 10

func (a *app) showFailures(failures []migrate.Failure) {
	for i, f := range failures {
		if i == shownFailures {
			a.print("… and more: the report lists them all\n")
			return
		}
		a.print("line %d (row %d): %s\n", f.Line, f.Row, withCode(f))
	}
}

func withCode(f migrate.Failure) string {
	if f.Code == "" {
		return f.Message
	}
	return f.Message + " (" + f.Code + ")"
}

// windowLeft says how much of the window for canceling is left at a moment.
func windowLeft(m *migrate.Summary, now time.Time) string {
	switch {
	case m.CancelBefore == nil:
		return ""
	case now.After(*m.CancelBefore):
		return "closed"
	}
	return span(m.CancelBefore.Sub(now)) + " left"
}
