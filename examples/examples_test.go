package examples_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// today is a day on which the examples are read; they are dated for years after it.
var today = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// direct are the modes of direct subscriptions with which the examples are run; none is that of the others.
var direct = map[string]validate.Direct{"use-case-past-due.csv": validate.DirectNeeded}

// expected are the findings other than start_date_far and account_unknown that an example is there to show.
var expected = map[string][]string{
	"use-case-paid-mid-period.csv":  {"backdate_in_metadata"},
	"use-case-stripe-to-stripe.csv": {"backdate_in_metadata"},

	// both have a row that is charged for one period more, and ends after it
	"basic.csv":                         {"canceled_pays_again"},
	"use-case-cancel-at-period-end.csv": {"canceled_pays_again"},
}

// good returns the examples without mistakes.
func good(t *testing.T) []string {
	files, err := filepath.Glob("*.csv")
	require.NoError(t, err)
	require.Greater(t, len(files), 15)
	var names []string
	for _, f := range files {
		if f != "broken.csv" {
			names = append(names, f)
		}
	}
	return names
}

func TestExamplesAreValid(t *testing.T) {
	for _, name := range good(t) {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(name)
			require.NoError(t, err)
			defer f.Close()
			report, err := validate.File(context.Background(), name, f, validate.Options{Now: today, Margin: validate.DefaultMargin, Unit: csvspec.UnitMinor, Direct: direct[name]})
			require.NoError(t, err)
			require.True(t, report.OK())
			codes := map[string]bool{}
			for _, finding := range report.Findings {
				if finding.Code != "start_date_far" && finding.Code != "account_unknown" {
					codes[finding.Code] = true
				}
			}
			want := map[string]bool{}
			for _, code := range expected[name] {
				want[code] = true
			}
			require.Equal(t, want, codes)
		})
	}
}

func TestExamplesAreScheduledInTheirAccount(t *testing.T) {
	ctx := context.Background()
	box, err := sandbox.Open(sandbox.Options{Now: func() time.Time { return today }})
	require.NoError(t, err)
	defer box.Close()
	data, err := os.Open("sandbox.json")
	require.NoError(t, err)
	defer data.Close()
	require.NoError(t, box.Load(data))
	key, err := gateway.NewKey("sk_test_sandbox")
	require.NoError(t, err)
	stripe, err := gateway.New(gateway.Config{Key: key, HTTP: box.Transport()})
	require.NoError(t, err)
	migrator, err := migrate.New(migrate.Config{Gateway: stripe, Ledger: ledger.NewMemory()})
	require.NoError(t, err)

	for _, name := range good(t) {
		t.Run(name, func(t *testing.T) {
			review, err := migrator.Review(ctx, migrate.FileInput(name), migrate.Options{
				Unit: csvspec.UnitMinor, Lead: validate.LiveLead, Margin: validate.DefaultMargin, CheckCustomers: true,
				Direct: direct[name],
			})
			require.NoError(t, err)
			summary, err := migrator.Run(ctx, review, migrate.RunOptions{})
			require.NoError(t, err)
			require.Equal(t, int64(review.Report.Rows), summary.Scheduled)
			require.Zero(t, summary.Failed)
			require.Equal(t, direct[name] != validate.DirectNever, summary.Direct > 0)
		})
	}
}

// Once the price's interval is known, the example of what no schedule expresses is refused without --direct, and the
// finding names it first; with it a warning says what is different.
func TestThePastDueExampleNeedsDirect(t *testing.T) {
	monthly := account.Price{Interval: "month", IntervalCount: 1}
	known := &account.Account{Prices: map[string]account.Price{"price_TeamMonthly": monthly}}
	for mode, code := range map[validate.Direct]string{validate.DirectNever: "anchor_prorated", validate.DirectNeeded: "direct_prorated"} {
		f, err := os.Open("use-case-past-due.csv")
		require.NoError(t, err)
		defer f.Close()
		report, err := validate.File(context.Background(), "use-case-past-due.csv", f,
			validate.Options{Now: today, Unit: csvspec.UnitMinor, Account: known, Direct: mode})
		require.NoError(t, err)
		i := slices.IndexFunc(report.Findings, func(f validate.Finding) bool { return f.Code == code })
		require.GreaterOrEqual(t, i, 0, "%s %+v", mode, report.Findings)
		require.Equal(t, mode == validate.DirectNever, report.Findings[i].Severity == validate.Error)
		require.Equal(t, mode == validate.DirectNever, strings.HasPrefix(report.Findings[i].Fix, "Migrate with --direct"))
	}
}

func TestTheBrokenExampleGivesOneFindingForEachMistake(t *testing.T) {
	text, err := os.ReadFile("broken.csv")
	require.NoError(t, err)
	report, err := validate.File(context.Background(), "broken.csv", strings.NewReader(string(text)), validate.Options{Now: today, Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")

	errorsOn := map[int]int{}
	for _, f := range report.Findings {
		if f.Severity != validate.Error {
			continue
		}
		errorsOn[f.Line]++
		require.NotEmpty(t, f.Column, f.Code)
		require.NotEmpty(t, f.Fix, f.Code)
		require.Contains(t, lines[f.Line-1], f.Value, f.Code)
	}
	want := map[int]int{1: 1} // the unknown column cancel_at
	for line := 3; line <= len(lines); line++ {
		want[line] = 1
	}
	require.Equal(t, want, errorsOn) // line 2 is right
}
