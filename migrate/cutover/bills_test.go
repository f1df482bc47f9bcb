package cutover_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/verify"
)

// TestWhoBills: each answer, with a sentence that says what it means.
func TestWhoBills(t *testing.T) {
	for name, c := range map[string]struct {
		arrange  func(*env)
		who      cutover.Who
		sentence string
	}{
		"before the cutover": {func(*env) {}, cutover.BySource, "from 11 Mar 2027 09:00 UTC on both would: stop the source before"},
		"after it":           {func(w *env) { w.apply(cutover.Options{}) }, cutover.ByDestination, "The new account charges on 11 Mar 2027 09:00 UTC; the source ends on 11 Mar 2027"},
		"paused":             {func(w *env) { w.apply(cutover.Options{Stop: cutover.Stop{Pause: true}}) }, cutover.ByDestination, "the source is paused"},
		"after the change of sides": {func(w *env) {
			w.apply(cutover.Options{})
			w.clock.now = today.AddDate(0, 0, 15)
		}, cutover.ByDestination, "The new account charges on 11 Apr 2027 09:00 UTC; the source has ended on 11 Mar 2027"},
		"about to charge twice": {func(w *env) { w.clock.now = today.AddDate(0, 0, 9).Add(time.Hour) }, cutover.ByBoth, "Both are about to charge"},
		"charging twice":        {func(w *env) { w.clock.now = today.AddDate(0, 0, 15) }, cutover.ByBoth, "Both charge: the new account since 11 Mar 2027"},
		"nobody": {func(w *env) {
			w.apply(cutover.Options{})
			w.cancelNew()
		}, cutover.ByNobody, "the customer has the service for nothing, or has lost it"},
		"a time between": {func(w *env) {
			w.old(1, "cancel_at="+unix(5))
		}, cutover.ByNobody, "The source is paid until 6 Mar 2027 09:00 UTC, and the new account charges from 11 Mar 2027 09:00 UTC only"},
		"the new one is gone": {func(w *env) { w.cancelNew() }, cutover.BySource, "the new account has nothing that charges"},
		"the old one is gone": {func(w *env) {
			w.bind()
			w.source = w.open("empty", nil, `{"account": {"id": "acct_source"}}`)
		}, cutover.ByDestination, "the source is gone"},
		"the key may be of another account": {func(w *env) {
			w.source = w.open("empty", nil, `{"account": {"id": "acct_third"}}`)
		}, cutover.ByUnknown, "it may be another account's"},
		"ends as the row says": {func(w *env) {
			w.changeNew("end_behavior=cancel", "phases[0][items][0][price]=price_A", "phases[0][trial]=true", "phases[0][start_date]="+unix(10), "phases[0][iterations]=1")
			w.old(1, "cancel_at_period_end=true")
		}, cutover.ByNone, "It ends as the row says"},
		"ended as the row says": {func(w *env) {
			w.changeNew("end_behavior=cancel", "phases[0][items][0][price]=price_A", "phases[0][trial]=true", "phases[0][start_date]="+unix(10), "phases[0][iterations]=1")
			w.old(1, "cancel_at_period_end=true")
			w.clock.now = today.AddDate(0, 0, 60)
		}, cutover.ByNone, "It ends as the row says"},
		"the new one is paused": {func(w *env) {
			w.apply(cutover.Options{})
			w.clock.now = today.AddDate(0, 0, 12)
			w.call(w.destination, "POST", "/v1/subscriptions/"+w.live(), "pause_collection[behavior]=void")
		}, cutover.ByNobody, "of the new account does not charge (active)"},
		"the new one is ended by somebody": {func(w *env) {
			w.apply(cutover.Options{})
			w.clock.now = today.AddDate(0, 0, 12)
			w.releasedNew("cancel_at_period_end=true")
		}, cutover.ByNobody, "ends on 11 Apr 2027 09:00 UTC, and not because the row says so"},
		"the new one was ended by somebody": {func(w *env) {
			w.apply(cutover.Options{})
			w.clock.now = today.AddDate(0, 0, 12)
			w.releasedNew("cancel_at_period_end=true")
			w.clock.now = today.AddDate(0, 0, 60)
		}, cutover.ByNobody, "the new account has nothing that charges"},
		"the new one is paused, and ends later": {func(w *env) {
			w.apply(cutover.Options{})
			w.clock.now = today.AddDate(0, 0, 12)
			w.releasedNew("pause_collection[behavior]=void", "cancel_at="+unix(300))
		}, cutover.ByNobody, "of the new account does not charge (active)"},
		"no source named": {func(w *env) { w.renameSource("") }, cutover.ByUnknown, "names no subscription of the source account"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newEnv(t, 1)
			c.arrange(w)
			b := w.bills()
			require.Equal(t, c.who, b.List[0].Who, b.List[0].Sentence)
			require.Contains(t, b.List[0].Sentence, c.sentence)
			require.EqualValues(t, 1, b.Counts[c.who])
			require.Len(t, b.Counts, 6)
			require.Equal(t, c.who.Alarm(), b.Alarms == 1)
		})
	}
}

