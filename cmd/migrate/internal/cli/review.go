package cli

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// showReview prints the review: what a run would do, to how many, from when. It returns how many direct subscriptions
// that would create.
func (w *fileSession) showReview(ctx context.Context, r *migrate.Review, selection migrate.Selection) (directCount, error) {
	w.say("%s", w.bold("Review of "+r.Input.Name))
	w.say("  account     %s, %s", r.Account.ID, w.target.words())
	w.sayLedger()
	w.say("  rows        %d: %d ready, %d deferred%s, %d with errors%s", r.Report.Rows, r.Ready,
		r.Report.Deferred, noteIf(r.Report.Deferred, " (start too soon)"), r.Report.Invalid, noteIf(r.Report.Invalid, " (left out)"))
	if r.DuplicateRows > 0 && r.Options.SkipScheduled {
		w.say("              %d scheduled already (left out)", r.DuplicateRows)
	}
	w.say("  customers   %d%s", r.Report.Customers, unchecked(r))
	w.say("  starts      first %s", w.when(r.FirstStart.Time()))
	w.say("              last  %s", w.when(r.LastStart.Time()))
	w.say("  what the customers see")
	for _, s := range schedule.Strategies() {
		if n := r.Strategies[s]; n > 0 {
			w.say("%s", folded(fmt.Sprintf("  %9d %s: %s", n, s, s.Description()), strings.Repeat(" ", 12)))
		}
	}
	if first := r.FirstAmount; first.Line > 0 {
		why := ", because no --amount-unit was stated"
		if unit := r.Options.Unit; unit != csvspec.UnitUnstated {
			why = ", as --amount-unit " + unit.String() + " says"
		}
		w.say("  amounts     %s in line %d is read as %s%s", first.Text, first.Line, first.Money, why)
	}
	w.showWarnings(r)
	return w.showWhatHappens(ctx, r, selection)
}

// showWhatHappens says what the run does next, and how it can be undone.
func (w *fileSession) showWhatHappens(ctx context.Context, r *migrate.Review, selection migrate.Selection) (directCount, error) {
	n, further := r.Ready, ""
	direct := r.Direct(w.runOptions.Canary)
	all := direct
	if w.runOptions.Canary > 0 {
		n = min(n, w.runOptions.Canary)
	}
	if selection.Continues {
		before, err := migrate.Status(ctx, w.ledger, selection.ID, w.clock.Now())
		if err != nil {
			return directCount{}, err
		}
		n, further = max(0, n-before.Scheduled-before.Canceled), "further "
		direct = min(n, max(0, direct-before.Direct))
		all = direct + before.Direct
		w.say("Goes on with %s; what it has scheduled stays as it is.", selection.ID)
	}
	if !selection.Continues && r.Options.SkipScheduled {
		left, err := w.leftByCanceled(ctx, r)
		if err != nil {
			return directCount{}, err
		}
		n, direct = max(0, n-left.all), max(0, direct-left.creates)
	}
	undoes := "undoes them"
	if r.FirstStart.Time().Before(w.clock.Now().Add(migrate.Window)) {
		undoes = "undoes those that are not live by then"
	}
	if selection.Searches {
		w.say("Looks first, with at most %s, for subscriptions of these customers that are live or scheduled already.", plural(r.SearchRequests(), "request"))
	}
	name := programName(w.env.Program)
	creates := plural(n-direct, further+"subscription schedule")
	switch {
	case direct > 0 && direct == n:
		creates = plural(direct, further+"direct subscription")
	case direct > 0:
		creates += " and " + plural(direct, further+"direct subscription")
	}
	w.say("Creates %s. For %d hours after that, %s cancel %s.", creates, int(migrate.Window.Hours()), name, undoes)
	if direct > 0 {
		w.say("A direct subscription exists as soon as it is created, before its start date: the customer portal and the Dashboard show\n" +
			"it, and webhooks fire. Undoing it deletes it, without an invoice, a credit or proration; one that has charged anything\n" +
			"by then is left alone, unless --include-live ends it too.")
	}
	if direct < n {
		w.say("From go-live to the end of its phase, a schedule owns its subscription: canceling or changing it elsewhere fails until\nthen, unless %s release lets go of it.", name)
	}
	return directCount{direct, all}, nil
}

// leftByCanceled returns how many rows canceled migrations of the same file have left alone, and how many of those are direct
// subscriptions. As long as they exist, a run leaves those rows out; whether they still do, only the account knows.
func (w *fileSession) leftByCanceled(ctx context.Context, r *migrate.Review) (left directCount, err error) {
	for _, m := range r.Earlier {
		if m.Status != ledger.StatusCanceled {
			continue
		}
		before, err := migrate.Status(ctx, w.ledger, m.ID, w.clock.Now())
		if err != nil {
			return left, err
		}
		left.all += before.Scheduled
		left.creates += before.Direct
	}
	if left.all > 0 {
		w.say("Leaves out %s that canceled migrations of this file have left alone, as long as their subscriptions exist.", plural(left.all, "row"))
	}
	return left, nil
}

// showWarnings counts what is not wrong and yet worth a look, the most frequent first.
func (w *fileSession) showWarnings(r *migrate.Review) {
	counts := map[string]int{}
	for _, f := range slices.Concat(r.Report.Findings, r.Findings) {
		if f.Severity == validate.Warning {
			counts[f.Code]++
		}
	}
	if len(counts) == 0 {
		return
	}
	titles := map[string]string{}
	for _, r := range validate.Rules() {
		titles[r.Code] = r.Title
	}
	w.say("  warnings")
	codes := slices.SortedFunc(maps.Keys(counts), func(x, y string) int { return cmp.Or(counts[y]-counts[x], cmp.Compare(x, y)) })
	for _, code := range codes {
		w.say("%s", strings.TrimRight(fmt.Sprintf("  %9d %-26s  %s", counts[code], code, titles[code]), " "))
	}
	w.say("  to see them: %s", w.validateAgain(r.Input.Name, r.Options))
}

// noteIf explains a count that is not 0.
func noteIf(n int, text string) string {
	if n == 0 {
		return ""
	}
	return text
}

// unchecked says that the customers were not looked up, when they were not.
func unchecked(r *migrate.Review) string {
	switch {
	case !r.Options.CheckCustomers:
		return ", not looked up (--check-customers does)"
	case r.AccountData != nil && r.AccountData.Customers == nil:
		return ", too many to be looked up: payment methods, e-mails and addresses are not checked"
	}
	return ""
}

// hasErrors tells whether something is wrong with the file itself, which no row shows: an unknown column.
func hasErrors(r *validate.Report) bool {
	return slices.ContainsFunc(r.Findings, func(f validate.Finding) bool { return f.Row == 0 && f.Severity == validate.Error })
}
