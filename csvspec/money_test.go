package csvspec_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
)

func TestParseMoney(t *testing.T) {
	const minor, major = csvspec.UnitMinor, csvspec.UnitMajor
	tests := []struct {
		text     string
		unit     csvspec.Unit
		currency string
		want     int64
		problem  csvspec.Problem
	}{
		{"2150", minor, "usd", 2150, 0},
		{"2150", csvspec.UnitUnstated, "", 2150, 0},
		{" 2150 ", minor, "usd", 2150, 0},
		{"-5", minor, "usd", -5, 0},
		{"0", minor, "jpy", 0, 0},
		{"21.50", minor, "usd", 0, csvspec.ProblemMinorHasDecimals},
		{"2150.00", minor, "usd", 0, csvspec.ProblemMinorHasDecimals},
		{"21.50", major, "usd", 2150, 0},
		{"21.5", major, "USD", 2150, 0},
		{"21", major, "usd", 2100, 0},
		{"-0.05", major, "usd", -5, 0},
		{"0.005", major, "usd", 0, csvspec.ProblemTooManyDecimals},
		{"21.500", major, "usd", 0, csvspec.ProblemTooManyDecimals},
		{"1999", major, "jpy", 1999, 0},
		{"1999.0", major, "jpy", 0, csvspec.ProblemTooManyDecimals},
		{"12.345", major, "kwd", 12345, 0},
		{"5", major, "isk", 500, 0},
		{"5", major, "mga", 5, 0},
		{"5", major, "", 0, csvspec.ProblemNoCurrency},
		{"5", major, "xxx", 0, csvspec.ProblemNoCurrency},
		{"1,999", minor, "usd", 0, csvspec.ProblemNotAmount},
		{"21,50", major, "usd", 0, csvspec.ProblemNotAmount},
		{"$5", major, "usd", 0, csvspec.ProblemNotAmount},
		{".5", major, "usd", 0, csvspec.ProblemNotAmount},
		{"5.", major, "usd", 0, csvspec.ProblemNotAmount},
		{"5.-1", major, "usd", 0, csvspec.ProblemNotAmount},
		{"1e3", minor, "usd", 0, csvspec.ProblemNotAmount},
		{"", minor, "usd", 0, csvspec.ProblemNotAmount},
		{"9223372036854775807", minor, "usd", math.MaxInt64, 0},
		{"9223372036854775808", minor, "usd", 0, csvspec.ProblemOutOfRange},
		{"92233720368547758.07", major, "usd", math.MaxInt64, 0},
		{"92233720368547758.08", major, "usd", 0, csvspec.ProblemOutOfRange},
		{"-92233720368547758.08", major, "usd", math.MinInt64, 0},
	}
	for _, test := range tests {
		t.Run(test.text+" "+test.unit.String()+" "+test.currency, func(t *testing.T) {
			got, problem := csvspec.ParseMoney(test.text, test.unit, test.currency)
			require.Equal(t, test.problem, problem)
			require.Equal(t, test.want, got.Minor)
		})
	}
}

func TestMoneyString(t *testing.T) {
	for want, m := range map[string]csvspec.Money{
		"19.99 USD":               {Minor: 1999, Currency: "usd"},
		"0.05 USD":                {Minor: 5, Currency: "usd"},
		"-0.05 USD":               {Minor: -5, Currency: "usd"},
		"1999 JPY":                {Minor: 1999, Currency: "jpy"},
		"12.345 KWD":              {Minor: 12345, Currency: "kwd"},
		"1999 minor units of XXX": {Minor: 1999, Currency: "xxx"},
		"1999 minor units of a currency that is not stated": {Minor: 1999},
		"-92233720368547758.08 USD":                         {Minor: math.MinInt64, Currency: "usd"},
	} {
		require.Equal(t, want, m.String())
	}
}

func TestMoneyIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := csvspec.Money{
			Minor:    rapid.Int64().Draw(t, "minor"),
			Currency: rapid.SampledFrom(csvspec.Currencies()).Draw(t, "currency"),
		}
		for _, unit := range []csvspec.Unit{csvspec.UnitMinor, csvspec.UnitMajor} {
			got, problem := csvspec.ParseMoney(m.Amount(unit), unit, m.Currency)
			require.Equal(t, csvspec.ProblemNone, problem)
			require.Equal(t, m, got)
		}
	})
}

func TestDecimalsFollowStripe(t *testing.T) {
	for currency, want := range map[string]int{"usd": 2, "EUR": 2, "huf": 2, "twd": 2, "isk": 2, "ugx": 2, "mga": 0, "jpy": 0,
		"xpf": 0, "kwd": 3, "tnd": 3} {
		got, ok := csvspec.Decimals(currency)
		require.True(t, ok, currency)
		require.Equal(t, want, got, currency)
	}
	for _, currency := range []string{"", "us", "xyz", "usdd", "d a", "btc"} {
		_, ok := csvspec.Decimals(currency)
		require.False(t, ok, currency)
	}
	seen := map[string]bool{}
	for _, currency := range csvspec.Currencies() {
		_, ok := csvspec.Decimals(currency)
		require.True(t, ok && !seen[currency], currency)
		seen[currency] = true
	}
}
