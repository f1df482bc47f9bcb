package schedule_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gotest.tools/v3/golden"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// TestGoldenStrategies shows what becomes of each row of testdata/strategies.csv. The first column names the row of
// the table of strategies, or the column that the case is about.
func TestGoldenStrategies(t *testing.T) {
	type shown struct {
		Case     string
		Strategy schedule.Strategy
		First    string `json:"FirstCharge,omitempty"`
		OneOff   string `json:"OneOffCharge,omitempty"`
		Cycle    string
		Schedule schedule.Schedule
	}
	var got []shown
	seen := map[schedule.Strategy]bool{}
	for _, row := range goldenRows(t, "strategies.csv") {
		planned, err := schedule.FromRow(&row, goldenAccount(t))
		require.NoError(t, err, row.Metadata.Get("case"))
		seen[planned.Strategy] = true
		got = append(got, shown{
			Case:     row.Metadata.Get("case"),
			Strategy: planned.Strategy,
			First:    planned.FirstCharge.String(),
			OneOff:   planned.OneOffCharge.String(),
			Cycle:    csvspec.Of(planned.Cycle.Count).String() + " " + planned.Cycle.Interval,
			Schedule: planned.Schedule,
		})
	}
	for _, s := range schedule.Strategies() {
		require.Equal(t, !s.IsDirect(), seen[s], "every strategy of a schedule has a row: %s", s)
	}
	requireGolden(t, "strategies.golden.json", got)
}

// TestGoldenDirect shows what becomes of each row of testdata/direct.csv in each mode.
func TestGoldenDirect(t *testing.T) {
	type shown struct {
		Case         string
		Mode         string
		Strategy     schedule.Strategy      `json:",omitempty"`
		Refused      string                 `json:",omitempty"`
		First        string                 `json:"FirstCharge,omitempty"`
		From         string                 `json:"CreatableFrom,omitempty"`
		Subscription *schedule.Subscription `json:",omitempty"`
	}
	var got []shown
	seen := map[schedule.Strategy]bool{}
	for _, row := range goldenRows(t, "direct.csv") {
		for _, mode := range []schedule.Direct{schedule.Never, schedule.Needed, schedule.Exact} {
			one := shown{Case: row.Metadata.Get("case"), Mode: mode.String()}
			planned, err := schedule.Planner{Account: goldenAccount(t), Direct: mode}.FromRow(&row)
			var refused *schedule.NotExpressibleError
			if errors.As(err, &refused) {
				one.Refused = refused.Code
			} else {
				one.Strategy, one.First, one.Subscription = planned.Strategy, planned.FirstCharge.String(), planned.Subscription
				one.From = planned.CreatableFrom().String()
			}
			seen[planned.Strategy] = true
			got = append(got, one)
		}
	}
	for _, s := range schedule.Strategies() {
		require.True(t, !s.IsDirect() || seen[s], "every strategy of a direct subscription has a row: %s", s)
	}
	requireGolden(t, "direct.golden.json", got)
}

func goldenRows(t *testing.T, name string) []csvspec.Row {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	require.NoError(t, err)
	defer file.Close()
	rows, err := csvspec.Unmarshal(file, csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	return rows
}

func goldenAccount(t *testing.T) *account.Account {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "account.json"))
	require.NoError(t, err)
	known := &account.Account{}
	require.NoError(t, json.Unmarshal(text, known))
	return known
}

func requireGolden(t *testing.T, name string, got any) {
	t.Helper()
	text, err := json.MarshalIndent(got, "", "  ")
	require.NoError(t, err)
	path := filepath.Join("testdata", name)
	if golden.FlagUpdate() {
		require.NoError(t, os.WriteFile(path, append(text, '\n'), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(text)+"\n")
}
