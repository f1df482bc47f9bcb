package migrate_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
)

// moved is the mixed file with every date later by some days: what is run when the dates of a file have passed.
func moved(days int) []byte {
	text := string(mixed())
	for _, n := range []int{10, 20, 25} {
		text = strings.ReplaceAll(text, fmt.Sprint(today.AddDate(0, 0, n).Unix()), fmt.Sprint(today.AddDate(0, 0, n+days).Unix()))
	}
	return []byte(strings.ReplaceAll(text, fmt.Sprint(today.AddDate(0, 1, 10).Unix()), fmt.Sprint(today.AddDate(0, 1, 10+days).Unix())))
}

// form sends a request with parameters, as another program does.
func (w *testEnv) form(path string, params url.Values) map[string]any {
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(params.Encode()))
	require.NoError(w.t, err)
	r.SetBasicAuth("sk_test_tests", "")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := w.stripe.Transport().RoundTrip(r)
	require.NoError(w.t, err)
	defer response.Body.Close()
	var object map[string]any
	require.NoError(w.t, json.NewDecoder(response.Body).Decode(&object))
	require.Equal(w.t, http.StatusOK, response.StatusCode, "%v", object)
	return object
}

// liveOf returns the IDs of a customer's subscriptions that are not canceled.
func (w *testEnv) liveOf(customer string) (ids []string) {
	for _, one := range w.get("/v1/subscriptions?limit=100&customer=" + customer)["data"].([]any) {
		ids = append(ids, one.(map[string]any)["id"].(string))
	}
	return ids
}

// After go-live, neither a ledger that was lost nor one on another machine knows of the first run, and the file has later
// dates by now. The account's live subscriptions do.
func TestLiveSubscriptionsAreNotScheduledAgain(t *testing.T) {
	for name, days := range map[string]int{"while the schedules govern them": 11, "after the schedules have ended": 60} {
		t.Run(name, func(t *testing.T) {
			w, first := afterFirstRun(t)
			w.clock.advance(time.Duration(days) * 24 * time.Hour)
			live := w.liveOf("cus_plain")
			require.Len(t, live, 1)
			ended := 0 // subscriptions that have come to the end of their only period are no more, and may begin anew
			if days > 45 {
				ended = 3
			}
			w.ledger = ledger.NewMemory()
			w.input = bytesInput("later.csv", append(moved(days), fmt.Sprintf("cus_new,%d,price_gold,1,,,,,,,old_11\n", today.AddDate(0, 0, days+10).Unix())...))

			_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			var refusal *migrate.AlreadyScheduledError
			require.ErrorAs(t, err, &refusal)
			require.EqualValues(t, mixedRows-ended, refusal.Rows)
			require.Equal(t, live[0], refusal.First[0].SubscriptionID)
			require.Equal(t, first.ID, refusal.First[0].Migration)
			require.ErrorContains(t, err, "line 2: old_1 is "+live[0]+", live, for cus_plain, made by "+first.ID)
			require.Equal(t, mixedRows, w.total(), "nothing was created")

			summary, err := w.process(&crashtest.Crash{}).runWith(skipScheduled(), migrate.RunOptions{})
			require.NoError(t, err)
			require.EqualValues(t, 1+ended, summary.Scheduled)
			require.Equal(t, live, w.liveOf("cus_plain"))
		})
	}
}

// Of one file, some rows are live and others are not yet when the ledger is lost: all of them are adopted.
func TestALostLedgerAdoptsWhatIsLive(t *testing.T) {
	for name, days := range map[string]int{"governed by a schedule": 11, "its schedule has ended": 45} {
		t.Run(name, func(t *testing.T) {
			at := func(days int) int64 { return today.AddDate(0, 0, days).Unix() }
			csv := fmt.Appendf(nil, "customer,start_date,price\ncus_1,%d,price_gold\ncus_1,%d,price_gold\ncus_2,%d,price_gold\n", at(10), at(70), at(71))
			w := newTestEnv(t, csv)
			first, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			before := w.report(first.ID)
			w.clock.advance(time.Duration(days) * 24 * time.Hour)
			w.ledger = ledger.NewMemory()
			passed := options
			passed.SkipInvalid = true // the start of the first row has passed
			again, err := w.process(&crashtest.Crash{}).runWith(passed, migrate.RunOptions{})
			require.NoError(t, err)
			require.Equal(t, first.ID, again.ID)
			require.EqualValues(t, 1, again.Live)
			require.Equal(t, before, w.report(first.ID), "the same rows have the same schedules")
			require.Equal(t, 3, w.total())
		})
	}
}

