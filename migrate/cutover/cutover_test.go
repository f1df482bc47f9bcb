package cutover_test

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
)

var stops = map[string]func(*env) cutover.Stop{
	"period_end": func(*env) cutover.Stop { return cutover.Stop{} },
	"pause":      func(*env) cutover.Stop { return cutover.Stop{Pause: true} },
}

func TestEveryPeriodIsChargedOnce(t *testing.T) {
	for name, stop := range stops {
		t.Run(name, func(t *testing.T) {
			w := newEnv(t, 6)
			o := cutover.Options{Stop: stop(w), Account: "acct_source"}
			before := w.old(3)
			plan := w.plan(o)
			require.EqualValues(t, 6, plan.ToDo)
			require.Zero(t, plan.Refused, plan.Refusals)
			require.Equal(t, "2027-03-11T09:00:00Z", plan.FirstEnd)
			require.Equal(t, before, w.old(3), "a plan changes nothing")
			require.Empty(t, w.entry(3).Source)

			done := w.apply(o)
			require.EqualValues(t, 6, done.Done)
			require.Zero(t, done.ToDo)
			require.Equal(t, ledger.SourceStopped, w.entry(3).Source)
			require.Equal(t, name, w.entry(3).SourceStop)
			require.Equal(t, w.id+"/3 "+name, w.old(3)["metadata"].(map[string]any)[cutover.MarkKey])

			again := w.apply(o)
			require.EqualValues(t, 6, again.Done)
			require.Zero(t, again.ToDo)
			w.chargedOnce()
		})
	}
}

func TestACutoverAtOneMoment(t *testing.T) {
	w := newEnv(t, 3)
	at := csvspec.At(today.AddDate(0, 0, 11)) // the end of row 2's period
	r := w.apply(cutover.Options{Stop: cutover.Stop{At: at}})
	require.EqualValues(t, 1, r.Done)
	require.EqualValues(t, 2, r.Refused)
	require.Equal(t, "inside_period", r.Refusals[0].Code)
	require.Contains(t, r.Refusals[0].Sentence, "the customer would lose time that is paid")
	require.EqualValues(t, at, w.old(2)["cancel_at"])
	w.undo(cutover.Options{})
	require.Nil(t, w.old(2)["cancel_at"])
}

func TestAnUndoRestoresWhatWas(t *testing.T) {
	for name, stop := range stops {
		t.Run(name, func(t *testing.T) {
			w := newEnv(t, 4, func(row int) string {
				if row == 2 {
					return `, "cancel_at": ` + unix(400)
				}
				return ""
			})
			var before []map[string]any
			for row := 1; row <= 4; row++ {
				before = append(before, w.old(row))
			}
			w.apply(cutover.Options{Stop: stop(w)})
			require.NotEqual(t, before[0], w.old(1))
			plan, err := w.process(&crashtest.Crash{}).PlanUndo(context.Background(), w.id, cutover.Options{})
			require.NoError(t, err)
			require.EqualValues(t, 4, plan.ToDo)
			require.NotEqual(t, before[0], w.old(1), "a plan changes nothing")
			r := w.undo(cutover.Options{})
			require.EqualValues(t, 4, r.Done)
			for row := 1; row <= 4; row++ {
				now := w.old(row)
				delete(now, "canceled_at") // when cancel_at was last set, which an undo does as well
				delete(before[row-1], "canceled_at")
				require.Equal(t, before[row-1], now, row)
				require.Equal(t, ledger.SourceRestored, w.entry(int64(row)).Source)
			}
			require.EqualValues(t, 4, w.undo(cutover.Options{}).Done, "undoing twice is harmless")
			require.EqualValues(t, 4, w.apply(cutover.Options{Stop: stop(w)}).Done)
			w.chargedOnce()
		})
	}
}

func TestOnlyWhatIsMarkedIsUndone(t *testing.T) {
	w := newEnv(t, 3)
	w.old(2, "cancel_at_period_end=true") // the customer has done that
	r := w.apply(cutover.Options{})
	require.EqualValues(t, 2, r.Done)
	require.EqualValues(t, 1, r.Ends)
	require.Contains(t, r.Notes[0].Sentence, "if it was the customer who canceled, cancel the new one too")
	require.Equal(t, ledger.SourceEnds, w.entry(2).Source)
	require.Contains(t, w.entry(2).SourceNote, "ends by itself, on 12 Mar 2027")
	require.EqualValues(t, 2, w.undo(cutover.Options{}).Done)
	require.Equal(t, true, w.old(2)["cancel_at_period_end"])
}

