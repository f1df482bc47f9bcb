package billing

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func at(text string) int64 {
	t, err := time.Parse(time.DateTime, text)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

// TestMonthEnds follows an anchor through short months: every date is counted from the anchor, so a short month does
// not shorten the ones behind it.
func TestMonthEnds(t *testing.T) {
	for _, test := range []struct {
		anchor   string
		interval Interval
		want     []string
	}{
		{"2026-01-31 10:00:00", Interval{"month", 1}, []string{"2026-02-28 10:00:00", "2026-03-31 10:00:00", "2026-04-30 10:00:00"}},
		{"2028-01-31 10:00:00", Interval{"month", 1}, []string{"2028-02-29 10:00:00", "2028-03-31 10:00:00"}},
		{"2028-02-29 00:00:01", Interval{"year", 1}, []string{"2029-02-28 00:00:01", "2030-02-28 00:00:01", "2031-02-28 00:00:01", "2032-02-29 00:00:01"}},
		{"2026-11-30 23:59:59", Interval{"month", 3}, []string{"2027-02-28 23:59:59", "2027-05-30 23:59:59"}},
		{"2026-12-31 00:00:00", Interval{"week", 2}, []string{"2027-01-14 00:00:00", "2027-01-28 00:00:00"}},
		{"2026-12-31 00:00:00", Interval{"day", 1}, []string{"2027-01-01 00:00:00"}},
	} {
		for n, want := range test.want {
			got := test.interval.Add(at(test.anchor), int64(n+1))
			require.Equal(t, want, time.Unix(got, 0).UTC().Format(time.DateTime))
		}
	}
}

// TestNextIsTheFirstRecurrenceAfter checks Next against a walk.
func TestNextIsTheFirstRecurrenceAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		interval := Interval{rapid.SampledFrom([]string{"day", "week", "month", "year"}).Draw(t, "unit"), rapid.Int64Range(1, 3).Draw(t, "count")}
		anchor := rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "anchor")
		after := anchor + rapid.Int64Range(-100_000_000, 100_000_000).Draw(t, "after")
		next := interval.Next(anchor, after)
		require.Greater(t, next, after)
		n := int64(-2000)
		for interval.Add(anchor, n) <= after {
			n++
		}
		require.Equal(t, interval.Add(anchor, n), next)
	})
}

func TestMulDivRoundsHalfAwayFromZero(t *testing.T) {
	for _, test := range [][4]int64{
		{5, 1, 2, 3}, {-5, 1, 2, -3}, {5, -1, 2, -3}, {1, 1, 3, 0}, {2, 1, 3, 1},
		{1_000_000_000_000_000, 31_622_400, 31_622_400, 1_000_000_000_000_000}, {0, 7, 9, 0},
	} {
		require.Equal(t, test[3], MulDiv(test[0], test[1], test[2]), test)
	}
}

func decimal(text string) Decimal {
	d, err := ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}

func TestParseDecimal(t *testing.T) {
	for _, text := range []string{"", "ten", "1e3", "1/2", "0x10", "1_000", "Inf", "1,5", " 1"} {
		_, err := ParseDecimal(text)
		require.Error(t, err, text)
	}
	for text, want := range map[string]int64{"7": 7, "-7": -7, "0.5": 1, "-0.5": -1, "0.49": 0, "1999.0": 1999} {
		require.Equal(t, want, decimal(text).times(1), text)
	}
}

func TestAmounts(t *testing.T) {
	graduated := Price{Tiers: []Tier{{UpTo: 5, Unit: Whole(100)}, {UpTo: 10, Unit: Whole(50), Flat: Whole(7)}, {Unit: Whole(10)}}}
	volume := graduated
	volume.Volume = true
	for name, test := range map[string]struct {
		price          Price
		quantity, want int64
	}{
		"flat":                  {Price{Unit: Whole(1999)}, 3, 5997},
		"fraction, half up":     {Price{Unit: decimal("0.5")}, 3, 2},
		"fraction, rounded":     {Price{Unit: decimal("1999.005")}, 100, 199901},
		"nothing":               {Price{Unit: Whole(1999)}, 0, 0},
		"packages up":           {Price{Unit: Whole(100), DivideBy: 10, RoundUp: true}, 11, 200},
		"packages down":         {Price{Unit: Whole(100), DivideBy: 10}, 19, 100},
		"graduated, first tier": {graduated, 5, 500},
		"graduated, second":     {graduated, 6, 500 + 50 + 7},
		"graduated, last":       {graduated, 12, 500 + 250 + 7 + 20},
		"volume, first":         {volume, 5, 500},
		"volume, second":        {volume, 10, 507},
		"volume, last":          {volume, 11, 110},
	} {
		require.Equal(t, test.want, test.price.Amount(test.quantity), name)
	}
}

