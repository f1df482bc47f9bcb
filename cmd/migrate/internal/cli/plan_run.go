package cli

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/plan"
)

// fitPlan refuses flags that say how a file is read: the plan says it.
func (f runFlags) fitPlan() error {
	for _, flag := range []string{"amount-unit", "allow-column", "sheet", "margin", "skip-invalid", "skip-scheduled", "check-customers", "sandbox-data"} {
		if f.given(flag) {
			return &usageError{"--" + flag + " does not go with a plan, which was made with flags of its own: leave it out, or make a new plan with it"}
		}
	}
	return nil
}

// applied compares the plan with what holds now.
func (w *work) applied(ctx context.Context) (*migrate.Review, error) {
	w.say("%s made %s, digest %.12s", w.bold("Plan of "+w.plan.Input.Name), w.when(w.plan.Created), w.plan.Digest)
	review, err := w.plan.Apply(ctx, w.migrator, w.input, plan.Config{Now: w.clock.Now(), APIVersion: gateway.APIVersion, Again: w.options.Again})
	if isStale(err) {
		err = &advised{err, []way{{"make a new plan", w.inPlace(w.planWords()...)}}}
	}
	if err != nil {
		return nil, err
	}
	w.options = review.Options
	return review, nil
}

// planWords returns the words of the command that makes the plan anew, read the way it was.
func (w *work) planWords() []string {
	o, words := w.plan.Options, []string{"plan", fileWord(w.plan.Input.Name), "--out", fileWord(w.planFile)}
	for _, u := range [...]csvspec.Unit{csvspec.UnitMinor, csvspec.UnitMajor, csvspec.UnitUnstated} {
		if u.String() == o.Unit {
			words = append(words, readingWords(u, o.AllowColumns, o.Sheet)...)
		}
	}
	if o.SkipInvalid {
		words = append(words, "--skip-invalid")
	}
	if o.SkipScheduled {
		words = append(words, "--skip-scheduled")
	}
	return words
}

// next names the command that follows a run. One of a plan goes on with the plan, which is compared again; resume
// would go on with the file.
func (w *work) next(m *migrate.Summary) {
	if w.plan != nil && m.Status == string(ledger.StatusInProgress) {
		w.say("Next: %s", w.inPlace("run", fileWord(w.planFile)))
		w.say("Undo: %s", w.undoCommand(m.ID))
		return
	}
	w.session.next(m)
}

// isStale tells whether a plan no longer holds.
func isStale(err error) bool {
	for _, is := range []func(error) bool{
		as[*plan.EditedError], as[*plan.OtherAccountError], as[*plan.OtherModeError], as[*plan.OtherAPIError],
		as[*plan.TooOldError], as[*plan.FutureError], as[*plan.TooCloseError], as[*plan.FactsChangedError],
	} {
		if is(err) {
			return true
		}
	}
	return false
}