func TestCanary(t *testing.T) {
	w := newEnv(t, 4)
	r := w.apply(cutover.Options{Canary: 1})
	require.EqualValues(t, 1, r.Done)
	require.EqualValues(t, 3, r.ToDo)
	require.Equal(t, false, w.old(2)["cancel_at_period_end"])
	require.EqualValues(t, 4, w.apply(cutover.Options{}).Done)
}

// TestRefusals: each reason for which a row is left alone, with a sentence for people who do not know the API.
func TestRefusals(t *testing.T) {
	day := today.AddDate
	for name, c := range map[string]struct {
		options  cutover.Options
		arrange  func(*env)
		sentence string
	}{
		"not_verified":     {arrange: func(w *env) { w.put(ledger.Verified{Row: 1}) }, sentence: "The row was not verified"},
		"source_missing":   {arrange: func(w *env) { w.source = w.open("other", nil, `{"account": {"id": "acct_source"}}`) }, sentence: "has no subscription sub_old1"},
		"destination_gone": {arrange: func(w *env) { w.cancelNew() }, sentence: "nobody would charge: it is left as it is, and goes on"},
		"changed":          {arrange: func(w *env) { w.changeNew("metadata[subferry]=") }, sentence: "does not carry the row's mark any more"},
		"due":              {arrange: func(w *env) { w.clock.now = day(0, 0, 10).Add(-30 * time.Minute) }, sentence: "within the hour"},
		"other_cutover": {arrange: func(w *env) {
			w.old(1, "metadata[subferry_cutover]=mig_other/7 period_end", "cancel_at_period_end=true")
		}, sentence: "was stopped for mig_other/7"},
		"own_subscription": {arrange: func(w *env) { w.old(1, "metadata[subferry]="+w.id+"/1") }, sentence: "created by this very migration"},
		"paused":           {options: cutover.Options{Stop: cutover.Stop{Pause: true}}, arrange: func(w *env) { w.old(1, "pause_collection[behavior]=keep_as_draft") }, sentence: "an undo would not know to what"},
		"pending_items": {options: cutover.Options{Stop: cutover.Stop{Pause: true}}, arrange: func(w *env) {
			w.call(w.source, "POST", "/v1/invoiceitems", "customer=cus_1", "amount=500", "currency=usd", "subscription=sub_old1")
		}, sentence: "with a pause that would be void"},
		"inside_period": {options: cutover.Options{Stop: cutover.Stop{At: csvspec.At(day(0, 0, 5))}}, sentence: "the customer would lose time that is paid"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newEnv(t, 1)
			if c.arrange != nil {
				c.arrange(w)
			}
			before := w.bare()
			plan, done := w.plan(c.options), w.apply(c.options)
			for _, r := range []*cutover.Result{plan, done} {
				require.EqualValues(t, 1, r.Refused, "%+v", r)
				require.Zero(t, r.ToDo)
				require.Equal(t, name, r.Refusals[0].Code)
				require.Contains(t, r.Refusals[0].Sentence, c.sentence)
			}
			require.Equal(t, before, w.bare(), "nothing was changed")
			require.Empty(t, w.entry(1).Source)
		})
	}
}

func (w *env) put(v ledger.Verified) {
	require.NoError(w.t, w.ledger.PutVerified(context.Background(), w.id, []ledger.Verified{v}))
}

// bare is the first source subscription as it is; nil when there is none.
func (w *env) bare() map[string]any {
	list := w.call(w.source, http.MethodGet, "/v1/subscriptions", "status=all", "limit=1")["data"].([]any)
	if len(list) == 0 {
		return nil
	}
	return list[0].(map[string]any)
}

func (w *env) cancelNew() {
	w.call(w.destination, http.MethodPost, "/v1/subscription_schedules/"+w.entry(1).ScheduleID+"/cancel")
}

// live is the subscription that the first schedule of the destination has started.
func (w *env) live() string {
	return w.call(w.destination, http.MethodGet, "/v1/subscription_schedules/"+w.entry(1).ScheduleID)["subscription"].(string)
}

// releasedNew releases the first schedule, and changes what it has started.
func (w *env) releasedNew(pairs ...string) {
	live := w.live()
	w.call(w.destination, http.MethodPost, "/v1/subscription_schedules/"+w.entry(1).ScheduleID+"/release")
	w.call(w.destination, http.MethodPost, "/v1/subscriptions/"+live, pairs...)
}

