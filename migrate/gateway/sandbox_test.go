package gateway_test

import (
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// world is a sandbox with the objects of testdata/sandbox.json, in May 2030, and a gateway to it.
type world struct {
	*gateway.Gateway
	wire *recorder

	mu    sync.Mutex
	now   time.Time
	fault sandbox.Fault // of the next write
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2030, 5, 1, 0, 0, 0, 0, time.UTC)}
	server, err := sandbox.Open(sandbox.Options{Now: w.clock, Fault: w.nextFault, Seed: "gateway"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	account, err := os.Open(filepath.Join("testdata", "sandbox.json"))
	require.NoError(t, err)
	defer account.Close()
	require.NoError(t, server.Load(account))
	w.wire = &recorder{base: server.Transport()}
	w.Gateway = newGateway(t, gateway.Config{HTTP: w.wire})
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) nextFault(r *http.Request) sandbox.Fault {
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Method == http.MethodGet {
		return sandbox.Fault{}
	}
	fault := w.fault
	w.fault = sandbox.Fault{}
	return fault
}

func (w *world) plan(t *testing.T, row csvspec.Row) schedule.Schedule {
	t.Helper()
	planned, err := schedule.FromRow(&row, goldenAccount(t))
	require.NoError(t, err)
	return planned.Schedule
}

// TestContractSandbox: the sandbox accepts every schedule of the golden file, and what it then has is what was asked for.
func TestContractSandbox(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	made := map[string]bool{}
	for _, row := range goldenRows(t) {
		asked, name := w.plan(t, row), row.Metadata.Get("case")
		if asked.Phase.Currency == "eur" { // a customer has one currency
			asked.Customer = "cus_eur"
		}
		created, err := w.CreateSchedule(ctx, asked, name)
		require.NoError(t, err, name)
		require.Equal(t, migrate.ScheduleState{
			ID: created.ID, Customer: asked.Customer, Status: migrate.StatusNotStarted, EndBehavior: asked.EndBehavior, StartDate: asked.StartDate,
			Created: csvspec.At(w.now), Metadata: metadataOf(asked.Metadata), RequestID: created.RequestID,
		}, created, name)
		read, err := w.Schedule(ctx, created.ID)
		require.NoError(t, err)
		read.RequestID = created.RequestID
		require.Equal(t, created, read)
		made[created.ID] = asked.Customer == "cus_1"
	}
	for _, s := range w.wire.all {
		require.Empty(t, unknownParams(t, s), "%s %s", s.Method, s.Path)
	}
	page, err := w.Schedules(ctx, migrate.ScheduleFilter{Customer: "cus_1", NotStarted: true})
	require.NoError(t, err)
	require.Len(t, page.Schedules, len(made)-1)
	require.False(t, page.More)
	for _, listed := range page.Schedules {
		require.True(t, made[listed.ID])
	}
}

// TestContractSandboxDirect: the same for direct subscriptions. None of them costs anything before its start date, and
// whoever cancels one finds that in its invoices.
func TestContractSandboxDirect(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.now = time.Date(2030, 5, 25, 0, 0, 0, 0, time.UTC) // the anchors are less than a month away
	made := map[string]bool{}
	for _, row := range directRows(t) {
		asked, name := planDirect(t, row), row.Metadata.Get("case")
		if asked.Items[0].Price == "price_yearly" {
			asked.AutomaticTax = false // whose tax behavior the account does not state
		}
		created, err := w.CreateSubscription(ctx, asked, name)
		require.NoError(t, err, name)
		status := "active"
		if asked.TrialEnd != 0 {
			status = "trialing"
		}
		start := csvspec.At(w.now)
		if asked.BackdateStartDate != 0 {
			start = asked.BackdateStartDate
		}
		require.Equal(t, migrate.SubscriptionState{
			ID: created.ID, Customer: asked.Customer, Status: status, StartDate: start, TrialEnd: asked.TrialEnd,
			BillingCycleAnchor: max(asked.BillingCycleAnchor, asked.TrialEnd), Created: csvspec.At(w.now),
			Metadata: metadataOf(asked.Metadata), RequestID: created.RequestID,
		}, created, name)
		read, err := w.Subscription(ctx, created.ID)
		require.NoError(t, err)
		read.RequestID = created.RequestID
		require.Equal(t, created, read)
		again, err := w.CreateSubscription(ctx, asked, name)
		require.NoError(t, err)
		require.True(t, again.Replayed)
		require.Equal(t, created.ID, again.ID)
		invoices, err := w.Invoices(ctx, migrate.InvoiceFilter{Subscription: created.ID})
		require.NoError(t, err)
		require.False(t, invoices.More)
		for _, inv := range invoices.Invoices {
			require.Zero(t, inv.Total, name)
		}
		made[created.ID] = true
	}
	for _, s := range w.wire.all {
		require.Empty(t, unknownParams(t, s), "%s %s", s.Method, s.Path)
	}
	for id := range made {
		require.NoError(t, w.CancelSubscription(ctx, id))
		requireOutcome(t, w.CancelSubscription(ctx, id), migrate.Refused, 404)
		canceled, err := w.Subscription(ctx, id)
		require.NoError(t, err)
		require.Equal(t, "canceled", canceled.Status)
	}
	open, err := w.Subscriptions(ctx, migrate.SubscriptionFilter{Customer: "cus_1"})
	require.NoError(t, err)
	require.Empty(t, open.Subscriptions)
	all, err := w.Subscriptions(ctx, migrate.SubscriptionFilter{Customer: "cus_1", Canceled: true})
	require.NoError(t, err)
	require.Len(t, all.Subscriptions, len(made))
}

// TestSandboxInvoices: a direct subscription that was charged says so, currency by currency.
func TestSandboxInvoices(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	w.now = time.Date(2030, 5, 25, 0, 0, 0, 0, time.UTC)
	asked := planDirect(t, directRows(t)[2])
	created, err := w.CreateSubscription(ctx, asked, "key")
	require.NoError(t, err)
	w.mu.Lock()
	w.now = asked.TrialEnd.Time().Add(time.Minute)
	w.mu.Unlock()
	invoices, err := w.Invoices(ctx, migrate.InvoiceFilter{Subscription: created.ID})
	require.NoError(t, err)
	require.Len(t, invoices.Invoices, 2, "one over 0 that opens the trial, and the part until the anchor")
	require.Equal(t, "usd", invoices.Invoices[0].Currency)
	require.Positive(t, invoices.Invoices[0].Total)
	older, err := w.Invoices(ctx, migrate.InvoiceFilter{Subscription: created.ID, After: invoices.Invoices[0].ID})
	require.NoError(t, err)
	require.Len(t, older.Invoices, 1)
	require.Zero(t, older.Invoices[0].Total)
}

func metadataOf(pairs csvspec.Metadata) map[string]string {
	m := map[string]string{}
	for _, kv := range pairs {
		m[kv.Key] = kv.Value
	}
	return m
}

func TestSandboxAccount(t *testing.T) {
	w := newWorld(t)
	account, err := w.Account(t.Context())
	require.NoError(t, err)
	require.Regexp(t, "^acct_", account.ID)
	require.False(t, account.Livemode)
}

func TestSandboxFacts(t *testing.T) {
	facts, err := newWorld(t).AccountData(t.Context(), migrate.ObjectIDs{
		Prices: []string{"price_monthly", "price_metered", "price_missing"}, Products: []string{"prod_plan", "prod_old", "prod_missing"},
		Coupons: []string{"launch offer 25%", "missing"}, TaxRates: []string{"txr_vat", "txr_missing"}, Customers: []string{"cus_1", "cus_2", "cus_missing"},
	})
	require.NoError(t, err)
	require.Equal(t, account.Account{
		Prices: map[string]account.Price{
			"price_monthly": {ID: "price_monthly", Product: "prod_plan", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd",
				Amounts: map[string]account.PriceAmount{"usd": costs("1999", "exclusive"), "eur": costs("1899", facts.Prices["price_monthly"].Amounts["eur"].TaxBehavior)}},
			"price_metered": {ID: "price_metered", Product: "prod_plan", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd",
				Amounts: map[string]account.PriceAmount{"usd": costs("5", "unspecified")}, Metered: true},
		},
		Products:  map[string]account.Product{"prod_plan": {ID: "prod_plan", Active: true}, "prod_old": {ID: "prod_old"}},
		Coupons:   map[string]account.Coupon{"launch offer 25%": {ID: "launch offer 25%", Valid: true, Duration: "once", PercentOff: 25_0000}},
		TaxRates:  map[string]account.TaxRate{"txr_vat": {ID: "txr_vat", Active: true, Percent: 19_0000}},
		Customers: map[string]account.Customer{"cus_1": {ID: "cus_1", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true, TaxExempt: "none", CardExpires: csvspec.At(time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))}, "cus_2": {ID: "cus_2", TaxExempt: "none"}},
	}, facts)
}

