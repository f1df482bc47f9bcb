package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
)

// Config is what a Monitor is made of.
type Config struct {
	Migrator *migrate.Migrator // of the account that is watched, at whose pace it is asked
	Reader   standing.Reader   // *gateway.Gateway is one
	Ledger   ledger.Ledger
	Clock    migrate.Clock
}

// Monitor looks at first invoices.
type Monitor struct{ Config }

// New returns a Monitor.
func New(c Config) *Monitor { return &Monitor{c} }

// Line is what became of one row's first invoice.
type Line struct {
	Row            int64  `json:"row"`
	Line           int64  `json:"line"`
	Customer       string `json:"customer"`
	SourceID       string `json:"source_id"`
	ScheduleID     string `json:"schedule_id"`
	SubscriptionID string `json:"subscription_id"`
	State          State  `json:"state"`
	InvoiceID      string `json:"invoice_id"`
	Amount         int64  `json:"amount"` // the invoice's total in minor units of Currency
	Currency       string `json:"currency"`
	Created        string `json:"created"`      // RFC 3339; "" when there is no invoice
	DueDate        string `json:"due_date"`     // of an invoice that was sent
	NextAttempt    string `json:"next_attempt"` // when Stripe charges again
	Attempts       int64  `json:"attempts"`
	DeclineCode    string `json:"decline_code"` // Stripe's, of the last attempt
	Retryable      *bool  `json:"retryable"`    // of a failed one: whether trying again may help; null otherwise
	Message        string `json:"message"`      // Stripe's, word for word
	Sentence       string `json:"sentence"`     // for people who do not know the API
}

// Decline is how often payments failed with one code.
type Decline struct {
	Code      string `json:"code"`
	Rows      int64  `json:"rows"`
	Retryable bool   `json:"retryable"`
}

// Result is what became of the first invoices of a migration.
type Result struct {
	ID       string          `json:"id"`
	Account  string          `json:"account"`
	File     string          `json:"file"`
	At       string          `json:"at"` // RFC 3339
	Rows     int64           `json:"rows"`
	Counts   map[State]int64 `json:"counts"`   // of every state, also 0
	Problems int64           `json:"problems"` // rows that somebody has to look at
	Waiting  int64           `json:"waiting"`  // rows of which more is to come by itself
	Declines []Decline       `json:"declines"` // the most frequent first
	Lines    []Line          `json:"lines"`    // all rows: those with problems first
}

// Look says what became of the first invoice of every row, as it is at this moment, and records it in the ledger. A row for
// which that is no step the ledger knows, because somebody has deleted an invoice for example, is shown and not recorded.
func (m *Monitor) Look(ctx context.Context, id string) (*Result, error) {
	mig, err := m.migration(ctx, id)
	if err != nil {
		return nil, err
	}
	var entries []ledger.Entry
	for e, err := range m.Ledger.Entries(ctx, id) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	now := csvspec.At(m.Clock.Now())
	lines, err := m.lines(ctx, id, entries, fewRows, now)
	if err != nil {
		return nil, err
	}
	r := &Result{ID: mig.ID, Account: mig.Account, File: mig.File, At: now.String(), Rows: int64(len(lines)), Counts: map[State]int64{}, Declines: []Decline{}, Lines: []Line{}}
	for _, s := range States() {
		r.Counts[s] = 0
	}
	for _, l := range lines {
		r.add(l)
	}
	r.seal()
	return r, nil
}

// LookAt looks at some rows only, as Look does, and leaves out those whose first invoice is paid or void, which it stays. Up
// to a hundred rows are asked for one by one, so that a few of a large account take few requests.
func (m *Monitor) LookAt(ctx context.Context, id string, rows []int64) ([]Line, error) {
	if _, err := m.migration(ctx, id); err != nil {
		return nil, err
	}
	var entries []ledger.Entry
	for _, row := range rows {
		for e, err := range m.Ledger.Range(ctx, id, row, row) {
			if err != nil {
				return nil, err
			}
			if e.Payment != Paid && e.Payment != Void {
				entries = append(entries, e)
			}
		}
	}
	return m.lines(ctx, id, entries, 100, csvspec.At(m.Clock.Now()))
}

// migration returns a migration of the account that is watched.
func (m *Monitor) migration(ctx context.Context, id string) (ledger.Migration, error) {
	mig, err := m.Ledger.Migration(ctx, id)
	if err != nil {
		return mig, err
	}
	return mig, m.Migrator.CheckAccount(ctx, mig)
}