// TestInvoice derives each total by hand in a comment.
func TestInvoice(t *testing.T) {
	exclusive, inclusive := Rate{Percent: 8_8750}, Rate{Percent: 19_0000, Inclusive: true}
	for name, test := range map[string]struct {
		lines  []*Line
		coupon *Coupon
		want   Totals
	}{
		// 8.875 % of 1999 is 177.41
		"exclusive": {[]*Line{{Amount: 1999, Rates: []Rate{exclusive}}}, nil,
			Totals{Subtotal: 1999, Tax: 177, Total: 2176, SubtotalExcludingTax: 1999, TotalExcludingTax: 1999}},
		// 1190 contains 190 of 19 %
		"inclusive": {[]*Line{{Amount: 1190, Rates: []Rate{inclusive}}}, nil,
			Totals{Subtotal: 1190, Tax: 190, Total: 1190, SubtotalExcludingTax: 1000, TotalExcludingTax: 1000}},
		// 12.5 % of 1004 is 125.5, rounded to 126; 878 is left; 8.875 % of it is 77.92
		"percent, then tax": {[]*Line{{Amount: 1004, Discountable: true, Rates: []Rate{exclusive}}}, &Coupon{Percent: 12_5000},
			Totals{Subtotal: 1004, Discount: 126, Tax: 78, Total: 956, SubtotalExcludingTax: 1004, TotalExcludingTax: 878}},
		// 100 off 1000+500+500: 50, 25, 25
		"amount": {[]*Line{{Amount: 1000, Discountable: true}, {Amount: 500, Discountable: true}, {Amount: 500, Discountable: true}}, &Coupon{Amount: 100},
			Totals{Subtotal: 2000, Discount: 100, Total: 1900, SubtotalExcludingTax: 2000, TotalExcludingTax: 1900}},
		"never below zero": {[]*Line{{Amount: 300, Discountable: true}, {Amount: -100}}, &Coupon{Amount: 1000},
			Totals{Subtotal: 200, Discount: 300, Total: -100, SubtotalExcludingTax: 200, TotalExcludingTax: -100}},
		"some products": {[]*Line{{Amount: 300, Product: "a", Discountable: true}, {Amount: 300, Product: "b", Discountable: true}}, &Coupon{Percent: 50_0000, Products: []string{"b"}},
			Totals{Subtotal: 600, Discount: 150, Total: 450, SubtotalExcludingTax: 600, TotalExcludingTax: 450}},
	} {
		require.Equal(t, test.want, Compute(test.lines, test.coupon), name)
	}
}

func TestSharesAddUpToTheAmountOff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 1, 20).Draw(t, "amounts")
		off := rapid.Int64Range(1, 2_000_000).Draw(t, "off")
		var lines []*Line
		var sum, given int64
		for _, a := range amounts {
			lines = append(lines, &Line{Amount: a, Discountable: true})
			sum += a
		}
		Compute(lines, &Coupon{Amount: off})
		for _, l := range lines {
			require.GreaterOrEqual(t, l.Discount, int64(0))
			require.LessOrEqual(t, l.Discount, l.Amount)
			given += l.Discount
		}
		require.Equal(t, min(off, sum), given)
	})
}

// TestExempt derives by hand what a customer without tax pays.
func TestExempt(t *testing.T) {
	exclusive, ten, five := Rate{Percent: 10_0000}, Rate{Percent: 10_0000, Inclusive: true}, Rate{Percent: 5_0000, Inclusive: true}
	for name, test := range map[string]struct {
		lines  []*Line
		coupon *Coupon
		want   Totals
	}{
		"exclusive: none is added": {[]*Line{{Amount: 1000, Exempt: true, Rates: []Rate{exclusive}}}, nil,
			Totals{Subtotal: 1000, Total: 1000, SubtotalExcludingTax: 1000, TotalExcludingTax: 1000}},
		// 1000 contains 1000*10/110 = 90.91 of 10 %; 909 is left
		"inclusive: what is contained is not charged": {[]*Line{{Amount: 1000, Exempt: true, Rates: []Rate{ten}}}, nil,
			Totals{Subtotal: 1000, Total: 909, SubtotalExcludingTax: 909, TotalExcludingTax: 909}},
		// half of 1005 is 502.5, rounded 503 off; the 502 left contain 45.64
		"inclusive, after the discount": {[]*Line{{Amount: 1005, Discountable: true, Exempt: true, Rates: []Rate{ten}}}, &Coupon{Percent: 50_0000},
			Totals{Subtotal: 1005, Discount: 503, Total: 456, SubtotalExcludingTax: 914, TotalExcludingTax: 456}},
		// each line by itself: 55 contains 5 of 10 %, 5.5 would be of 60.5
		"line by line": {[]*Line{{Amount: 55, Exempt: true, Rates: []Rate{ten}}, {Amount: 17, Exempt: true, Rates: []Rate{ten}}}, nil,
			Totals{Subtotal: 72, Total: 50 + 15, SubtotalExcludingTax: 65, TotalExcludingTax: 65}},
		// of 1150, 10 and 5 % contain 100 and 50
		"two inclusive rates": {[]*Line{{Amount: 1150, Exempt: true, Rates: []Rate{ten, five}}}, nil,
			Totals{Subtotal: 1150, Total: 1000, SubtotalExcludingTax: 1000, TotalExcludingTax: 1000}},
		// a credit gives back what was paid
		"a credit": {[]*Line{{Amount: -1000, Exempt: true, Rates: []Rate{ten}}}, nil,
			Totals{Subtotal: -1000, Total: -909, SubtotalExcludingTax: -909, TotalExcludingTax: -909}},
	} {
		require.Equal(t, test.want, Compute(test.lines, test.coupon), name)
		for _, l := range test.lines {
			require.Equal(t, make([]int64, len(l.Rates)), l.Taxes, name)
		}
	}
}