// TestSandboxIdempotency: the same key brings the same schedule again and says so; other parameters are refused.
func TestSandboxIdempotency(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	s := w.plan(t, goldenRows(t)[0])
	first, err := w.CreateSchedule(ctx, s, "key")
	require.NoError(t, err)
	again, err := w.CreateSchedule(ctx, s, "key")
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, first.ID, again.ID)
	s.StartDate++
	_, err = w.CreateSchedule(ctx, s, "key")
	requireOutcome(t, err, migrate.Refused, 400)
	require.Contains(t, migrate.Advice(asStripeError(t, err)), "other parameters")
}

func TestSandboxCancel(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	s := w.plan(t, goldenRows(t)[0])
	created, err := w.CreateSchedule(ctx, s, "key 1")
	require.NoError(t, err)
	canceled, err := w.CancelSchedule(ctx, created.ID, "cancel 1")
	require.NoError(t, err)
	require.Equal(t, migrate.StatusCanceled, canceled.Status)
	_, err = w.CancelSchedule(ctx, created.ID, "cancel 2")
	requireOutcome(t, err, migrate.Refused, 400)

	live, err := w.CreateSchedule(ctx, s, "key 2")
	require.NoError(t, err)
	w.mu.Lock()
	w.now = s.StartDate.Time().Add(time.Minute)
	w.mu.Unlock()
	live, err = w.Schedule(ctx, live.ID)
	require.NoError(t, err)
	require.Equal(t, migrate.StatusActive, live.Status)
	require.NotEmpty(t, live.Subscription)
	require.NoError(t, w.CancelSubscription(ctx, live.Subscription))
}

