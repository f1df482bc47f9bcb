package dates_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate/dates"
)

func TestRead(t *testing.T) {
	for _, c := range []struct {
		text  string
		kind  dates.Kind
		at    string // in UTC; "" when nothing can be said
		exact bool
	}{
		{"1704067200", dates.Unix, "2024-01-01T00:00:00Z", true},
		{" 1704067200 ", dates.Unix, "2024-01-01T00:00:00Z", true},
		{"'1704067200", dates.Quoted, "2024-01-01T00:00:00Z", true},
		{"'2024", dates.None, "", false},
		{"1704067200.0", dates.Fraction, "2024-01-01T00:00:00Z", true},
		{"1704067200.5", dates.Fraction, "2024-01-01T00:00:00Z", false},
		{"1,704,067,200", dates.Grouped, "2024-01-01T00:00:00Z", true},
		{"1.704.067.200", dates.Grouped, "2024-01-01T00:00:00Z", true},
		{"1 704 067 200", dates.Grouped, "2024-01-01T00:00:00Z", true},
		{"1704067200000", dates.Millis, "2024-01-01T00:00:00Z", true},
		{"1704067200123", dates.Millis, "2024-01-01T00:00:00Z", false},
		{"1704067200000000", dates.Micros, "2024-01-01T00:00:00Z", true},
		{"1704067200000000000", dates.Nanos, "2024-01-01T00:00:00Z", true},
		{"1.70407E+09", dates.Scientific, "2024-01-01T00:46:40Z", false},
		{"1.704067200E+09", dates.Scientific, "2024-01-01T00:00:00Z", true},
		{"2024-01-01T00:00:00Z", dates.Zoned, "2024-01-01T00:00:00Z", true},
		{"2024-01-01T00:00:00.000Z", dates.Zoned, "2024-01-01T00:00:00Z", true},
		{"2024-01-01 00:00:00+01:00", dates.Zoned, "2023-12-31T23:00:00Z", true},
		{"2024-01-01 00:00:00+00", dates.Zoned, "2024-01-01T00:00:00Z", true},
		{"2024-01-01 00:00:00 UTC", dates.Zoned, "2024-01-01T00:00:00Z", true},
		{"2024-01-01 00:00:00 GMT", dates.Zoned, "2024-01-01T00:00:00Z", true},
		{"Mon Jan 01 2024 00:00:00 GMT+0100 (Central European Standard Time)", dates.Zoned, "2023-12-31T23:00:00Z", true},
		{"Mon, 01 Jan 2024 00:00:00 GMT", dates.Zoned, "2024-01-01T00:00:00Z", true},
		{"Mon, 01 Jan 2024 00:00:00 -0500", dates.Zoned, "2024-01-01T05:00:00Z", true},
		{"Tue, 01 Jan 2024 00:00:00 GMT", dates.None, "", false},
		{"1/31/2024 12:00 AM", dates.Local, "2024-01-31T00:00:00Z", false},
		{"1/31/2024 1:30:00 PM", dates.Local, "2024-01-31T13:30:00Z", false},
		{"1/2/24", dates.Ambiguous, "2024-01-02T00:00:00Z", false},
		{"1/31/24 12:00 AM", dates.Ambiguous, "2024-01-31T00:00:00Z", false},
		{"13/01/24", dates.None, "", false},
		{"2024-02-30", dates.None, "", false},
		{"2024-01-01", dates.Local, "2024-01-01T00:00:00Z", false},
		{"2024-01-01 12:30:00", dates.Local, "2024-01-01T12:30:00Z", false},
		{"31.12.2024", dates.Local, "2024-12-31T00:00:00Z", false},
		{"31/12/2024", dates.Local, "2024-12-31T00:00:00Z", false},
		{"12/31/2024", dates.Local, "2024-12-31T00:00:00Z", false},
		{"05/05/2024", dates.Local, "2024-05-05T00:00:00Z", false},
		{"01/02/2024", dates.Ambiguous, "2024-01-02T00:00:00Z", false},
		{"45292", dates.Serial, "2024-01-01T00:00:00Z", false},
		{"45292.5", dates.Serial, "2024-01-01T12:00:00Z", false},
		{"20240101", dates.Compact, "2024-01-01T00:00:00Z", false},
		{"20241399", dates.None, "", false},
		{"-1704067200", dates.None, "", false},
		{"price_123", dates.None, "", false},
		{"", dates.None, "", false},
	} {
		m := dates.Read(c.text, nil)
		require.Equal(t, c.kind, m.Kind, c.text)
		require.Equal(t, c.at, m.At.String(), c.text)
		require.Equal(t, c.exact, m.Exact, c.text)
	}
}

