package cutover_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/verify"
	"github.com/subferry/subferry/validate"
)

// clock is a clock on which waiting takes no time: whoever sleeps moves it.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	slept func() // told of every waiting; nil is nobody
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	if c.slept != nil {
		c.slept()
	}
	return ctx.Err()
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
}

// lateClock is behind another one.
type lateClock struct {
	*clock
	by time.Duration
}

func (c lateClock) Now() time.Time { return c.clock.Now().Add(-c.by) }

// today is when the tests take place.
var today = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

func unix(days int) string { return fmt.Sprint(today.AddDate(0, 0, days).Unix()) }

// env is two accounts, a ledger and a migration between them. It survives the death of a process.
type env struct {
	t                   testing.TB
	clock               *clock
	source, destination *sandbox.Server
	ledger              ledger.Ledger
	late                time.Duration // by how much the clock of a process is behind that of the accounts
	rows                int
	id                  string
	fault               func(*http.Request) sandbox.Fault // of the source account; nil is nothing
	customers           crashtest.Customers
	verify              func(ctx context.Context, id string, rows map[int64]bool) (map[int64]string, error)
}

const stock = `"products": [{"id": "prod_A", "name": "A"}],
	"prices": [{"id": "price_A", "product": "prod_A", "currency": "usd", "unit_amount": 1000, "tax_behavior": "exclusive", "recurring": {"interval": "month"}}]`

// newEnv migrates rows whose source subscriptions renew, one a day, from the tenth day on. change is told of each row and
// may say more of its source subscription.
func newEnv(t testing.TB, rows int, change ...func(row int) string) *env {
	w := &env{t: t, clock: &clock{now: today}, ledger: ledger.NewMemory(), rows: rows}
	var customers, subscriptions []string
	file := "customer,start_date,price,quantity,metadata.old_Stripe_sub_id\n"
	for i := 1; i <= rows; i++ {
		more := ""
		for _, one := range change {
			more += one(i)
		}
		customers = append(customers, fmt.Sprintf(`{"id": "cus_%d", "email": "%[1]d@example.com", "invoice_settings": {"default_payment_method": "pm_card_visa"}}`, i))
		subscriptions = append(subscriptions, fmt.Sprintf(`{"id": "sub_old%d", "customer": "cus_%[1]d", "current_period_end": %s%s, "items": {"data": [{"price": "price_A"}]}}`,
			i, unix(9+i), more))
		file += fmt.Sprintf("cus_%d,%s,price_A,1,sub_old%[1]d\n", i, unix(9+i))
	}
	w.source = w.open("source", func(r *http.Request) sandbox.Fault {
		if w.fault == nil {
			return sandbox.Fault{}
		}
		return w.fault(r)
	}, fmt.Sprintf(`{"account": {"id": "acct_source"}, %s, "customers": [%s], "subscriptions": [%s]}`, stock, strings.Join(customers, ","), strings.Join(subscriptions, ",")))
	w.destination = w.open("destination", nil, fmt.Sprintf(`{"account": {"id": "acct_destination"}, %s, "customers": [%s]}`, stock, strings.Join(customers, ",")))
	w.migrate(file)
	return w
}

func (w *env) open(seed string, fault func(*http.Request) sandbox.Fault, data string) *sandbox.Server {
	s, err := sandbox.Open(sandbox.Options{Now: w.clock.Now, Seed: seed, Fault: fault})
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = s.Close() })
	require.NoError(w.t, s.Load(strings.NewReader(data)))
	return s
}

// migrate runs a file, and says that all of it was verified.
func (w *env) migrate(csv string) {
	path := filepath.Join(w.t.TempDir(), "subs.csv")
	require.NoError(w.t, os.WriteFile(path, []byte(csv), 0o600))
	m := w.migrator(w.destination, &crashtest.Crash{}, w.ledger)
	review, err := m.Review(context.Background(), migrate.FileInput(path), migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead})
	require.NoError(w.t, err)
	s, err := m.Run(context.Background(), review, migrate.RunOptions{})
	require.NoError(w.t, err)
	w.id = s.ID
	w.verified()
}

func (w *env) bind() {
	require.NoError(w.t, w.ledger.BindSource(context.Background(), w.id, "acct_source"))
}

func (w *env) verified() {
	var all []ledger.Verified
	for row := range w.rows {
		all = append(all, ledger.Verified{Row: int64(row + 1), At: csvspec.At(w.clock.Now()), Hash: "h"})
	}
	require.NoError(w.t, w.ledger.PutVerified(context.Background(), w.id, all))
}

func (w *env) gateway(s *sandbox.Server, wire http.RoundTripper, d *crashtest.Crash) *gateway.Gateway {
	key, err := gateway.NewKey("sk_test_tests")
	require.NoError(w.t, err)
	if wire == nil {
		wire = s.Transport()
	}
	gw, err := gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: changesDie{wire, d}})
	require.NoError(w.t, err)
	return gw
}

func (w *env) migrator(s *sandbox.Server, d *crashtest.Crash, l ledger.Ledger) *migrate.Migrator {
	return w.migratorOf(w.gateway(s, nil, d), l)
}

func (w *env) migratorOf(gw *gateway.Gateway, l ledger.Ledger) *migrate.Migrator {
	m, err := migrate.New(migrate.Config{Gateway: gw, Ledger: l, Clock: w.clock, Workers: 1, Jitter: func() float64 { return 0.5 }, Customers: &w.customers})
	require.NoError(w.t, err)
	return m
}