func TestSandboxRelease(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	s := w.plan(t, goldenRows(t)[0])
	s.Phase.Metadata = append(s.Phase.Metadata, csvspec.KeyValue{Key: schedule.TagKey, Value: "mig_1/1"})
	created, err := w.CreateSchedule(ctx, s, "key 1")
	require.NoError(t, err)
	none, err := w.Subscriptions(ctx, migrate.SubscriptionFilter{})
	require.NoError(t, err)
	require.Empty(t, none.Subscriptions)
	w.mu.Lock()
	w.now = s.StartDate.Time().Add(time.Minute)
	w.mu.Unlock()
	active, err := w.Schedule(ctx, created.ID)
	require.NoError(t, err)
	require.False(t, active.LaterPhases)
	live, err := w.Subscriptions(ctx, migrate.SubscriptionFilter{Customer: s.Customer})
	require.NoError(t, err)
	require.False(t, live.More)
	require.Len(t, live.Subscriptions, 1)
	one := live.Subscriptions[0]
	require.Equal(t, migrate.SubscriptionState{
		ID: active.Subscription, Customer: s.Customer, Status: "active", Schedule: created.ID, StartDate: s.StartDate, BillingCycleAnchor: s.StartDate,
		Created: s.StartDate, Metadata: one.Metadata, RequestID: one.RequestID,
	}, one)
	require.Equal(t, "mig_1/1", one.Metadata[schedule.TagKey], "a phase's metadata reaches the subscription")

	released, err := w.ReleaseSchedule(ctx, created.ID, "release 1")
	require.NoError(t, err)
	require.Equal(t, migrate.StatusReleased, released.Status)
	require.Equal(t, one.ID, released.Subscription)
	_, err = w.ReleaseSchedule(ctx, created.ID, "release 2")
	requireOutcome(t, err, migrate.Refused, 400)

	hide, err := w.ListsHide(ctx)
	require.NoError(t, err)
	require.False(t, hide, "there is no test clock")
}

// TestSandboxFaults: each fault has its outcome, and a look-up tells what an unknown one left behind.
func TestSandboxFaults(t *testing.T) {
	for name, tc := range map[string]struct {
		fault   sandbox.Fault
		want    migrate.Outcome
		status  int
		created int
	}{
		"rate limit":          {sandbox.Fault{Kind: sandbox.RateLimit}, migrate.Retryable, 429, 0},
		"lock time-out":       {sandbox.Fault{Kind: sandbox.LockTimeout}, migrate.Retryable, 429, 0},
		"unavailable":         {sandbox.Fault{Kind: sandbox.Unavailable}, migrate.Retryable, 503, 0},
		"500":                 {sandbox.Fault{Kind: sandbox.ServerError}, migrate.Unknown, 500, 0},
		"500 after executing": {sandbox.Fault{Kind: sandbox.ServerError, When: sandbox.AfterExecuting}, migrate.Unknown, 500, 1},
		"request lost":        {sandbox.Fault{Kind: sandbox.Drop}, migrate.Unknown, 0, 0},
		"answer lost":         {sandbox.Fault{Kind: sandbox.Drop, When: sandbox.AfterExecuting}, migrate.Unknown, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.plan(t, goldenRows(t)[0])
			w.fault = tc.fault
			_, err := w.CreateSchedule(t.Context(), s, "key")
			requireOutcome(t, err, tc.want, tc.status)
			page, err := w.Schedules(t.Context(), migrate.ScheduleFilter{Customer: s.Customer})
			require.NoError(t, err)
			require.Len(t, page.Schedules, tc.created)
		})
	}
}

// TestSandboxStored500: the same key brings the stored 500 again, visibly; a new key makes progress.
func TestSandboxStored500(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	s := w.plan(t, goldenRows(t)[0])
	w.fault = sandbox.Fault{Kind: sandbox.ServerError}
	_, err := w.CreateSchedule(ctx, s, "key")
	require.False(t, asStripeError(t, err).Replayed)
	_, err = w.CreateSchedule(ctx, s, "key")
	requireOutcome(t, err, migrate.Unknown, 500)
	require.True(t, asStripeError(t, err).Replayed)
	_, err = w.CreateSchedule(ctx, s, "another key")
	require.NoError(t, err)
}

func asStripeError(t *testing.T, err error) *migrate.StripeError {
	t.Helper()
	var failed *migrate.StripeError
	require.ErrorAs(t, err, &failed)
	return failed
}

func requireOutcome(t *testing.T, err error, want migrate.Outcome, status int) {
	t.Helper()
	failed := asStripeError(t, err)
	require.Equal(t, want, failed.Outcome, failed)
	require.Equal(t, status, failed.Status)
}
