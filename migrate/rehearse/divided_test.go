package rehearse_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// TestPartsAreTheWhole: in how many parts a file is billed shows in nothing, in whatever order parts are billed.
func TestPartsAreTheWhole(t *testing.T) {
	t.Parallel()
	rows, account := monthly(january, 40)
	batch := generate(t, 2, 50, schedule.Never)
	for name, test := range map[string]struct {
		input    migrate.Input
		account  string
		from     time.Time
		until    time.Time
		refused  int64
		failures bool
	}{
		"generated":                 {input: inputOf(string(batch.csv)), account: string(batch.account), from: batch.from, failures: true},
		"generated, up to a moment": {input: inputOf(string(batch.csv)), account: string(batch.account), from: batch.from, until: batch.from.AddDate(0, 2, 0), failures: true},
		"payments fail":             {input: rows, account: account, from: january, failures: true},
		"a row is refused":          {input: rows, account: strings.Replace(account, `"cus_14"`, `"cus_other"`, 1), from: january, refused: 1, failures: true},
		"the latest row is refused": {input: withLine(t, rows, fmt.Sprintf("cus_gone,%d,price_team,sub_gone", january.AddDate(0, 6, 0).Unix())), account: account, from: january, refused: 1, failures: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type shown struct {
				row      rehearse.Row
				at, made int64
			}
			run := func(customersPerPart int) (*rehearse.Rehearsal, []shown) {
				server := boxWith(t, test.from, test.account)
				defer server.Close()
				var list []shown
				r, err := rehearse.Run(t.Context(), rehearse.Config{
					Sandbox: server, Input: test.input, Until: test.until,
					Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, SkipInvalid: true},
					Each: func(row rehearse.Row, i rehearse.Invoice) {
						list = append(list, shown{row, int64(i.Created), i.AmountDue})
					},
				}.Divided(customersPerPart))
				require.NoError(t, err)
				r.Review = nil // has the input in it
				return r, list
			}
			want, invoices := run(1000)
			require.Equal(t, test.refused, want.Refused)
			require.Equal(t, test.failures, want.Failures.Counts[rehearse.PaymentFailed] > 0)
			for _, customers := range []int{1, 7} {
				got, list := run(customers)
				require.Equal(t, want, got, "parts of %d customers", customers)
				require.Equal(t, invoices, list, "parts of %d customers", customers)
			}
		})
	}
}

// withLine returns a file with one more line.
func withLine(t *testing.T, in migrate.Input, line string) migrate.Input {
	f, err := in.Open()
	require.NoError(t, err)
	text, err := io.ReadAll(f)
	require.NoError(t, err)
	return inputOf(string(text) + line + "\n")
}
