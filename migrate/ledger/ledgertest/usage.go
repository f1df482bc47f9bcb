package ledgertest

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
)

const usageID = "use_1"

func usageRun(id string) ledger.UsageRun {
	return ledger.UsageRun{
		ID: id, Account: "acct_1", Livemode: true, File: "usage.csv", Path: "/data/usage.csv", SHA256: "ab12", Options: json.RawMessage(`{"stream":true}`),
		Events: 3, CreatedAt: 1700000000, SettledAt: 1700000001, Status: ledger.UsageInProgress, APIBase: "http://127.0.0.1:1",
	}
}

func usageEvent(row int64, s ledger.UsageState) ledger.UsageEvent {
	return ledger.UsageEvent{
		Run: usageID, Row: row, Line: row + 1, Identifier: fmt.Sprintf("use-%d", row), Customer: "cus_1", Meter: "api_calls", Timestamp: 1700000000,
		Value: "1.5", Digest: "d1", State: s, IntendedAt: 1700000002,
	}
}

func begunUsage(t *testing.T, l ledger.Ledger) {
	t.Helper()
	require.NoError(t, l.BeginUsage(ctx, usageRun(usageID)))
}

func usageOf(t *testing.T, l ledger.Ledger, states ...ledger.UsageState) (all []ledger.UsageEvent) {
	t.Helper()
	for e, err := range l.UsageEvents(ctx, usageID, states...) {
		require.NoError(t, err)
		all = append(all, e)
	}
	return all
}

func keepsUsageRun(t *testing.T, l ledger.Ledger) {
	begunUsage(t, l)
	require.ErrorIs(t, l.BeginUsage(ctx, usageRun(usageID)), ledger.ErrExists)
	got, err := l.UsageRun(ctx, usageID)
	require.NoError(t, err)
	require.Equal(t, usageRun(usageID), got)
	require.NoError(t, l.SetUsageStatus(ctx, usageID, ledger.UsageDone, 1700000009))
	require.NoError(t, l.BeginUsage(ctx, usageRun("use_2")))
	all, err := l.UsageRuns(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"use_2", usageID}, []string{all[0].ID, all[1].ID})
	require.Equal(t, ledger.UsageDone, all[1].Status)
	require.EqualValues(t, 1700000009, all[1].SettledAt)
	_, err = l.UsageRun(ctx, "use_none")
	require.ErrorIs(t, err, ledger.ErrNotFound)
	require.ErrorIs(t, l.SetUsageStatus(ctx, "use_none", ledger.UsageDone, 1), ledger.ErrNotFound)
	require.ErrorIs(t, l.PutUsage(ctx, "use_none", []ledger.UsageStep{{Event: usageEvent(1, ledger.UsageIntended)}}), ledger.ErrNotFound)
}

// usageSteps tries every pair of states: a step is taken when the table has it, and nothing changes otherwise.
func usageSteps(t *testing.T, l ledger.Ledger) {
	begunUsage(t, l)
	ways := map[ledger.UsageState][]ledger.UsageState{
		ledger.UsageNew:        {},
		ledger.UsageIntended:   {ledger.UsageIntended},
		ledger.UsageUnknown:    {ledger.UsageIntended, ledger.UsageUnknown},
		ledger.UsageSent:       {ledger.UsageIntended, ledger.UsageSent},
		ledger.UsageRefused:    {ledger.UsageIntended, ledger.UsageRefused},
		ledger.UsageRejected:   {ledger.UsageIntended, ledger.UsageSent, ledger.UsageRejected},
		ledger.UsageRetracting: {ledger.UsageIntended, ledger.UsageSent, ledger.UsageRetracting},
		ledger.UsageRetracted:  {ledger.UsageIntended, ledger.UsageSent, ledger.UsageRetracting, ledger.UsageRetracted},
	}
	row := int64(0)
	for from, way := range ways {
		for _, to := range ledger.UsageStates() {
			row++
			at := ledger.UsageNew
			for _, next := range way {
				require.NoError(t, l.PutUsage(ctx, usageID, []ledger.UsageStep{{From: at, Event: usageEvent(row, next)}}))
				at = next
			}
			e := usageEvent(row, to)
			e.RequestID, e.ErrorCode, e.Error, e.UpdatedAt = "req_1", "code", "Stripe's words", 1700000003
			err := l.PutUsage(ctx, usageID, []ledger.UsageStep{{From: from, Event: e}})
			if !ledger.LegalUsage(from, to) {
				require.ErrorIs(t, err, ledger.ErrIllegal, "%q to %q", from, to)
				continue
			}
			require.NoError(t, err, "%q to %q", from, to)
			require.Contains(t, usageOf(t, l), e)
			if to != from {
				require.ErrorIs(t, l.PutUsage(ctx, usageID, []ledger.UsageStep{{From: from, Event: e}}), ledger.ErrConflict, "a second time")
			}
		}
	}
}

