package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/plan"
)

// planAt returns the plan in a file, or nil when the file is none.
func planAt(path string) (*plan.Plan, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	defer f.Close()
	beginning := make([]byte, 256)
	n, err := io.ReadFull(f, beginning)
	if !plan.IsPlan(beginning[:n]) {
		return nil, nil // whatever else it is, reading it as CSV will tell
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	p, err := plan.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// fitPlan refuses flags that say how a file is read: the plan says it.
func (f runFlags) fitPlan() error {
	for _, flag := range []string{"amount-unit", "allow-column", "margin", "skip-invalid", "check-customers", "sandbox-data"} {
		if f.given(flag) {
			return &usageError{"--" + flag + " does not go with a plan, which was made with flags of its own: leave it out, or make a new plan with it"}
		}
	}
	return nil
}

// applied compares the plan with what holds now.
func (w *work) applied(ctx context.Context) (*migrate.Review, error) {
	w.say("%s made %s, digest %.12s", w.bold("Plan of "+w.plan.Input.Name), w.when(w.plan.Created), w.plan.Digest)
	review, err := w.plan.Apply(ctx, w.migrator, w.input, plan.Config{Now: w.clock.Now(), APIVersion: gateway.APIVersion})
	if isStale(err) {
		err = fmt.Errorf("%w (a new plan: %s)", err, w.inPlace("plan", w.plan.Input.Name, "-o", "plan.json"))
	}
	if review != nil {
		w.options = review.Options
	}
	return review, err
}

// next names the command that follows a run. One of a plan goes on with the plan, which is compared again; resume
// would go on with the file.
func (w *work) next(m *migrate.Summary) {
	if w.plan != nil && m.Status == string(ledger.InProgress) {
		w.say("Next: %s", w.inPlace("run", w.planFile))
		return
	}
	w.session.next(m)
}

// isStale tells whether a plan no longer holds.
func isStale(err error) bool {
	for _, is := range []func(error) bool{
		as[*plan.EditedError], as[*plan.OtherAccountError], as[*plan.OtherModeError], as[*plan.OtherAPIError],
		as[*plan.TooOldError], as[*plan.TooCloseError], as[*plan.FactsChangedError],
	} {
		if is(err) {
			return true
		}
	}
	return false
}

// writePlan writes a plan file in one step: nobody sees half of one, and an old one stays until the new one is there.
func writePlan(path string, p *plan.Plan) error {
	var text bytes.Buffer
	if err := p.Write(&text); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".plan-*.json")
	if err != nil {
		return fmt.Errorf("the plan cannot be written: %w", err)
	}
	_, err = f.Write(text.Bytes())
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the plan cannot be written: %w", err), os.Remove(f.Name()))
	}
	return nil
}
