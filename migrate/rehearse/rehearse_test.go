package rehearse_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

var (
	january = time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC)
	options = migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead}
)

func boxWith(t testing.TB, from time.Time, account string) *sandbox.Server {
	t.Helper()
	box, err := rehearse.Open(from)
	require.NoError(t, err)
	require.NoError(t, box.Load(strings.NewReader(account)))
	return box
}

type reader struct{ *strings.Reader }

func (reader) Close() error { return nil }

func inputOf(csv string) migrate.Input {
	return migrate.Input{Name: "subs.csv", Open: func() (io.ReadSeekCloser, error) { return reader{strings.NewReader(csv)}, nil }}
}

// monthly returns a file of monthly rows that start on the days after two weeks, and their account. Every tenth card
// cannot be charged.
func monthly(from time.Time, rows int) (migrate.Input, string) {
	var csv, customers strings.Builder
	csv.WriteString("customer,start_date,price,metadata.third_party_sub_id\n")
	for i := range rows {
		card, comma := "pm_card_visa", ","
		if i%10 == 9 {
			card = "pm_card_chargeCustomerFail"
		}
		if i == 0 {
			comma = ""
		}
		fmt.Fprintf(&csv, "cus_%d,%d,price_team,sub_old_%d\n", i, from.Unix()+int64(14+i%10)*24*3600, i)
		fmt.Fprintf(&customers, `%s{"id":"cus_%d","invoice_settings":{"default_payment_method":"%s"}}`, comma, i, card)
	}
	return inputOf(csv.String()), fmt.Sprintf(`{"customers":[%s],"products":[{"id":"prod_team"}],"prices":[
		{"id":"price_team","product":"prod_team","currency":"usd","unit_amount":2900,"recurring":{"interval":"month"}}]}`, customers.String())
}

// TestRehearsal follows 20 rows through three charges each. Two cards fail, each three times.
func TestRehearsal(t *testing.T) {
	input, account := monthly(january, 20)
	box := boxWith(t, january, account)
	defer box.Close()
	stages := map[rehearse.Stage]rehearse.Progress{}
	var shown int
	r, err := rehearse.Run(context.Background(), rehearse.Config{
		Sandbox: box, Input: input, Options: options,
		Observe: func(p rehearse.Progress) { stages[p.Stage] = p },
		Each: func(row rehearse.Row, i rehearse.Invoice) {
			shown++
			require.Equal(t, row.Customer, i.Customer)
			require.Len(t, i.Lines, 1)
			require.Equal(t, forecast.FromAssumption, i.Forecast.Basis())
			require.Equal(t, i.AmountDue, i.Forecast.Due)
		},
	})
	require.NoError(t, err)
	require.EqualValues(t, 20, r.Scheduled)
	require.EqualValues(t, 60, r.Invoices)
	require.Equal(t, 60, shown)
	require.EqualValues(t, 60, r.Compared)
	require.Empty(t, r.Differences.Shown)
	require.Equal(t, map[rehearse.FailureKind]int64{rehearse.PaymentFailed: 6}, r.Failures.Counts)
	require.Equal(t, rehearse.Row{Number: 10, Line: 11, Customer: "cus_9", SourceID: "sub_old_9", Strategy: "charge-at-start"}, r.Failures.Shown[0].Row)
	require.Equal(t, []rehearse.Total{{Currency: "usd", Sums: rehearse.Sums{Charges: 60, Amount: 60 * 2900, Invoiced: 60 * 2900, Failed: 6, FailedAmount: 6 * 2900, Assumed: 60}}}, r.Totals)
	require.Equal(t, map[forecast.Assumption]int64{forecast.CustomerNotLookedUp: 60}, r.Assumptions)
	require.Empty(t, r.Unknown)
	// Ten starts from 29 January on; those of the 29th, 30th and 31st share 28 February with nobody but each other.
	february := r.Days[10]
	require.Equal(t, "2027-02-28T00:00:00Z", february.Date.String())
	require.EqualValues(t, 6, february.Charges)
	// The last start, on 7 February, has renewed twice on 7 April at 09:00; two hours later its invoice is settled.
	require.Equal(t, time.Date(2027, 4, 7, 11, 0, 0, 0, time.UTC), r.Until)
	require.Equal(t, rehearse.Progress{Stage: rehearse.Scheduling, Done: 20, Total: 20}, stages[rehearse.Scheduling])
	require.Equal(t, rehearse.Progress{Stage: rehearse.Billing, Done: 83, Total: 83}, stages[rehearse.Billing])
	require.Equal(t, rehearse.Progress{Stage: rehearse.Comparing, Done: 20, Total: 20}, stages[rehearse.Comparing])
}

