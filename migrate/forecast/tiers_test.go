package forecast_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// tier reads amounts in minor units.
func tier(upTo int64, unit, flat string) account.Tier {
	return account.Tier{UpTo: upTo, Unit: decimal.RequireFromString(unit), Flat: decimal.RequireFromString(flat)}
}

// documented are the tiers of the pricing models guide.
func documented() []account.Tier {
	return []account.Tier{tier(5, "500", "1000"), tier(10, "400", "2000"), tier(15, "300", "3000"), tier(20, "200", "4000"), tier(0, "100", "5000")}
}

// chargeOf is the first charge of a monthly price for one unit or more.
func chargeOf(t require.TestingT, p account.Price, quantity int64) forecast.Charge {
	p.ID, p.Active, p.Interval, p.IntervalCount, p.Currency = "price_1", true, "month", 1, "usd"
	facts := &account.Account{
		Prices: map[string]account.Price{"price_1": p}, Customers: map[string]account.Customer{"cus_1": {ID: "cus_1"}},
	}
	planned, err := schedule.FromRow(row(func(r *csvspec.Row) { r.Price, r.Quantity = "price_1", csvspec.Of(quantity) }), facts)
	require.NoError(t, err)
	return forecast.Of(&planned, facts, 0).Charges[0]
}

func inUSD(amount account.PriceAmount) map[string]account.PriceAmount {
	return map[string]account.PriceAmount{"usd": amount}
}

func TestTiers(t *testing.T) {
	for name, c := range map[string]struct {
		tiers    []account.Tier
		volume   bool
		quantity int64
		want     int64
		rests    bool
	}{
		"graduated, 12: 5 × 5.00 + 10.00, 5 × 4.00 + 20.00, 2 × 3.00 + 30.00": {documented(), false, 12, 11100, false},
		"by volume, 12: 12 × 3.00 + 30.00":                                    {documented(), true, 12, 6600, false},
		"graduated, 0: the first flat amount":                                 {documented(), false, 0, 1000, false},
		"by volume, 0: the first flat amount":                                 {documented(), true, 0, 1000, false},
		"graduated, 5: the end of a tier belongs to it":                       {documented(), false, 5, 3500, false},
		"by volume, 5":  {documented(), true, 5, 3500, false},
		"graduated, 6":  {documented(), false, 6, 5900, false},
		"by volume, 6":  {documented(), true, 6, 4400, false},
		"graduated, 25": {documented(), false, 25, 2500 + 1000 + 2000 + 2000 + 1500 + 3000 + 1000 + 4000 + 500 + 5000, false},
		"by volume, 25": {documented(), true, 25, 7500, false},
		"fractions of two tiers: 0.5 + 0.5 are 1 + 1":         {[]account.Tier{tier(1, "0.5", "0"), tier(0, "0.5", "0")}, false, 2, 2, true},
		"fractions of one tier: 2.5 is 3":                     {[]account.Tier{tier(0, "0.5", "0")}, false, 5, 3, false},
		"a tier's flat amount is part of it: 0.5 + 1.5 are 2": {[]account.Tier{tier(0, "0.5", "1.5")}, true, 1, 2, false},
		"fractions that make no difference: 0.4 + 0.0":        {[]account.Tier{tier(1, "0.4", "0"), tier(0, "0", "0")}, false, 2, 0, false},
	} {
		got := chargeOf(t, account.Price{Amounts: inUSD(account.PriceAmount{Tiers: c.tiers}), Volume: c.volume}, c.quantity)
		require.True(t, got.Known(), name)
		require.Equal(t, c.want, got.Total, name)
		require.Equal(t, c.rests, got.Basis() == forecast.FromAssumption && got.Assumptions[0] == forecast.FractionsPerTier, name)
	}
}