func (w *env) changeNew(pairs ...string) {
	w.call(w.destination, http.MethodPost, "/v1/subscription_schedules/"+w.entry(1).ScheduleID, pairs...)
}

func TestRefusalsByTime(t *testing.T) {
	w := newEnv(t, 1)
	w.clock.now = today.AddDate(0, 0, 12) // both have charged
	r := w.plan(cutover.Options{})
	require.Equal(t, "charged_twice", r.Refusals[0].Code)
	require.Contains(t, r.Refusals[0].Sentence, "Both accounts have charged since 11 Mar 2027 09:00 UTC")
	require.EqualValues(t, 1, w.apply(cutover.Options{Late: true}).Done)
	w.clock.now = today.AddDate(0, 0, 50)
	require.Equal(t, 1, w.charges(w.source)["cus_1"], "it has charged once, and ends before it charges again")

	for name, c := range map[string]struct{ end, sentence string }{
		"overlap": {unix(20), "the time between would be paid twice"},
		"gap":     {unix(5), "no later period of the source ends near that either. Move the start"},
	} {
		w := newEnv(t, 1)
		w.source = w.open("moved", nil, `{"account": {"id": "acct_source"}, `+stock+`, "customers": [{"id": "cus_1"}], "subscriptions": [
			{"id": "sub_old1", "customer": "cus_1", "current_period_end": `+c.end+`, "items": {"data": [{"price": "price_A"}]}}]}`)
		r := w.plan(cutover.Options{})
		require.Equal(t, name, r.Refusals[0].Code)
		require.Contains(t, r.Refusals[0].Sentence, c.sentence)
		require.EqualValues(t, 1, w.plan(cutover.Options{Tolerance: 30 * 24 * time.Hour}).ToDo)
	}
}

// A period later both meet: then it can be stopped.
func TestAGapThatClosesByItself(t *testing.T) {
	w := newEnv(t, 1)
	end := fmt.Sprint(today.AddDate(0, -1, 10).Unix()) // the last charge is late
	w.source = w.open("moved", nil, `{"account": {"id": "acct_source"}, `+stock+`, "customers": [{"id": "cus_1"}], "subscriptions": [
		{"id": "sub_old1", "customer": "cus_1", "current_period_end": `+unix(3)+`, "billing_cycle_anchor": `+end+`, "items": {"data": [{"price": "price_A"}]}}]}`)
	r := w.plan(cutover.Options{})
	require.Equal(t, "gap", r.Refusals[0].Code)
	require.Contains(t, r.Refusals[0].Sentence, "Run this again after the source's charge on 4 Mar 2027")
}

func TestADestinationThatDoesNotCharge(t *testing.T) {
	w := newEnv(t, 1)
	w.clock.now = today.AddDate(0, 0, 12)
	w.call(w.destination, http.MethodPost, "/v1/subscriptions/"+w.live(), "pause_collection[behavior]=void")
	r := w.plan(cutover.Options{Late: true})
	require.Equal(t, "destination_idle", r.Refusals[0].Code)
	require.Contains(t, r.Refusals[0].Sentence, "Without the source, nobody would")
}

func TestASourceThatAScheduleGoverns(t *testing.T) {
	w := newEnv(t, 1)
	made := w.call(w.source, http.MethodPost, "/v1/subscription_schedules", "customer=cus_1", "start_date=now", "end_behavior=release",
		"phases[0][items][0][price]=price_A", "phases[0][iterations]=1")
	w.renameSource(made["subscription"].(string))
	w.clock.advance(2 * time.Hour)
	r := w.plan(cutover.Options{Tolerance: 60 * 24 * time.Hour})
	require.Equal(t, "scheduled", r.Refusals[0].Code, r)
	require.Contains(t, r.Refusals[0].Sentence, "release that first")
}

func TestASourceThatHasNotBegun(t *testing.T) {
	w := newEnv(t, 1)
	made := w.call(w.source, http.MethodPost, "/v1/subscriptions", "customer=cus_1", "items[0][price]=price_A", "payment_behavior=default_incomplete")
	w.renameSource(made["id"].(string))
	r := w.plan(cutover.Options{})
	require.Equal(t, "incomplete", r.Refusals[0].Code)
	require.Contains(t, r.Refusals[0].Sentence, "is not made yet")
}

// renameSource makes row 1 name another source subscription.
func (w *env) renameSource(id string) {
	w.ledger = renamed{w.ledger, id}
}

type renamed struct {
	ledger.Ledger
	id string
}

