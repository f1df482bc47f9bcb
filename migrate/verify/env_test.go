package verify_test

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
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/verify"
	"github.com/subferry/subferry/validate"
)

// clock is a clock on which waiting takes no time: whoever sleeps moves it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(max(d, 0))
}

// today is when the tests take place.
var today = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

func unix(days int) string { return fmt.Sprint(today.AddDate(0, 0, days).Unix()) }

// env is a destination and a source account, a ledger, and a migration of a file.
type env struct {
	t           *testing.T
	clock       *clock
	destination *account
	source      *account
	ledger      *ledger.Memory
	path        string
	id          string
	options     migrate.Options
	prices      map[string]string // that a test has created, by names of its own
}

// account is a sandbox, and how it is reached.
type account struct {
	*sandbox.Server
	t     *testing.T
	party verify.Party
	gw    *gateway.Gateway
	fault func(*http.Request) sandbox.Fault
	seen  []string // requests: GET /v1/…
	mu    sync.Mutex
}

func newAccount(t *testing.T, c *clock, l ledger.Ledger, seed, data string) *account {
	a := &account{t: t}
	var err error
	a.Server, err = sandbox.Open(sandbox.Options{Now: c.Now, Seed: seed, Fault: func(r *http.Request) sandbox.Fault {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.seen = append(a.seen, r.Method+" "+r.URL.Path)
		if a.fault == nil {
			return sandbox.Fault{}
		}
		return a.fault(r)
	}})
	require.NoError(t, err)
	t.Cleanup(func() { _ = a.Close() })
	require.NoError(t, a.Load(strings.NewReader(data)))
	key, err := gateway.NewKey("sk_test_tests")
	require.NoError(t, err)
	a.gw, err = gateway.New(gateway.Config{Key: key, BaseURL: "http://127.0.0.1", HTTP: a.Transport()})
	require.NoError(t, err)
	m, err := migrate.New(migrate.Config{Gateway: a.gw, Ledger: l, Clock: c, Workers: 1, Jitter: func() float64 { return 0.5 }})
	require.NoError(t, err)
	a.party = verify.Party{Migrator: m, Reader: a.gw}
	return a
}

// post changes something in the account behind the migration's back, and returns the answer.
func (a *account) post(path string, form ...string) map[string]any {
	a.t.Helper()
	return a.send(http.MethodPost, path, form...)
}

func (a *account) send(method, path string, form ...string) map[string]any {
	a.t.Helper()
	values := url.Values{}
	for _, one := range form {
		name, value, _ := strings.Cut(one, "=")
		values.Add(name, value)
	}
	req, err := http.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(values.Encode()))
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer sk_test_tests")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := a.Transport().RoundTrip(req)
	require.NoError(a.t, err)
	var answer map[string]any
	require.NoError(a.t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(a.t, 200, res.StatusCode, "%s %s: %v", method, path, answer)
	return answer
}

// stock is what both accounts sell; the source's IDs differ.
func stock(prefix string) string {
	return strings.ReplaceAll(`{
		"products": [{"id": "prod_A", "name": "A"}, {"id": "prod_B", "name": "B"}],
		"prices": [
			{"id": "price_Xpro", "product": "prod_A", "currency": "usd", "unit_amount": 1999, "tax_behavior": "exclusive", "recurring": {"interval": "month"}},
			{"id": "price_Xteam", "product": "prod_B", "currency": "usd", "unit_amount": 5000, "tax_behavior": "exclusive", "recurring": {"interval": "month"}}],
		"coupons": [{"id": "XTEN", "percent_off": 10, "duration": "forever"}, {"id": "XONCE", "percent_off": 50, "duration": "once"},
			{"id": "XMONTHS", "percent_off": 20, "duration": "repeating", "duration_in_months": 6}],
		"tax_rates": [{"id": "txr_Xvat", "display_name": "VAT", "inclusive": false, "percentage": 19}],
		"customers": [{"id": "cus_A", "email": "a@example.com", "invoice_settings": {"default_payment_method": "pm_card_visa"}},
			{"id": "cus_B", "email": "b@example.com", "invoice_settings": {"default_payment_method": "pm_card_visa"}},
			{"id": "cus_C", "email": "c@example.com", "invoice_settings": {"default_payment_method": "pm_card_visa"}}]}`, "X", prefix)
}

// newEnv migrates a file.
func newEnv(t *testing.T, csv string, change ...func(*migrate.Options)) *env {
	return newEnvOf(t, func(*env) string { return csv }, change...)
}

// newEnvOf migrates a file that is written when the accounts are there.
func newEnvOf(t *testing.T, csv func(*env) string, change ...func(*migrate.Options)) *env {
	c, l := &clock{now: today}, ledger.NewMemory()
	e := &env{t: t, clock: c, ledger: l, destination: newAccount(t, c, l, "destination", stock("")), source: newAccount(t, c, l, "source", stock("old")),
		path: filepath.Join(t.TempDir(), "subs.csv"), options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead}}
	for _, one := range change {
		one(&e.options)
	}
	require.NoError(t, os.WriteFile(e.path, []byte(csv(e)), 0o600))
	m := e.destination.party.Migrator
	review, err := m.Review(t.Context(), migrate.FileInput(e.path), e.options)
	require.NoError(t, err)
	s, err := m.Run(t.Context(), review, migrate.RunOptions{})
	require.NoError(t, err)
	e.id = s.ID
	return e
}

func (e *env) verifier() *verify.Verifier {
	return verify.New(verify.Config{Destination: e.destination.party, Ledger: e.ledger, Clock: e.clock})
}

// verify verifies with the destination only.
func (e *env) verify(o verify.Options) *verify.Result {
	e.t.Helper()
	r, err := e.verifier().Verify(e.t.Context(), e.id, o)
	require.NoError(e.t, err)
	return r
}

// both verifies with the source as well.
func (e *env) both(o verify.Options) *verify.Result {
	e.t.Helper()
	v := verify.New(verify.Config{Destination: e.destination.party, Source: &e.source.party, Ledger: e.ledger, Clock: e.clock})
	r, err := v.Verify(e.t.Context(), e.id, o)
	require.NoError(e.t, err)
	return r
}

// entry is what the ledger has of a row.
func (e *env) entry(row int64) ledger.Entry {
	e.t.Helper()
	for one, err := range e.ledger.Entries(e.t.Context(), e.id) {
		require.NoError(e.t, err)
		if one.Row == row {
			return one
		}
	}
	e.t.Fatalf("row %d has no entry", row)
	return ledger.Entry{}
}

// found returns the differences as FIELD: EXPECTED / FOUND.
func found(r *verify.Result) (all []string) {
	for _, d := range r.Differences {
		all = append(all, fmt.Sprintf("%s %s: %s / %s", d.Side, d.Field, d.Expected, d.Found))
	}
	return all
}
