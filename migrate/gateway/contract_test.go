package gateway_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

const testSecret = "sk_test_TopSecret123456"

func newGateway(t *testing.T, cfg gateway.Config) *gateway.Gateway {
	t.Helper()
	if cfg.Key.IsZero() {
		key, err := gateway.NewKey(testSecret)
		require.NoError(t, err)
		cfg.Key = key
	}
	g, err := gateway.New(cfg)
	require.NoError(t, err)
	return g
}

// TestContractStripeMock: stripe-mock accepts every request, and its description knows every parameter of it.
func TestContractStripeMock(t *testing.T) {
	wire := &recorder{base: stripeMock(t)}
	g := newGateway(t, gateway.Config{HTTP: wire})
	runContract(t, g)
	require.NotEmpty(t, wire.all)
	direct := map[string]bool{}
	for _, s := range wire.all {
		if s.Method == http.MethodPost && s.Path == "/v1/subscriptions" {
			for name := range s.Params {
				name, _, _ = strings.Cut(name, "[")
				direct[name] = true
			}
		}
		require.Empty(t, unknownParams(t, s), "%s %s", s.Method, s.Path)
		require.Equal(t, gateway.APIVersion, s.Header.Get("Stripe-Version"))
		require.Empty(t, s.Header.Get("X-Stripe-Client-Telemetry"))
	}
	require.ElementsMatch(t, []string{
		"customer", "items", "backdate_start_date", "billing_cycle_anchor", "trial_end", "cancel_at", "proration_behavior", "payment_behavior",
		"collection_method", "days_until_due", "automatic_tax", "default_tax_rates", "coupon", "currency", "metadata",
	}, slices.Collect(maps.Keys(direct)), "each parameter of a direct subscription was sent")
}

// runContract makes every call of the gateway, for every row of the golden file, against a server that accepts
// any ID.
func runContract(t *testing.T, g *gateway.Gateway) {
	t.Helper()
	ctx := t.Context()
	for _, row := range goldenRows(t) {
		planned, err := schedule.FromRow(&row, goldenAccount(t))
		require.NoError(t, err)
		name := row.Metadata.Get("case")
		created, err := g.CreateSchedule(ctx, planned.Schedule, "key "+name)
		require.NoError(t, err, name)
		require.NotEmpty(t, created.ID)
		require.NotEmpty(t, created.Status)
		require.NotEmpty(t, created.RequestID)
		require.False(t, created.Replayed)
		require.NoError(t, g.SetScheduleCoupon(ctx, created.ID, planned.Schedule, "coupon "+name), name)
	}
	for _, row := range directRows(t) {
		name := row.Metadata.Get("case")
		created, err := g.CreateSubscription(ctx, planDirect(t, row), "key "+name)
		require.NoError(t, err, name)
		require.NotEmpty(t, created.ID)
		require.NotEmpty(t, created.Status)
		require.NotEmpty(t, created.RequestID)
		require.False(t, created.Replayed)
	}
	readAndCancel(t, g)
}

// planDirect returns the direct subscription that a row becomes.
func planDirect(t *testing.T, row csvspec.Row) schedule.Subscription {
	t.Helper()
	planned, err := schedule.Planner{Account: goldenAccount(t), Direct: schedule.Exact}.FromRow(&row)
	require.NoError(t, err)
	return *planned.Subscription
}

func readAndCancel(t *testing.T, g *gateway.Gateway) {
	t.Helper()
	ctx := t.Context()
	account, err := g.Account(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, account.ID)
	require.False(t, account.Livemode)
	schedules, err := g.Schedules(ctx, migrate.ScheduleFilter{Customer: "cus_1", NotStarted: true, After: "sub_sched_0"})
	require.NoError(t, err)
	require.NotEmpty(t, schedules.Schedules)
	first := schedules.Schedules[0]
	read, err := g.Schedule(ctx, first.ID)
	require.NoError(t, err)
	require.Equal(t, first.ID, read.ID)
	canceled, err := g.CancelSchedule(ctx, first.ID, "cancel")
	require.NoError(t, err)
	require.Equal(t, first.ID, canceled.ID)
	released, err := g.ReleaseSchedule(ctx, first.ID, "release")
	require.NoError(t, err)
	require.Equal(t, first.ID, released.ID)
	live, err := g.Subscriptions(ctx, migrate.SubscriptionFilter{Customer: "cus_1", Canceled: true, After: "sub_0"})
	require.NoError(t, err)
	require.NotEmpty(t, live.Subscriptions)
	require.NotEmpty(t, live.Subscriptions[0].ID)
	require.NotEmpty(t, live.Subscriptions[0].Customer)
	require.NotEmpty(t, live.Subscriptions[0].Status)
	require.False(t, live.Subscriptions[0].StartDate.IsBlank())
	one, err := g.Subscription(ctx, live.Subscriptions[0].ID)
	require.NoError(t, err)
	require.Equal(t, live.Subscriptions[0].ID, one.ID)
	invoices, err := g.Invoices(ctx, migrate.InvoiceFilter{Subscription: one.ID, After: "in_0"})
	require.NoError(t, err)
	require.NotEmpty(t, invoices.Invoices)
	require.NotEmpty(t, invoices.Invoices[0].ID)
	require.NotEmpty(t, invoices.Invoices[0].Currency)
	_, err = g.ListsHide(ctx)
	require.NoError(t, err)
	require.NoError(t, g.CancelSubscription(ctx, "sub_1"))
	customerPage, err := g.Customers(ctx, "cus_before")
	require.NoError(t, err)
	require.NotEmpty(t, customerPage.Customers[0].ID)
	require.NoError(t, g.SetSubscriptionCoupon(ctx, "sub_1", "TEN", "key"))
	requireFacts(t, g)
}

