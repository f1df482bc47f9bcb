package rehearse

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
)

// made returns invoices that are as forecast.
func made(charges []forecast.Charge) (list []Invoice) {
	for _, c := range charges {
		list = append(list, Invoice{
			Created: c.At, Currency: c.Currency, Total: c.Total, AmountDue: c.Due, Discount: c.Discount, Tax: c.Tax, TaxIncluded: c.TaxIncluded,
		})
	}
	return list
}

func charge(at csvspec.Timestamp) forecast.Charge {
	return forecast.Charge{At: at, Currency: "usd", Items: 1000, Discount: 100, Tax: 90, TaxIncluded: 7, Total: 990, Balance: -90, Due: 900}
}

// TestEveryDifferenceIsSeen changes one thing at a time.
func TestEveryDifferenceIsSeen(t *testing.T) {
	charges := []forecast.Charge{charge(10), charge(20), charge(30)}
	for name, test := range map[string]struct {
		change func([]Invoice) []Invoice
		want   []DifferenceKind
	}{
		"none":           {func(i []Invoice) []Invoice { return i }, nil},
		"amount":         {func(i []Invoice) []Invoice { i[1].Total++; return i }, []DifferenceKind{OtherAmount}},
		"amount due":     {func(i []Invoice) []Invoice { i[1].AmountDue++; return i }, []DifferenceKind{OtherDue}},
		"a draft's due":  {func(i []Invoice) []Invoice { i[1].AmountDue, i[1].Status = 0, "draft"; return i }, nil},
		"discount":       {func(i []Invoice) []Invoice { i[1].Discount--; return i }, []DifferenceKind{OtherDiscount}},
		"tax":            {func(i []Invoice) []Invoice { i[2].Tax++; return i }, []DifferenceKind{OtherTax}},
		"tax included":   {func(i []Invoice) []Invoice { i[2].TaxIncluded++; return i }, []DifferenceKind{OtherTax}},
		"currency":       {func(i []Invoice) []Invoice { i[0].Currency = "eur"; return i }, []DifferenceKind{OtherCurrency}},
		"moment":         {func(i []Invoice) []Invoice { i[0].Created++; return i }, []DifferenceKind{OtherMoment}},
		"first not made": {func(i []Invoice) []Invoice { return i[1:] }, []DifferenceKind{NotMade}},
		"last not made":  {func(i []Invoice) []Invoice { return i[:2] }, []DifferenceKind{NotMade}},
		"nothing made":   {func([]Invoice) []Invoice { return nil }, []DifferenceKind{NotMade, NotMade, NotMade}},
		"one too many":   {func(i []Invoice) []Invoice { return slices.Insert(i, 1, Invoice{Created: 15}) }, []DifferenceKind{NotForecast}},
		"one at the end": {func(i []Invoice) []Invoice { return append(i, Invoice{Created: 40}) }, []DifferenceKind{NotForecast}},
		"one twice":      {func(i []Invoice) []Invoice { return slices.Insert(i, 1, i[0]) }, []DifferenceKind{NotForecast}},
	} {
		var kinds []DifferenceKind
		for _, d := range differ(charges, test.change(made(charges))).differences {
			kinds = append(kinds, d.Kind)
		}
		require.Equal(t, test.want, kinds, name)
	}
}

// TestUnknownAmounts compares what is known: everything before a tax that Stripe computes, and of usage the moment.
func TestUnknownAmounts(t *testing.T) {
	taxed, usage := charge(10), charge(20)
	taxed.Tax, taxed.TaxIncluded, taxed.Total, taxed.Unknown = 0, 0, 0, []forecast.Reason{forecast.AutomaticTax}
	usage.Total, usage.Unknown = 0, []forecast.Reason{forecast.MeteredUsage}
	invoices := []Invoice{{Created: 10, Currency: "usd", Total: 950, Discount: 100, Tax: 50}, {Created: 20, Currency: "usd", Total: 7}}

	got := differ([]forecast.Charge{taxed, usage}, invoices)
	require.Empty(t, got.differences)
	require.EqualValues(t, 1, got.compared)
	require.EqualValues(t, 1, got.unknown)

	invoices[0].Total++
	invoices[1].Created++
	got = differ([]forecast.Charge{taxed, usage}, invoices)
	require.Len(t, got.differences, 2)
}

// TestNothingIsLost draws any two lists: every forecast and every invoice is in a pair or in a difference of its own.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moments := rapid.SliceOfN(rapid.Int64Range(1, 9), 0, 6)
		wanted, got := moments.Draw(t, "forecast"), moments.Draw(t, "made")
		slices.Sort(wanted)
		slices.Sort(got)
		var charges []forecast.Charge
		for _, at := range wanted {
			charges = append(charges, charge(csvspec.Timestamp(at)))
		}
		var invoices []Invoice
		for _, at := range got {
			invoices = append(invoices, made([]forecast.Charge{charge(csvspec.Timestamp(at))})...)
		}
		result := differ(charges, invoices)
		alone := map[DifferenceKind]int64{}
		for _, d := range result.differences {
			alone[d.Kind]++
		}
		require.EqualValues(t, len(wanted), result.compared+alone[NotMade])
		require.EqualValues(t, len(got), result.compared+alone[NotForecast])
	})
}
