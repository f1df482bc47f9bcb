package migrate_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

func TestCancelEndsDirectSubscriptions(t *testing.T) {
	w, id := migratedDirect(t)
	ctx := context.Background()
	elsewhere := w.directOf(id)["cus_due"].SubscriptionID
	w.send(http.MethodDelete, "/v1/subscriptions/"+elsewhere) // somebody has, in the Dashboard
	var deleted []string
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method == http.MethodDelete {
			deleted = append(deleted, r.URL.Path)
		}
		return sandbox.Fault{}
	}
	result, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{})
	require.NoError(t, err)
	require.Equal(t, &migrate.Canceled{ID: id, Status: "canceled", Canceled: mixedDirectRows}, result)
	require.Len(t, deleted, directRows-1)
	require.NotContains(t, deleted, "/v1/subscriptions/"+elsewhere)
	w.nothingLeft(id)

	again, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{})
	require.NoError(t, err, "a second cancel is a no-op")
	require.Equal(t, result, again)
	require.Len(t, deleted, directRows-1)
}

// billed pretends that each subscription has two pages of invoices, of which the last page of some has one that is not 0.
type billed struct {
	migrate.Gateway
	by map[string]migrate.InvoiceState
}

func (b billed) Invoices(_ context.Context, f migrate.InvoiceFilter) (migrate.InvoicePage, error) {
	if f.After == "" {
		return migrate.InvoicePage{Invoices: []migrate.InvoiceState{{ID: "in_2"}, {ID: "in_1"}}, More: true}, nil
	}
	return migrate.InvoicePage{Invoices: []migrate.InvoiceState{b.by[f.Subscription], {ID: "in_00"}}}, nil
}

// A direct subscription that has an invoice which is not 0 is left alone, also before its start date, and counted with what
// was collected or still is. An invoice whose total is 0 may collect an old debt.
func TestWhatWasChargedIsLeftAlone(t *testing.T) {
	w, id := migratedDirect(t)
	ctx := context.Background()
	of := w.directOf(id)
	by := map[string]migrate.InvoiceState{
		of["cus_bridge"].SubscriptionID:        {Total: 1200, AmountDue: 1200, AmountPaid: 1200, Status: "paid", Currency: "usd"},
		of["cus_since"].SubscriptionID:         {Total: -5, Status: "paid", Currency: "usd"},
		of["cus_due"].SubscriptionID:           {AmountDue: 5000, Status: "open", Currency: "usd"},
		of["cus_due_blank"].SubscriptionID:     {AmountDue: 700, AmountPaid: 700, Status: "paid", Currency: "eur"},
		of["cus_ending_anchor"].SubscriptionID: {Total: 900, AmountDue: 900, AmountPaid: 100, Status: "draft", Currency: "eur"},
	}
	charged := func(c *migrate.Config) { c.Gateway = billed{c.Gateway, by} }
	want := &migrate.Canceled{ID: id, Status: "canceled", Canceled: mixedDirectRows - 5, AlreadyLive: 5, Charged: 5, OpenInvoices: 2,
		Collected: map[string]int64{"usd": 1200, "eur": 800}, Collecting: map[string]int64{"usd": 5000, "eur": 800}}
	for range 2 { // it looks again
		result, err := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, charged).Cancel(ctx, id, migrate.CancelOptions{})
		require.NoError(t, err)
		require.Equal(t, want, result)
		for customer := range of {
			if _, was := by[of[customer].SubscriptionID]; was {
				require.NotEqual(t, "canceled", w.get("/v1/subscriptions/" + of[customer].SubscriptionID)["status"])
				require.Equal(t, "scheduled", w.directOf(id)[customer].State)
			}
		}
	}
	result, err := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, charged).Cancel(ctx, id, migrate.CancelOptions{IncludeLive: true})
	require.NoError(t, err)
	want.Canceled, want.AlreadyLive = mixedDirectRows, 0
	require.Equal(t, want, result, "ended, and what it was charged is said all the same")
	w.nothingLeft(id)
}

