package migrate_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
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

// elsewhere is another computer: the same file and account, a ledger of its own, and another mode.
func (w *testEnv) elsewhere(mode schedule.Direct) *testEnv {
	other := *w
	other.ledger = ledger.NewMemory()
	other.how.Direct = mode
	return &other
}

// once requires that no row has become two things, and returns how many rows have become one. What was canceled does not
// count.
func (w *testEnv) once() int {
	w.t.Helper()
	seen := map[string][]string{}
	made, _ := w.schedules("")
	for tag, list := range made {
		for _, s := range list {
			if s.Status != migrate.StatusCanceled {
				seen[tag] = append(seen[tag], s.ID)
			}
		}
	}
	for tag, list := range w.subscriptions("") {
		for _, s := range list {
			if s.Status != migrate.StatusCanceled {
				seen[tag] = append(seen[tag], s.ID)
			}
		}
	}
	for tag, ids := range seen {
		require.Len(w.t, ids, 1, tag)
	}
	return len(seen)
}

// bridged is a file of n rows, each of which becomes a direct subscription in one mode and a schedule in the other.
func bridged(n int) []byte {
	file := "customer,start_date,price,billing_cycle_anchor,proration_behavior,metadata.third_party_sub_id\n"
	for i := range n {
		file += fmt.Sprintf("cus_%d,%d,price_gold,%d,none,old_%d\n", i, today.AddDate(0, 0, 10).Unix(), today.AddDate(0, 0, 25).Unix(), i)
	}
	return []byte(file)
}

func bridgedEnv(t *testing.T, n int) *testEnv {
	w := newTestEnv(t, bridged(n))
	w.how, w.rows = directly(), n
	return w
}

// One computer has looked at the account and done one row; another one runs the whole file in another mode; the first goes
// on and trusts its look. It finds what there is and calls it what it is, and undoing it on either side leaves nothing.
func TestTwoModesOneAfterTheOther(t *testing.T) {
	for _, c := range []struct{ first, second schedule.Direct }{
		{schedule.Needed, schedule.Exact}, {schedule.Exact, schedule.Needed},
	} {
		for name, pause := range map[string]time.Duration{"while the look is trusted": time.Minute, "a day later": 25 * time.Hour} {
			for _, undoes := range []string{"the first", "the second"} {
				t.Run(fmt.Sprintf("%v then %v, %s, %s undoes it", c.first, c.second, name, undoes), func(t *testing.T) {
					a := bridgedEnv(t, 4).elsewhere(c.first)
					b, ctx := a.elsewhere(c.second), context.Background()
					canary, err := a.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 1})
					require.NoError(t, err)
					whole, err := b.process(&crashtest.Crash{}).run(migrate.RunOptions{})
					require.NoError(t, err)
					require.Equal(t, canary.ID, whole.ID)
					a.clock.advance(pause)
					rest, err := a.process(&crashtest.Crash{}).run(migrate.RunOptions{Resume: canary.ID})
					require.NoError(t, err)
					require.EqualValues(t, 4, rest.Scheduled)
					require.Equal(t, 4, a.once())
					a.exactlyOne(canary.ID, 4)
					b.exactlyOne(canary.ID, 4)

					who := map[string]*testEnv{"the first": a, "the second": b}[undoes]
					undone, err := who.process(&crashtest.Crash{}).Cancel(ctx, canary.ID, migrate.CancelOptions{Individually: true})
					require.NoError(t, err)
					require.EqualValues(t, 4, undone.Canceled)
					who.nothingLeft(canary.ID)
				})
			}
		}
	}
}

// Two computers begin at the same moment, with many workers.
func TestTwoModesAtTheSameMoment(t *testing.T) {
	const rows = 200
	for round := range 5 {
		w := bridgedEnv(t, rows)
		both := []*testEnv{w.elsewhere(schedule.Exact), w.elsewhere(schedule.Needed)}
		var wait sync.WaitGroup
		summaries, errs := make([]*migrate.Summary, 2), make([]error, 2)
		for i, side := range both {
			p := side.processOn(w.stripe.Transport(), &crashtest.Crash{}, busy)
			wait.Go(func() { summaries[i], errs[i] = p.run(migrate.RunOptions{}) })
		}
		wait.Wait()
		require.NoError(t, errs[0])
		require.NoError(t, errs[1])
		require.Equal(t, rows, w.once(), "round %d", round)
		for i, side := range both {
			require.EqualValues(t, rows, summaries[i].Scheduled+summaries[i].Failed)
			_, err := side.process(&crashtest.Crash{}).run(migrate.RunOptions{Resume: summaries[i].ID})
			if summaries[i].Failed > 0 {
				require.NoError(t, err)
			}
			side.exactlyOne(summaries[i].ID, rows)
		}
		undone, err := both[round%2].process(&crashtest.Crash{}).Cancel(context.Background(), summaries[0].ID, migrate.CancelOptions{})
		require.NoError(t, err)
		require.EqualValues(t, rows, undone.Canceled)
		require.Zero(t, w.once())
	}
}