func TestDue(t *testing.T) {
	usd, ugx, none := Charging{Multiple: 1, Minimum: 50}, Charging{Multiple: 100}, Charging{Multiple: 1}
	for name, test := range map[string]struct {
		charging                    Charging
		total, balance, due, ending int64
	}{
		"no balance":                     {usd, 2900, 0, 2900, 0},
		"credit used in part":            {usd, 2900, -5000, 0, -2100},
		"the rest of a credit":           {usd, 2900, -2100, 800, 0},
		"debt added":                     {usd, 2900, 12000, 14900, 0},
		"debt with nothing else":         {usd, 0, 12000, 12000, 0},
		"nothing":                        {usd, 0, 0, 0, 0},
		"a credit note becomes credit":   {usd, -700, 0, 0, -700},
		"below the minimum":              {usd, 49, 0, 0, 49},
		"the minimum":                    {usd, 50, 0, 50, 0},
		"a credit brings it below":       {usd, 2900, -2851, 0, 49},
		"two small ones together":        {usd, 49, 49, 98, 0},
		"no minimum known":               {none, 1, 0, 1, 0},
		"rounded down, the rest is owed": {ugx, 1049, 0, 1000, 49},
		"half is rounded up":             {ugx, 1050, 0, 1100, -50},
		"rounded to nothing":             {ugx, 49, 0, 0, 49},
		"a hundred":                      {ugx, 100, 0, 100, 0},
	} {
		due, ending := test.charging.Due(test.total, test.balance)
		require.Equal(t, [2]int64{test.due, test.ending}, [2]int64{due, ending}, name)
	}
}

// TestAmountsStayInBounds: whatever is priced, no sum wraps around.
func TestAmountsStayInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Custom(func(t *rapid.T) Decimal {
			if rapid.Bool().Draw(t, "fraction") {
				return decimal(rapid.StringMatching(`[0-9]{1,18}\.[0-9]{1,12}`).Draw(t, "decimal"))
			}
			return Whole(rapid.Int64Range(0, 1<<62).Draw(t, "whole"))
		})
		p := Price{Unit: amount.Draw(t, "unit"), Volume: rapid.Bool().Draw(t, "volume")}
		if rapid.Bool().Draw(t, "tiered") {
			p.Tiers = []Tier{{UpTo: 10, Unit: amount.Draw(t, "unit 1"), Flat: amount.Draw(t, "flat 1")}, {Unit: amount.Draw(t, "unit 2"), Flat: amount.Draw(t, "flat 2")}}
		}
		got := p.Amount(rapid.Int64Range(0, 1<<62).Draw(t, "quantity"))
		require.GreaterOrEqual(t, got, int64(0))
		require.LessOrEqual(t, got, int64(Most))
	})
}

// TestTiersOfTheDocs are the amounts of Stripe's guide to pricing models, and a quantity of 0, which owes the first
// flat amount.
func TestTiersOfTheDocs(t *testing.T) {
	p := Price{Tiers: []Tier{{5, Whole(500), Whole(1000)}, {10, Whole(400), Whole(2000)}, {15, Whole(300), Whole(3000)}, {20, Whole(200), Whole(4000)}, {0, Whole(100), Whole(5000)}}}
	// 5 x 5 + 10, 5 x 4 + 20, 2 x 3 + 30
	require.Equal(t, int64(111_00), p.Amount(12))
	require.Equal(t, int64(10_00), p.Amount(0))
	p.Volume = true
	// 12 x 3 + 30
	require.Equal(t, int64(66_00), p.Amount(12))
	require.Equal(t, int64(10_00), p.Amount(0))
	// 3 x 0.5 and 0.5 are 2
	require.Equal(t, int64(2), Price{Tiers: []Tier{{0, decimal("0.5"), decimal("0.5")}}}.Amount(3))
}
