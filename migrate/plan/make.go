package plan

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/sums"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/period"
)

// Config is what planning needs to know besides the review. Now and APIVersion are required.
type Config struct {
	Now        time.Time // when the plan is made or applied: rows are judged as of then
	APIVersion string    // that the schedules will be created with: gateway.APIVersion
	Renewals   int       // how many renewals are listed with each row; zero lists the first charge alone, the program takes Renewals
	Again      bool      // apply the plan to subscriptions that exist already, a second time; false refuses them
	Account    string    // the account that is meant, when a plan is applied; "" is that of the plan
	MadeUp     bool      // the account was made up: charges rest on its prices, coupons and tax rates

	// AccountFile is the file that the account of the embedded sandbox was read from, as the user called it; "" is none.
	AccountFile string

	created time.Time // when a plan was made that is applied; zero is Now
}

// planner returns what turns rows into what they become. Direct subscriptions are taken to be created when the plan was made.
func (m *maker) planner() schedule.Planner {
	p := m.review.Planner()
	p.Now = csvspec.At(m.config.Now)
	if !m.config.created.IsZero() {
		p.Now = csvspec.At(m.config.created)
	}
	return p
}

// Renewals is how many renewals the program lists.
const Renewals = 2

// Make plans a reviewed file, and hands each planned row, in the order of the file, to visit, which may be nil. It reads
// the file once more, or up to three times when customers have several rows, and asks the account nothing. Its memory
// does not grow with the rows, but with those whose charges depend on other rows of their customer.
//
// The error is migrate.ErrChanged when the file is not the reviewed one, ErrTooMuch when sums do not fit, one of
// reading, or visit's own.
func Make(ctx context.Context, r *migrate.Review, c Config, visit func(*Row) error) (*Plan, error) {
	c.Now = c.Now.UTC().Truncate(time.Second)
	if visit == nil {
		visit = func(*Row) error { return nil }
	}
	h := sha256.New()
	m := &maker{
		review: r, config: c, totals: totals{
			currencies: map[string]*Total{}, days: map[sums.Key]*Sum{}, unknown: map[forecast.Reason]int64{},
			assumed: map[forecast.Assumption]int64{}, revenue: map[string]*revenue{}, overflow: new(bool),
		}, digest: digest{hash: h, out: json.NewEncoder(h)},
		plan: &Plan{
			Version: Version, Created: c.Now, Account: r.Account, APIVersion: c.APIVersion,
			Input: Input{Name: r.Input.Name, Path: r.Input.Path, SHA256: r.Report.SHA256},
			Options: Options{
				Unit: r.Options.Unit.String(), AllowColumns: slices.Sorted(slices.Values(r.Options.AllowColumns)), Sheet: r.Options.Sheet,
				LeadSeconds: int64(r.Options.Lead / time.Second), MarginSeconds: int64(r.Options.Margin / time.Second),
				Direct: r.Options.Direct, SkipInvalid: r.Options.SkipInvalid, SkipScheduled: r.Options.SkipScheduled, CheckCustomers: r.Options.CheckCustomers,
				Renewals: c.Renewals, MadeUp: c.MadeUp, AccountFile: c.AccountFile,
			},
			Strategies: map[schedule.Strategy]int64{}, Facts: describe(r.AccountData),
		},
	}
	var err error
	if m.joint, err = m.together(ctx); err != nil {
		return nil, err
	}
	report, err := readRows(ctx, r, c.Now, func(row *csvspec.Row, findings validate.Findings) error {
		return m.take(row, findings, visit)
	})
	if err != nil {
		return nil, err
	}
	if report.SHA256 != r.Report.SHA256 {
		return nil, migrate.ErrChanged
	}
	return m.finish(report)
}

// ErrTooMuch is returned for sums of money that do not fit into 63 bits.
var ErrTooMuch = errors.New("the amounts of the file are too large to be added up: look for one that is wrong by many zeros")

