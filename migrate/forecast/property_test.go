package forecast_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
)

// TestForecastsAreSound checks what holds for every row, whatever it sells.
func TestForecastsAreSound(t *testing.T) {
	facts := exampleAccount()
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			planned, err := schedule.FromRow(drawRow(t), facts)
			if err != nil {
				continue
			}
			f := forecast.Of(&planned, facts, 4)
			require.Equal(t, f, forecast.Of(&planned, facts, 4), "the same row gives the same forecast")
			requireOrder(t, f, planned)
			for _, c := range f.Charges {
				requireSum(t, c)
			}
			requireOneOffs(t, f, planned)
			requireRecurring(t, f, planned)
		}
	})
}

// TestTheDrawnRowsVary looks at the same rows each time: there is a charge of every kind among them.
func TestTheDrawnRowsVary(t *testing.T) {
	facts := exampleAccount()
	kinds := map[forecast.Kind]int{}
	for seed := range 500 {
		planned, err := schedule.FromRow(rapid.Custom(drawRow).Example(seed), facts)
		if err != nil {
			continue
		}
		for _, c := range forecast.Of(&planned, facts, 4).Charges {
			kinds[c.Kind]++
		}
	}
	require.Len(t, kinds, 4, "%v", kinds)
}

// requireOrder: invoices come one after the other, from the start until the end, and the first is where Plan says.
func requireOrder(t require.TestingT, f forecast.Forecast, planned schedule.Planned) {
	for i, c := range f.Charges {
		require.GreaterOrEqual(t, c.At, planned.Schedule.StartDate)
		require.True(t, i == 0 || f.Charges[i-1].At < c.At, "invoices strictly increase")
		require.True(t, f.Ends.IsBlank() || c.At < f.Ends || c.Kind == forecast.Final, "nothing recurs after the end")
	}
	first, ok := f.First()
	require.Equal(t, planned.FirstCharge != 0, ok)
	require.Equal(t, planned.FirstCharge, first.At)
}

// requireSum: what is known adds up, and nobody gets money.
func requireSum(t require.TestingT, c forecast.Charge) {
	require.LessOrEqual(t, c.Discount, c.Items+c.OneOffs)
	for _, part := range []int64{c.Items, c.OneOffs, c.Discount, c.Tax, c.TaxIncluded, c.Total} {
		require.GreaterOrEqual(t, part, int64(0))
	}
	if !c.Known() {
		require.Zero(t, c.Due)
	}
	if !c.TotalKnown() {
		require.Zero(t, c.Total)
		return
	}
	require.Equal(t, c.Items+c.OneOffs-c.Discount+c.Tax, c.Total)
	before, ok := c.BeforeTax()
	require.True(t, ok)
	require.Equal(t, c.Total-c.Tax, before)
}

// requireOneOffs: they are on one invoice, at the start.
func requireOneOffs(t require.TestingT, f forecast.Forecast, planned schedule.Planned) {
	want, got := int64(0), int64(0)
	for _, item := range planned.Schedule.Phase.InvoiceItems {
		want += item.Money.Minor
	}
	for _, c := range f.Charges {
		require.True(t, c.OneOffs == 0 || c.At == planned.OneOffCharge)
		got += c.OneOffs
	}
	require.Equal(t, want, got)
}

// requireRecurring: without usage and coupons that may not be over yet, what recurs is what a late renewal comes to without its tax.
func requireRecurring(t require.TestingT, f forecast.Forecast, planned schedule.Planned) {
	last := f.Charges[len(f.Charges)-1]
	if len(f.Recurring.Unknown) > 0 || !f.Ends.IsBlank() || planned.Schedule.Phase.Coupon == "one_month" {
		return
	}
	before, ok := last.BeforeTax()
	require.True(t, ok)
	require.Equal(t, before-last.TaxIncluded, f.Recurring.Amount)
}

// drawRow draws a row of which most can be planned.
func drawRow(t *rapid.T) *csvspec.Row {
	day := rapid.Int64Range(0, 1500).Draw(t, "day")
	start := csvspec.At(time.Date(2027, 12, 30, 0, 0, 0, 0, time.UTC)) + csvspec.Timestamp(day*86400+rapid.Int64Range(0, 86399).Draw(t, "second"))
	r := &csvspec.Row{
		Customer: "cus_1", StartDate: start, ProrationBehavior: "none",
		CancelAtPeriodEnd: csvspec.Bool(rapid.IntRange(0, 4).Draw(t, "cancel") == 0),
		Coupon:            rapid.SampledFrom([]string{"", "", "half", "welcome", "five_off", "one_month", "seats_only"}).Draw(t, "coupon"),
		DefaultTaxRate:    rapid.SampledFrom([]string{"", "txr_vat", "txr_sales"}).Draw(t, "tax rate"),
	}
	for range rapid.IntRange(0, 2).Draw(t, "one-offs") {
		amount := csvspec.Of(rapid.Int64Range(0, 9999).Draw(t, "one-off"))
		r.AddInvoiceItems = append(r.AddInvoiceItems, csvspec.InvoiceItem{Amount: amount, Product: "prod_setup", Currency: "usd"})
	}
	quantity := csvspec.Of(rapid.Int64Range(0, 50).Draw(t, "quantity"))
	switch rapid.IntRange(0, 3).Draw(t, "sold") {
	case 0:
		r.Items = []csvspec.Item{{Price: "price_monthly", Quantity: quantity}, {Price: "price_seat"}, {Price: "price_packs", Quantity: quantity}}
	case 1:
		r.Price, r.Quantity = rapid.SampledFrom([]string{"price_monthly", "price_yearly", "price_weekly"}).Draw(t, "price"), quantity
	case 2:
		r.Price = "price_usage"
	case 3:
		interval := rapid.SampledFrom([]string{"day", "week", "month", "year"}).Draw(t, "interval")
		amount := csvspec.Of(rapid.Int64Range(0, 99_999).Draw(t, "amount"))
		r.AdhocItems = []csvspec.AdhocItem{{Amount: amount, Product: "prod_app", Interval: interval, Currency: "usd", Quantity: quantity}}
	}
	free := csvspec.Timestamp(rapid.Int64Range(1, 20*86400).Draw(t, "free"))
	switch rapid.IntRange(0, 3).Draw(t, "free time") {
	case 0:
		r.TrialEnd = start + free
	case 1:
		r.BillingCycleAnchor = start + free
	}
	return r
}

// TestAnAmountIsSharedToTheLastCent: what a coupon takes off is its amount, or everything when there is less.
func TestAnAmountIsSharedToTheLastCent(t *testing.T) {
	facts := exampleAccount()
	rapid.Check(t, func(t *rapid.T) {
		r := row(func(r *csvspec.Row) { r.Coupon = "five_off" })
		total := int64(0)
		for range rapid.IntRange(1, 20).Draw(t, "items") {
			amount := rapid.Int64Range(0, 300).Draw(t, "amount")
			total += amount
			r.AdhocItems = append(r.AdhocItems, csvspec.AdhocItem{Amount: csvspec.Of(amount), Product: "prod_app", Interval: "month", Currency: "usd"})
		}
		planned, err := schedule.FromRow(r, facts)
		require.NoError(t, err)
		f := forecast.Of(&planned, facts, 0)
		require.Equal(t, min(500, total), f.Charges[0].Discount)
		require.Equal(t, max(0, total-500), f.Charges[0].Total)
	})
}