func TestWhoBillsWithoutASourceKey(t *testing.T) {
	w := newEnv(t, 1)
	gw := w.gateway(w.destination, nil, &crashtest.Crash{})
	b, err := cutover.New(cutover.Config{
		Destination: verify.Party{Migrator: w.migratorOf(gw, w.ledger), Reader: gw}, Ledger: w.ledger, Clock: w.clock,
	}).WhoBills(context.Background(), w.id)
	require.NoError(t, err)
	require.Equal(t, cutover.ByUnknown, b.List[0].Who)
	require.Equal(t, "2027-03-11T09:00:00Z", b.List[0].Next)
	require.Contains(t, b.List[0].Sentence, "no key for it was given")
}

// A key of a third account says nothing of the subscriptions, once it is known where these come from.
func TestAThirdAccountIsRefused(t *testing.T) {
	w := newEnv(t, 1)
	w.apply(cutover.Options{})
	w.undo(cutover.Options{})
	w.source = w.open("third", nil, `{"account": {"id": "acct_third"}}`)
	p := w.process(&crashtest.Crash{})
	_, bills := p.WhoBills(context.Background(), w.id)
	_, plan := p.Plan(context.Background(), w.id, cutover.Options{})
	_, apply := p.Apply(context.Background(), w.id, cutover.Options{Account: "acct_third"})
	_, undo := p.Undo(context.Background(), w.id, cutover.Options{})
	for _, err := range []error{bills, plan, apply, undo} {
		var wrong *cutover.WrongSourceError
		require.ErrorAs(t, err, &wrong)
		require.ErrorContains(t, err, "belongs to acct_third, and the subscriptions come from acct_source")
	}
}

// What both accounts show counts, and not the clock of this computer: both have charged two months later.
func TestTheAccountsKnowTheTime(t *testing.T) {
	for name, stop := range map[string]*cutover.Stop{"never cut over": nil, "paused": {Pause: true}} {
		t.Run(name, func(t *testing.T) {
			w := newEnv(t, 3)
			if stop != nil {
				w.apply(cutover.Options{Stop: *stop})
			}
			w.clock.now = today.AddDate(0, 0, 61)
			w.charges(w.source) // the accounts live on
			w.charges(w.destination)
			w.late = 61 * 24 * time.Hour
			b := w.bills()
			if stop != nil {
				require.EqualValues(t, 3, b.Counts[cutover.ByDestination])
				r := w.undo(cutover.Options{Canary: 3})
				require.EqualValues(t, 3, r.Refused)
				require.Equal(t, "both_would_charge", r.Refusals[0].Code)
				return
			}
			require.EqualValues(t, 3, b.Alarms, b.List)
			require.Contains(t, b.List[0].Sentence, "Both charge: the new account since 11 Mar 2027")
			require.Equal(t, "charged_twice", w.plan(cutover.Options{}).Refusals[0].Code)
			require.EqualValues(t, 3, w.apply(cutover.Options{Late: true}).Done)
		})
	}
}

func TestWhoBillsCounts(t *testing.T) {
	w := newEnv(t, 5)
	b := w.bills()
	require.EqualValues(t, 5, b.ToCutOver)
	require.Equal(t, "2027-03-11T09:00:00Z", b.FirstBoth)
	w.apply(cutover.Options{Canary: 2})
	b = w.bills()
	require.EqualValues(t, 3, b.ToCutOver)
	require.EqualValues(t, 2, b.Counts[cutover.ByDestination])
	require.Equal(t, "2027-03-13T09:00:00Z", b.FirstBoth)
	require.Zero(t, b.Alarms)
	require.Equal(t, "2027-03-11T09:00:00Z", b.List[0].Next)
	require.Empty(t, b.List[0].SourceNext)
}

// A row whose request may have left is not known, whatever the source does.
func TestWhoBillsOfARowThatMayExist(t *testing.T) {
	w := newEnv(t, 1)
	fresh := ledger.NewMemory()
	mig, err := w.ledger.Migration(context.Background(), w.id)
	require.NoError(t, err)
	require.NoError(t, fresh.Begin(context.Background(), mig))
	e := w.entry(1)
	e.State, e.ScheduleID = ledger.Intended, ""
	require.NoError(t, fresh.Put(context.Background(), w.id, ledger.New, e))
	w.ledger = fresh
	require.Equal(t, cutover.ByUnknown, w.bills().List[0].Who)
	require.Equal(t, "not_certain", w.plan(cutover.Options{}).Refusals[0].Code)
}
