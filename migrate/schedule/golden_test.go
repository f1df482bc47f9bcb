package schedule_test

import (
	"encoding/json"
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
	for _, row := range goldenRows(t) {
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
	require.Len(t, seen, len(schedule.Strategies()), "every strategy has a row")
	requireGolden(t, "strategies.golden.json", got)
}

func goldenRows(t *testing.T) []csvspec.Row {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "strategies.csv"))
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
