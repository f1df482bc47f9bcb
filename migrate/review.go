package migrate

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
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
	FirstAmount   ReadAmount        // the first of them that is above zero, to show how amounts were understood
	Ready         int64             // rows that a run would schedule
	Customers     int64             // who have at least one of those; Report counts those of all rows
	FirstStart    csvspec.Timestamp // the earliest and the latest start of the ready rows
	LastStart     csvspec.Timestamp
	Earlier       []ledger.Migration // migrations of the same file into the same account, newest first
	DuplicateRows int64              // rows whose subscriptions migrations of other files have scheduled; Ready counts them unless they are left out
	Duplicates    []Duplicate        // the first of those

	rejected   int           // rows that passed the rules and become no schedule
	sample     sample        // rows that a canary would choose from
	duplicates duplicateRows // as far as the ledger knows
	late       lateFindings  // of rows that repeat others
	seed       maphash.Seed
	ready      []uint64 // hashes of the customers of ready rows, while they are counted; there may be a million
}

// ReadAmount is an amount of a file and how it was understood; the zero value is none.
type ReadAmount struct {
	Text  string // as the cell states it
	Line  int
	Money csvspec.Money
}

// maxCustomers is up to how many customers a review looks up: their number is that of the rows, and a review stays
// small whatever the file. Review.AccountData has no customers when there are more.
const maxCustomers = 100_000

// maxFindings bounds what a review remembers of a file that is wrong all over.
const maxFindings = 1000

// Review reads the file, asks the account for what the file names, and says what a run would do. It returns either a
// review or an error, never both.
//
// The error is an *InvalidFileError, with the findings, when rows have errors and Options do not skip them: before the
// first request when the file alone shows it, and after reading the account otherwise. It is a *StripeError when the
// account cannot be read.
func (m *Migrator) Review(ctx context.Context, in Input, o Options) (*Review, error) {
	r := &Review{Input: in, Options: o, Now: m.clock.Now(), Strategies: map[schedule.Strategy]int64{}, seed: m.seed}
	if err := m.review(ctx, r); err != nil {
		return nil, err
	}
	return r, nil
}