func requireFacts(t *testing.T, g *gateway.Gateway) {
	t.Helper()
	customers := make([]string, 30)
	for i := range customers {
		customers[i] = "cus_" + csvspec.Of(int64(i)).String()
	}
	facts, err := g.AccountData(t.Context(), migrate.ObjectIDs{
		Prices: []string{"price_1"}, Products: []string{"prod_1"}, Coupons: []string{"launch25"},
		TaxRates: []string{"txr_1"}, Customers: customers,
	})
	require.NoError(t, err)
	require.Len(t, facts.Prices, 1)
	require.Equal(t, "month", facts.Prices["price_1"].Interval)
	require.Len(t, facts.Products, 2, "the one that is named, and the price's")
	require.Len(t, facts.Coupons, 1)
	require.Len(t, facts.TaxRates, 1)
	require.Len(t, facts.Customers, len(customers))
}

// TestGoldenRequests shows what is sent for each row of the golden file, parameter by parameter.
func TestGoldenRequests(t *testing.T) {
	wire := &recorder{base: stripeMock(t)}
	g := newGateway(t, gateway.Config{HTTP: wire})
	var b strings.Builder
	for i, row := range slices.Concat(goldenRows(t), directRows(t)) {
		planned, err := schedule.Planner{Account: goldenAccount(t), Direct: schedule.Exact}.FromRow(&row)
		if i < len(goldenRows(t)) {
			planned, err = schedule.FromRow(&row, goldenAccount(t))
		}
		require.NoError(t, err)
		if planned.IsDirect() {
			_, err = g.CreateSubscription(t.Context(), *planned.Subscription, "key")
		} else {
			_, err = g.CreateSchedule(t.Context(), planned.Schedule, "key")
		}
		require.NoError(t, err)
		b.WriteString("# " + row.Metadata.Get("case") + " (" + string(planned.Strategy) + ")\n")
		for _, name := range slices.Sorted(maps.Keys(wire.all[i].Params)) {
			b.WriteString(name + " = " + strings.Join(wire.all[i].Params[name], ", ") + "\n")
		}
		b.WriteString("\n")
	}
	path := filepath.Join("testdata", "requests.golden")
	if golden.FlagUpdate() {
		require.NoError(t, os.MkdirAll("testdata", 0o750))
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

// goldenRows are the rows whose schedules package schedule's golden file shows, and directRows those of its direct
// subscriptions.
func goldenRows(t *testing.T) []csvspec.Row { return rowsOf(t, "strategies.csv") }

func directRows(t *testing.T) (rows []csvspec.Row) {
	t.Helper()
	for _, row := range rowsOf(t, "direct.csv") { // which also has rows that stay schedules, or are refused
		planned, err := schedule.Planner{Account: goldenAccount(t), Direct: schedule.Exact}.FromRow(&row)
		if err == nil && planned.IsDirect() {
			rows = append(rows, row)
		}
	}
	require.NotEmpty(t, rows)
	return rows
}

func rowsOf(t *testing.T, name string) []csvspec.Row {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "schedule", "testdata", name))
	require.NoError(t, err)
	defer file.Close()
	rows, err := csvspec.Unmarshal(file, csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	return rows
}

func goldenAccount(t *testing.T) *account.Account {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "schedule", "testdata", "account.json"))
	require.NoError(t, err)
	known := &account.Account{}
	require.NoError(t, json.Unmarshal(text, known))
	return known
}

// TestIdempotencyKeys: writes carry the caller's key, word for word.
func TestIdempotencyKeys(t *testing.T) {
	wire := &recorder{base: stripeMock(t)}
	g := newGateway(t, gateway.Config{HTTP: wire})
	_, err := g.CancelSchedule(t.Context(), "sub_sched_1", "migration-1/row-2/attempt-3")
	require.NoError(t, err)
	require.Equal(t, http.MethodPost, wire.all[0].Method)
	require.Equal(t, "migration-1/row-2/attempt-3", wire.all[0].Header.Get("Idempotency-Key"))
	require.Equal(t, map[string][]string{"invoice_now": {"false"}, "prorate": {"false"}}, map[string][]string(wire.all[0].Params))
	require.NoError(t, g.CancelSubscription(t.Context(), "sub_1"))
	require.Equal(t, http.MethodDelete, wire.all[1].Method)
	require.Equal(t, map[string][]string{"invoice_now": {"false"}, "prorate": {"false"}}, map[string][]string(wire.all[1].Params))
	_, err = g.ReleaseSchedule(t.Context(), "sub_sched_1", "migration-1/row-2/attempt-4")
	require.NoError(t, err)
	require.Equal(t, "migration-1/row-2/attempt-4", wire.all[2].Header.Get("Idempotency-Key"))
	require.Equal(t, map[string][]string{"preserve_cancel_date": {"true"}}, map[string][]string(wire.all[2].Params))
}
