package cli

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

// expectedCharges is what testdata/cases/NAME/expect.json says of a case. Amounts are in minor units.
type expectedCharges struct {
	Plan          [][]*int64 `json:"plan"`            // of each row, its first charges; null for a row that is refused
	PlanOrUnknown [][]*int64 `json:"plan_or_unknown"` // the same: nothing in them is unknown any more
	Rehearse      int64      `json:"rehearse"`        // what is collected in all
	Why           string     `json:"why"`
}

// The cases of testdata/cases that state what is charged: the plan, and the sandbox that a rehearsal runs in, were
// written apart from each other and must both agree with them.
func TestChargesOfTheCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/cases/*/expect.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			var want expectedCharges
			require.NoError(t, json.Unmarshal(text, &want))
			if want.Plan == nil {
				want.Plan = want.PlanOrUnknown
			}
			require.Equal(t, charged(want.Plan), plannedTotals(t, dir), want.Why)
			require.Equal(t, want.Rehearse, rehearsedAmount(t, dir), want.Why)
		})
	}
}

// charged leaves out the rows that are refused.
func charged(rows [][]*int64) (out [][]int64) {
	for _, row := range rows {
		if row == nil {
			continue
		}
		var amounts []int64
		for _, amount := range row {
			amounts = append(amounts, *amount)
		}
		out = append(out, amounts)
	}
	return out
}

// onCase runs a command on a case's file and account, at the cases' clock.
func onCase(t *testing.T, dir, command string, into any, flags ...string) int {
	t.Helper()
	args := append([]string{command, "--sandbox-data", filepath.Join(dir, "account.json"), "--now", "1798000000", "-o", "json",
		filepath.Join(dir, "rows.csv")}, flags...)
	stdout, stderr, code := runHere(t, "", nil, args...)
	require.Contains(t, []int{ExitDone, ExitInvalid}, code, stderr)
	require.NoError(t, json.Unmarshal([]byte(stdout), into), stderr)
	return code
}

// plannedTotals returns the total of every charge that plan lists, by row.
func plannedTotals(t *testing.T, dir string) (rows [][]int64) {
	var plan struct {
		Rows []struct {
			Charges []struct {
				Total *int64 `json:"total"`
			} `json:"charges"`
		} `json:"rows"`
	}
	onCase(t, dir, "plan", &plan, "--sandbox", "--state", t.TempDir())
	for _, row := range plan.Rows {
		var totals []int64
		for _, charge := range row.Charges {
			require.NotNil(t, charge.Total, "nothing of the cases is unknown")
			totals = append(totals, *charge.Total)
		}
		rows = append(rows, totals)
	}
	return rows
}

// rehearsedAmount returns what a rehearsal collects, in all currencies.
func rehearsedAmount(t *testing.T, dir string) (sum int64) {
	var rehearsal struct {
		Totals []struct {
			Amount int64 `json:"amount"`
		} `json:"totals"`
	}
	onCase(t, dir, "rehearse", &rehearsal)
	for _, total := range rehearsal.Totals {
		sum += total.Amount
	}
	return sum
}

// A finance person who adds up the lines of plan -o csv arrives at the totals of the plan, and at what a rehearsal
// collects.
func TestLinesOfAPlanAddUp(t *testing.T) {
	t.Parallel()
	dir := "testdata/cases/customer-balance"
	stdout, stderr, code := runHere(t, "", nil, "plan", "--sandbox", "--sandbox-data", filepath.Join(dir, "account.json"),
		"--now", "2026-11-26T00:00:00Z", "-o", "csv", "--state", t.TempDir(), filepath.Join(dir, "input.csv"))
	require.Equal(t, ExitDone, code, stderr)
	lines, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
	require.NoError(t, err)
	sums := map[string]int64{}
	for _, line := range lines[1:] {
		for i, column := range lines[0] {
			if column == "total" || column == "amount_due" {
				amount, problem := csvspec.ParseMoney(line[i], csvspec.UnitMajor, "usd")
				require.Zero(t, problem)
				sums[column] += amount.Minor
			}
		}
	}
	require.Equal(t, map[string]int64{"total": 17400, "amount_due": 24400}, sums)
}
