package forecast_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// withCustomer is the account of the examples, with the customer of their rows.
func withCustomer(c account.Customer) *account.Account {
	a := exampleAccount()
	c.ID = "cus_1"
	a.Customers = map[string]account.Customer{"cus_1": c}
	return a
}

func plannedOf(t require.TestingT, r *csvspec.Row, facts *account.Account) *schedule.Planned {
	planned, err := schedule.FromRow(r, facts)
	require.NoError(t, err)
	return &planned
}

// figures are the totals, and what is collected of them.
func figures(f forecast.Forecast) (totals, due []int64) {
	for _, c := range f.Charges {
		totals, due = append(totals, c.Total), append(due, c.Due)
	}
	return totals, due
}

// TestBalance: what is collected of three invoices of an ad-hoc amount a month.
func TestBalance(t *testing.T) {
	for name, c := range map[string]struct {
		amount, balance int64
		currency        string
		due             []int64
	}{
		"none": {1000, 0, "usd", []int64{1000, 1000, 1000}},
		"a credit is used, and what is left stays": {1000, -1500, "usd", []int64{0, 500, 1000}},
		"a credit that lasts":                      {1000, -5000, "usd", []int64{0, 0, 0}},
		"a debt is added once":                     {1000, 500, "usd", []int64{1500, 1000, 1000}},
		"a debt, with nothing to pay":              {0, 500, "usd", []int64{500, 0, 0}},
		"less than the minimum is carried on":      {20, 0, "usd", []int64{0, 0, 60}},
		"the minimum itself is charged":            {50, 0, "usd", []int64{50, 50, 50}},
		"a cent less is not":                       {49, 0, "usd", []int64{0, 98, 0}},
		"a credit leaves less than the minimum":    {1000, -980, "usd", []int64{0, 1020, 1000}},
		"another currency's minimum":               {250, 0, "sek", []int64{0, 500, 0}},
		"no minimum is published":                  {20, 0, "kwd", []int64{20, 20, 20}},
		"shillings are rounded up from half":       {10_050, 0, "ugx", []int64{10_100, 10_000, 10_100}},
		"shillings are rounded down below":         {10_040, 0, "ugx", []int64{10_000, 10_100, 10_000}},
		"shillings and a credit":                   {10_000, -30, "ugx", []int64{10_000, 10_000, 10_000}},
	} {
		facts := withCustomer(account.Customer{Balance: c.balance})
		r := row(func(r *csvspec.Row) {
			r.AdhocItems = []csvspec.AdhocItem{{Amount: csvspec.Of(c.amount), Product: "prod_app", Interval: "month", Currency: c.currency}}
		})
		totals, due := figures(forecast.Of(plannedOf(t, r, facts), facts, 2))
		require.Equal(t, []int64{c.amount, c.amount, c.amount}, totals, name)
		require.Equal(t, c.due, due, name)
	}
}

// TestDebtWithATrial: an invoice over 0 collects it.
func TestDebtWithATrial(t *testing.T) {
	facts := withCustomer(account.Customer{Balance: 500})
	f := forecast.Of(plannedOf(t, row(func(r *csvspec.Row) { r.Price, r.TrialEnd = "price_monthly", on(time.June, 20) }), facts), facts, 0)
	totals, due := figures(f)
	require.Equal(t, []int64{0, 1999}, totals)
	require.Equal(t, []int64{500, 1999}, due)
	require.False(t, f.Charges[0].Nothing())
}

// TestExemption: 19.99 with 8.875 % beside it, and 11.90 with 19 % in it.
func TestExemption(t *testing.T) {
	sales := row(func(r *csvspec.Row) { r.Price, r.DefaultTaxRate = "price_monthly", "txr_sales" })
	vat := row(func(r *csvspec.Row) { r.Price, r.DefaultTaxRate = "price_inclusive", "txr_vat" })
	for _, c := range []struct {
		status       string
		sales, vat   int64
		included, in int64
	}{
		{"", 2176, 1190, 190, 0}, {"none", 2176, 1190, 190, 0}, {"exempt", 1999, 1000, 0, 190}, {"reverse", 1999, 1000, 0, 190},
	} {
		facts := withCustomer(account.Customer{TaxExempt: c.status})
		added := forecast.Of(plannedOf(t, sales, facts), facts, 0).Charges[0]
		require.Equal(t, c.sales, added.Total, c.status)
		require.Equal(t, c.sales-1999, added.Tax, c.status)
		contained := forecast.Of(plannedOf(t, vat, facts), facts, 0)
		require.Equal(t, c.vat, contained.Charges[0].Total, c.status)
		require.Equal(t, c.included, contained.Charges[0].TaxIncluded, c.status)
		require.Equal(t, c.in, contained.Charges[0].TaxExempted, c.status)
		require.EqualValues(t, 1000, contained.Recurring.Amount, "without its tax, whoever pays it")
	}
	// Stripe Tax adds none either, where none is contained.
	facts := withCustomer(account.Customer{TaxExempt: "exempt"})
	p := facts.Prices["price_monthly"]
	p.Amounts = account.Fixed("usd", 1999, "exclusive")
	facts.Prices["price_monthly"] = p
	automatic := forecast.Of(plannedOf(t, row(func(r *csvspec.Row) { r.Price, r.AutomaticTax = "price_monthly", true }), facts), facts, 0).Charges[0]
	require.True(t, automatic.Known())
	require.EqualValues(t, 1999, automatic.Total)
}

