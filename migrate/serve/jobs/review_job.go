package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/validate"
)

// review reads a move's file, asks the account for what it names, makes the artifacts, and says what a run would do.
func (e *Engine) review(ctx context.Context, t ReviewArgs, stop <-chan struct{}) error {
	m, err := e.Store.Move(ctx, t.ID)
	if err != nil {
		return err
	}
	if m.State != store.Reviewing {
		return nil
	}
	release, err := e.mayReadLarge(ctx, m, stop)
	if err != nil {
		return err
	}
	defer release()
	if now, err := e.Store.Standing(ctx, t.ID); err != nil || now.State != store.Reviewing { // since it waits
		return err
	}
	until, done := untilStop(ctx, stop)
	defer done()
	c, err := e.Accounts.Open(until, accountOf(m))
	if err != nil {
		return interrupted(err, stop)
	}
	r, err := e.reviewed(until, m, c)
	if err != nil {
		return interrupted(err, stop)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	began, err := json.Marshal(m.Options)
	if err != nil {
		return err
	}
	state := store.Reviewed
	if r.RefusedCode != "" {
		state = store.Invalid
	}
	detail := map[string]any{"state": state, "rows": r.Rows, "ready": r.Ready, "invalid": r.Invalid, "deferred": r.Deferred, "plan": r.PlanDigest}
	return e.record(ctx, m.ID, "reviewed", detail, func(now *store.Move) error {
		asked, err := json.Marshal(now.Options)
		switch {
		case err != nil:
			return err
		case now.State != store.Reviewing:
			return errVoid
		case string(asked) != string(began) || now.Upload != m.Upload:
			return errAgain // the options were changed meanwhile
		}
		now.State, now.Review, now.Error = state, text, ""
		return nil
	})
}

// failReview records why a review could not be done.
func (e *Engine) failReview(ctx context.Context, id string, failure error) error {
	return e.record(ctx, id, "review failed", map[string]string{"error": failure.Error()}, func(m *store.Move) error {
		if m.State != store.Reviewing {
			return errVoid
		}
		m.State, m.Error = store.Failed, failure.Error()
		return nil
	})
}

// reviewed reviews a move's file and makes the artifacts. Errors of the file are part of what it returns.
func (e *Engine) reviewed(ctx context.Context, m store.Move, c *accounts.Connection) (*Review, error) {
	in, asked := e.input(ctx, m), options(m, c)
	out := &Review{
		Account: accountOf(m), File: m.File, SHA256: m.Upload, AmountUnit: asked.Unit.String(),
		CustomersChecked: asked.CheckCustomers,
	}
	all := asked
	all.SkipInvalid = true // rows with errors are shown, and end no review
	if c.Embedded != nil {
		made, err := rehearse.Provision(ctx, c.Embedded, in, all)
		if err != nil {
			return nil, err
		}
		out.MadeUp = made.Count() > 0 || m.Review != nil && madeUp(m.Review)
	}
	review, err := c.Migrator.Review(ctx, in, all)
	var invalid *migrate.InvalidFileError
	if err != nil && !errors.As(err, &invalid) {
		return nil, err
	}
	if invalid != nil { // something is wrong with the file as a whole, which no row shows
		review = &migrate.Review{Input: in, Options: all, Now: c.Clock.Now(), Report: invalid.Report, Findings: invalid.Findings, AccountData: invalid.AccountData}
		out.RefusedCode, out.Refused = "invalid_file", invalid.Error()
	}
	out.about(review)
	dir, err := os.MkdirTemp("", "subferry-review-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	w := &reviewFiles{artifacts: &artifacts{e, m, dir}, review: review, asked: asked, whole: invalid != nil, out: out}
	if err := w.findings(ctx); err != nil {
		return nil, err
	}
	if err := w.mend(ctx); err != nil {
		return nil, err
	}
	if invalid != nil || review.Ready == 0 {
		if invalid == nil && (out.Invalid == 0 || asked.SkipInvalid) {
			out.RefusedCode, out.Refused = "none_ready", "no row is ready: every row has errors, starts too soon or is scheduled already"
		}
		err = w.drop(ctx, PlanJSON, PlanHTML, PlanRows, ChargesCSV)
	} else {
		err = w.plan(ctx, c)
	}
	if err != nil {
		return nil, err
	}
	if out.RefusedCode == "" && out.Invalid > 0 && !asked.SkipInvalid {
		out.RefusedCode, out.Refused = "invalid_rows", (&migrate.InvalidFileError{Report: review.Report}).Error()
	}
	if out.RefusedCode != "" {
		return out, nil
	}
	return out, out.judge(ctx, m, c, review)
}

// judge says which migration a run would belong to, and why it would be refused.
func (r *Review) judge(ctx context.Context, m store.Move, c *accounts.Connection, review *migrate.Review) error {
	selection, err := c.Migrator.Select(ctx, review, migrate.RunOptions{Resume: m.Migration, Canary: m.Canary})
	if code := refusal(err); code != "" {
		r.RefusedCode, r.Refused = code, err.Error()
		return nil
	}
	if selection.Continues {
		r.Continues = selection.ID
	}
	if selection.Searches {
		r.SearchRequests = review.SearchRequests()
	}
	return err
}

// refusal returns the code of an error with which a run is refused, "" for another error or none.
func refusal(err error) string {
	switch {
	case is[*migrate.AlreadyMigratedError](err):
		return "already_migrated"
	case is[*migrate.AlreadyScheduledError](err):
		return "already_scheduled"
	case is[*migrate.UnitUnstatedError](err):
		return "unit_unstated"
	case is[*migrate.OtherOptionsError](err):
		return "other_options"
	case is[*migrate.BeingCanceledError](err):
		return "being_canceled"
	case errors.Is(err, migrate.ErrChanged), is[*migrate.WrongAccountError](err):
		return "other"
	}
	return ""
}

// madeUp tells whether an earlier review has made up the account.
func madeUp(earlier json.RawMessage) bool {
	var r Review
	return json.Unmarshal(earlier, &r) == nil && r.MadeUp
}

// about takes over what a review has counted.
func (r *Review) about(from *migrate.Review) {
	report := from.Report
	r.At, r.Template = from.Now.UTC(), report.Template
	r.Rows, r.Ready, r.Deferred, r.Invalid = int64(report.Rows), from.Ready, int64(report.Deferred), int64(report.Invalid)
	r.Scheduled, r.Customers = from.DuplicateRows, int64(report.Customers)
	r.CustomersChecked = r.CustomersChecked && (from.AccountData == nil || from.AccountData.Customers != nil)
	r.Amounts, r.Direct = from.Amounts, from.Direct(0)
	if from.Ready > 0 {
		r.FirstStart, r.LastStart = from.FirstStart.Time().UTC(), from.LastStart.Time().UTC()
	}
	if a := from.FirstAmount; a.Line > 0 {
		r.FirstAmount = &ReadAmount{Text: a.Text, Line: a.Line, Amount: a.Money.Minor, Currency: a.Money.Currency}
	}
	r.Strategies = []StrategyCount{}
	for _, s := range schedule.Strategies() {
		if n := from.Strategies[s]; n > 0 {
			r.Strategies = append(r.Strategies, StrategyCount{s, s.Description(), n})
		}
	}
}

// tally counts findings, and keeps the first ones of each severity.
type tally struct {
	counts map[[2]string]int64 // by code and severity
	kept   map[validate.Severity][]validate.Finding
	mend   validate.Mend
}

func newTally() *tally {
	return &tally{counts: map[[2]string]int64{}, kept: map[validate.Severity][]validate.Finding{}}
}

func (t *tally) add(found []validate.Finding) {
	for _, f := range found {
		t.counts[[2]string{f.Code, string(f.Severity)}]++
		if kept := t.kept[f.Severity]; len(kept) < MaxListed {
			t.kept[f.Severity] = append(kept, f)
		}
		// That of an export comes before all; of the others, the words of a stronger one begin with those of a weaker one.
		if t.mend != validate.MendConvert && (f.Mend == validate.MendConvert || len(f.Mend) > len(t.mend)) {
			t.mend = f.Mend
		}
	}
}

// severities are in the order in which a page shows them.
func severities() []validate.Severity {
	return []validate.Severity{validate.Error, validate.Warning, validate.Info}
}

func (t *tally) into(r *Review) {
	titles := map[string]string{}
	for _, rule := range validate.Rules() {
		titles[rule.Code] = rule.Title
	}
	r.Codes, r.Findings, r.Mend = []CodeCount{}, []validate.Finding{}, t.mend
	total := map[validate.Severity]int64{}
	for key, n := range t.counts {
		c := CodeCount{Code: key[0], Severity: validate.Severity(key[1]), Title: titles[key[0]], Count: n}
		total[c.Severity] += n
		r.Codes = append(r.Codes, c)
	}
	r.Errors, r.Warnings, r.Notes = total[validate.Error], total[validate.Warning], total[validate.Info]
	slices.SortFunc(r.Codes, byWeight)
	for _, s := range severities() {
		r.Findings = append(r.Findings, t.kept[s][:min(len(t.kept[s]), MaxListed-len(r.Findings))]...)
	}
}