func TestReadInZone(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for _, c := range []struct {
		text, suggestion string
	}{
		{"2024-01-01", "1704063600"},           // 23:00 UTC of the day before
		{"2024-07-01 00:00:00", "1719784800"},  // 22:00 UTC: summer time
		{"2024-01-01T00:00:00Z", "1704067200"}, // its own zone wins
		{"2024-03-31 02:30:00", ""},            // skipped when summer time begins
		{"2024-10-27 02:30:00", ""},            // happens twice when summer time ends
		{"01/02/2024", ""},                     // still day first or month first
		{"45292", ""},                          // still 1900 or 1904
		{"13/02/2024", "1707778800"},           // cannot be a month
	} {
		require.Equal(t, c.suggestion, dates.Read(c.text, berlin).Suggestion(), c.text)
	}
}

func TestReadInOrder(t *testing.T) {
	angeles, err := time.LoadLocation("America/Los_Angeles")
	require.NoError(t, err)
	for _, c := range []struct {
		text  string
		order dates.Order
		kind  dates.Kind
		local string // the exact moment on the zone's clock; "" when there is none
	}{
		{"01/02/2027", dates.MonthFirst, dates.Local, "2027-01-02 00:00:00"},
		{"01/02/2027", dates.DayFirst, dates.Local, "2027-02-01 00:00:00"},
		{"01/02/2027", dates.YearFirst, dates.Ambiguous, ""},
		{"01/02/2027", dates.OrderUnstated, dates.Ambiguous, ""},
		{"1/2/2027 10:30 PM", dates.MonthFirst, dates.Local, "2027-01-02 22:30:00"},
		{"1/2/2027, 9:05:06 am", dates.DayFirst, dates.Local, "2027-02-01 09:05:06"},
		{"01-02-2027", dates.OrderUnstated, dates.Ambiguous, ""},
		{"01-02-2027", dates.DayFirst, dates.Local, "2027-02-01 00:00:00"},
		{"13-02-2027", dates.OrderUnstated, dates.Local, "2027-02-13 00:00:00"},
		{"13/02/2027", dates.MonthFirst, dates.Disordered, ""},
		{"02/13/2027", dates.DayFirst, dates.Disordered, ""},
		{"01.02.2027", dates.OrderUnstated, dates.Local, "2027-02-01 00:00:00"},
		{"01.02.2027", dates.MonthFirst, dates.Local, "2027-01-02 00:00:00"},
		{"01.02.2027 08:00", dates.DayFirst, dates.Local, "2027-02-01 08:00:00"},
		{"01/02/27", dates.MonthFirst, dates.Local, "2027-01-02 00:00:00"},
		{"27/02/01", dates.YearFirst, dates.Local, "2027-02-01 00:00:00"},
		{"27/02/01", dates.MonthFirst, dates.Disordered, ""},
		{"2027-02-01", dates.MonthFirst, dates.Local, "2027-02-01 00:00:00"}, // ISO has an order of its own
		{"2027/2/1", dates.DayFirst, dates.Local, "2027-02-01 00:00:00"},
		{"03/14/2027 02:30", dates.MonthFirst, dates.Local, ""}, // skipped when summer time begins
		{"11/07/2027 01:30", dates.MonthFirst, dates.Local, ""}, // happens twice
		{"1801440000", dates.MonthFirst, dates.Unix, "2027-01-31 16:00:00"},
		{"30/30/2027", dates.MonthFirst, dates.None, ""},
	} {
		m := dates.ReadAs(c.text, dates.As{Zone: angeles, Order: c.order})
		require.Equal(t, c.kind, m.Kind, "%s %s", c.text, c.order)
		got := ""
		if m.Exact {
			got = m.At.Time().In(angeles).Format(time.DateTime)
		}
		require.Equal(t, c.local, got, "%s %s", c.text, c.order)
		require.False(t, dates.ReadAs(c.text, dates.As{Order: c.order}).Exact && c.kind != dates.Unix, "no zone, no meaning: %s", c.text)
	}
	for _, name := range dates.OrderNames() {
		order, ok := dates.ParseOrder(name)
		require.True(t, ok)
		require.Equal(t, name, order.String())
	}
	_, ok := dates.ParseOrder("myd")
	require.False(t, ok)
}