// TestMemory: what has been charged does not stay in the sandbox, whose memory would be the rehearsal's.
func TestMemory(t *testing.T) {
	input, account := monthly(january, 20)
	box := boxWith(t, january, account)
	defer box.Close()
	r, err := rehearse.Run(context.Background(), rehearse.Config{Sandbox: box, Input: input, Options: options, Until: january.AddDate(1, 0, 0)})
	require.NoError(t, err)
	require.EqualValues(t, 240, r.Compared)
	left := 0
	require.NoError(t, box.TakeInvoices(r.Until.Add(time.Second), func(sandbox.Invoice) { left++ }))
	require.Less(t, left, 20, "of 240 invoices")
}

// TestUntil ends in the middle: what is forecast for later is not missed.
func TestUntil(t *testing.T) {
	input, account := monthly(january, 1)
	for until, invoices := range map[string]int64{
		"2027-01-29T08:59:59Z": 0, "2027-01-29T09:00:00Z": 1, "2027-02-28T08:59:59Z": 1, "2027-02-28T09:00:00Z": 2, "2028-01-29T09:00:00Z": 13,
	} {
		box := boxWith(t, january, account)
		end, err := time.Parse(time.RFC3339, until)
		require.NoError(t, err)
		r, err := rehearse.Run(context.Background(), rehearse.Config{Sandbox: box, Input: input, Options: options, Until: end})
		require.NoError(t, err)
		require.Equal(t, invoices, r.Invoices, until)
		require.Equal(t, invoices, r.Compared, until)
		require.Empty(t, r.Differences.Shown, until)
		require.NoError(t, box.Close())
	}
}

// TestRefusedRow shows a row whose customer the account lacks.
func TestRefusedRow(t *testing.T) {
	input, account := monthly(january, 2)
	box := boxWith(t, january, strings.Replace(account, `"cus_1"`, `"cus_other"`, 1))
	defer box.Close()
	r, err := rehearse.Run(context.Background(), rehearse.Config{Sandbox: box, Input: input, Options: options})
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Scheduled)
	require.EqualValues(t, 1, r.Refused)
	require.EqualValues(t, 3, r.Invoices)
	refused := r.Failures.Shown[0]
	require.Equal(t, rehearse.RowRefused, refused.Kind)
	require.Equal(t, "cus_1", refused.Row.Customer)
	require.Equal(t, "resource_missing", refused.Code)
	require.Contains(t, refused.Message, "cus_1")
}

func TestErrors(t *testing.T) {
	input, account := monthly(january, 3)
	run := func(ctx context.Context, change func(*rehearse.Config)) (*rehearse.Rehearsal, error) {
		box := boxWith(t, january, account)
		defer box.Close()
		c := rehearse.Config{Sandbox: box, Input: input, Options: options}
		change(&c)
		return rehearse.Run(ctx, c)
	}
	_, err := run(context.Background(), func(c *rehearse.Config) { c.Until = january })
	require.ErrorIs(t, err, rehearse.ErrNothingLater)

	r, err := run(context.Background(), func(c *rehearse.Config) { c.Input = inputOf("customer,start_date,price\ncus_0,soon,price_team\n") })
	var invalid *migrate.InvalidFileError
	require.True(t, errors.As(err, &invalid))
	require.Nil(t, r)
	require.NotEmpty(t, invalid.Findings)

	ctx, cancel := context.WithCancel(context.Background())
	_, err = run(ctx, func(c *rehearse.Config) { c.Observe = func(rehearse.Progress) { cancel() } })
	require.ErrorIs(t, err, context.Canceled)

	_, err = run(context.Background(), func(c *rehearse.Config) {
		c.Input = migrate.Input{Name: "gone.csv", Open: func() (io.ReadSeekCloser, error) { return nil, errors.New("it is gone") }}
	})
	require.ErrorContains(t, err, "gone.csv")
	require.ErrorContains(t, err, "it is gone")
}
