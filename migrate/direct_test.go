package migrate_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
)

// migratedDirect returns a testEnv in which the mixed file of schedules and direct subscriptions was run.
func migratedDirect(t *testing.T) (*testEnv, string) {
	w := newDirectEnv(t)
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	return w, summary.ID
}

// directOf returns the report's lines about direct subscriptions, by customer.
func (w *testEnv) directOf(id string) map[string]migrate.ReportLine {
	lines := map[string]migrate.ReportLine{}
	for _, line := range w.report(id) {
		if line.Direct {
			lines[line.Customer] = line
		}
	}
	return lines
}

func TestRowsBecomeDirectSubscriptions(t *testing.T) {
	w, id := migratedDirect(t)
	w.exactlyOne(id, mixedDirectRows)
	summary, err := migrate.Status(context.Background(), w.ledger, id, w.clock.Now())
	require.NoError(t, err)
	require.Equal(t, "scheduled", summary.Status)
	require.EqualValues(t, mixedDirectRows, summary.Scheduled)
	require.EqualValues(t, directRows, summary.Direct)
	require.Zero(t, summary.Live, "their start dates have not come")

	day := func(n int) float64 { return float64(today.AddDate(0, 0, n).Unix()) }
	for customer, want := range map[string]struct {
		strategy schedule.Strategy
		status   string
		start    float64
		trialEnd any
		cancelAt any
		anchor   float64
	}{
		"cus_bridge":        {schedule.DirectAnchored, "active", day(0), nil, nil, day(25)},
		"cus_backdated":     {schedule.DirectAnchored, "active", day(-100), nil, nil, day(25)},
		"cus_ending_anchor": {schedule.DirectEnding, "active", day(0), nil, day(25), day(25)},
		"cus_due":           {schedule.DirectProrated, "trialing", day(0), day(10), nil, day(25)},
		"cus_due_blank":     {schedule.DirectProrated, "trialing", day(0), day(10), nil, day(25)},
		"cus_since":         {schedule.DirectBackdated, "trialing", day(-200), day(10), nil, day(10)},
	} {
		line := w.directOf(id)[customer]
		require.Equal(t, string(want.strategy), line.Strategy, customer)
		s := w.get("/v1/subscriptions/" + line.SubscriptionID)
		require.Equal(t, want.status, s["status"], customer)
		require.InDelta(t, want.start, s["start_date"], 60, customer)
		require.Equal(t, want.trialEnd, s["trial_end"], customer)
		require.Equal(t, want.cancelAt, s["cancel_at"], customer)
		require.EqualValues(t, want.anchor, s["billing_cycle_anchor"], customer)
		require.Equal(t, fmt.Sprintf("%s/%d", id, line.Row), s["metadata"].(map[string]any)[schedule.TagKey], customer)
		for _, inv := range w.get("/v1/invoices?limit=100&subscription=" + line.SubscriptionID)["data"].([]any) {
			require.Zero(t, inv.(map[string]any)["total"], "%s: nothing is charged before the start date", customer)
		}
	}
}

// Needed makes direct subscriptions of those rows alone that no schedule expresses, and Never of none.
func TestDirectOnlyWhereNeeded(t *testing.T) {
	w := newDirectEnv(t)
	w.how.Direct = schedule.Needed
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, summary.Direct)
	w.exactlyOne(summary.ID, mixedDirectRows)

	w = newDirectEnv(t)
	w.how.Direct = schedule.Never
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	var invalid *migrate.InvalidFileError
	require.ErrorAs(t, err, &invalid)
	require.Zero(t, w.total())
}

// What rows become belongs to a migration: the rest after a canary becomes the same, or nothing.
func TestAMigrationGoesOnInItsOwnMode(t *testing.T) {
	w := newDirectEnv(t)
	strategies := len(schedule.Strategies()) - 2 // a bridge, and free until the anchor, are direct subscriptions here
	canary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: int64(strategies)})
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, line := range w.report(canary.ID) {
		seen[line.Strategy] = true
	}
	require.Len(t, seen, strategies, "a canary has one row of each strategy")

	for _, mode := range []schedule.Direct{schedule.Needed, schedule.Never} {
		how := w.how
		how.Direct, how.SkipInvalid = mode, true
		_, err = w.process(&crashtest.Crash{}).runWith(how, migrate.RunOptions{})
		var other *migrate.OtherOptionsError
		require.ErrorAs(t, err, &other, mode)
		require.ErrorContains(t, err, "direct subscriptions where they are more exact than schedules")
	}
	require.Equal(t, strategies, w.total())

	_, options, err := w.process(&crashtest.Crash{}).Reopen(context.Background(), canary.ID)
	require.ErrorIs(t, err, migrate.ErrNoPath, "this input is in memory")
	require.Equal(t, schedule.Exact, options.Direct)
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{Resume: canary.ID})
	require.NoError(t, err)
	w.exactlyOne(canary.ID, mixedDirectRows)
}