// process is one life of the program.
func (w *env) process(d *crashtest.Crash) *cutover.Cutover { return w.processOn(nil, d) }

func (w *env) processOn(wire http.RoundTripper, d *crashtest.Crash) *cutover.Cutover {
	old, fresh := w.gateway(w.source, wire, d), w.gateway(w.destination, nil, d)
	l := crashtest.Ledger(w.ledger, d)
	return cutover.New(cutover.Config{
		Destination: verify.Party{Migrator: w.migratorOf(fresh, l), Reader: fresh},
		Source:      &cutover.Source{Migrator: w.migratorOf(old, l), Writer: old},
		Ledger:      l, Clock: lateClock{w.clock, w.late}, Verify: w.verify, Workers: 1,
	})
}

func (w *env) plan(o cutover.Options) *cutover.Result {
	w.t.Helper()
	r, err := w.process(&crashtest.Crash{}).Plan(context.Background(), w.id, o)
	require.NoError(w.t, err)
	return r
}

func (w *env) apply(o cutover.Options) *cutover.Result {
	w.t.Helper()
	r, err := w.process(&crashtest.Crash{}).Apply(context.Background(), w.id, o)
	require.NoError(w.t, err)
	return r
}

func (w *env) undo(o cutover.Options) *cutover.Result {
	w.t.Helper()
	r, err := w.process(&crashtest.Crash{}).Undo(context.Background(), w.id, o)
	require.NoError(w.t, err)
	return r
}

func (w *env) bills() *cutover.Bills {
	w.t.Helper()
	b, err := w.process(&crashtest.Crash{}).WhoBills(context.Background(), w.id)
	require.NoError(w.t, err)
	return b
}

// entry is what the ledger has of a row.
func (w *env) entry(row int64) ledger.Entry {
	w.t.Helper()
	for e, err := range w.ledger.Entries(context.Background(), w.id) {
		require.NoError(w.t, err)
		if e.Row == row {
			return e
		}
	}
	require.Fail(w.t, "no such row")
	return ledger.Entry{}
}

// call sends one request behind the program's back.
func (w *env) call(s *sandbox.Server, method, path string, pairs ...string) map[string]any {
	w.t.Helper()
	fault := w.fault
	w.fault = nil
	defer func() { w.fault = fault }()
	values := url.Values{}
	for _, one := range pairs {
		name, value, _ := strings.Cut(one, "=")
		values.Add(name, value)
	}
	target, body := "http://127.0.0.1"+path, ""
	if method == http.MethodGet {
		target += "?" + values.Encode()
	} else {
		body = values.Encode()
	}
	r, err := http.NewRequest(method, target, strings.NewReader(body))
	require.NoError(w.t, err)
	r.Header.Set("Authorization", "Bearer sk_test_tests")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := s.Transport().RoundTrip(r)
	require.NoError(w.t, err)
	var answer map[string]any
	require.NoError(w.t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(w.t, 200, res.StatusCode, "%s %s: %v", method, path, answer)
	return answer
}

func (w *env) old(row int, pairs ...string) map[string]any {
	w.t.Helper()
	method := http.MethodPost
	if len(pairs) == 0 {
		method = http.MethodGet
	}
	return w.call(w.source, method, fmt.Sprintf("/v1/subscriptions/sub_old%d", row), pairs...)
}

// charges counts, by customer, the invoices that one account has charged.
func (w *env) charges(s *sandbox.Server) map[string]int {
	w.t.Helper()
	all, after := map[string]int{}, ""
	for {
		query := []string{"limit=100", "status=paid"}
		if after != "" {
			query = append(query, "starting_after="+after)
		}
		page := w.call(s, http.MethodGet, "/v1/invoices", query...)
		for _, one := range page["data"].([]any) {
			invoice := one.(map[string]any)
			after = invoice["id"].(string)
			if invoice["total"].(float64) != 0 {
				all[invoice["customer"].(string)]++
			}
		}
		if page["has_more"] != true {
			return all
		}
	}
}

// chargedOnce requires that after two months every customer was charged twice, once for each period, whichever side did it.
func (w *env) chargedOnce() {
	w.t.Helper()
	w.fault = nil
	w.clock.mu.Lock()
	w.clock.now = today.AddDate(0, 0, 9+31+w.rows).Add(2 * time.Hour)
	w.clock.mu.Unlock()
	old, fresh := w.charges(w.source), w.charges(w.destination)
	for row := 1; row <= w.rows; row++ {
		customer := fmt.Sprintf("cus_%d", row)
		periods := 0 // that have begun and are charged
		for at := today.AddDate(0, 0, 9+row); at.Add(time.Hour).Before(w.clock.Now()); at = at.AddDate(0, 1, 0) {
			periods++
		}
		require.Equal(w.t, periods, old[customer]+fresh[customer], "%s: %d by the source, %d by the destination", customer, old[customer], fresh[customer])
	}
}

// changesDie dies before each request that changes something, and after each such answer.
type changesDie struct {
	http.RoundTripper
	d *crashtest.Crash
}

func (w changesDie) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && !w.d.Dead() {
		return w.RoundTripper.RoundTrip(r)
	}
	return crashtest.Transport(w.RoundTripper, w.d).RoundTrip(r)
}
