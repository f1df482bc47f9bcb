package rehearse_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// expected is what a case of testdata/cases comes to, derived by hand from Stripe's guides.
type expected struct {
	Plan     [][]int64 // the totals of each row; null for a row that is refused
	Due      [][]int64 // what is collected of each, when that is something else
	Rehearse int64     // what is collected in all
	Why      string
}

// TestCases: the forecast and the sandbox both come to what the documentation says.
func TestCases(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("testdata", "cases", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			var want expected
			require.NoError(t, json.Unmarshal(content(t, dir, "expect.json"), &want))
			r := rehearseCase(t, content(t, dir, "account.json"), content(t, dir, "rows.csv"))
			require.Empty(t, r.Differences.Shown)
			require.Empty(t, r.Failures.Shown)
			collected := int64(0)
			for _, total := range r.Totals {
				collected += total.Amount
			}
			require.Equal(t, want.Rehearse, collected, want.Why)
			totals, due := forecasts(t, r, content(t, dir, "rows.csv"))
			require.Equal(t, want.Plan, totals, want.Why)
			if want.Due == nil {
				want.Due = want.Plan
			}
			require.Equal(t, want.Due, due, want.Why)
		})
	}
}

func content(t *testing.T, dir, name string) []byte {
	text, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return text
}

// rehearseCase rehearses a file with its account.
func rehearseCase(t *testing.T, account, rows []byte) *rehearse.Rehearsal {
	box, err := rehearse.Open(time.Unix(1798000000, 0))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, box.Close()) })
	require.NoError(t, box.Load(bytes.NewReader(account)))
	r, err := rehearse.Run(t.Context(), rehearse.Config{
		Sandbox: box, Input: migrate.Input{Name: "rows.csv", Open: func() (io.ReadSeekCloser, error) { return file{bytes.NewReader(rows)}, nil }},
		Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, SkipInvalid: true, CheckCustomers: true},
	})
	require.NoError(t, err)
	return r
}

// forecasts returns the totals and the amounts due of every row, as a plan lists them; nil for a row that is refused.
func forecasts(t *testing.T, r *rehearse.Rehearsal, rows []byte) (totals, due [][]int64) {
	joint := forecast.NewJoint(r.Review.AccountData)
	each := func(visit func(number int64, planned *schedule.Planned)) (n int) {
		report, err := validate.Each(t.Context(), "rows.csv", bytes.NewReader(rows), r.Review.Options.Validation(r.From, r.Review.AccountData),
			func(row *csvspec.Row, findings []validate.Finding) error {
				if planned, err := schedule.FromRow(row.Clone(), r.Review.AccountData); err == nil && validate.Findings(findings).State() == validate.Valid {
					visit(int64(row.Source.Row), &planned)
				}
				return nil
			})
		require.NoError(t, err)
		return report.Rows
	}
	each(func(_ int64, planned *schedule.Planned) { joint.See(planned) })
	each(joint.Keep)
	all := joint.Forecasts(2)
	n := each(func(number int64, planned *schedule.Planned) {
		if _, ok := all[number]; !ok {
			all[number] = forecast.Of(planned, r.Review.AccountData, 2)
		}
	})
	totals, due = make([][]int64, n), make([][]int64, n)
	for number, f := range all {
		for _, c := range f.Charges {
			require.True(t, c.Known())
			totals[number-1], due[number-1] = append(totals[number-1], c.Total), append(due[number-1], c.Due)
		}
	}
	return totals, due
}
