package verify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// Upcoming is the side of an invoice that Stripe was asked to preview.
const Upcoming Side = "upcoming_invoice"

// Preview is a row whose next invoice was asked of Stripe.
type Preview struct {
	Row            int64  `json:"row"`
	Line           int64  `json:"line"`
	Customer       string `json:"customer"`
	ScheduleID     string `json:"schedule_id"`
	SubscriptionID string `json:"subscription_id"`
	Strategy       string `json:"strategy"`
	Agrees         bool   `json:"agrees"`
	Invoice        string `json:"invoice"` // what Stripe says: 2027-03-08T09:00:00Z 19.99 USD
	Note           string `json:"note"`    // what could not be compared, and why
}

// chooseSample chooses n of the rows that exist, spread over the strategies, by a seed: the same seed, the same rows.
func (w *work) chooseSample(n int) map[int64]bool {
	byStrategy := map[string][]int64{}
	for row, e := range w.entries {
		if exists(e) {
			byStrategy[e.Strategy] = append(byStrategy[e.Strategy], row)
		}
	}
	rank := func(row int64) uint64 {
		h := fnv.New64a()
		fmt.Fprintf(h, "%d/%s/%d", w.options.Seed, w.mig.ID, row)
		return h.Sum64()
	}
	order := []string{""}
	for _, s := range schedule.Strategies() {
		order = append(order, string(s))
	}
	for _, rows := range byStrategy {
		slices.SortFunc(rows, func(a, b int64) int { return cmp.Compare(rank(a), rank(b)) })
	}
	chosen := map[int64]bool{}
	for turn, left := 0, true; left && len(chosen) < n; turn++ {
		left = false
		for _, strategy := range order {
			if rows := byStrategy[strategy]; turn < len(rows) && len(chosen) < n {
				chosen[rows[turn]], left = true, true
			}
		}
	}
	return chosen
}

// prepareSample chooses the rows of the preview, and looks up what their charges depend on.
func (w *work) prepareSample(ctx context.Context, refs migrate.References) error {
	if w.options.Preview <= 0 {
		return nil
	}
	w.sampled, w.perCustomer = w.chooseSample(w.options.Preview), map[string]int{}
	customers := map[string]bool{}
	for _, e := range w.entries {
		w.perCustomer[e.Customer]++
		if w.sampled[e.Row] {
			customers[e.Customer] = true
		}
	}
	more, err := w.Destination.Migrator.LookUp(ctx, migrate.ObjectIDs{Customers: sortedKeys(customers), TaxRates: sortedKeys(refs.TaxRates)})
	if err != nil {
		return err
	}
	w.facts.Customers, w.facts.TaxRates = more.Customers, more.TaxRates
	return nil
}

// invoiceObject is what is compared of an upcoming invoice.
type invoiceObject struct {
	Created   csvspec.Timestamp `json:"created"`
	Currency  string            `json:"currency"`
	Total     int64             `json:"total"`
	AmountDue int64             `json:"amount_due"`
}

// upcoming asks for the next invoice of a row and compares it with the forecast.
func (w *work) upcoming(ctx context.Context, e ledger.Entry, planned *schedule.Planned, line Line) ([]Value, error) {
	query := url.Values{}
	if line.SubscriptionID == "" {
		query.Set("schedule", line.ScheduleID)
	} else {
		query.Set("subscription", line.SubscriptionID)
		if s := w.subscriptions[line.SubscriptionID]; s != nil && planned.IsDirect() {
			planned.Created = s.Created
		}
	}
	p := Preview{Row: e.Row, Line: e.Line, Customer: e.Customer, ScheduleID: line.ScheduleID, SubscriptionID: line.SubscriptionID, Strategy: e.Strategy, Agrees: true}
	raw, err := w.Destination.ask(ctx, "/v1/invoices/upcoming", query)
	var failure *migrate.StripeError
	var found invoiceObject
	switch {
	case errors.As(err, &failure) && failure.Code == "invoice_upcoming_none":
	case err != nil:
		return nil, fmt.Errorf("line %d: the upcoming invoice cannot be read: %w", e.Line, err)
	default:
		if err := json.Unmarshal(raw, &found); err != nil {
			return nil, fmt.Errorf("line %d: the upcoming invoice cannot be read: %w", e.Line, err)
		}
		p.Invoice = found.Created.String() + " " + csvspec.Money{Minor: found.Total, Currency: found.Currency}.String()
	}
	var notes []string
	c := &comparison{side: Upcoming, customer: e.Customer}
	charge, ok := w.nextCharge(planned, line)
	c.addMoment("created", charge.At, found.Created)
	if ok && found.Created != 0 {
		notes = w.compareInvoice(c, charge, found)
	}
	p.Note, p.Agrees = strings.Join(notes, "; "), !slices.ContainsFunc(c.values, func(v Value) bool { return v.Expected != v.Found })
	w.result.Preview = append(w.result.Preview, p)
	return c.values, nil
}

// compareInvoice compares what an invoice comes to, as far as that is known, and returns why the rest is not.
func (w *work) compareInvoice(c *comparison, charge forecast.Charge, found invoiceObject) (notes []string) {
	money := func(minor int64) string { return csvspec.Money{Minor: minor, Currency: charge.Currency}.String() }
	c.add("currency", charge.Currency, found.Currency)
	customer := w.facts.Customers[c.customer]
	several := w.perCustomer[c.customer] > 1
	for _, r := range charge.Unknown {
		notes = append(notes, r.Description())
	}
	if several && customer.Discount != nil {
		return append(notes, "the customer has a discount of its own and several rows, and which of them uses it is not known")
	}
	if charge.TotalKnown() {
		c.add("total", money(charge.Total), money(found.Total))
	}
	if several {
		return notes
	}
	if charge.Known() {
		c.add("amount_due", money(charge.Due), money(found.AmountDue))
	}
	return notes
}

// nextCharge returns the next invoice that the forecast knows: the first of all for a schedule that has not started.
func (w *work) nextCharge(planned *schedule.Planned, line Line) (forecast.Charge, bool) {
	for renewals := 2; ; renewals *= 4 {
		f := forecast.Of(planned, w.facts, renewals)
		for _, one := range f.Charges {
			if line.SubscriptionID == "" || one.At > w.now {
				return one, true
			}
		}
		if renewals > 2000 || len(f.Charges) < renewals { // it ends before
			return forecast.Charge{}, false
		}
	}
}