func (l renamed) Entries(ctx context.Context, id string, states ...ledger.State) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for e, err := range l.Ledger.Entries(ctx, id, states...) {
			e.SourceID = l.id
			if !yield(e, err) {
				return
			}
		}
	}
}

func TestChangedSinceVerification(t *testing.T) {
	w := newEnv(t, 2)
	var asked []map[int64]bool
	w.verify = func(_ context.Context, _ string, rows map[int64]bool) (map[int64]string, error) {
		asked = append(asked, rows)
		return map[int64]string{2: "The quantity of the source is 3, and the row says 1."}, nil
	}
	require.Equal(t, "changed", w.plan(cutover.Options{}).Refusals[0].Code)
	r := w.apply(cutover.Options{})
	require.EqualValues(t, 1, r.Done)
	require.Contains(t, r.Refusals[0].Sentence, "It has changed since it was verified: The quantity")
	require.Equal(t, []map[int64]bool{{1: true, 2: true}, {1: true, 2: true}}, asked)
}

// A customer who has canceled in the old account since would be charged by the new one: that is a change like any other.
func TestCanceledSinceVerification(t *testing.T) {
	w := newEnv(t, 2)
	canceled := func(context.Context, string, map[int64]bool) (map[int64]string, error) {
		return map[int64]string{2: "The customer has canceled the old subscription since the file was made."}, nil
	}
	w.verify = canceled
	w.old(2, "cancel_at_period_end=true")
	for _, r := range []*cutover.Result{w.plan(cutover.Options{}), w.apply(cutover.Options{})} {
		require.Zero(t, r.Ends)
		require.Empty(t, r.Notes)
		require.Equal(t, "changed", r.Refusals[0].Code)
		require.Contains(t, r.Refusals[0].Sentence, "The customer has canceled")
	}
	require.Empty(t, w.entry(2).Source)
	w.verify = nil
	require.EqualValues(t, 1, w.apply(cutover.Options{}).Ends, "who takes it as it is")

	w = newEnv(t, 1)
	w.verify = func(ctx context.Context, id string, rows map[int64]bool) (map[int64]string, error) {
		w.verify = nil
		w.old(1, "cancel_at="+unix(5)) // between the comparison and the request
		return nil, nil
	}
	p := w.process(&crashtest.Crash{})
	compare := p.Verify
	p.Verify = func(ctx context.Context, id string, rows map[int64]bool) (map[int64]string, error) {
		if w.verify == nil {
			return map[int64]string{1: "It ends earlier."}, nil
		}
		return compare(ctx, id, rows)
	}
	r, err := p.Apply(context.Background(), w.id, cutover.Options{})
	require.NoError(t, err)
	require.Equal(t, "changed", r.Refusals[0].Code)
}

// What was stopped in one way is not said to be stopped in another.
func TestStoppedInAnotherWay(t *testing.T) {
	pause, end := cutover.Stop{Pause: true}, cutover.Stop{}
	for _, c := range []struct {
		first, then cutover.Stop
		sentence    string
	}{
		{pause, end, "sub_old1 is paused, by this very cutover, and stays so"},
		{pause, cutover.Stop{At: csvspec.At(today.AddDate(0, 0, 10))}, "is paused"},
		{end, pause, "sub_old1 is canceled on 11 Mar 2027 09:00 UTC, by this very cutover"},
		{end, cutover.Stop{At: csvspec.At(today.AddDate(0, 0, 41))}, "is canceled on 11 Mar 2027"},
	} {
		w := newEnv(t, 1)
		w.apply(cutover.Options{Stop: c.first})
		before := w.old(1)
		for _, r := range []*cutover.Result{w.plan(cutover.Options{Stop: c.then}), w.apply(cutover.Options{Stop: c.then})} {
			require.Zero(t, r.Done)
			require.EqualValues(t, 1, r.Refused)
			require.Equal(t, "stopped_otherwise", r.Refusals[0].Code)
			require.Contains(t, r.Refusals[0].Sentence, c.sentence)
		}
		require.Equal(t, before, w.old(1))
		require.Equal(t, ledger.SourceStopped, w.entry(1).Source)
		w.undo(cutover.Options{})
		w.clock.advance(11 * time.Minute)
		require.Zero(t, w.plan(cutover.Options{Stop: c.then}).Done)
	}
	w := newEnv(t, 1)
	w.apply(cutover.Options{})
	require.EqualValues(t, 1, w.plan(cutover.Options{Stop: cutover.Stop{At: csvspec.At(today.AddDate(0, 0, 10))}}).Done, "it is the same moment")
}