// TestDecimals: unit times quantity is exact, and rounded once.
func TestDecimals(t *testing.T) {
	for _, c := range []struct {
		unit     string
		quantity int64
		pack     account.Package
		want     int64
	}{
		{"0.5", 1, account.Package{}, 1},
		{"0.5", 3, account.Package{}, 2},
		{"0.4999", 1, account.Package{}, 0},
		{"0.000000000001", 1_000_000, account.Package{}, 0},
		{"1999.5", 2, account.Package{}, 3999},
		{"0.1", 5, account.Package{}, 1},
		{"33.333333333333", 3, account.Package{}, 100},
		{"0.5", 15, account.Package{Size: 10, RoundUp: true}, 1},
	} {
		amount := account.PriceAmount{Unit: decimal.RequireFromString(c.unit)}
		got := chargeOf(t, account.Price{Amounts: inUSD(amount), Package: c.pack}, c.quantity)
		require.True(t, got.Known())
		require.Equal(t, c.want, got.Total, "%d × %s", c.quantity, c.unit)
		require.Empty(t, got.Assumptions)
	}
}

// TestLargestAmount: 999,999.99 can be charged, and a minor unit more cannot, as a line and as a sum.
func TestLargestAmount(t *testing.T) {
	for _, c := range []struct {
		unit     string
		quantity int64
		known    bool
	}{
		{"99999999", 1, true}, {"100000000", 1, false}, {"33333333", 3, true}, {"50000000", 2, false},
		{"99999999.4", 1, true}, {"99999999.5", 1, false}, {"9223372036854775807", 9_000_000, false},
	} {
		got := chargeOf(t, account.Price{Amounts: inUSD(account.PriceAmount{Unit: decimal.RequireFromString(c.unit)})}, c.quantity)
		require.Equal(t, c.known, got.Known(), "%d × %s", c.quantity, c.unit)
		if !c.known {
			require.Equal(t, []forecast.Reason{forecast.AmountTooLarge}, got.Unknown)
		}
	}
	facts := exampleAccount()
	planned, err := schedule.FromRow(row(func(r *csvspec.Row) {
		for range 2 {
			r.AdhocItems = append(r.AdhocItems, csvspec.AdhocItem{Amount: csvspec.Of(60_000_000), Product: "prod_1", Interval: "month", Currency: "usd"})
		}
	}), facts)
	require.NoError(t, err)
	require.Equal(t, []forecast.Reason{forecast.AmountTooLarge}, forecast.Of(&planned, facts, 0).Charges[0].Unknown)
}

// TestTiersAreWithinAUnitOfTheExactSum compares with a sum over single units, which are never rounded: each of the parts
// of a line is off by half a minor unit at most.
func TestTiersAreWithinAUnitOfTheExactSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tiers []account.Tier
		upTo := int64(0)
		n := rapid.IntRange(1, 5).Draw(t, "tiers")
		for i := range n {
			upTo += rapid.Int64Range(1, 9).Draw(t, "units")
			one := account.Tier{
				UpTo: upTo, Unit: decimal.New(rapid.Int64Range(0, 99_999).Draw(t, "unit"), -2), Flat: decimal.New(rapid.Int64Range(0, 9_999).Draw(t, "flat"), -1),
			}
			if i == n-1 {
				one.UpTo = 0
			}
			tiers = append(tiers, one)
		}
		quantity, volume := rapid.Int64Range(0, 60).Draw(t, "quantity"), rapid.Bool().Draw(t, "by volume")
		got := chargeOf(t, account.Price{Amounts: inUSD(account.PriceAmount{Tiers: tiers}), Volume: volume}, quantity)
		require.True(t, got.Known())
		exact := exactly(tiers, volume, quantity)
		require.True(t, exact.Sub(decimal.NewFromInt(got.Total)).Abs().LessThanOrEqual(decimal.NewFromInt(int64(n))), "%s is far from %d", exact, got.Total)
	})
}

// exactly adds up unit by unit.
func exactly(tiers []account.Tier, volume bool, quantity int64) decimal.Decimal {
	tierOf := func(unit int64) int {
		for i, t := range tiers {
			if t.UpTo == 0 || unit <= t.UpTo {
				return i
			}
		}
		return -1
	}
	last := tierOf(quantity)
	sum := tiers[last].Flat
	for i := range last {
		if !volume {
			sum = sum.Add(tiers[i].Flat)
		}
	}
	for unit := int64(1); unit <= quantity; unit++ {
		if at := tierOf(unit); volume {
			sum = sum.Add(tiers[last].Unit)
		} else {
			sum = sum.Add(tiers[at].Unit)
		}
	}
	return sum
}