// What another program has made live counts by its source ID, whichever of the two keys it was kept under, and only with
// its customer.
func TestSubscriptionsOfAnotherProgram(t *testing.T) {
	for _, c := range []struct {
		name, customer string
		metadata       url.Values
		status         string
		refusal        bool
	}{
		{"the same source ID", "cus_1", url.Values{"metadata[old_Stripe_sub_id]": {"old_1"}}, "", true},
		{"under the other key", "cus_1", url.Values{"metadata[third_party_sub_id]": {"old_1"}}, "", true},
		{"the second of two", "cus_1", url.Values{"metadata[third_party_sub_id]": {"x"}, "metadata[old_Stripe_sub_id]": {"old_1"}}, "", true},
		{"of another customer", "cus_2", url.Values{"metadata[old_Stripe_sub_id]": {"old_1"}}, "", false},
		{"another source ID", "cus_1", url.Values{"metadata[old_Stripe_sub_id]": {"old_2"}}, "", false},
		{"no metadata at all", "cus_1", url.Values{}, "", false},
		{"canceled", "cus_1", url.Values{"metadata[old_Stripe_sub_id]": {"old_1"}}, "canceled", false},
		{"in trial", "cus_1", url.Values{"metadata[old_Stripe_sub_id]": {"old_1"}, "trial_end": {fmt.Sprint(today.AddDate(0, 0, 5).Unix())}}, "trialing", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestEnv(t, fmt.Appendf(nil, "customer,start_date,price,metadata.old_Stripe_sub_id\ncus_1,%d,price_gold,old_1\ncus_2,%d,price_gold,other\n",
				today.AddDate(0, 0, 10).Unix(), today.AddDate(0, 0, 10).Unix()))
			params := c.metadata
			params.Set("customer", c.customer)
			params.Set("items[0][price]", "price_gold")
			made := w.form("/v1/subscriptions", params)
			if c.status == "canceled" {
				w.send(http.MethodDelete, "/v1/subscriptions/"+made["id"].(string))
			} else if c.status != "" {
				require.Equal(t, c.status, made["status"])
			}
			_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			var refusal *migrate.AlreadyScheduledError
			if !c.refusal {
				require.NoError(t, err)
				return
			}
			require.ErrorAs(t, err, &refusal)
			require.EqualValues(t, 1, refusal.Rows)
			require.ErrorContains(t, err, made["id"].(string)+", live, for cus_1, made by another program")
			require.Zero(t, w.total())
		})
	}
}

// The lists hide what belongs to a test clock, whose time may be past go-live while it is not here.
func TestSubscriptionsOfATestClockAreFound(t *testing.T) {
	w := newTestEnv(t, []byte("customer,start_date,price\n"))
	clock := w.form("/v1/test_helpers/test_clocks", url.Values{"frozen_time": {fmt.Sprint(today.Unix())}})["id"].(string)
	customer := w.form("/v1/customers", url.Values{"test_clock": {clock}})["id"].(string)
	w.input = bytesInput("subs.csv", fmt.Appendf(nil, "customer,start_date,price,metadata.old_Stripe_sub_id,collection_method,days_until_due\n%s,%d,price_gold,old_1,send_invoice,30\n",
		customer, today.AddDate(0, 0, 3).Unix()))
	w.provision(customer)
	first, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, first.Scheduled)
	w.form("/v1/test_helpers/test_clocks/"+clock+"/advance", url.Values{"frozen_time": {fmt.Sprint(today.AddDate(0, 0, 4).Unix())}})
	require.Len(t, w.liveOf(customer), 1)

	w.ledger = ledger.NewMemory()
	again, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, again.Scheduled, "adopted")
	require.Len(t, w.liveOf(customer), 1)

	w.ledger = ledger.NewMemory()
	w.input = bytesInput("other.csv", append(readAll(t, w.input), '\n'))
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	var refusal *migrate.AlreadyScheduledError
	require.ErrorAs(t, err, &refusal)
}

func readAll(t *testing.T, in migrate.Input) []byte {
	f, err := in.Open()
	require.NoError(t, err)
	defer f.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(f)
	require.NoError(t, err)
	return b.Bytes()
}

// asking counts the lists that a run asks for, and may pretend that the account has very much that is not of the file.
type asking struct {
	migrate.Gateway
	strangers bool

	mu             *sync.Mutex
	pages, clients map[string]int
}

func newAsking(g migrate.Gateway, strangers bool) *asking {
	return &asking{Gateway: g, strangers: strangers, mu: &sync.Mutex{}, pages: map[string]int{}, clients: map[string]int{}}
}

func (a *asking) count(list, customer string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if customer == "" {
		a.pages[list]++
		return
	}
	a.clients[list]++
}