// lines looks at rows and records what is seen. Up to few subscriptions are asked for one by one.
func (m *Monitor) lines(ctx context.Context, id string, entries []ledger.Entry, few int, now csvspec.Timestamp) ([]Line, error) {
	account := standing.Account{Reader: m.Reader, Sender: m.Migrator.Until(nil)}
	rows, err := standing.Read(ctx, account, nil, entries)
	if err != nil {
		return nil, err
	}
	invoices, err := firstInvoices(ctx, account, rows, few)
	if err != nil {
		return nil, fmt.Errorf("the invoices cannot be read: %w", err)
	}
	lines, pays, seen := []Line{}, map[string]bool{}, []ledger.Payment{}
	for i := range rows {
		row := &rows[i]
		var first *invoice
		able := true
		if row.Live != nil {
			first = invoices[row.Live.ID]
		}
		if first != nil && first.Status == "open" && first.Attempted && first.failure() == "" && first.PaymentMethod == "" && row.Live.PaymentMethod == "" {
			if able, err = canPay(ctx, account, string(first.Customer), pays); err != nil {
				return nil, err
			}
		}
		l := judge(row, first, able, now)
		lines = append(lines, l)
		seen = append(seen, ledger.Payment{Row: l.Row, State: l.State, Code: l.DeclineCode, At: now})
	}
	for batch := range slices.Chunk(seen, batchSize) {
		if err := m.Ledger.PutPayments(ctx, id, batch); err != nil && !errors.Is(err, ledger.ErrIllegal) {
			return nil, err
		}
	}
	return lines, nil
}

// batchSize is how many rows are recorded with one write to the disk.
const batchSize = 1000

// firstInvoices returns the first invoice of each live subscription that is not over nothing. Up to few of them are asked for
// one by one.
func firstInvoices(ctx context.Context, a standing.Account, rows []standing.Row, few int) (map[string]*invoice, error) {
	mine, since := map[string]bool{}, csvspec.Timestamp(0)
	for i := range rows {
		if s := rows[i].Live; s != nil {
			mine[s.ID] = true
			if since.IsBlank() || s.Created < since {
				since = s.Created
			}
		}
	}
	found := map[string]*invoice{}
	see := func(i *invoice) bool {
		if mine[string(i.Subscription)] && i.Total != 0 { // lists are newest first: the last one seen is the first
			found[string(i.Subscription)] = i
		}
		return true
	}
	if len(mine) <= few {
		for _, id := range slices.Sorted(maps.Keys(mine)) {
			if err := standing.Walk(ctx, a, "invoices", url.Values{"subscription": {id}, "expand[]": {"data.payment_intent"}}, (*invoice).id, see); err != nil {
				return nil, err
			}
		}
		return found, nil
	}
	query := url.Values{"created[gte]": {strconv.FormatInt(int64(since), 10)}, "expand[]": {"data.payment_intent"}}
	return found, standing.Walk(ctx, a, "invoices", query, (*invoice).id, see)
}

// fewRows is up to how many subscriptions of a whole migration are asked for one by one.
const fewRows = 3

// canPay tells whether a customer has something to be charged with. Each customer is asked for once.
func canPay(ctx context.Context, a standing.Account, customer string, known map[string]bool) (bool, error) {
	if able, asked := known[customer]; asked {
		return able, nil
	}
	type settings struct {
		Source  standing.Ref `json:"default_source"`
		Invoice struct {
			Method standing.Ref `json:"default_payment_method"`
		} `json:"invoice_settings"`
	}
	c, err := standing.Get[settings](ctx, a, "customers", customer, nil)
	if err != nil {
		return false, fmt.Errorf("the customer cannot be read: %w", err)
	}
	known[customer] = c != nil && (c.Source != "" || c.Invoice.Method != "")
	return known[customer], nil
}

func (r *Result) add(l Line) {
	r.Counts[l.State]++
	if l.State.Problem() {
		r.Problems++
	}
	if !l.State.Settled() {
		r.Waiting++
	}
	r.Lines = append(r.Lines, l)
	if l.DeclineCode == "" {
		return
	}
	at := slices.IndexFunc(r.Declines, func(d Decline) bool { return d.Code == l.DeclineCode })
	if at < 0 {
		at = len(r.Declines)
		r.Declines = append(r.Declines, Decline{Code: l.DeclineCode, Retryable: *l.Retryable})
	}
	r.Declines[at].Rows++
}

// seal puts what needs somebody first.
func (r *Result) seal() {
	order := map[State]int{}
	for i, s := range States() {
		order[s] = i
	}
	slices.SortStableFunc(r.Lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(order[a.State], order[b.State]), cmp.Compare(a.Row, b.Row))
	})
	slices.SortStableFunc(r.Declines, func(a, b Decline) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Code, b.Code)) })
}