// usageIdentifiers: one identifier, one event, whichever run of the account comes with it; another mode is another matter.
func usageIdentifiers(t *testing.T, l ledger.Ledger) {
	begunUsage(t, l)
	other := usageRun("use_2")
	test := usageRun("use_3")
	test.Livemode = false
	require.NoError(t, l.BeginUsage(ctx, other))
	require.NoError(t, l.BeginUsage(ctx, test))
	one := []ledger.UsageStep{{Event: usageEvent(1, ledger.UsageIntended)}}
	require.NoError(t, l.PutUsage(ctx, usageID, one))
	require.ErrorIs(t, l.PutUsage(ctx, "use_2", one), ledger.ErrConflict)
	require.NoError(t, l.PutUsage(ctx, "use_3", one))
	again := usageEvent(2, ledger.UsageIntended)
	again.Identifier = "use-1"
	require.ErrorIs(t, l.PutUsage(ctx, usageID, []ledger.UsageStep{{Event: again}}), ledger.ErrConflict)
	for account, want := range map[ledger.UsageAccount]string{{ID: "acct_1", Livemode: true}: usageID, {ID: "acct_1"}: "use_3", {ID: "acct_2"}: ""} {
		got := ""
		for e, err := range l.UsageOf(ctx, account) {
			require.NoError(t, err)
			got += e.Run
		}
		require.Equal(t, want, got)
	}
	var wg sync.WaitGroup
	won := make(chan string, 20)
	for i := range 20 { // of many at once, one wins
		wg.Go(func() {
			id := []string{usageID, "use_2"}[i%2]
			e := usageEvent(int64(100+i), ledger.UsageIntended)
			e.Identifier = "wanted"
			if l.PutUsage(ctx, id, []ledger.UsageStep{{Event: e}}) == nil {
				won <- id
			}
		})
	}
	wg.Wait()
	require.Len(t, won, 1)
}

// usageBatch: steps that are possible are recorded beside those that are not, and an illegal one lets nothing be recorded.
func usageBatch(t *testing.T, l ledger.Ledger) {
	begunUsage(t, l)
	var steps []ledger.UsageStep
	for row := range int64(100) {
		steps = append(steps, ledger.UsageStep{Event: usageEvent(row, ledger.UsageIntended)})
	}
	require.NoError(t, l.PutUsage(ctx, usageID, steps))
	mixed := []ledger.UsageStep{{From: ledger.UsageIntended, Event: usageEvent(1, ledger.UsageSent)}, {From: ledger.UsageUnknown, Event: usageEvent(2, ledger.UsageSent)}}
	require.ErrorIs(t, l.PutUsage(ctx, usageID, mixed), ledger.ErrConflict)
	counts, err := l.UsageCounts(ctx, usageID)
	require.NoError(t, err)
	require.Equal(t, map[ledger.UsageState]int64{ledger.UsageIntended: 99, ledger.UsageSent: 1}, counts)
	illegal := []ledger.UsageStep{{From: ledger.UsageIntended, Event: usageEvent(3, ledger.UsageSent)}, {From: ledger.UsageSent, Event: usageEvent(1, ledger.UsageUnknown)}}
	require.ErrorIs(t, l.PutUsage(ctx, usageID, illegal), ledger.ErrIllegal)
	counts, err = l.UsageCounts(ctx, usageID)
	require.NoError(t, err)
	require.EqualValues(t, 1, counts[ledger.UsageSent])
}

func usageWalks(t *testing.T, l ledger.Ledger) {
	begunUsage(t, l)
	var steps []ledger.UsageStep
	for row := range int64(1200) { // more than a page
		steps = append(steps, ledger.UsageStep{Event: usageEvent(1200-row, ledger.UsageIntended)})
	}
	require.NoError(t, l.PutUsage(ctx, usageID, steps))
	all := l.UsageEvents(ctx, usageID)
	for range 2 { // the same walk twice
		n := int64(0)
		for e, err := range all {
			require.NoError(t, err)
			n++
			require.Equal(t, usageEvent(n, ledger.UsageIntended), e)
		}
		require.EqualValues(t, 1200, n)
	}
	n := 0
	for e, err := range l.UsageOf(ctx, ledger.UsageAccount{ID: "acct_1", Livemode: true}) {
		require.NoError(t, err)
		require.Equal(t, usageID, e.Run)
		n++
	}
	require.Equal(t, 1200, n)
	require.Empty(t, usageOf(t, l, ledger.UsageSent))
	require.Len(t, usageOf(t, l, ledger.UsageSent, ledger.UsageIntended), 1200)
}
