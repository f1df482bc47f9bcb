package rehearse

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync/atomic"
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

// lookAhead decides how far the clock has to be advanced.
func (r *rehearsal) lookAhead(ctx context.Context) error {
	if !r.Until.IsZero() {
		r.result.Until = r.Until.UTC()
		return nil
	}
	last := csvspec.At(r.result.From)
	err := r.each(ctx, func(_ int64, planned *schedule.Planned) {
		f := forecast.Of(planned, r.result.Review.Facts, renewals)
		for _, c := range f.Charges {
			last = max(last, c.At)
		}
		last = max(last, f.Ends)
	})
	r.result.Until = last.Time().Add(settling)
	return err
}

// bill advances the clock of every part, as many parts at a time as there are processors, and reads the invoices that
// were made. A part is dropped when it is through.
func (r *rehearsal) bill(ctx context.Context) error {
	whole := days(r.result.Until.Sub(r.result.From))
	var passed atomic.Int64 // days, in all parts together
	observe := func(days int64) {
		r.Observe(Progress{Billing, passed.Add(days) / int64(len(r.parts)), whole})
	}
	r.invoices = make([][]Invoice, len(r.parts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, part := range r.parts {
		group.Go(func() (err error) {
			r.parts[i] = nil
			r.invoices[i], err = r.billPart(ctx, part, observe)
			return err
		})
	}
	return group.Wait()
}

// billPart advances the clock of one part to the end and returns its invoices. Observe is told how many days more have passed.
func (r *rehearsal) billPart(ctx context.Context, part *sandbox.Server, observe func(days int64)) (made []Invoice, err error) {
	take := func(i sandbox.Invoice) {
		one := Invoice{
			Created: csvspec.Timestamp(i.Created), DueDate: csvspec.Timestamp(i.DueDate), Currency: i.Currency, Status: i.Status,
			Attempted: i.Attempted, Subtotal: i.Subtotal, Discount: i.Discount, Tax: i.Tax, TaxIncluded: i.TaxIncluded,
			Total: i.Total, AmountDue: i.AmountDue,
		}
		tag, ok := schedule.ParseTag(map[string]string{schedule.TagKey: i.SubscriptionMetadata(schedule.TagKey)})
		if one.row = tag.Row; (!ok || one.row >= int64(len(r.rows))) && err == nil {
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
		if err := part.Advance(ctx, at); err != nil {
			return nil, err
		}
		if err := part.TakeInvoices(at.Add(-settling), take); err != nil {
			return nil, err
		}
		observe(days(at.Sub(from)) - before)
	}
	if failed := part.TakeInvoices(time.Unix(math.MaxInt64, 0), take); failed != nil {
		return nil, failed
	}
	slices.SortStableFunc(made, func(a, b Invoice) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.Created, b.Created))
	})
	return made, err
}

func days(d time.Duration) int64 { return int64((d + 24*time.Hour - 1) / (24 * time.Hour)) }