// TestCustomersDiscount: 3.33 a month on 10 June, July and August.
func TestCustomersDiscount(t *testing.T) {
	half := account.Coupon{ID: "HALF", Duration: "forever", PercentOff: 50_0000}
	once := account.Coupon{ID: "ONCE", Duration: "once", AmountOff: 100, Currency: "usd"}
	months := account.Coupon{ID: "MONTHS", Duration: "repeating", DurationInMonths: 3, AmountOff: 100, Currency: "usd"}
	seats := func(change func(*csvspec.Row)) *csvspec.Row {
		return row(func(r *csvspec.Row) { r.Price = "price_seat"; change(r) })
	}
	plain := seats(func(*csvspec.Row) {})
	other := once
	other.Products = []string{"prod_app"}
	foreign := half
	foreign.PercentOff, foreign.AmountOff, foreign.Currency, foreign.AmountsOff = 0, 100, "eur", map[string]int64{"usd": 33}
	for name, c := range map[string]struct {
		discount  account.Discount
		row       *csvspec.Row
		want      []int64
		counts    string
		replaced  string
		assumed   bool // of the first charge
		recurring int64
	}{
		"forever":                    {account.Discount{Coupon: half}, plain, []int64{166, 166, 166}, "HALF", "", false, 166},
		"once":                       {account.Discount{Coupon: once}, plain, []int64{233, 333, 333}, "ONCE", "", true, 333},
		"once, of another product":   {account.Discount{Coupon: other}, plain, []int64{333, 333, 333}, "ONCE", "", false, 333},
		"in the row's currency":      {account.Discount{Coupon: foreign}, plain, []int64{300, 300, 300}, "HALF", "", false, 300},
		"for some months, which end": {account.Discount{Coupon: months, Start: on(time.May, 10), End: on(time.August, 10)}, plain, []int64{233, 233, 333}, "MONTHS", "", false, 333},
		"whose end is not stated":    {account.Discount{Coupon: months, Start: on(time.May, 10)}, plain, []int64{233, 233, 333}, "MONTHS", "", false, 333},
		"over before the start":      {account.Discount{Coupon: half, End: on(time.June, 10)}, plain, []int64{333, 333, 333}, "", "", false, 333},
		"that begins later":          {account.Discount{Coupon: half, Start: on(time.July, 1)}, plain, []int64{333, 166, 166}, "HALF", "", false, 166},
		"replaced by the row's":      {account.Discount{Coupon: half}, seats(func(r *csvspec.Row) { r.Coupon = "seats_only" }), []int64{0, 0, 0}, "", "HALF", false, 0},
		"replaced once only":         {account.Discount{Coupon: half}, seats(func(r *csvspec.Row) { r.Coupon = "welcome" }), []int64{250, 166, 166}, "", "HALF", false, 166},
		"replaced for a month":       {account.Discount{Coupon: half}, seats(func(r *csvspec.Row) { r.Coupon = "one_month" }), []int64{0, 166, 166}, "", "HALF", false, 166},
	} {
		facts := withCustomer(account.Customer{Discount: &c.discount})
		f := forecast.Of(plannedOf(t, c.row, facts), facts, 2)
		totals, _ := figures(f)
		require.Equal(t, c.want, totals, name)
		require.Equal(t, c.counts, f.CustomerCoupon, name)
		require.Equal(t, c.replaced, f.ReplacedCoupon, name)
		require.Equal(t, c.assumed, f.Charges[0].Basis() == forecast.FromAssumption, name)
		require.Equal(t, c.recurring, f.Recurring.Amount, name)
	}
}

