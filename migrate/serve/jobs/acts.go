package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/monitor"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/verify"
)

// The artifacts of acts.
const (
	VerifyJSON     = "verify.json"     // a verify.Result
	DifferencesCSV = "differences.csv" // absent when there are none
	ReceiptJSON    = "receipt.json"    // a verify.Receipt, and the same as CSV: absent when there are differences
	ReceiptCSV     = "receipt.csv"
	WhoBillsJSON   = "who_bills.json" // a cutover.Bills
	WhoBillsCSV    = "who_bills.csv"
	MonitorJSON    = "monitor.json" // a monitor.Result
	MonitorCSV     = "monitor.csv"
	MonitorHTML    = "monitor.html"
	ReportCSV      = "report.csv"  // what became of every row: the map from old IDs to new ones
	RefusedRowsCSV = "refused.csv" // of those, the rows that Stripe has refused; absent when there are none
)

// ActKinds are the acts that Engine.Act takes: all read, and change nothing in Stripe.
func ActKinds() []string { return []string{"verify", "who_bills", "monitor", "report", "plan"} }

// errNotRun is the error of an act that needs what a run has created.
var errNotRun = errors.New("nothing was run yet: there is nothing to look at")

// act does what somebody has asked for, and stores what came of it as artifacts.
func (e *Engine) act(ctx context.Context, t ActArgs, stop <-chan struct{}) error {
	a, err := e.Store.UpdateAct(ctx, t.Act, func(a *store.Act) error {
		if a.State == store.ActDone || a.State == store.ActFailed {
			return errVoid
		}
		a.State, a.Error = store.ActWorking, ""
		return nil
	})
	if errors.Is(err, errVoid) {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := e.Store.Move(ctx, a.Move)
	if err != nil {
		return err
	}
	if m.Migration == "" && a.Kind != "plan" {
		return errNotRun
	}
	until, done := untilStop(ctx, stop)
	defer done()
	c, err := e.Accounts.Open(until, accountOf(m))
	if err != nil {
		return interrupted(err, stop)
	}
	dir, err := os.MkdirTemp("", "subferry-act-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	first, err := e.look(until, a.Kind, &artifacts{engine: e, move: m, dir: dir}, c)
	if err != nil {
		return interrupted(err, stop)
	}
	_, err = e.Store.UpdateAct(ctx, t.Act, func(a *store.Act) error {
		a.State, a.Artifact, a.EndedAt = store.ActDone, first, csvspec.At(e.Clock.Now())
		return nil
	})
	return err
}

// failAct records why an act could not be done.
func (e *Engine) failAct(ctx context.Context, t ActArgs, failure error) error {
	_, err := e.Store.UpdateAct(ctx, t.Act, func(a *store.Act) error {
		a.State, a.Error, a.EndedAt = store.ActFailed, failure.Error(), csvspec.At(e.Clock.Now())
		return nil
	})
	return err
}

// look does an act, and returns the artifact that shows best what came of it.
func (e *Engine) look(ctx context.Context, kind string, to *artifacts, c *accounts.Connection) (first string, err error) {
	m := to.move
	switch kind {
	case "verify":
		return VerifyJSON, e.verify(ctx, to, c)
	case "who_bills":
		source, err := e.source(ctx, m)
		if err != nil {
			return "", err
		}
		cfg := cutover.Config{Destination: verify.Party{Migrator: c.Migrator, Reader: c.Gateway}, Ledger: e.Ledger, Clock: c.Clock}
		if source != nil {
			cfg.Source = &cutover.Source{Migrator: source.Migrator, Writer: source.Gateway}
		}
		bills, err := cutover.New(cfg).WhoBills(ctx, m.Migration)
		if err != nil {
			return "", err
		}
		return WhoBillsJSON, to.put(ctx, map[string]func(io.Writer) error{WhoBillsJSON: asJSON(bills), WhoBillsCSV: bills.WriteCSV})
	case "monitor":
		look := monitor.New(monitor.Config{Migrator: c.Migrator, Reader: c.Gateway, Ledger: e.Ledger, Clock: c.Clock})
		seen, err := look.Look(ctx, m.Migration)
		if err != nil {
			return "", err
		}
		return MonitorJSON, to.put(ctx, map[string]func(io.Writer) error{MonitorJSON: asJSON(seen), MonitorCSV: seen.WriteCSV, MonitorHTML: seen.WriteHTML})
	case "report":
		return ReportCSV, e.report(ctx, to)
	case "plan":
		r, err := e.reviewed(ctx, m, c)
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(r)
		if err == nil {
			_, err = e.Store.UpdateMove(ctx, m.ID, func(m *store.Move) error { m.Review = text; return nil })
		}
		return PlanJSON, err
	}
	return "", fmt.Errorf("there is no act %q", kind)
}

// source returns the account that a move's subscriptions come from, nil when that is not known.
func (e *Engine) source(ctx context.Context, m store.Move) (*accounts.Connection, error) {
	if m.Source == "" {
		return nil, nil
	}
	c, err := e.Accounts.Open(ctx, migrate.Account{ID: m.Source, Livemode: m.Livemode})
	if err != nil {
		return nil, fmt.Errorf("the source account: %w", err)
	}
	return c, nil
}

// verify proves, row by row, that what exists is what the file asked for.
func (e *Engine) verify(ctx context.Context, to *artifacts, c *accounts.Connection) error {
	m, in := to.move, e.input(ctx, to.move)
	source, err := e.source(ctx, m)
	if err != nil {
		return err
	}
	cfg, o := verify.Config{Destination: verify.Party{Migrator: c.Migrator, Reader: c.Gateway}, Ledger: e.Ledger, Clock: c.Clock}, verify.Options{Input: &in}
	if source != nil {
		cfg.Source, o.SourceAccount = &verify.Party{Migrator: source.Migrator, Reader: source.Gateway}, source.ID
	}
	result, err := verify.New(cfg).Verify(ctx, m.Migration, o)
	if err != nil {
		return err
	}
	files := map[string]func(io.Writer) error{VerifyJSON: asJSON(result), DifferencesCSV: nil, ReceiptJSON: nil, ReceiptCSV: nil}
	if result.Clean() {
		files[ReceiptJSON], files[ReceiptCSV] = result.WriteJSON, result.WriteCSV
	} else {
		files[DifferencesCSV] = result.WriteDifferences
	}
	return to.put(ctx, files)
}

// report lists what became of every row.
func (e *Engine) report(ctx context.Context, to *artifacts) error {
	mig, err := e.Ledger.Migration(ctx, to.move.Migration)
	if err != nil {
		return err
	}
	o, err := migrate.OptionsOf(mig)
	if err != nil {
		return err
	}
	refused := false
	lines := func(shows func(migrate.ReportLine) bool) func(io.Writer) error {
		return func(w io.Writer) error {
			out := migrate.NewReportCSV(w, o.Direct)
			for line, err := range migrate.Report(ctx, e.Ledger, mig.ID) {
				if err != nil {
					return err
				}
				refused = refused || line.State == string(ledger.Refused)
				if !shows(line) {
					continue
				}
				if err := out.Row(line); err != nil {
					return err
				}
			}
			return out.End()
		}
	}
	if err := to.put(ctx, map[string]func(io.Writer) error{ReportCSV: lines(func(migrate.ReportLine) bool { return true })}); err != nil {
		return err
	}
	files := map[string]func(io.Writer) error{RefusedRowsCSV: nil}
	if refused {
		files[RefusedRowsCSV] = lines(func(l migrate.ReportLine) bool { return l.State == string(ledger.Refused) })
	}
	return to.put(ctx, files)
}

func asJSON(v any) func(io.Writer) error {
	return func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(v)
	}
}
