package migrate

import (
	"context"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// Review is what is known before anything is created: what the file says, what the account says, and what a run
// would do. Reviewing creates nothing.
type Review struct {
	Input         Input
	Options       Options
	Now           time.Time // the moment as of which rows are early enough; the run goes by the same
	Account       Account
	Report        *validate.Report   // of the whole file
	Findings      []validate.Finding // of rows, the first ones, at most maxFindings; those about the file are in Report
	AccountData   *account.Account
	Strategies    map[schedule.Strategy]int64
	Amounts       bool              // the file states amounts
	Ready         int64             // rows that a run would schedule
	FirstStart    csvspec.Timestamp // the earliest and the latest start of the ready rows
	LastStart     csvspec.Timestamp
	Earlier       []ledger.Migration // migrations of the same file into the same account, newest first
	DuplicateRows int64              // rows whose subscriptions migrations of other files have scheduled; Ready counts them unless they are left out
	Duplicates    []Duplicate        // the first of those

	rejected int    // rows that passed the rules and become no schedule
	sample   sample // rows that a canary would choose from
	taken    takenRows
}

// maxCustomers is up to how many customers a review looks up: their number is that of the rows, and a review stays
// small whatever the file. Review.Facts has no customers when there are more.
const maxCustomers = 100_000

// maxFindings bounds what a review remembers of a file that is wrong all over.
const maxFindings = 1000

// Review reads the file, asks the account for what the file names, and says what a run would do. It returns either a
// review or an error, never both.
//
// The error is an *InvalidFileError, with the findings, when rows have errors and Options do not skip them: before the
// first request when the file alone shows it, and after reading the account otherwise. It is a *StripeError when the account
// cannot be read.
func (m *Migrator) Review(ctx context.Context, in Input, o Options) (*Review, error) {
	r := &Review{Input: in, Options: o, Now: m.clock.Now(), Strategies: map[schedule.Strategy]int64{}}
	if err := m.review(ctx, r); err != nil {
		return nil, err
	}
	return r, nil
}

func (m *Migrator) review(ctx context.Context, r *Review) (err error) {
	if r.Options.Sheet, err = r.Input.sheet(r.Options.Sheet); err != nil {
		return err
	}
	names := newNames()
	if err := m.read(ctx, r, func(row *csvspec.Row, _ bool) {
		names.add(row)
		r.Amounts = r.Amounts || len(row.AdhocItems) > 0 || len(row.AddInvoiceItems) > 0
		if r.Options.CheckCustomers && len(names.Customers) <= maxCustomers {
			note(names.Customers, row.Customer)
		}
	}); err != nil {
		return err
	}
	if err := r.refuse(); err != nil {
		return err
	}
	if len(names.Customers) > maxCustomers {
		clear(names.Customers)
	}
	if err := m.ask(ctx, r, names.ids()); err != nil {
		return err
	}
	if err := m.findTaken(ctx, r); err != nil {
		return err
	}
	if err := m.read(ctx, r, r.count); err != nil {
		return err
	}
	r.Report.Valid -= r.rejected
	r.Report.Invalid += r.rejected
	return r.refuse()
}

// refuse returns an error when the file must not be run as it is. What is wrong with the file itself, such as a column
// that nobody knows, concerns every row and cannot be skipped.
func (r *Review) refuse() error {
	broken := slices.ContainsFunc(r.Report.Findings, func(f validate.Finding) bool {
		return f.Row == 0 && f.Severity == validate.Error
	})
	if broken || r.Report.Invalid > 0 && !r.Options.SkipInvalid {
		return &InvalidFileError{Report: r.Report, Findings: r.Findings, Account: r.Account, AccountData: r.AccountData}
	}
	return nil
}

// read reads the file once, keeps its findings, and shows every row to see.
func (m *Migrator) read(ctx context.Context, r *Review, see func(row *csvspec.Row, left bool)) (err error) {
	r.Findings = nil
	o := r.Options.Validation(r.Now, r.AccountData)
	o.Looking = r.AccountData == nil && r.Options.CheckCustomers
	r.Report, err = r.Input.validated(ctx, o, func(row *csvspec.Row, findings []validate.Finding) error {
		r.Findings = append(r.Findings, findings[:min(len(findings), maxFindings-len(r.Findings))]...)
		see(row, leftOut(findings))
		return nil
	})
	return err
}

// leftOut tells whether a row with these findings is not run.
func leftOut(findings []validate.Finding) bool {
	for _, f := range findings {
		if f.Severity == validate.Error {
			return true
		}
	}
	return false
}

// count notes what a run would do with a row.
func (r *Review) count(row *csvspec.Row, left bool) {
	if left {
		return
	}
	planned, err := schedule.FromRow(row, r.AccountData)
	if err != nil {
		r.reject(row, err)
		return
	}
	if n := int64(row.Source.Row); r.taken.rows.Has(n) {
		r.countTaken(n)
		if r.LeavesOut(n) {
			return
		}
	}
	r.Ready++
	r.Strategies[planned.Strategy]++
	if r.FirstStart.IsBlank() || row.StartDate < r.FirstStart {
		r.FirstStart = row.StartDate
	}
	r.LastStart = max(r.LastStart, row.StartDate)
	r.sample.see(int64(row.Source.Row), planned.Strategy)
}

func (r *Review) countTaken(row int64) {
	r.DuplicateRows++
	if t, ok := r.taken.first[row]; ok {
		r.Duplicates = append(r.Duplicates, t)
	}
}

// reject notes a row that passed the rules and still becomes no schedule.
func (r *Review) reject(row *csvspec.Row, err error) {
	r.rejected++
	if len(r.Findings) < maxFindings {
		r.Findings = append(r.Findings, notExpressible(row, err))
	}
}