// TestAssumptionsAreNamedWhereTheyMatter: on those charges only that would be others without them.
func TestAssumptionsAreNamedWhereTheyMatter(t *testing.T) {
	assumed := func(r *csvspec.Row, facts *account.Account) (list [][]forecast.Assumption) {
		for _, c := range forecast.Of(plannedOf(t, r, facts), facts, 3).Charges {
			list = append(list, c.Assumptions)
		}
		return list
	}
	known := withCustomer(account.Customer{})
	for name, c := range map[string]struct {
		row   *csvspec.Row
		facts *account.Account
		want  [][]forecast.Assumption
	}{
		"nothing": {row(func(r *csvspec.Row) { r.Price, r.Coupon = "price_monthly", "half" }), known, [][]forecast.Assumption{nil, nil, nil, nil}},
		"the customer": {row(func(r *csvspec.Row) { r.Price = "price_monthly" }), exampleAccount(), [][]forecast.Assumption{
			{forecast.CustomerNotLookedUp}, {forecast.CustomerNotLookedUp}, {forecast.CustomerNotLookedUp}, {forecast.CustomerNotLookedUp},
		}},
		// Half of 19.99 and of 3.33 are 10.00 and 1.67; half of 23.32 is 11.66.
		"rounding by line": {row(func(r *csvspec.Row) {
			r.Items, r.Coupon = []csvspec.Item{{Price: "price_monthly"}, {Price: "price_seat"}}, "half"
		}), known, [][]forecast.Assumption{{forecast.PercentPerLine}, {forecast.PercentPerLine}, {forecast.PercentPerLine}, {forecast.PercentPerLine}}},
		// Invoices on 10 June (0), 20 June, July, August and September: from 10 June the three months are over on
		// 10 September, from 20 June on 20 September.
		"a repeating coupon after free time": {row(func(r *csvspec.Row) {
			r.Price, r.Coupon, r.TrialEnd = "price_weekly", "one_month", on(time.June, 20)
		}), known, [][]forecast.Assumption{nil, nil, nil, {forecast.RepeatingFromStart}, nil}},
		"the credit, until it is used up": {row(func(r *csvspec.Row) { r.Price = "price_monthly" }), withCustomer(account.Customer{Balance: -2500}),
			[][]forecast.Assumption{{forecast.BalanceByTime}, {forecast.BalanceByTime}, nil, nil}},
		"a minimum": {row(func(r *csvspec.Row) { r.Price = "price_dinar" }), known, [][]forecast.Assumption{
			{forecast.MinimumNotPublished}, {forecast.MinimumNotPublished}, {forecast.MinimumNotPublished}, {forecast.MinimumNotPublished},
		}},
	} {
		require.Equal(t, c.want, assumed(c.row, c.facts), name)
	}
	for _, a := range forecast.Assumptions() {
		require.NotEmpty(t, a.Description())
	}
	require.Empty(t, forecast.Assumption("weather").Description())
}

// TestCreditAfterAnUnknownInvoice: how much is left of it is not known, and the total is all the same.
func TestCreditAfterAnUnknownInvoice(t *testing.T) {
	facts := withCustomer(account.Customer{Balance: -100_000})
	usage := row(func(r *csvspec.Row) { r.Price, r.CancelAtPeriodEnd = "price_usage", true })
	later := row(func(r *csvspec.Row) { r.Price, r.StartDate = "price_monthly", on(time.July, 20) })
	f := forecast.Together([]*schedule.Planned{plannedOf(t, usage, facts), plannedOf(t, later, facts)}, facts, 0)[1].Charges[0]
	require.Equal(t, []forecast.Reason{forecast.BalanceNotKnown}, f.Unknown)
	require.True(t, f.TotalKnown())
	require.EqualValues(t, 1999, f.Total)
	facts.Customers["cus_1"] = account.Customer{ID: "cus_1", Balance: 100}
	f = forecast.Together([]*schedule.Planned{plannedOf(t, usage, facts), plannedOf(t, later, facts)}, facts, 0)[1].Charges[0]
	require.True(t, f.Known())
	require.EqualValues(t, 1999, f.Due, "a debt is collected with the first invoice, over 0")
}

