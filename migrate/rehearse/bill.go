package rehearse

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
)

const (
	// settling is how long after an invoice was made it is certainly charged, and the clock changes nothing in it any more:
	// it is a draft for about an hour.
	settling = 2 * time.Hour
	// renewals is how many renewals of each row are waited for.
	renewals = 2
	// steps is in how many steps the clock is advanced at least, so that progress can be told.
	steps = 100
)

// divide divides the sandbox when the file has many customers, counts the rows of each part, and decides how far the
// clock has to be advanced if all of them are scheduled.
func (r *rehearsal) divide(ctx context.Context) error {
	n := max(1, (r.result.Review.Report.Customers+r.customersPerPart-1)/r.customersPerPart)
	r.rows, r.partOf, r.parts = nil, map[string]int32{}, make([]part, n)
	r.passed.Store(0)
	if n > 1 {
		if err := r.lookAhead(ctx, func(planned *schedule.Planned) {
			customer := planned.Schedule.Customer
			i, known := r.partOf[customer]
			if !known {
				i = int32(len(r.partOf) / r.customersPerPart)
				r.partOf[strings.Clone(customer)] = i // not a piece of the text of many rows
			}
			r.parts[i].waiting.Add(1)
		}); err != nil {
			return err
		}
	}
	divided, err := r.Sandbox.Split(n, func(customer string) int {
		if i, known := r.partOf[customer]; known {
			return int(i)
		}
		return -1 // none of its rows is ready
	})
	if err != nil {
		return err
	}
	if len(divided) == 1 {
		r.partOf, r.parts = nil, r.parts[:1]
	}
	for i := range r.parts {
		r.parts[i].sandbox = divided[i]
		if r.parts[i].gateway, err = newGateway(divided[i]); err != nil {
			return err
		}
	}
	return nil
}

// lookAhead decides how far the clock has to be advanced. See is shown every row on the way; nil is nobody.
func (r *rehearsal) lookAhead(ctx context.Context, see func(*schedule.Planned)) error {
	if r.result.Until = r.Until.UTC(); !r.Until.IsZero() && see == nil {
		return nil
	}
	last := csvspec.At(r.result.From)
	err := r.each(ctx, func(_ int64, planned *schedule.Planned) {
		if see != nil {
			see(planned)
		}
		f := forecast.Of(planned, r.result.Review.AccountData, renewals)
		for _, c := range f.Charges {
			last = max(last, c.At)
		}
		last = max(last, f.Ends)
	})
	if r.Until.IsZero() {
		r.result.Until = last.Time().Add(settling)
	}
	return err
}

// billRest bills the parts that were not billed while rows were being scheduled. When parts were, and rows were refused
// without which the clock has to be advanced less far, it returns errTooLate, and the rehearsal knows its end from then on.
func (r *rehearsal) billRest(ctx context.Context) error {
	if before := r.result.Until; len(r.parts) == 1 || r.result.Refused > 0 {
		if err := r.lookAhead(ctx, nil); err != nil {
			return err
		}
		if len(r.parts) > 1 && !r.result.Until.Equal(before) {
			r.Until = r.result.Until
			return errTooLate
		}
	}
	whole := days(r.result.Until.Sub(r.result.From))
	observe := func() { r.Observe(Progress{Billing, r.passed.Load() / int64(len(r.parts)), whole}) }
	observe()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range r.parts {
		if p := &r.parts[i]; p.gateway != nil {
			group.Go(func() error { return r.bill(ctx, p, observe) })
		}
	}
	return group.Wait()
}

// bill advances the clock of one part to the end, keeps its invoices, and drops the part.
func (r *rehearsal) bill(ctx context.Context, p *part, observe func()) (err error) {
	p.gateway = nil
	made := []Invoice{}
	take := func(i sandbox.Invoice) {
		one := Invoice{
			Created: csvspec.Timestamp(i.Created), DueDate: csvspec.Timestamp(i.DueDate), Currency: i.Currency, Status: i.Status,
			Attempted: i.Attempted, Subtotal: i.Subtotal, Discount: i.Discount, Tax: i.Tax, TaxIncluded: i.TaxIncluded,
			Total: i.Total, AmountDue: i.AmountDue,
		}
		tag, ok := schedule.ParseTag(map[string]string{schedule.TagKey: i.SubscriptionMetadata(schedule.TagKey)})
		if one.row = tag.Row; (!ok || one.row > int64(r.result.Review.Report.Rows)) && err == nil {
			err = fmt.Errorf("the sandbox made an invoice for the subscription %s, which no row of the file has", i.Subscription)
		}
		if r.Each != nil { // what only a reader wants is left out otherwise: there may be millions
			one.ID, one.Customer = i.ID, i.Customer
			for _, l := range i.Lines {
				one.Lines = append(one.Lines, Line{
					l.Product, l.Quantity, l.Amount, csvspec.Timestamp(l.From), csvspec.Timestamp(l.To), l.Proration, l.OneOff,
				})
			}
		}
		made = append(made, one)
	}
	whole := r.result.Until.Sub(r.result.From)
	step := max(24*time.Hour, (whole / steps).Truncate(24*time.Hour))
	for from, at := r.result.From, r.result.From; at.Before(r.result.Until); {
		before := days(at.Sub(from))
		if at = at.Add(step); at.After(r.result.Until) {
			at = r.result.Until
		}
		if err := p.sandbox.Advance(ctx, at); err != nil {
			return err
		}
		if err := p.sandbox.TakeInvoices(at.Add(-settling), take); err != nil {
			return err
		}
		r.passed.Add(days(at.Sub(from)) - before)
		observe()
	}
	if failed := p.sandbox.TakeInvoices(time.Unix(math.MaxInt64, 0), take); failed != nil {
		return failed
	}
	slices.SortStableFunc(made, func(a, b Invoice) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.Created, b.Created))
	})
	p.sandbox, p.invoices = nil, slices.Clone(made) // of the size that is needed
	return err
}

func days(d time.Duration) int64 { return int64((d + 24*time.Hour - 1) / (24 * time.Hour)) }
