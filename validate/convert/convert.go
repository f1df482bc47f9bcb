// Package convert makes a file of the format from Stripe's own export of subscriptions, the one that its Dashboard
// writes. It guesses nothing: what the export does not know is asked for, and a row that cannot become a subscription
// is handed back with the reason.
package convert

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate/dates"
)

// Options say what the export does not.
type Options struct {
	// Now is the moment of the conversion. A period that has ended by then is over, and the next one is not in the
	// export.
	Now time.Time
	// Map has the IDs of the destination account.
	Map Map
	// Customers is what a copy of customers to the destination account said; the zero value leaves customers as they are.
	Customers Customers
	// Zone is where dates are meant whose column does not say (UTC).
	Zone *time.Location
	// Order is the order of day, month and year, in an export whose dates a spreadsheet has rewritten.
	Order dates.Order
	// Include are statuses whose rows are taken beside active and trialing: past_due, unpaid or paused; and
	// WithoutMethod.
	Include []string
	// Sheet is the worksheet of a workbook; blank is the one that has such a header.
	Sheet string
}

// ErrNoExport tells that the file is not Stripe's export of subscriptions.
var ErrNoExport = errors.New("this is not the export of subscriptions of Stripe's Dashboard, which has the columns id, Customer ID, Plan, Status and Current Period End (UTC)")

// ErrNoID tells that the export lacks the column by which subscriptions are told apart.
var ErrNoID = errors.New("the export has no column id, by which subscriptions are told apart: export it again with all columns")

// Result is what became of an export.
type Result struct {
	Rows      int      `json:"rows"`
	Converted int      `json:"converted"`
	Left      int      `json:"left"`           // rows handed to visit
	Unused    []string `json:"columns_unused"` // columns that the format has no place for
	Columns   []string `json:"-"`              // of the export, as its header names them
}

// Left is a row that was not converted.
type Left struct {
	Line     int    `json:"line"`
	ID       string `json:"id"`
	Customer string `json:"customer"`
	Status   string `json:"status"`
	Class    Class  `json:"class"`
	Reason   string `json:"reason"`

	// Cells are the row's cells as they were read, in the order of Result.Columns; a row may have fewer or more of
	// them.
	Cells []string `json:"-"`
}

// Class is why a row was not converted.
type Class string

// The classes.
const (
	Ended     Class = "ended"      // the subscription is canceled, or was never begun
	Ending    Class = "ending"     // it is canceled for the end of what is paid, or for another date
	Waiting   Class = "waiting"    // its status needs a decision: Options.Include takes it
	Several   Class = "several"    // it stands in several rows: more than one price
	Passed    Class = "passed"     // its period is over, and the export is too old to know the next one
	NotCopied Class = "not_copied" // its customer is not in the destination account
	Unclear   Class = "unclear"    // a cell cannot be read, or says something that the format cannot
)

// File reads an export from r and writes a file of the basic template to w. Rows that are not converted are handed to
// visit, in the order of the file.
//
// The error is a *NeedsError when something has to be stated first; nothing is written then. It wraps ErrNoExport or
// ErrNoID for other files, and is otherwise one of reading, writing, visit or the context.
func File(ctx context.Context, r io.ReadSeeker, w io.Writer, opts Options, visit func(Left) error) (Result, error) {
	start, err := r.Seek(0, io.SeekCurrent)
	if err != nil {
		return Result{}, err
	}
	c := &converter{opts: opts, seen: map[string]int{}, needs: needs{missing: map[Kind]map[string]bool{}}}
	if err := c.each(ctx, r, c.ask); err != nil {
		return Result{}, err
	}
	if err := c.needs.err(); err != nil {
		return Result{}, err
	}
	if _, err := r.Seek(start, io.SeekStart); err != nil {
		return Result{}, err
	}
	out := csv.NewWriter(w)
	if err := out.Write(c.columns.header()); err != nil {
		return Result{}, err
	}
	result := Result{Unused: c.columns.unused, Columns: c.columns.names}
	err = c.each(ctx, r, func(x exported) error {
		result.Rows++
		record, left := c.convert(x)
		if left != nil {
			result.Left++
			return visit(*left)
		}
		result.Converted++
		return out.Write(record)
	})
	if err != nil {
		return result, err
	}
	out.Flush()
	return result, out.Error()
}

// converter is one conversion.
type converter struct {
	opts    Options
	columns columns
	seen    map[string]int // rows by the ID of their subscription
	needs   needs
}

// each visits the rows of the export.
func (c *converter) each(ctx context.Context, r io.Reader, visit func(exported) error) error {
	rows, file, err := xlsx.Rows(r, xlsx.Options{Sheet: c.opts.Sheet, Dates: xlsx.DatesWritten})
	if err != nil {
		return err
	}
	defer file.Close()
	if !rows.Header().IsStripeExport() {
		return ErrNoExport
	}
	if c.columns, err = readColumns(rows.Header()); err != nil {
		return err
	}
	for row, err := range rows.All() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if row.Source.IsBlank() {
			continue
		}
		if err := visit(c.columns.read(row.Source)); err != nil {
			return err
		}
	}
	return nil
}

// ask notes what has to be known to convert a row.
func (c *converter) ask(x exported) error {
	c.seen[x.id]++
	if left := c.notLive(x); left != nil {
		return nil
	}
	if x.plan != "" {
		c.needs.mapped(c.opts.Map, KindPrice, x.plan)
	}
	if x.coupon != "" {
		c.needs.mapped(c.opts.Map, KindCoupon, x.coupon)
	}
	if x.taxed() {
		c.needs.mapped(c.opts.Map, KindTaxRate, x.tax)
	}
	for _, d := range []dated{x.periodEnd, x.start, x.trialEnd} {
		switch m := c.moment(d); {
		case m.Kind == dates.Ambiguous:
			c.needs.order = true
		case m.Kind == dates.Local && !d.utc && c.opts.Zone == nil:
			c.needs.zone = true
		}
	}
	return nil
}

// moment reads a date of the export.
func (c *converter) moment(d dated) dates.Meaning {
	as := dates.As{Zone: c.opts.Zone, Order: c.opts.Order}
	if d.utc {
		as.Zone = time.UTC
	}
	return dates.ReadAs(d.text, as)
}

// left returns a row as one that is not converted.
func (x exported) left(class Class, format string, args ...any) *Left {
	return &Left{Line: x.line, ID: x.id, Customer: x.customer, Status: x.status, Class: class, Reason: fmt.Sprintf(format, args...), Cells: x.cells}
}

func unix(t csvspec.Timestamp) string { return fmt.Sprint(int64(t)) }
