package rehearse

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
)

// settling is how long after an invoice was made it is certainly charged, and the clock changes nothing in it any more:
// it is a draft for about an hour.
const settling = 2 * time.Hour

// renewals is how many renewals of each row are waited for.
const renewals = 2

// lookAhead decides how far the clock has to be advanced.
func (s *stage) lookAhead(ctx context.Context) error {
	if !s.Until.IsZero() {
		s.result.Until = s.Until.UTC()
		return nil
	}
	last := csvspec.At(s.result.From)
	err := s.each(ctx, func(_ int64, planned *schedule.Planned) {
		f := forecast.Of(planned, s.result.Review.AccountData, renewals)
		for _, c := range f.Charges {
			last = max(last, c.At)
		}
		last = max(last, f.Ends)
	})
	s.result.Until = last.Time().Add(settling)
	return err
}

// steps is in how many steps the clock is advanced at least, so that progress can be told.
const steps = 100

// bill advances the clock and reads the invoices that were made.
func (s *stage) bill(ctx context.Context) error {
	whole := s.result.Until.Sub(s.result.From)
	step := max(24*time.Hour, (whole / steps).Truncate(24*time.Hour))
	for at := s.result.From; at.Before(s.result.Until); {
		at = earlier(at.Add(step), s.result.Until)
		if err := s.Box.Advance(ctx, at); err != nil {
			return err
		}
		if err := s.take(ctx, at.Add(-settling)); err != nil {
			return err
		}
		s.Observe(Progress{Billing, days(at.Sub(s.result.From)), days(whole)})
	}
	return s.collect(ctx, url.Values{})
}

// take reads the invoices made before a moment out of the sandbox, which has no use for them any more: an object of
// the API is about ten times as large as what is kept of it here.
func (s *stage) take(ctx context.Context, before time.Time) error {
	if err := s.collect(ctx, url.Values{"created[lt]": {strconv.FormatInt(before.Unix(), 10)}}); err != nil {
		return err
	}
	return s.Box.ForgetInvoices(before)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func days(d time.Duration) int64 { return int64((d + 24*time.Hour - 1) / (24 * time.Hour)) }

// collect reads the invoices that match the query. Without somebody to show them to, what only a reader wants is left
// out: there may be millions.
func (s *stage) collect(ctx context.Context, query url.Values) error {
	return Invoices(ctx, s.Box.Transport(), address, testKey, query, func(i *Invoice) error {
		i.Currency, i.Status, i.Subscription = s.words.same(i.Currency), s.words.same(i.Status), s.words.same(i.Subscription)
		if s.Each == nil {
			i.ID, i.Customer, i.Lines = "", "", nil
		}
		s.invoices = append(s.invoices, *i)
		return nil
	})
}

// words keeps one copy of each text.
type words map[string]string

func (w words) same(text string) string {
	if _, known := w[text]; !known {
		w[text] = text
	}
	return w[text]
}

// sort brings the invoices into the order of rows and time.
func (s *stage) sort(rows map[string]int64) error {
	for i := range s.invoices {
		one := &s.invoices[i]
		n, ok := rows[one.Subscription]
		if !ok {
			return fmt.Errorf("the sandbox made an invoice for the subscription %s, which no row of the file has", one.Subscription)
		}
		one.row = n
	}
	slices.SortStableFunc(s.invoices, func(a, b Invoice) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.Created, b.Created))
	})
	return nil
}
