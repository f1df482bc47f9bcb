// Package ledgertest is the conformance suite of ledger.Ledger: every store passes it.
package ledgertest

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// Run runs the suite; open returns a new and empty ledger each time.
func Run(t *testing.T, open func(t *testing.T) ledger.Ledger) {
	for name, test := range map[string]func(*testing.T, ledger.Ledger){
		"a migration is kept as it was begun":      keepsMigration,
		"the same migration begins only once":      beginsOnce,
		"unknown migrations are ErrNotFound":       notFound,
		"migrations are listed newest first":       newestFirst,
		"an entry is kept as it was put":           keepsEntry,
		"only legal steps are taken":               legalStepsOnly,
		"a row in another state is ErrConflict":    conflict,
		"one of many concurrent steps wins":        oneWins,
		"entries are walked by row and state":      entriesByState,
		"rows are put while they are walked":       putWhileWalking,
		"settled rows are known":                   settled,
		"an interrupted release can go either way": releasing,
		"counts tell states and live rows":         counts,
		"a migration has one source account":       bindsSource,
		"a source takes legal steps only":          sourceSteps,
		"a source's step leaves the row alone":     sourceApart,
		"one of many steps of a source wins":       oneSourceWins,
		"verified rows are kept and forgotten":     verified,
		"a run of usage is kept as it was begun":   keepsUsageRun,
		"an event takes legal steps only":          usageSteps,
		"an identifier stands once in an account":  usageIdentifiers,
		"a batch of events is put as one":          usageBatch,
		"events are walked by row and state":       usageWalks,
		"a first invoice takes legal steps only":   payments,
		"a lock is held by one and can be retaken": lock,
		"shards are locked beside each other":      lockShards,
		"a range of rows is walked":                ranges,
		"the latest step to a state is known":      latest,
		"counts are those of a walk":               countsWalked,
		"looking at a lock does not take it":       watched,
		"what begins later is found":               beginsLater,
		"any text is kept":                         anyText,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

const id = "mig_1"

var ctx = context.Background()

func sample(id string) ledger.Migration {
	return ledger.Migration{
		ID: id, Account: "acct_1", Livemode: true, File: "subs.csv", Path: "/data/subs.csv", SHA256: "ab12",
		Template: "basic", Options: json.RawMessage(`{"unit":"minor"}`), Rows: 3, Customers: 2,
		FirstStart: 1800000000, CreatedAt: 1700000000, SettledAt: 1700000000, Status: ledger.StatusInProgress, APIBase: "http://127.0.0.1:1",
	}
}

func entry(row int64, s ledger.State) ledger.Entry {
	return ledger.Entry{
		Row: row, Line: row + 1, Customer: "cus_1", SourceID: "sub_old", Start: csvspec.Timestamp(1800000000 + row),
		Strategy: "trial", State: s, Attempt: 2, Key: "key", IntendedAt: 1700000001, ScheduleID: "sub_sched_1",
		RequestID: "req_1", ErrorCode: "resource_missing", Error: "No such customer: 'cus_1'", UpdatedAt: 1700000002,
	}
}

func begun(t *testing.T, l ledger.Ledger) {
	t.Helper()
	require.NoError(t, l.Begin(ctx, sample(id)))
}

// reach takes a new row to a state on a legal way.
func reach(t *testing.T, l ledger.Ledger, row int64, s ledger.State) {
	t.Helper()
	ways := map[ledger.State][]ledger.State{
		ledger.Intended:  {ledger.Intended},
		ledger.Unknown:   {ledger.Intended, ledger.Unknown},
		ledger.Scheduled: {ledger.Intended, ledger.Scheduled},
		ledger.Refused:   {ledger.Intended, ledger.Refused},
		ledger.Canceling: {ledger.Scheduled, ledger.Canceling},
		ledger.Canceled:  {ledger.Scheduled, ledger.Canceling, ledger.Canceled},
		ledger.Releasing: {ledger.Scheduled, ledger.Releasing},
		ledger.Released:  {ledger.Scheduled, ledger.Releasing, ledger.Released},
	}
	from := ledger.New
	for _, to := range ways[s] {
		require.NoError(t, l.Put(ctx, id, from, entry(row, to)))
		from = to
	}
}

func keepsMigration(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	require.NoError(t, l.SetStatus(ctx, id, ledger.StatusScheduled, 1700000009))
	require.NoError(t, l.SetSearched(ctx, id, 1700000005))
	require.NoError(t, l.SetDeferred(ctx, id, 2, "subs.deferred.csv"))
	want := sample(id)
	want.Deferred, want.DeferredFile = 2, "subs.deferred.csv"
	want.Status, want.SettledAt, want.SearchedAt = ledger.StatusScheduled, 1700000009, 1700000005
	got, err := l.Migration(ctx, id)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// bindsSource: where the subscriptions come from is learned once; whoever says so again is right, or refused.
func bindsSource(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	require.ErrorIs(t, l.BindSource(ctx, "mig_none", "acct_old"), ledger.ErrNotFound)
	require.NoError(t, l.BindSource(ctx, id, "acct_old"))
	require.NoError(t, l.BindSource(ctx, id, "acct_old"))
	err := l.BindSource(ctx, id, "acct_third")
	require.ErrorIs(t, err, ledger.ErrConflict)
	require.ErrorContains(t, err, "come from acct_old, not from acct_third")
	want := sample(id)
	want.SourceAccount = "acct_old"
	got, err := l.Migration(ctx, id)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func beginsOnce(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	require.ErrorIs(t, l.Begin(ctx, sample(id)), ledger.ErrExists)
}

func notFound(t *testing.T, l ledger.Ledger) {
	_, err := l.Migration(ctx, "mig_none")
	require.ErrorIs(t, err, ledger.ErrNotFound)
	require.ErrorIs(t, l.SetStatus(ctx, "mig_none", ledger.StatusScheduled, 1), ledger.ErrNotFound)
	require.ErrorIs(t, l.SetSearched(ctx, "mig_none", 1), ledger.ErrNotFound)
	require.ErrorIs(t, l.SetDeferred(ctx, "mig_none", 1, ""), ledger.ErrNotFound)
	require.ErrorIs(t, l.Put(ctx, "mig_none", ledger.New, entry(1, ledger.Intended)), ledger.ErrNotFound)
	require.ErrorIs(t, l.Put(ctx, "mig_none", ledger.Intended, entry(1, ledger.Scheduled)), ledger.ErrNotFound)
}

func newestFirst(t *testing.T, l ledger.Ledger) {
	for _, id := range []string{"mig_b", "mig_a", "mig_c"} {
		require.NoError(t, l.Begin(ctx, sample(id)))
	}
	all, err := l.Migrations(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"mig_c", "mig_a", "mig_b"}, []string{all[0].ID, all[1].ID, all[2].ID})
}

func keepsEntry(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	require.NoError(t, l.Put(ctx, id, ledger.New, entry(7, ledger.Intended)))
	require.Equal(t, []ledger.Entry{entry(7, ledger.Intended)}, collect(t, l))
	changed := entry(7, ledger.Refused)
	changed.Attempt, changed.Key, changed.Error = 3, "other", "zu spät\nfür \"heute\""
	require.NoError(t, l.Put(ctx, id, ledger.Intended, changed))
	require.Equal(t, []ledger.Entry{changed}, collect(t, l))

	direct := entry(8, ledger.Intended)
	direct.ScheduleID = ""
	require.NoError(t, l.Put(ctx, id, ledger.New, direct))
	direct.State, direct.SubscriptionID = ledger.Scheduled, "sub_1"
	require.NoError(t, l.Put(ctx, id, ledger.Intended, direct))
	require.Equal(t, []ledger.Entry{changed, direct}, collect(t, l), "a direct subscription has an ID of its own, and no schedule's")
	adopted := direct
	adopted.Row = 9
	require.NoError(t, l.Put(ctx, id, ledger.New, adopted))
	require.Equal(t, []ledger.Entry{direct, adopted}, collect(t, l, ledger.Scheduled))
}

func legalStepsOnly(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	row := int64(0)
	for _, from := range ledger.States() {
		for _, to := range ledger.States() {
			row++
			reach(t, l, row, from)
			err := l.Put(ctx, id, from, entry(row, to))
			if ledger.Legal(from, to) {
				require.NoError(t, err, "%s to %s", from, to)
			} else {
				require.ErrorIs(t, err, ledger.ErrIllegal, "%s to %s", from, to)
			}
		}
	}
}

func conflict(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	require.ErrorIs(t, l.Put(ctx, id, ledger.Intended, entry(1, ledger.Scheduled)), ledger.ErrConflict)
	reach(t, l, 1, ledger.Intended)
	require.ErrorIs(t, l.Put(ctx, id, ledger.New, entry(1, ledger.Intended)), ledger.ErrConflict)
	require.ErrorIs(t, l.Put(ctx, id, ledger.Scheduled, entry(1, ledger.Canceling)), ledger.ErrConflict)
	require.Equal(t, []ledger.Entry{entry(1, ledger.Intended)}, collect(t, l))
}

func oneWins(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	for row := range int64(20) {
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if l.Put(ctx, id, ledger.New, entry(row, ledger.Intended)) == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, won.Load())
	}
}

func entriesByState(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	reach(t, l, 30, ledger.Refused)
	reach(t, l, 10, ledger.Scheduled)
	reach(t, l, 20, ledger.Unknown)
	rows := func(states ...ledger.State) (rows []int64) {
		for _, e := range collect(t, l, states...) {
			rows = append(rows, e.Row)
		}
		return rows
	}
	require.Equal(t, []int64{10, 20, 30}, rows())
	require.Equal(t, []int64{20, 30}, rows(ledger.Refused, ledger.Unknown))
	require.Empty(t, rows(ledger.Canceled))
}

func putWhileWalking(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	const rows = 600
	for row := range int64(rows) {
		require.NoError(t, l.Put(ctx, id, ledger.New, entry(row, ledger.Scheduled)))
	}
	next := int64(0)
	for e, err := range l.Entries(ctx, id, ledger.Scheduled) {
		require.NoError(t, err)
		require.Equal(t, next, e.Row)
		next++
		e.State = ledger.Canceling
		require.NoError(t, l.Put(ctx, id, ledger.Scheduled, e))
	}
	require.EqualValues(t, rows, next)
}

func settled(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	for i, s := range ledger.States() {
		reach(t, l, int64(100*i+1), s)
	}
	set, err := l.Settled(ctx, id)
	require.NoError(t, err)
	for i, s := range ledger.States() {
		require.Equal(t, s.Settled(), set.Has(int64(100*i+1)), s)
		require.False(t, set.Has(int64(100*i+2)))
	}
}

// releasing: after a release that was interrupted the schedule turns out to be released, to stand as it was, or to be
// canceled; and what is released stays released until it is canceled.
func releasing(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	for row, to := range []ledger.State{ledger.Releasing, ledger.Released, ledger.Scheduled, ledger.Canceling, ledger.Canceled} {
		reach(t, l, int64(row), ledger.Releasing)
		require.NoError(t, l.Put(ctx, id, ledger.Releasing, entry(int64(row), to)), to)
	}
	for i, to := range []ledger.State{ledger.Scheduled, ledger.Releasing, ledger.Intended} {
		row := int64(100 + i)
		reach(t, l, row, ledger.Released)
		require.ErrorIs(t, l.Put(ctx, id, ledger.Released, entry(row, to)), ledger.ErrIllegal, to)
	}
}

func counts(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	for _, row := range []int64{0, 3, 4} {
		reach(t, l, row, ledger.Scheduled)
	}
	reach(t, l, 5, ledger.Refused)
	reach(t, l, 1, ledger.Released)
	reach(t, l, 2, ledger.Releasing)
	for _, row := range []int64{6, 7, 8} { // direct subscriptions: one exists, one is being canceled, one is no more
		from := ledger.New
		for _, to := range []ledger.State{ledger.Scheduled, ledger.Canceling, ledger.Canceled}[:row-5] {
			e := entry(row, to)
			e.ScheduleID, e.SubscriptionID = "", "sub_1"
			require.NoError(t, l.Put(ctx, id, from, e))
			from = to
		}
	}
	got, err := l.Counts(ctx, id, 1800000002)
	require.NoError(t, err)
	require.Equal(t, ledger.Counts{
		ByState: map[ledger.State]int64{
			ledger.Scheduled: 4, ledger.Canceling: 1, ledger.Canceled: 1, ledger.Refused: 1, ledger.Released: 1, ledger.Releasing: 1,
		}, Live: 2, Direct: 2, BySource: map[ledger.SourceState]int64{}, ByPayment: map[ledger.PaymentState]int64{},
	}, got, "rows 0 and 2 are live, rows 6 and 7 are direct subscriptions")
	got, err = l.Counts(ctx, id, 1800000009)
	require.NoError(t, err)
	require.EqualValues(t, 5, got.Live, "rows 0, 2, 3, 4 and 6")
	require.EqualValues(t, 1, got.LiveDirect, "row 6")
}

func lock(t *testing.T, l ledger.Ledger) {
	release, err := l.Lock(id)
	require.NoError(t, err)
	_, err = l.Lock(id)
	require.ErrorIs(t, err, ledger.ErrLocked)
	require.True(t, atWork(t, l))
	other, err := l.Lock("mig_2")
	require.NoError(t, err)
	other()
	release()
	require.False(t, atWork(t, l))
	again, err := l.Lock(id)
	require.NoError(t, err)
	again()
}

func atWork(t *testing.T, l ledger.Ledger) bool {
	held, err := l.AtWork(id)
	require.NoError(t, err)
	return held
}

// watched: whoever looks again and again whether somebody works keeps nobody from beginning to.
func watched(t *testing.T, l ledger.Ledger) {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = l.AtWork(id)
			}
		}
	}()
	for range 20 {
		release, err := l.Lock(id)
		require.NoError(t, err)
		release()
	}
	close(stop)
	<-done
}

func collect(t *testing.T, l ledger.Ledger, states ...ledger.State) (all []ledger.Entry) {
	t.Helper()
	for e, err := range l.Entries(ctx, id, states...) {
		require.NoError(t, err)
		all = append(all, e)
	}
	return all
}
