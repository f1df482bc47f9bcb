package plan_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/validate"
)

// library answers as an account with any price and with customers numbered from 1.
type library struct {
	customers int

	mu    sync.Mutex
	kinds map[string]int // requests by kind of object
}

func (l *library) RoundTrip(r *http.Request) (*http.Response, error) {
	kind, id, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	l.mu.Lock()
	l.kinds[kind]++
	l.mu.Unlock()
	text := `{"id": "acct_1", "object": "account"}`
	switch kind {
	case "prices":
		text = fmt.Sprintf(`{"id": %q, "object": "price", "active": true, "currency": "usd", "billing_scheme": "per_unit",
			"unit_amount": 1999, "unit_amount_decimal": "1999", "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"}}`, id)
	case "customers":
		text = l.page(r.URL.Query().Get("starting_after"))
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Request-Id": {"req_1"}}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

// page lists 100 customers after one.
func (l *library) page(after string) string {
	first := 1
	if _, err := fmt.Sscanf(after, "cus_%d", &first); err == nil {
		first++
	}
	last := min(first+99, l.customers)
	var data []string
	for n := first; n <= last; n++ {
		data = append(data, fmt.Sprintf(`{"id": "cus_%07d", "object": "customer", "email": "jo@example.com", "invoice_settings": {"default_payment_method": "pm_1"}}`, n))
	}
	return fmt.Sprintf(`{"object": "list", "has_more": %t, "data": [%s]}`, last < l.customers, strings.Join(data, ","))
}

// planLarge reviews and plans a generated file with 50 prices and a customer a row, and returns the account's
// requests by kind.
func planLarge(t *testing.T, rows int) (*plan.Plan, map[string]int) {
	account := &library{customers: rows, kinds: map[string]int{}}
	w := &world{
		clock: &clock{now: today}, input: generatedInput(rows),
		options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, CheckCustomers: true},
	}
	w.Migrator = w.migrator(t, account)
	return w.plan(t, nil), account.kinds
}

// TestReadsAreFew: beside the pages of customers, an account is asked for each object that the file names, and for
// itself.
func TestReadsAreFew(t *testing.T) { readsAreFew(t, 10_000) }

// TestReadsAreFewInALargeFile is the same with the largest file whose customers are looked up.
func TestReadsAreFewInALargeFile(t *testing.T) {
	onlyInSoak(t)
	readsAreFew(t, 100_000)
}

func readsAreFew(t *testing.T, rows int) {
	p, requests := planLarge(t, rows)
	require.EqualValues(t, rows, p.Rows.Planned)
	require.Equal(t, map[string]int{"account": 1, "prices": 50, "customers": rows / 100}, requests)
}

// onlyInSoak skips what takes long.
func onlyInSoak(t *testing.T) {
	if os.Getenv("SUBFERRY_SOAK") == "" {
		t.Skip("only with SUBFERRY_SOAK=1")
	}
}

func TestAMillionRows(t *testing.T) {
	onlyInSoak(t)
	most, stop := watchMemory()
	began := time.Now()
	p, _ := planLarge(t, 1_000_000)
	stop()
	require.EqualValues(t, 1_000_000, p.Rows.Planned)
	require.Less(t, *most, uint64(256<<20))
	t.Logf("%d MB of memory at most, %s", *most>>20, time.Since(began).Round(time.Second))
}

// watchMemory samples what the process has taken from the system and not given back.
func watchMemory() (most *uint64, stop func()) {
	most = new(uint64)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			*most = max(*most, m.Sys-m.HeapReleased)
			select {
			case <-quit:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return most, func() { close(quit); <-done }
}