// unreadable is an account whose invoices the key may not read.
type unreadable struct{ migrate.Gateway }

func (unreadable) Invoices(context.Context, migrate.InvoiceFilter) (migrate.InvoicePage, error) {
	return migrate.InvoicePage{}, &migrate.StripeError{Outcome: migrate.Refused, Status: 403, Message: "the key may not"}
}

// A key that may not read invoices cancels nothing that may have been charged, and all of it when live ones are included.
func TestCancelWithoutInvoices(t *testing.T) {
	w, id := migratedDirect(t)
	ctx, blind := context.Background(), func(c *migrate.Config) { c.Gateway = unreadable{c.Gateway} }
	_, err := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, blind).Cancel(ctx, id, migrate.CancelOptions{})
	require.ErrorContains(t, err, "the key may not")
	for customer, line := range w.directOf(id) {
		require.Equal(t, "scheduled", line.State, customer)
	}
	for range 2 { // the second one finds all of them gone
		result, err := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, blind).Cancel(ctx, id, migrate.CancelOptions{IncludeLive: true})
		require.NoError(t, err)
		require.EqualValues(t, mixedDirectRows, result.Canceled)
	}
	w.nothingLeft(id)
}

// Debts on the balance are collected, or asked for, as soon as the migration runs. A cancel does not call that undone, and
// afterwards says what is still owed.
func TestCancelSaysWhichDebtsWereCollected(t *testing.T) {
	w := newTestEnv(t, nil)
	require.NoError(t, w.stripe.Load(strings.NewReader(`{"customers": [{"id": "cus_pays", "balance": 700, "currency": "usd",
			"invoice_settings": {"default_payment_method": "pm_card_visa"}},
		{"id": "cus_owes", "balance": 5000, "currency": "usd"}]}`)))
	at, since := today.AddDate(0, 0, 10).Unix(), today.AddDate(0, 0, -200).Unix()
	w.how, w.input = directly(), bytesInput("subs.csv", fmt.Appendf(nil, "customer,start_date,price,proration_behavior,backdate_start_date,collection_method,days_until_due\n"+
		"cus_pays,%d,price_gold,none,%d,,\ncus_owes,%d,price_gold,none,%d,send_invoice,30\ncus_free,%d,price_gold,none,%d,,\n", at, since, at, since, at, since))
	w.provision()
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 3, summary.Direct)
	w.clock.advance(2 * time.Hour)
	want := &migrate.Canceled{ID: summary.ID, Status: "canceled", Canceled: 1, AlreadyLive: 2, Charged: 2, OpenInvoices: 1,
		Collected: map[string]int64{"usd": 700}, Collecting: map[string]int64{"usd": 5000}}
	result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), summary.ID, migrate.CancelOptions{})
	require.NoError(t, err)
	require.Equal(t, want, result)
	result, err = w.process(&crashtest.Crash{}).Cancel(context.Background(), summary.ID, migrate.CancelOptions{IncludeLive: true})
	require.NoError(t, err)
	want.Canceled, want.AlreadyLive = 3, 0
	require.Equal(t, want, result)
	w.nothingLeft(summary.ID)
}

