package page

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/sums"
)

func on(year int, month time.Month, day int) csvspec.Timestamp {
	return csvspec.At(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

func sampleDays() []sums.Day {
	return []sums.Day{
		{Date: on(2027, 1, 31), Currency: "usd", Sums: sums.Sums{Charges: 600, Amount: 617_283_94, Invoiced: 617_283_94}},
		{Date: on(2027, 2, 28), Currency: "usd", Sums: sums.Sums{
			Charges: 600, Amount: 617_283_95, Invoiced: 617_283_95, Failed: 3, FailedAmount: 87_00, Sent: 40, SentAmount: 1_160_00,
		}},
	}
}

// Where a balance makes the two differ, what the invoices come to stands beside what is collected.
func TestWordsTellTotalsFromAmountsDue(t *testing.T) {
	require.Equal(t, "29.00 USD in 1 charge", Words(sums.Sums{Charges: 1, Amount: 2900, Invoiced: 2900}, "usd"))
	require.Contains(t, Words(sums.Sums{Charges: 2, Amount: 800, Invoiced: 5800}, "usd"), "8.00 USD due in 2 charges (the invoices come to 58.00 USD;")
}

func TestMoney(t *testing.T) {
	for want, got := range map[string]string{
		"0.05 USD": Money(5, "usd"), "1,234,567.89 USD": Money(123456789, "usd"), "-1,000.00 EUR": Money(-100000, "eur"),
		"1,500,000 JPY": Money(1500000, "jpy"), "12.340 KWD": Money(12340, "kwd"), "999.99 USD": Money(99999, "usd"),
		"-0.50 USD": Money(-50, "usd"),
	} {
		require.Equal(t, want, got)
	}
}

// TestChart checks that a chart loses no money: the parts of the bars are as high as the amounts, day after day.
func TestChart(t *testing.T) {
	days := sampleDays()
	c := Draw(days, "usd")
	require.Equal(t, "day", c.Unit)
	require.Len(t, c.Bars, 2)
	require.Len(t, c.Bars[1].Parts, 3)
	require.Contains(t, c.Bars[1].Title, "Sun 28 Feb 2027: 617,283.95 USD in 600 charges")
	require.Equal(t, []string{"paid", "sent", "failed"}, []string{c.Bars[1].Parts[0].Class, c.Bars[1].Parts[1].Class, c.Bars[1].Parts[2].Class})
	for _, b := range c.Bars {
		at := c.Base
		for _, part := range b.Parts {
			at -= part.Height
			require.Equal(t, at, part.Y, "the parts stand on each other")
			require.GreaterOrEqual(t, part.Y, 0)
			require.LessOrEqual(t, b.X+b.Width, c.Width)
		}
	}
	require.Equal(t, []string{"0", "200,000", "400,000", "600,000", "800,000"}, texts(c.Ticks))
}

func texts(ticks []tick) (list []string) {
	for _, one := range ticks {
		list = append(list, one.Text)
	}
	return list
}

// TestLongChart is one of weeks, and still has every charge.
func TestLongChart(t *testing.T) {
	var days []sums.Day
	for i := range 800 {
		days = append(days, sums.Day{Date: on(2027, 1, 1) + csvspec.Timestamp(i*day), Currency: "usd", Sums: sums.Sums{Charges: 1, Amount: 100, Invoiced: 100}})
	}
	c := Draw(days, "usd")
	require.Equal(t, "week", c.Unit)
	require.Len(t, c.Bars, 115) // 800 days are 114 weeks and two days
	require.Contains(t, c.Bars[0].Title, "Fri 1 Jan 2027 to Thu 7 Jan 2027: 7.00 USD in 7 charges")
	require.Len(t, sums.Months(days), 27) // January 2027 to March 2029
	var sum int64
	for _, m := range sums.Months(days) {
		sum += m.Amount
	}
	require.EqualValues(t, 80000, sum)
}

func TestTickStep(t *testing.T) {
	for top, want := range map[int64]int64{1: 1, 4: 1, 5: 2, 8: 2, 9: 5, 20: 5, 21: 10, 61728395: 20000000} {
		require.Equal(t, want, tickStep(top), top)
	}
}
