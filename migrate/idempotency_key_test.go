package migrate

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

func TestKeysTellEverythingApart(t *testing.T) {
	seen := map[string]string{}
	for _, c := range []struct {
		what, account, migration string
		row, attempt             int64
	}{
		{"a row", "acct_1", "mig_1", 1, 1},
		{"another row", "acct_1", "mig_1", 2, 1},
		{"the next attempt", "acct_1", "mig_1", 1, 2},
		{"a row and an attempt of two digits", "acct_1", "mig_1", 1, 12},
		{"digits on the other side of the border", "acct_1", "mig_1", 11, 2},
		{"another migration", "acct_1", "mig_2", 1, 1},
		{"another account", "acct_2", "mig_1", 1, 1},
	} {
		key := idempotencyKey(c.account, c.migration, c.row, c.attempt)
		require.LessOrEqual(t, len(key), 255, "Stripe's limit")
		require.Empty(t, seen[key], "%s has the key of %s", c.what, seen[key])
		seen[key] = c.what
		require.Equal(t, key, idempotencyKey(c.account, c.migration, c.row, c.attempt))
	}
}

// The key of a row does not depend on what the row becomes. A row that was begun keeps the key that it was sent under, also
// when an earlier version has derived that from the row's content, until it is consumed or forgotten.
func TestWhichKeyARowIsSentUnder(t *testing.T) {
	now := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	mig := ledger.Migration{ID: "mig_1", Account: "acct_1"}
	key := func(attempt int64) string { return idempotencyKey("acct_1", "mig_1", 1, attempt) }
	direct := ShardRow{Strategy: schedule.DirectAnchored, Subscription: &schedule.Subscription{Customer: "cus_1"}}
	for name, c := range map[string]struct {
		from     ledger.State
		attempt  int64
		key      string
		age      time.Duration
		row      ShardRow
		consumed bool
		want     string
		nth      int64
	}{
		"new":                              {want: key(1), nth: 1},
		"new, direct":                      {row: direct, want: key(1), nth: 1},
		"begun":                            {from: ledger.Intended, attempt: 1, key: key(1), age: time.Hour, want: key(1), nth: 1},
		"begun by an earlier version":      {from: ledger.Intended, attempt: 2, key: "old", age: time.Hour, want: "old", nth: 2},
		"unknown, of an earlier version":   {from: ledger.Unknown, attempt: 1, key: "old", age: time.Hour, want: "old", nth: 1},
		"refused, by an earlier version":   {from: ledger.Refused, attempt: 1, key: "old", age: time.Hour, want: "old", nth: 1},
		"direct, by an earlier version":    {from: ledger.Refused, attempt: 1, key: "old", age: time.Hour, row: direct, want: "old", nth: 1},
		"consumed":                         {from: ledger.Intended, attempt: 1, key: key(1), age: time.Hour, consumed: true, want: key(2), nth: 2},
		"consumed, of an earlier version":  {from: ledger.Intended, attempt: 1, key: "old", age: time.Hour, consumed: true, want: key(2), nth: 2},
		"forgotten":                        {from: ledger.Unknown, attempt: 3, key: key(3), age: 23*time.Hour + time.Second, want: key(1), nth: 1},
		"forgotten, of an earlier version": {from: ledger.Unknown, attempt: 3, key: "old", age: 25 * time.Hour, want: key(1), nth: 1},
		"the clock was set back":           {from: ledger.Unknown, attempt: 3, key: "old", age: -time.Hour, want: key(1), nth: 1},
	} {
		t.Run(name, func(t *testing.T) {
			j := job{from: c.from, row: c.row, keyConsumed: c.consumed, entry: ledger.Entry{Row: 1, Attempt: c.attempt, Key: c.key}}
			if c.attempt > 0 {
				j.entry.IntendedAt = csvspec.At(now.Add(-c.age))
			}
			j.chooseKey(mig, now)
			require.Equal(t, c.want, j.entry.Key)
			require.Equal(t, c.nth, j.entry.Attempt)
			require.False(t, j.keyConsumed)
		})
	}
}

func TestMigrationIDsAreDerived(t *testing.T) {
	test := Account{ID: "acct_1"}
	id := migrationID(test, "ab12", 1)
	require.Equal(t, id, migrationID(test, "ab12", 1))
	for _, other := range []string{
		migrationID(test, "ab12", 2), migrationID(test, "ab13", 1), migrationID(Account{ID: "acct_2"}, "ab12", 1),
		migrationID(Account{ID: "acct_1", Livemode: true}, "ab12", 1),
	} {
		require.NotEqual(t, id, other)
	}
}

func TestASampleHasEveryStrategyAndIsSpread(t *testing.T) {
	var s sample
	for row := range int64(100_000) {
		strategy := schedule.ChargeAtStart
		if row == 77_777 {
			strategy = schedule.TrialBridge
		}
		s.see(row, strategy)
	}
	require.LessOrEqual(t, len(s.spread), sampleSize)
	chosen := s.choose(10)
	require.Len(t, chosen, 10)
	require.Contains(t, chosen, int64(77_777), "the only row of its strategy")
	halves := [2]int{}
	for row := range chosen {
		halves[row/50_000]++
	}
	require.Greater(t, halves[0], 2)
	require.Greater(t, halves[1], 2)
	require.Len(t, new(sample).choose(5), 0)
}
