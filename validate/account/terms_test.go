package account_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate/account"
)

func TestPriceTerms(t *testing.T) {
	tiers := func(volume bool, last int64) account.Price {
		return account.Price{Interval: "month", Volume: volume, Amounts: map[string]account.PriceAmount{"usd": {Tiers: []account.Tier{
			{UpTo: 5, Unit: decimal.NewFromInt(500), Flat: decimal.NewFromInt(100)}, {Unit: decimal.NewFromInt(last)},
		}}}}
	}
	price := func(minor int64, tax, interval string, count int64) account.Price {
		return account.Price{Currency: "usd", Interval: interval, IntervalCount: count, Amounts: account.Fixed("usd", minor, tax)}
	}
	metered := price(1900, "", "month", 1)
	metered.Metered = true
	boxes := price(1900, "", "month", 1)
	boxes.Package = account.Package{Size: 10, RoundUp: true}
	free := account.Price{Interval: "month", Amounts: map[string]account.PriceAmount{"usd": {Open: true}}}
	base := price(1900, "exclusive", "month", 1)
	for name, c := range map[string]struct {
		other       account.Price
		here, there string
	}{
		"equal":             {price(1900, "exclusive", "month", 1), "19.00 USD every month", "19.00 USD every month"},
		"amount":            {price(4900, "exclusive", "month", 1), "19.00 USD every month", "49.00 USD every month"},
		"interval":          {price(1900, "exclusive", "year", 1), "19.00 USD every month", "19.00 USD every year"},
		"count":             {price(1900, "exclusive", "month", 3), "19.00 USD every month", "19.00 USD every 3 months"},
		"once":              {price(1900, "exclusive", "", 0), "19.00 USD every month", "19.00 USD once"},
		"tax":               {price(1900, "inclusive", "month", 1), "19.00 USD every month, tax exclusive", "19.00 USD every month, tax inclusive"},
		"tax not specified": {price(1900, "unspecified", "month", 1), "19.00 USD every month", "19.00 USD every month"},
		"usage":             {metered, "19.00 USD every month", "19.00 USD every month, by usage"},
		"package":           {boxes, "19.00 USD every month", "19.00 USD for 10 units, rounded up every month"},
		"chosen":            {free, "19.00 USD every month", "an amount that the customer chooses, in USD every month"},
		"currency":          {account.Price{Amounts: account.Fixed("eur", 1900, "")}, "19.00 USD every month", "not sold in USD"},
		"tiers": {tiers(false, 400), "19.00 USD every month",
			"units 1 to 5 5.00 USD each and 1.00 USD, units from 6 on 4.00 USD each every month"},
	} {
		here, there := account.PriceTerms(base, "usd", c.other, "usd")
		require.Equal(t, []string{c.here, c.there}, []string{here, there}, name)
	}
	for _, other := range []account.Price{tiers(true, 400), tiers(false, 401)} {
		here, there := account.PriceTerms(tiers(false, 400), "usd", other, "usd")
		require.NotEqual(t, here, there)
	}
	here, there := account.PriceTerms(price(19000, "", "year", 1), "usd", price(19000, "", "month", 12), "usd")
	require.Equal(t, here, there, "12 months are a year")
}

func TestCouponTerms(t *testing.T) {
	for want, c := range map[string]account.Coupon{
		"25 % off forever":                      {PercentOff: 25_0000, Duration: "forever"},
		"10 % off for 3 months":                 {PercentOff: 10_0000, Duration: "repeating", DurationInMonths: 3},
		"5.00 USD off once, of 2 products only": {AmountOff: 500, Currency: "usd", Duration: "once", Products: []string{"a", "b"}},
		"6.00 USD off once":                     {AmountOff: 500, Currency: "eur", AmountsOff: map[string]int64{"usd": 600}, Duration: "once"},
		"nothing off in USD":                    {AmountOff: 500, Currency: "eur", Duration: "once"},
	} {
		require.Equal(t, want, c.Terms("usd"))
	}
}