// Within the window a direct subscription whose start date has come is canceled as long as it was charged nothing. What may be
// charged at this very moment is left alone, what was charged is counted, and a later cancel looks again.
func TestStartedAndNotCharged(t *testing.T) {
	soon := func() (*testEnv, string) { // run two hours before the start
		w := newDirectEnv(t)
		w.how.Lead = validate.SandboxLead
		w.clock.now = today.AddDate(0, 0, 10).Add(-2 * time.Hour)
		summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
		require.NoError(t, err)
		return w, summary.ID
	}
	for name, c := range map[string]struct {
		after   time.Duration
		left    []string
		charged int64
	}{
		"before":              {-2 * time.Minute, nil, 0},
		"at the very moment":  {-30 * time.Second, []string{"cus_due", "cus_due_blank", "cus_since"}, 0},
		"charged":             {3 * time.Hour, []string{"cus_due", "cus_due_blank", "cus_since"}, 3},
		"after the ten hours": {9 * time.Hour, []string{"cus_backdated", "cus_bridge", "cus_due", "cus_due_blank", "cus_ending_anchor", "cus_since"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			w, id := soon()
			w.clock.now = today.AddDate(0, 0, 10).Add(c.after)
			result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{Individually: true})
			require.NoError(t, err)
			var left []string
			for customer, line := range w.directOf(id) {
				if line.State == "scheduled" {
					left = append(left, customer)
				}
			}
			slices.Sort(left)
			require.Equal(t, c.left, left)
			if c.charged > 0 {
				require.GreaterOrEqual(t, result.Charged, c.charged)
				require.NotEmpty(t, result.Collected)
			}

			w.clock.now = today.AddDate(0, 0, 26) // the anchors have come: one has ended without a charge
			again, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
			require.NoError(t, err)
			if name == "after the ten hours" {
				require.Equal(t, result.Canceled+1, again.Canceled)
				require.Equal(t, result.AlreadyLive-1, again.AlreadyLive)
				require.Equal(t, "canceled", w.directOf(id)["cus_ending_anchor"].State)
			}
		})
	}
}

// From its start date on a direct subscription is live, whether it was charged or not.
func TestDirectSubscriptionsAreLiveFromTheirStart(t *testing.T) {
	w, id := migratedDirect(t)
	ctx := context.Background()
	w.clock.now = today.AddDate(0, 0, 10).Add(-30 * time.Second) // it may be charged while it is being canceled
	result, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
	require.NoError(t, err)
	require.Equal(t, &migrate.Canceled{ID: id, Status: "canceled", AlreadyLive: mixedDirectRows}, result)

	w.clock.now = today.AddDate(0, 0, 11)
	result, err = w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
	require.NoError(t, err)
	require.EqualValues(t, mixedDirectRows, result.AlreadyLive)
	summary, err := migrate.Status(ctx, w.ledger, id, w.clock.Now())
	require.NoError(t, err)
	require.EqualValues(t, mixedDirectRows, summary.Live)

	released, err := w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
	require.NoError(t, err)
	require.EqualValues(t, directRows, released.Direct, "they have no schedule")
	can, _ := w.releasable(id)
	require.EqualValues(t, can, released.Released)
	w.releasedAsPlanned(id)

	result, err = w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true, IncludeLive: true})
	require.NoError(t, err)
	require.EqualValues(t, mixedDirectRows, result.Canceled)
	require.Empty(t, w.get("/v1/subscriptions?limit=100")["data"])
}

// A subscription that does not carry its row's tag any more is not touched.
func TestASubscriptionOfSomebodyElseIsNotCanceled(t *testing.T) {
	for name, tag := range map[string]string{"without a tag": "", "another row's": "mig_other/1"} {
		t.Run(name, func(t *testing.T) {
			w, id := migratedDirect(t)
			theirs := w.directOf(id)["cus_due"]
			w.form("/v1/subscriptions/"+theirs.SubscriptionID, map[string][]string{"metadata[" + schedule.TagKey + "]": {tag}})
			for _, live := range []bool{false, true} {
				result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{IncludeLive: live})
				require.NoError(t, err)
				require.EqualValues(t, 1, result.Failed)
				require.Equal(t, "canceling", result.Status)
				require.EqualValues(t, mixedDirectRows-1, result.Canceled)
				require.Equal(t, theirs.Row, result.Failures[0].Row)
				require.Contains(t, result.Failures[0].Message, "metadata of "+theirs.SubscriptionID)
				require.Equal(t, "trialing", w.get("/v1/subscriptions/" + theirs.SubscriptionID)["status"])
			}
			w.send(http.MethodDelete, "/v1/subscriptions/"+theirs.SubscriptionID)
			result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
			require.NoError(t, err, "canceled by hand, it counts as canceled")
			require.Equal(t, "canceled", result.Status)
		})
	}
}