// Whoever runs a cutover again hears of what nobody charges any more.
func TestTheNewSideIsGoneAfterwards(t *testing.T) {
	for name, arrange := range map[string]func(*env){
		"destination_gone": (*env).cancelNew,
		"destination_idle": func(w *env) {
			w.clock.now = today.AddDate(0, 0, 12)
			w.call(w.destination, http.MethodPost, "/v1/subscriptions/"+w.live(), "pause_collection[behavior]=void")
		},
		"destination_ends": func(w *env) {
			w.clock.now = today.AddDate(0, 0, 12)
			w.releasedNew("cancel_at_period_end=true")
		},
	} {
		w := newEnv(t, 2)
		w.apply(cutover.Options{})
		arrange(w)
		for _, r := range []*cutover.Result{w.plan(cutover.Options{}), w.apply(cutover.Options{})} {
			require.EqualValues(t, 1, r.Done)
			require.Equal(t, name, r.Refusals[0].Code)
			require.Contains(t, r.Refusals[0].Sentence, "stopped by this very cutover: nobody charges")
		}
		require.Equal(t, ledger.SourceStopped, w.entry(1).Source)
	}
}

func TestLeftovers(t *testing.T) {
	w := newEnv(t, 1)
	w.call(w.source, http.MethodPost, "/v1/invoiceitems", "customer=cus_1", "amount=500", "currency=usd", "subscription=sub_old1")
	w.call(w.source, http.MethodPost, "/v1/invoiceitems", "customer=cus_1", "amount=-300", "currency=usd", "subscription=sub_old1")
	w.call(w.source, http.MethodPost, "/v1/invoiceitems", "customer=cus_1", "amount=700", "currency=usd")
	w.old(1, "items[0][id]="+w.old(1)["items"].(map[string]any)["data"].([]any)[0].(map[string]any)["id"].(string), "items[0][quantity]=2")
	kinds := map[string]string{}
	plan := w.plan(cutover.Options{})
	for _, o := range plan.Leftovers {
		kinds[o.Kind] += o.Sentence + "\n"
		require.Equal(t, "cus_1", o.Customer)
	}
	require.Len(t, plan.Leftovers, 5)
	require.Contains(t, kinds["pending_item"], "5.00 USD wait for the next invoice: a last one, on 11 Mar 2027 09:00 UTC, charges them")
	require.Contains(t, kinds["pending_item"], "A credit of 3.00 USD: the last invoice")
	require.Contains(t, kinds["pending_item"], "7.00 USD wait for the customer's next invoice in the source account, and wait on")
	require.Contains(t, kinds["proration"], "A credit of")
	require.EqualValues(t, 1, plan.ToDo, "they do not keep the row from being stopped")
}

func TestOpenAndDraftInvoices(t *testing.T) {
	w := newEnv(t, 1, func(int) string { return `, "collection_method": "send_invoice", "days_until_due": 30` })
	w.clock.now = today.AddDate(0, 0, 10).Add(30 * time.Minute)
	o := cutover.Options{Late: true}
	require.Equal(t, "draft_invoice", w.plan(o).Leftovers[0].Kind)
	require.Contains(t, w.plan(o).Leftovers[0].Sentence, "finalizes and charges it within about an hour")
	w.clock.now = today.AddDate(0, 0, 11)
	require.Equal(t, "open_invoice", w.plan(o).Leftovers[0].Kind)
	require.Contains(t, w.plan(o).Leftovers[0].Sentence, "goes on collecting until the subscription ends on 11 Apr 2027")
}

func TestTheSourceAccountIsConfirmed(t *testing.T) {
	w := newEnv(t, 1)
	_, err := w.process(&crashtest.Crash{}).Apply(context.Background(), w.id, cutover.Options{Account: "acct_other"})
	require.ErrorContains(t, err, "the source key belongs to acct_source, and acct_other was confirmed")
	require.Equal(t, false, w.old(1)["cancel_at_period_end"])
}

func TestStripeSaysNo(t *testing.T) {
	w := newEnv(t, 2)
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "sub_old1") {
			return sandbox.Fault{Kind: sandbox.LockTimeout}
		}
		return sandbox.Fault{}
	}
	_, err := w.process(&crashtest.Crash{}).Apply(context.Background(), w.id, cutover.Options{})
	require.Error(t, err, "it is tried for five minutes, and for nothing")
	require.Equal(t, ledger.SourceStopping, w.entry(1).Source)
	w.fault = nil
	require.EqualValues(t, 2, w.apply(cutover.Options{}).Done)
}

