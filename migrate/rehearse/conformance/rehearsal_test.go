package conformance

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// TestRehearsals plays every scenario as migrate rehearse does, and finds no difference to the forecast.
func TestRehearsals(t *testing.T) {
	for _, s := range scenarios(t) {
		t.Run(s.name, func(t *testing.T) { s.rehearse(t) })
	}
}

func (s scenario) rehearse(t *testing.T) {
	box, err := rehearse.Open(s.now)
	require.NoError(t, err)
	defer box.Close()
	require.NoError(t, box.Load(strings.NewReader(s.account)))

	var invoices []rehearse.Invoice
	result, err := rehearse.Run(context.Background(), rehearse.Config{
		Sandbox: box, Until: s.until,
		Input:   migrate.Input{Name: s.name + ".csv", Open: func() (io.ReadSeekCloser, error) { return text{strings.NewReader(s.csv)}, nil }},
		Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, CheckCustomers: true, Direct: s.direct},
		Each:    func(_ rehearse.Row, i rehearse.Invoice) { invoices = append(invoices, i) },
	})
	if code, ok := s.refusal(); ok {
		var invalid *migrate.InvalidFileError
		require.True(t, errors.As(err, &invalid), "%v", err)
		require.Contains(t, codes(invalid.Findings), code)
		return
	}
	require.NoError(t, err)
	require.Empty(t, result.Differences.Shown)
	require.EqualValues(t, 1, result.Scheduled, "%+v", result.Failures.Shown)
	require.Contains(t, result.Review.Strategies, schedule.Strategy(s.head["Strategy"][0]))
	require.Equal(t, s.invoices, render(invoices, nil))
}

// refusal returns the code with which the scenario's row is refused, if it is.
func (s scenario) refusal() (code string, ok bool) {
	return strings.CutPrefix(strings.TrimSpace(s.invoices), "refused: ")
}

func codes(findings []validate.Finding) (list []string) {
	for _, f := range findings {
		list = append(list, f.Code)
	}
	return list
}

type text struct{ *strings.Reader }

func (text) Close() error { return nil }