func (m *Migrator) review(ctx context.Context, r *Review) (err error) {
	if r.Options.Sheet, err = r.Input.sheet(r.Options.Sheet); err != nil {
		return err
	}
	refs, err := r.readReferences(ctx)
	if err != nil {
		return err
	}
	if err := r.refuse(); err != nil {
		return err
	}
	all, err := m.loadAccount(ctx, r, refs.ids())
	if err != nil {
		return err
	}
	if err := r.findInLedger(ctx, m, all); err != nil {
		return err
	}
	if err := r.readRows(ctx); err != nil {
		return err
	}
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

// readReferences reads the file before anything is known of the account: what is wrong with it by itself, and what it
// names.
func (r *Review) readReferences(ctx context.Context) (refs References, err error) {
	refs = newReferences()
	o := r.Options.Validation(r.Now, nil)
	o.Looking = r.Options.CheckCustomers
	r.Report, r.late, err = r.Input.read(ctx, o, nil, func(row *csvspec.Row, findings validate.Findings) error {
		r.keep(findings...)
		refs.add(row)
		column, money := "", csvspec.Money{}
		if len(row.AdhocItems) > 0 {
			column, money = csvspec.FieldAdhocAmount.Name(0), row.AdhocItems[0].Money()
		} else if len(row.AddInvoiceItems) > 0 {
			column, money = csvspec.FieldInvoiceAmount.Name(0), row.AddInvoiceItems[0].Money()
		}
		r.Amounts = r.Amounts || column != ""
		if money.Minor > 0 && r.FirstAmount.Line == 0 {
			cell, _ := row.Cell(column)
			r.FirstAmount = ReadAmount{Text: strings.Clone(strings.TrimSpace(cell.Text)), Line: row.Source.Line, Money: money}
		}
		if r.Options.CheckCustomers && len(refs.Customers) <= maxCustomers {
			note(refs.Customers, row.Customer)
		}
		return nil
	})
	for _, findings := range r.late {
		r.Findings = append(r.Findings, findings...)
	}
	slices.SortStableFunc(r.Findings, func(a, b validate.Finding) int { return cmp.Compare(a.Row, b.Row) })
	r.Findings = r.Findings[:min(len(r.Findings), maxFindings)]
	if len(refs.Customers) > maxCustomers {
		clear(refs.Customers)
	}
	return refs, err
}

// readRows reads the file with what is known of the account, and notes what a run would do with each row. Which rows
// repeat others is known from the reading before. Should the account make a difference to that, the file is read once
// more.
func (r *Review) readRows(ctx context.Context) error {
	fresh := *r
	for range 2 {
		late := r.late
		*r = fresh
		r.Findings, r.Strategies = nil, map[schedule.Strategy]int64{}
		var err error
		r.Report, r.late, err = r.Input.read(ctx, r.Options.Validation(r.Now, r.AccountData), late, r.count)
		if err != nil {
			return err
		}
		if maps.EqualFunc(late, r.late, func(a, b validate.Findings) bool {
			return slices.EqualFunc(a, b, func(a, b validate.Finding) bool { return a.Code == b.Code && a.Severity == b.Severity })
		}) {
			break
		}
	}
	slices.Sort(r.ready)
	r.Customers, r.ready = int64(len(slices.Compact(r.ready))), nil
	r.Report.Valid -= r.rejected
	r.Report.Invalid += r.rejected
	return nil
}

// Each reads the file once more, and hands each row to visit with everything that is known to be wrong with it, by the
// rules and by Judge. The report counts the rows as the review does. It returns ErrChanged when the file is not the
// reviewed one.
func (r *Review) Each(ctx context.Context, visit func(*csvspec.Row, []validate.Finding) error) (*validate.Report, error) {
	rejected := 0
	report, _, err := r.Input.read(ctx, r.Options.Validation(r.Now, r.AccountData), r.late, func(row *csvspec.Row, found validate.Findings) error {
		more := r.Judge(row, found)
		if validate.Findings(more).HasErrors() {
			rejected++
		}
		return visit(row, append(found[:len(found):len(found)], more...))
	})
	if err == nil && report.SHA256 != r.Report.SHA256 {
		err = ErrChanged
	}
	if err != nil {
		return nil, err
	}
	report.Valid, report.Invalid = report.Valid-rejected, report.Invalid+rejected
	return report, nil
}

// Planner returns what turns the file's rows into what they become.
func (r *Review) Planner() schedule.Planner {
	return schedule.Planner{Account: r.AccountData, Direct: r.Options.Direct, Now: csvspec.At(r.Now)}
}

// Direct returns how many of the rows that a run creates are direct subscriptions, which exist from then on: of all ready
// rows, or of a canary with so many. What was created before is not left out.
func (r *Review) Direct(canary int64) (n int64) {
	if canary > 0 {
		for _, s := range r.sample.choose(canary) {
			if s.IsDirect() {
				n++
			}
		}
		return n
	}
	for s, rows := range r.Strategies {
		if s.IsDirect() {
			n += rows
		}
	}
	return n
}

// keep remembers findings, the first ones.
func (r *Review) keep(findings ...validate.Finding) {
	r.Findings = append(r.Findings, findings[:min(len(findings), maxFindings-len(r.Findings))]...)
}

// count notes what a run would do with a row.
func (r *Review) count(row *csvspec.Row, findings validate.Findings) error {
	r.keep(findings...)
	if findings.HasErrors() {
		return nil
	}
	planned, err := r.Planner().FromRow(row)
	if err != nil {
		r.rejected++
		r.keep(notExpressible(row, err))
		return nil
	}
	n := int64(row.Source.Row)
	if r.duplicates.rows.Has(n) {
		r.DuplicateRows++
		if d, ok := r.duplicates.first[n]; ok {
			r.Duplicates = append(r.Duplicates, d)
		}
		if r.LeavesOut(n) {
			return nil
		}
	}
	r.Ready++
	r.ready = append(r.ready, maphash.String(r.seed, row.Customer))
	r.Strategies[planned.Strategy]++
	if r.FirstStart.IsBlank() || row.StartDate < r.FirstStart {
		r.FirstStart = row.StartDate
	}
	r.LastStart = max(r.LastStart, row.StartDate)
	r.sample.see(n, planned.Strategy)
	return nil
}

// CodeScheduledAlready is the code of a finding about a row whose subscription is scheduled already.
const CodeScheduledAlready = "already_scheduled"

// Judge returns what a run would hold against a row beyond what the rules have found in it: that it cannot be expressed
// as a schedule, or that its subscription is scheduled already. A row that the rules leave out is not judged.
func (r *Review) Judge(row *csvspec.Row, found []validate.Finding) []validate.Finding {
	if validate.Findings(found).HasErrors() {
		return nil
	}
	if _, err := r.Planner().FromRow(row); err != nil {
		return []validate.Finding{notExpressible(row, err)}
	}
	n := int64(row.Source.Row)
	if !r.duplicates.rows.Has(n) || r.Options.Again {
		return nil
	}
	message := "the subscription of this row is scheduled already"
	if d, ok := r.duplicates.first[n]; ok {
		message = d.String()
	}
	severity, fix := validate.Error, "Delete the row, or leave out all such rows with --skip-scheduled; scheduled again, the customer is charged twice."
	if r.Options.SkipScheduled {
		severity, fix = validate.Warning, "The row is left out, as --skip-scheduled says."
	}
	return []validate.Finding{{
		Code: CodeScheduledAlready, Severity: severity, Line: row.Source.Line, Row: row.Source.Row, Message: message, Fix: fix,
	}}
}

// notExpressible turns a row that passed the rules and still becomes no schedule into a finding like any other.
func notExpressible(row *csvspec.Row, err error) validate.Finding {
	finding := validate.Finding{
		Code: "not_expressible", Severity: validate.Error, Line: row.Source.Line, Row: row.Source.Row, Message: err.Error(),
	}
	var why *schedule.NotExpressibleError
	if errors.As(err, &why) {
		finding.Code, finding.Column, finding.Message = why.Code, why.Column, why.Reason
		finding.Fix = strings.Join(why.Ways, "; or ")
		if cell, ok := row.Cell(why.Column); ok {
			at, _ := row.Source.Header.Lookup(why.Column)
			finding.Value, finding.Cell, finding.ColumnNumber = cell.Text, cell.Ref, at.Index+1
		}
	}
	return finding
}