func TestACancelAfterACutover(t *testing.T) {
	w := newEnv(t, 2)
	w.apply(cutover.Options{Canary: 1})
	m := w.migrator(w.destination, &crashtest.Crash{}, w.ledger)
	_, err := m.Cancel(context.Background(), w.id, migrate.CancelOptions{})
	require.ErrorContains(t, err, "a cutover has stopped the source subscriptions of 1 rows")
	w.undo(cutover.Options{})
	c, err := m.Cancel(context.Background(), w.id, migrate.CancelOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, c.Canceled)
	_, err = w.process(&crashtest.Crash{}).Apply(context.Background(), w.id, cutover.Options{})
	var canceled *migrate.BeingCanceledError
	require.ErrorAs(t, err, &canceled)

	w = newEnv(t, 1)
	w.apply(cutover.Options{})
	_, err = w.migrator(w.destination, &crashtest.Crash{}, w.ledger).Cancel(context.Background(), w.id, migrate.CancelOptions{SourceStopped: true})
	require.NoError(t, err)
	require.EqualValues(t, 1, w.bills().Counts[cutover.ByNobody])
	require.EqualValues(t, 1, w.undo(cutover.Options{}).Done)
	require.EqualValues(t, 1, w.bills().Counts[cutover.BySource])
}

// What is in flight when the process dies is not counted as stopped.
func TestInFlightIsCountedApart(t *testing.T) {
	w := newEnv(t, 3)
	d := &crashtest.Crash{At: 10} // two of the bound account, and of each row: before the second request
	_, err := w.process(d).Apply(context.Background(), w.id, cutover.Options{})
	require.Error(t, err)
	require.Equal(t, ledger.SourceStopping, w.entry(2).Source)
	s, err := migrate.Status(context.Background(), w.ledger, w.id, w.clock.Now())
	require.NoError(t, err)
	require.EqualValues(t, 1, s.SourceStopped)
	require.EqualValues(t, 1, s.SourceUnsure)
	_, err = w.migrator(w.destination, &crashtest.Crash{}, w.ledger).Cancel(context.Background(), w.id, migrate.CancelOptions{})
	require.ErrorContains(t, err, "of 1 rows of "+w.id+", and may have stopped those of 1 more")
}

func TestRowsThatDoNotExist(t *testing.T) {
	w := newEnv(t, 2)
	o := cutover.Options{Rows: map[int64]bool{1: true, 999: true}}
	p := w.process(&crashtest.Crash{})
	_, plan := p.Plan(context.Background(), w.id, o)
	_, apply := p.Apply(context.Background(), w.id, o)
	_, undo := p.Undo(context.Background(), w.id, o)
	for _, err := range []error{plan, apply, undo} {
		var none *migrate.NoSuchRowsError
		require.ErrorAs(t, err, &none)
		require.Equal(t, []int64{999}, none.Rows)
	}
	require.Empty(t, w.entry(1).Source)
}

func TestUndoRefusals(t *testing.T) {
	w := newEnv(t, 3)
	w.apply(cutover.Options{})
	w.old(2, "cancel_at="+unix(300))
	w.clock.now = today.AddDate(0, 0, 10).Add(2 * time.Hour)
	r := w.undo(cutover.Options{})
	require.Equal(t, "ended", r.Refusals[0].Code)
	require.Contains(t, r.Refusals[0].Sentence, "nothing can bring it back")
	require.Equal(t, "changed", r.Refusals[1].Code)
	require.EqualValues(t, 1, r.Done)

	w = newEnv(t, 1)
	w.apply(cutover.Options{Stop: cutover.Stop{Pause: true}})
	w.clock.now = today.AddDate(0, 0, 15)
	r = w.undo(cutover.Options{})
	require.Equal(t, "both_would_charge", r.Refusals[0].Code)
	require.Contains(t, r.Refusals[0].Sentence, "Cancel the new one first")
}

// Whatever is changed in the source account, its customer is kept from being changed elsewhere meanwhile.
func TestEachSourceHasItsCustomer(t *testing.T) {
	w := newEnv(t, 3)
	changes := 0
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPost {
			changes++
			all, _ := w.customers.Held("", "")
			require.Equal(t, 1, all)
		}
		return sandbox.Fault{}
	}
	before := w.customers.Turns()
	w.apply(cutover.Options{Account: "acct_source"})
	w.undo(cutover.Options{Account: "acct_source"})
	require.Equal(t, 6, changes)
	require.Equal(t, 6, w.customers.Turns()-before)
}