// readRows validates the file as the review did, at a moment of its own.
func readRows(ctx context.Context, r *migrate.Review, now time.Time, visit func(*csvspec.Row, validate.Findings) error) (*validate.Report, error) {
	f, err := r.Input.Open()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", r.Input.Name, err)
	}
	defer f.Close()
	return validate.Each(ctx, r.Input.Name, f, r.Options.Validation(now, r.AccountData),
		func(row *csvspec.Row, findings []validate.Finding) error { return visit(row, findings) })
}

// maker collects a plan.
type maker struct {
	review *migrate.Review
	config Config
	plan   *Plan
	totals totals
	digest digest
	joint  map[int64]forecast.Forecast // of the rows that depend on others
}

// take plans one row.
func (m *maker) take(row *csvspec.Row, findings validate.Findings, visit func(*Row) error) error {
	switch findings.State() {
	case validate.Deferred:
		m.plan.Rows.LastDeferred = later(m.plan.Rows.LastDeferred, row.StartDate)
		return nil
	case validate.Invalid:
		return nil
	}
	planned, err := m.planner().FromRow(row)
	if err != nil {
		return nil // the review has counted and shown it
	}
	if m.review.LeavesOut(int64(row.Source.Row)) {
		m.plan.Rows.Scheduled++
		return nil
	}
	f, ok := m.joint[int64(row.Source.Row)]
	if !ok {
		f = forecast.Of(&planned, m.review.AccountData, m.config.Renewals)
	}
	if m.config.MadeUp {
		f.AssumeMadeUp(&planned)
	}
	out := rowOf(row, &planned, &f)
	m.count(&planned)
	m.totals.add(&f)
	if err := m.digest.add(out, &planned); err != nil {
		return err
	}
	return visit(out)
}

func (m *maker) count(p *schedule.Planned) {
	rows := &m.plan.Rows
	rows.Planned++
	m.plan.Strategies[p.Strategy]++
	start := p.StartDate
	if rows.FirstStart.IsZero() || start.Time().Before(rows.FirstStart) {
		rows.FirstStart = start.Time()
	}
	rows.LastStart = later(rows.LastStart, start)
}

func later(t time.Time, s csvspec.Timestamp) time.Time {
	if at := s.Time(); at.After(t) {
		return at
	}
	return t
}

// finish closes the sums. Rows that are neither planned, nor deferred, nor scheduled already are invalid: either to the
// rules or to Plan.
func (m *maker) finish(report *validate.Report) (*Plan, error) {
	p := m.plan
	p.Rows.Total, p.Rows.Deferred, p.Rows.Customers = int64(report.Rows), int64(report.Deferred), m.review.Customers
	p.Rows.Invalid = p.Rows.Total - p.Rows.Planned - p.Rows.Deferred - p.Rows.Scheduled
	p.RowsDigest = m.digest.sum()
	if err := m.totals.write(p); err != nil {
		return p, err
	}
	var err error
	p.Digest, err = p.seal()
	return p, err
}

func rowOf(row *csvspec.Row, p *schedule.Planned, f *forecast.Forecast) *Row {
	out := &Row{
		Row: int64(row.Source.Row), Line: int64(row.Source.Line), Customer: row.Customer, SourceID: validate.SourceID(row.Metadata), Strategy: p.Strategy,
		Start: row.StartDate.Time(), Every: every(p.Cycle), Ends: f.Ends.Time(), CollectionMethod: row.CollectionMethod, Charges: f.Charges,
		CustomerCoupon: f.CustomerCoupon, ReplacedCoupon: f.ReplacedCoupon,
	}
	if out.CollectionMethod == "" {
		out.CollectionMethod = "charge_automatically"
	}
	if row.DaysUntilDue.Set {
		out.DaysUntilDue = &row.DaysUntilDue.N
	}
	return out
}

// every writes a cycle: 1 month, 3 months.
func every(c period.Cycle) string {
	switch {
	case !c.Valid():
		return ""
	case c.Count == 1:
		return "1 " + c.Interval
	}
	return fmt.Sprintf("%d %ss", c.Count, c.Interval)
}