// TestBesideUsage: what a customer's other row is charged on 20 July, after an invoice of 10 July for usage.
func TestBesideUsage(t *testing.T) {
	for name, c := range map[string]struct {
		price   string // beside the usage
		balance int64
		due     int64
		unknown []forecast.Reason
		assumed []forecast.Assumption
	}{
		"enough to be charged leaves nothing":                {"price_seat", 0, 1999, nil, nil},
		"usage alone is nothing, or enough":                  {"", 0, 1999, nil, []forecast.Assumption{forecast.UnknownIsCharged}},
		"less than the minimum may be left":                  {"price_small", 0, 0, []forecast.Reason{forecast.BalanceNotKnown}, nil},
		"a debt is collected before, with an invoice over 0": {"", 100, 1999, nil, []forecast.Assumption{forecast.UnknownIsCharged}},
		"a credit that the known part uses up":               {"price_seat", -500, 1999, nil, nil},
		"a credit that it may use up":                        {"price_seat", -10_000, 0, []forecast.Reason{forecast.BalanceNotKnown}, nil},
	} {
		facts := withCustomer(account.Customer{Balance: c.balance})
		small := facts.Prices["price_seat"]
		small.ID, small.Amounts = "price_small", account.Fixed("usd", 20, "")
		facts.Prices["price_small"] = small
		usage := row(func(r *csvspec.Row) {
			r.Items = []csvspec.Item{{Price: "price_usage"}}
			if c.price != "" {
				r.Items = append(r.Items, csvspec.Item{Price: c.price})
			}
		})
		later := row(func(r *csvspec.Row) { r.Price, r.StartDate = "price_monthly", on(time.July, 20) })
		rows := []*schedule.Planned{plannedOf(t, usage, facts), plannedOf(t, later, facts)}
		got := forecast.Together(rows, facts, 0)[1].Charges[0]
		require.EqualValues(t, 1999, got.Total, name)
		require.Equal(t, c.due, got.Due, name)
		require.Equal(t, c.unknown, got.Unknown, name)
		require.Equal(t, c.assumed, got.Assumptions, name)
	}
}

// TestEndWithinTheHour: the invoice for the one-off stays a draft, and the balance as it is.
func TestEndWithinTheHour(t *testing.T) {
	facts := withCustomer(account.Customer{Balance: 500})
	ends := row(func(r *csvspec.Row) {
		r.Price, r.TrialEnd, r.CancelAtPeriodEnd = "price_monthly", on(time.June, 10)+1800, true
		r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(4900), Product: "prod_setup", Currency: "usd"}}
	})
	later := row(func(r *csvspec.Row) { r.Price, r.StartDate = "price_monthly", on(time.June, 11) })
	list := forecast.Together([]*schedule.Planned{plannedOf(t, ends, facts), plannedOf(t, later, facts)}, facts, 0)
	require.Equal(t, []forecast.Reason{forecast.StaysDraft}, list[0].Charges[0].Unknown)
	require.EqualValues(t, 4900, list[0].Charges[0].Total)
	require.EqualValues(t, 2499, list[1].Charges[0].Due)
}

// TestTogetherIsUntil: what Together lists are the first ones of all invoices up to the last of them.
func TestTogetherIsUntil(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := withCustomer(account.Customer{
			Balance:  rapid.SampledFrom([]int64{0, -90, -5000, -1_000_000, 70, 4000}).Draw(t, "balance"),
			Discount: rapid.SampledFrom([]*account.Discount{nil, {Coupon: account.Coupon{ID: "ONCE", Duration: "once", PercentOff: 50_0000}}}).Draw(t, "discount"),
		})
		var rows []*schedule.Planned
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			if planned, err := schedule.FromRow(drawRow(t), facts); err == nil {
				rows = append(rows, &planned)
			}
		}
		some, last := forecast.Together(rows, facts, 2), csvspec.Timestamp(0)
		for _, f := range some {
			last = max(last, f.Charges[len(f.Charges)-1].At)
		}
		collected, invoiced, unknown := int64(0), int64(0), last == 0
		for i, f := range forecast.Until(rows, facts, last) {
			require.Equal(t, f.Charges[:len(some[i].Charges)], some[i].Charges)
			for _, c := range f.Charges {
				require.True(t, !c.Known() || c.Due == c.Total+c.Balance && c.Due >= 0)
				collected, invoiced, unknown = collected+c.Due, invoiced+c.Total, unknown || !c.Known()
			}
		}
		// No money comes from nowhere: what is collected is what was invoiced and the balance, but for what is left of it.
		if left := invoiced + facts.Customers["cus_1"].Balance - collected; !unknown && left > 0 {
			require.Less(t, left, int64(50))
		}
	})
}