// One computer dies at every point of a run; another one, which has looked at the account before, goes on in another mode,
// and then the first does. Nothing of it is left after both have undone it.
func TestTwoModesDieAtEveryPoint(t *testing.T) {
	for at := 1; ; at++ {
		a := bridgedEnv(t, 3)
		b, ctx := a.elsewhere(schedule.Needed), context.Background()
		canary, err := b.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 1})
		require.NoError(t, err)
		d := &crashtest.Crash{At: at}
		a.process(d).run(migrate.RunOptions{})
		rest, err := b.process(&crashtest.Crash{}).run(migrate.RunOptions{})
		require.NoError(t, err)
		require.LessOrEqual(t, a.once(), 3)
		if _, err = a.process(&crashtest.Crash{}).run(migrate.RunOptions{}); !errorsAs(err, new(*migrate.AlreadyMigratedError)) {
			require.NoError(t, err)
		}
		require.Equal(t, 3, a.once(), "at point %d", at)
		a.exactlyOne(canary.ID, 3)
		if rest.Failed > 0 {
			_, err = b.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
		}
		b.exactlyOne(canary.ID, 3)
		for _, side := range []*testEnv{b, a} {
			_, err := side.process(&crashtest.Crash{}).Cancel(ctx, canary.ID, migrate.CancelOptions{})
			require.NoError(t, err)
			side.nothingLeft(canary.ID)
		}
		if !d.Dead() {
			require.Greater(t, at, 12)
			return
		}
	}
}

// failsAndDies runs the file until Stripe has stored an error under the first row's key, and dies.
func (w *testEnv) failsAndDies(o migrate.RunOptions) {
	d := &crashtest.Crash{}
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method != http.MethodPost {
			return sandbox.Fault{}
		}
		d.Die()
		return sandbox.Fault{Kind: sandbox.ServerError}
	}
	w.process(d).run(o)
	w.fault = nil
	require.True(w.t, d.Dead())
}

// Somebody else has used the row's key otherwise, and nothing came of it. The row is not sent under the next key: it says
// why, the next run looks at the account first, and after a day, when Stripe has forgotten the key, it is created.
func TestARowThatSomebodyElseSends(t *testing.T) {
	a := bridgedEnv(t, 2)
	b := a.elsewhere(schedule.Needed)
	a.failsAndDies(migrate.RunOptions{Canary: 1})
	require.Zero(t, a.once())

	var keys []string
	looks := 0
	watch := func(r *http.Request) {
		switch {
		case r.Method == http.MethodPost:
			keys = append(keys, r.Header.Get("Idempotency-Key"))
		case r.URL.Query().Has("scheduled"):
			looks++
		}
	}
	wire := wireSeen{b.stripe.Transport(), watch}
	for range 2 {
		looks, keys = 0, nil
		summary, err := b.processOn(wire, &crashtest.Crash{}).run(migrate.RunOptions{})
		require.NoError(t, err)
		require.EqualValues(t, 1, summary.Failed)
		require.EqualValues(t, 1, summary.Scheduled)
		require.Equal(t, migrate.CodeSentElsewhere, summary.Failures[0].Code)
		require.Contains(t, summary.Failures[0].Message, "somebody else is sending this row in another way")
		require.Contains(t, summary.Failures[0].Message, "Keys for idempotent requests can only be used")
		require.Equal(t, 1, looks, "the account is searched first")
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(keys))), len(keys), "each row is sent once")
	}
	require.Equal(t, 1, a.once())
	_, err := a.process(&crashtest.Crash{}).run(migrate.RunOptions{}) // he comes back
	require.NoError(t, err)
	require.Equal(t, 2, a.once())
	_, err = b.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	b.exactlyOne(b.migrations()[0].ID, 2)
}

// He who has used the key never comes back.
func TestARowThatSomebodyElseHasSentInVain(t *testing.T) {
	a := bridgedEnv(t, 1)
	b := a.elsewhere(schedule.Needed)
	a.failsAndDies(migrate.RunOptions{})
	summary, err := b.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, summary.Failed)
	a.clock.advance(25 * time.Hour)
	summary, err = b.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Zero(t, summary.Failed)
	b.exactlyOne(summary.ID, 1)
}

// Amounts that are read in another unit are another request, too.
func TestTwoUnitsOfAmounts(t *testing.T) {
	file := "customer,start_date,adhoc_items.0.currency,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.amount,adhoc_items.0.quantity\n"
	for i := range 3 {
		file += fmt.Sprintf("cus_%d,%d,usd,prod_1,month,1900,1\n", i, today.AddDate(0, 0, 10).Unix())
	}
	a := newTestEnv(t, []byte(file))
	b := a.elsewhere(schedule.Never)
	b.how.Unit = csvspec.UnitMajor
	canary, err := b.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 1})
	require.NoError(t, err)
	_, err = a.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	_, err = b.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, 3, a.once())
	b.exactlyOne(canary.ID, 3)
}

// wireSeen is a wire that somebody looks at.
type wireSeen struct {
	http.RoundTripper
	see func(*http.Request)
}

func (w wireSeen) RoundTrip(r *http.Request) (*http.Response, error) {
	w.see(r)
	return w.RoundTripper.RoundTrip(r)
}