func (a *asking) Schedules(ctx context.Context, f migrate.ScheduleFilter) (migrate.SchedulePage, error) {
	a.count("schedules", f.Customer)
	if a.strangers && f.Customer == "" {
		return migrate.SchedulePage{More: true, Schedules: []migrate.ScheduleState{{ID: "sub_sched_other", Customer: "cus_other", Status: migrate.StatusNotStarted}}}, nil
	}
	return a.Gateway.Schedules(ctx, f)
}

func (a *asking) Subscriptions(ctx context.Context, f migrate.SubscriptionFilter) (migrate.SubscriptionPage, error) {
	a.count("subscriptions", f.Customer)
	if a.strangers && f.Customer == "" {
		return migrate.SubscriptionPage{More: true, Subscriptions: []migrate.SubscriptionState{{ID: "sub_other", Customer: "cus_other", Status: "active"}}}, nil
	}
	return a.Gateway.Subscriptions(ctx, f)
}

// Few requests show what a small account has, and a large one is asked for the customers of the file alone. It is never
// more than the review has said.
func TestLookingAtTheAccountIsSparing(t *testing.T) {
	for _, c := range []struct {
		name      string
		strangers bool
	}{{"a small account", false}, {"a large account", true}} {
		t.Run(c.name, func(t *testing.T) {
			w := newTestEnv(t, many(300))
			var seen *asking
			p := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, func(m *migrate.Config) {
				seen = newAsking(m.Gateway, c.strangers)
				m.Gateway = seen
				m.Workers = 8
			})
			ctx := context.Background()
			review, err := p.Review(ctx, w.input, options)
			require.NoError(t, err)
			choice, err := p.Select(ctx, review, migrate.RunOptions{})
			require.NoError(t, err)
			require.True(t, choice.Searches)
			_, err = p.Run(ctx, review, migrate.RunOptions{})
			require.NoError(t, err)
			customers := review.Report.Customers
			total := 0
			for _, list := range []string{"schedules", "subscriptions"} {
				if c.strangers {
					require.Equal(t, customers, seen.pages[list])
					require.Equal(t, customers, seen.clients[list])
				} else {
					require.Equal(t, 1, seen.pages[list])
					require.Zero(t, seen.clients[list])
				}
				total += seen.pages[list] + seen.clients[list]
			}
			require.LessOrEqual(t, int64(total), review.SearchRequests())
		})
	}
}

// A large account has the duplicate on a page that is not looked at: it is found by its customer.
func TestALargeAccountIsAskedByCustomer(t *testing.T) {
	w, _ := afterFirstRun(t)
	w.clock.advance(11 * 24 * time.Hour)
	w.ledger = ledger.NewMemory()
	w.input = bytesInput("later.csv", moved(11))
	p := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, func(m *migrate.Config) { m.Gateway = newAsking(m.Gateway, true); m.Workers = 4 })
	_, err := p.run(migrate.RunOptions{})
	var refusal *migrate.AlreadyScheduledError
	require.ErrorAs(t, err, &refusal)
	require.EqualValues(t, mixedRows, refusal.Rows)
	require.Equal(t, mixedRows, w.total())
}

// What a run has left out because it was told to, the next one that was not told does not schedule: it is refused.
func TestWhatIsLeftOutIsNotScheduledByAResume(t *testing.T) {
	for name, days := range map[string]int{"scheduled": 0, "live": 11} {
		t.Run(name, func(t *testing.T) {
			w, _ := afterFirstRun(t)
			w.clock.advance(time.Duration(days) * 24 * time.Hour)
			w.ledger = ledger.NewMemory()
			w.input = bytesInput("later.csv", append(moved(days), fmt.Sprintf("cus_new,%d,price_gold,1,,,,,,,old_11\ncus_new,%d,price_gold,1,,,,,,,old_12\n",
				today.AddDate(0, 0, days+15).Unix(), today.AddDate(0, 0, days+16).Unix())...))
			_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			var refusal *migrate.AlreadyScheduledError
			require.ErrorAs(t, err, &refusal)

			canary, err := w.process(&crashtest.Crash{}).runWith(skipScheduled(), migrate.RunOptions{Canary: 1})
			require.NoError(t, err)
			before := w.total()
			_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{Resume: canary.ID})
			require.ErrorAs(t, err, &refusal)
			require.EqualValues(t, mixedRows, refusal.Rows)
			require.Equal(t, before, w.total(), "nothing was created")

			_, err = w.process(&crashtest.Crash{}).runWith(skipScheduled(), migrate.RunOptions{Resume: canary.ID})
			require.NoError(t, err)
			require.Equal(t, mixedRows+2, w.total())
		})
	}
}
