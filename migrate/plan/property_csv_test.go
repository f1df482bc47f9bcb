package plan_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/migrate/plan/report"
)

// TestLinesOfTheCSVAddUp: what a finance person adds up in a spreadsheet is what the plan states, by currency and by day,
// for totals and for amounts due; and every line says what it rests on.
func TestLinesOfTheCSVAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts, file := drawAccount(t), drawFile(t)
		var text bytes.Buffer
		w, err := report.NewCSV(&text, time.UTC)
		require.NoError(t, err)
		p, err := plan.Make(context.Background(), reviewed(file, facts), config, w.Row)
		require.NoError(t, err)
		require.NoError(t, w.End(p))

		lines, err := csv.NewReader(&text).ReadAll()
		require.NoError(t, err)
		sums := sumsOfLines(t, lines)
		for _, total := range p.Totals {
			requireLineSum(t, sums[total.Currency], total.All, total.Currency)
			delete(sums, total.Currency)
		}
		for _, d := range p.Days {
			requireLineSum(t, sums[d.Currency+d.Date], d.Sum, d.Currency)
			delete(sums, d.Currency+d.Date)
		}
		require.Empty(t, sums, "no line is of another day or currency")
	})
}

// lineSum is what the lines of a currency, or of a currency and day, come to.
type lineSum struct {
	total, due              decimal.Decimal
	known, assumed, unknown int64
}

func sumsOfLines(t require.TestingT, lines [][]string) map[string]*lineSum {
	column := func(name string) int { return slices.Index(lines[0], name) }
	sums := map[string]*lineSum{}
	for _, line := range lines[1:] {
		at, basis := line[column("at")], line[column("basis")]
		require.Equal(t, basis == "assumption", line[column("assumptions")] != "" && line[column("unknown")] == "")
		require.Equal(t, basis == "unknown", line[column("unknown")] != "")
		if at == "" {
			continue // a row that is never charged
		}
		date, _, _ := strings.Cut(at, "T")
		for _, key := range []string{line[column("currency")], line[column("currency")] + date} {
			if sums[key] == nil {
				sums[key] = &lineSum{}
			}
			s := sums[key]
			if basis == "unknown" {
				s.unknown++
				continue
			}
			s.known++
			if basis == "assumption" {
				s.assumed++
			}
			s.total = s.total.Add(decimal.RequireFromString(line[column("total")]))
			s.due = s.due.Add(decimal.RequireFromString(line[column("amount_due")]))
		}
	}
	return sums
}

func requireLineSum(t require.TestingT, got *lineSum, want plan.Sum, currency string) {
	require.NotNil(t, got)
	amount := func(minor int64) decimal.Decimal {
		return decimal.RequireFromString(csvspec.Money{Minor: minor, Currency: currency}.Amount(csvspec.UnitMajor))
	}
	require.True(t, amount(want.Total).Equal(got.total), "%s and %s", amount(want.Total), got.total)
	require.True(t, amount(want.AmountDue).Equal(got.due), "%s and %s", amount(want.AmountDue), got.due)
	require.Equal(t, want.Charges, got.known)
	require.Equal(t, want.Assumed, got.assumed)
	require.Equal(t, want.Unknown+want.PlusTax, got.unknown)
}