// An answer is lost: the customer's subscriptions are looked through before anything is sent again.
func TestADirectSubscriptionOfUnknownOutcomeIsFound(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"the answer is lost":              {Kind: sandbox.Drop, When: sandbox.AfterExecuting},
		"the request is lost":             {Kind: sandbox.Drop},
		"an error is stored before":       {Kind: sandbox.ServerError},
		"an error is stored and executed": {Kind: sandbox.ServerError, When: sandbox.AfterExecuting},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDirectEnv(t)
			faults, lists := 0, 0
			w.fault = func(r *http.Request) sandbox.Fault {
				if r.Method == http.MethodGet && r.URL.Path == "/v1/subscriptions" && r.URL.Query().Get("customer") != "" {
					lists++
					require.Equal(t, "all", r.URL.Query().Get("status"))
				}
				if r.Method != http.MethodPost || r.URL.Path != "/v1/subscriptions" || faults == 2 {
					return sandbox.Fault{}
				}
				faults++
				return fault
			}
			summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			require.Equal(t, 2, faults)
			require.GreaterOrEqual(t, lists, 2)
			w.exactlyOne(summary.ID, mixedDirectRows)
		})
	}
}

// A direct subscription that was canceled while the ledger was lost is not handed out of Stripe's memory again.
func TestALostLedgerOfDirectSubscriptions(t *testing.T) {
	w, id := migratedDirect(t)
	before := w.report(id)
	w.ledger = ledger.NewMemory()
	again, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, id, again.ID)
	require.Equal(t, before, w.report(id), "the same rows have the same schedules and subscriptions")
	require.Equal(t, mixedDirectRows, w.total())

	_, err = w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
	require.NoError(t, err)
	w.ledger = ledger.NewMemory()
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, 2*mixedDirectRows, w.total())
	for tag, made := range w.subscriptions(id) {
		require.Len(t, made, 2, tag)
		require.Equal(t, "canceled", made[1].Status, "newest first")
		require.NotEqual(t, "canceled", made[0].Status)
	}
}

// A run died, and another machine has gone on with it: a cancel here finds what that has made.
func TestCancelFindsDirectSubscriptionsOfAnotherMachine(t *testing.T) {
	w := newDirectEnv(t)
	canary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 2})
	require.NoError(t, err)
	mine := w.ledger
	w.ledger = ledger.NewMemory()
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, mixedDirectRows, w.total())

	w.ledger = mine
	result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), canary.ID, migrate.CancelOptions{})
	require.NoError(t, err)
	require.EqualValues(t, mixedDirectRows, result.Canceled)
	w.nothingLeft(canary.ID)
}

// Another file asks for the same subscriptions, without naming their sources: by its start, and where a direct
// subscription does not know that, by its anchor, it is recognised in the ledger, and in the account.
func TestDirectSubscriptionsAreDuplicates(t *testing.T) {
	at := func(days int) string { return fmt.Sprint(today.AddDate(0, 0, days).Unix()) }
	file := func(note string) migrate.Input {
		return bytesInput(note+".csv", []byte("customer,start_date,price,billing_cycle_anchor,proration_behavior,backdate_start_date,metadata.note\n"+
			"cus_1,"+at(10)+",price_gold,"+at(25)+",none,,"+note+"\n"+
			"cus_2,"+at(10)+",price_gold,"+at(25)+",,,"+note+"\n"+
			"cus_3,"+at(10)+",price_gold,,none,"+at(-50)+","+note+"\n"))
	}
	for name, lost := range map[string]bool{"in the ledger": false, "in the account": true} {
		t.Run(name, func(t *testing.T) {
			w := newDirectEnv(t)
			w.input = file("first")
			w.provision()
			first, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			require.EqualValues(t, 3, first.Direct)
			w.input = file("second")
			if lost {
				w.ledger = ledger.NewMemory()
			}
			_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			var refusal *migrate.AlreadyScheduledError
			require.ErrorAs(t, err, &refusal)
			require.EqualValues(t, 3, refusal.Rows)
			require.Equal(t, w.subscriptions(first.ID)[first.ID+"/1"][0].ID, refusal.First[0].SubscriptionID)
			require.ErrorContains(t, err, "for cus_1 and the same start there is "+refusal.First[0].SubscriptionID+", live, made by "+first.ID)
			require.Equal(t, 3, w.total())
		})
	}
}

func (c *clock) advanceTo(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// A cancel does not trust the options with which its own migration was begun: another machine may have run the file with
// others. It finds direct subscriptions also when those cannot be read, or make none.
func TestCancelFindsDirectSubscriptionsWhateverTheOptions(t *testing.T) {
	for _, recorded := range []string{`{"direct":"sometimes"}`, `{}`} {
		w, id := migratedDirect(t)
		w.ledger = ledger.NewMemory()
		require.NoError(t, w.ledger.Begin(context.Background(), ledger.Migration{
			ID: id, Account: accountOf(w), Options: []byte(recorded), Status: ledger.StatusInProgress, SettledAt: csvspec.At(today),
		}))
		result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
		require.NoError(t, err, recorded)
		require.EqualValues(t, mixedDirectRows, result.Canceled, recorded)
		w.nothingLeft(id)
	}
}

func accountOf(w *testEnv) string { return w.get("/v1/account")["id"].(string) }
