package migrate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/schedule"
)

func TestKeysTellEverythingApart(t *testing.T) {
	gold, silver := schedule.Schedule{Customer: "cus_1", StartDate: 1800000000}, schedule.Schedule{Customer: "cus_1", StartDate: 1800000001}
	seen := map[string]string{}
	for _, c := range []struct {
		what, account, migration string
		row                      int64
		schedule                 schedule.Schedule
		attempt                  int64
	}{
		{"a row", "acct_1", "mig_1", 1, gold, 1},
		{"the same content in another row", "acct_1", "mig_1", 2, gold, 1},
		{"other content in the row", "acct_1", "mig_1", 1, silver, 1},
		{"the next attempt", "acct_1", "mig_1", 1, gold, 2},
		{"another migration", "acct_1", "mig_2", 1, gold, 1},
		{"another account", "acct_2", "mig_1", 1, gold, 1},
	} {
		key, err := idempotencyKey(c.account, c.migration, c.row, c.schedule, c.attempt)
		require.NoError(t, err)
		require.LessOrEqual(t, len(key), 255, "Stripe's limit")
		require.NotContains(t, key, "cus_", "no personal data in a key")
		require.Empty(t, seen[key], "%s has the key of %s", c.what, seen[key])
		seen[key] = c.what
		same, _ := idempotencyKey(c.account, c.migration, c.row, c.schedule, c.attempt)
		require.Equal(t, key, same)
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
	require.True(t, chosen[77_777], "the only row of its strategy")
	halves := [2]int{}
	for row := range chosen {
		halves[row/50_000]++
	}
	require.Greater(t, halves[0], 2)
	require.Greater(t, halves[1], 2)
	require.Len(t, new(sample).choose(5), 0)
}
