package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// TestBlankCurrency is about rows that name no currency: they are charged in the default one of their price.
func TestBlankCurrency(t *testing.T) {
	const adhoc = ",adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency"
	const once = ",add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency"
	for _, c := range []scenario{
		{name: "ad-hoc", header: "customer,start_date,items.0.price" + adhoc, rows: []string{"cus_Ada,1801440000,price_Pro,700,prod_Pro,month,eur"},
			want: []string{"2 adhoc_items.0.currency price_currency"}},
		{name: "ad-hoc, the same", header: "customer,start_date,items.0.price" + adhoc, rows: []string{"cus_Ada,1801440000,price_Pro,700,prod_Pro,month,usd"}},
		{name: "ad-hoc, named", header: "customer,start_date,currency,items.0.price" + adhoc, rows: []string{"cus_Ada,1801440000,eur,price_Pro,700,prod_Pro,month,eur"}},
		{name: "one-off", header: "customer,start_date,price" + once, rows: []string{"cus_Ada,1801440000,price_Pro,700,prod_Setup,eur"},
			want: []string{"2 add_invoice_items.0.currency price_currency"}},
		{name: "two prices", header: "customer,start_date,items.0.price,items.1.price", rows: []string{"cus_Ada,1801440000,price_Pro,price_Euro"},
			want: []string{"2 items.1.price price_currency"}},
		{name: "two prices, the other way round", header: "customer,start_date,items.0.price,items.1.price", rows: []string{"cus_Ada,1801440000,price_Euro,price_Pro"},
			want: []string{"2 items.1.price price_currency"}},
		{name: "two prices, named", header: "customer,start_date,currency,items.0.price,items.1.price", rows: []string{"cus_Ada,1801440000,eur,price_Pro,price_Euro"}},
		{name: "two currencies of amounts are one mistake", header: "customer,start_date,items.0.price" + adhoc + once, rows: []string{"cus_Ada,1801440000,price_Pro,700,prod_Pro,month,usd,1,prod_Setup,eur"},
			want: []string{"2 add_invoice_items.0.currency currency_mixed"}},
	} {
		c.opts = knowing(nil)
		c.run(t)
	}
	found := file(t, "x.csv", "customer,start_date,items.0.price"+adhoc+"\ncus_Ada,1801440000,price_Pro,700,prod_Pro,month,eur\n", knowing(nil)).Findings
	require.Equal(t, "currency is blank, so the row is charged in usd, the default currency of its first price; but this is in eur.", found[0].Message)
	require.Contains(t, found[0].Fix, "Write eur into the currency column")
}

// TestCouponsThatAreSpent is about coupons that cannot be redeemed, or count for nothing.
func TestCouponsThatAreSpent(t *testing.T) {
	const header = "customer,start_date,price,coupon"
	once := func(id string) []string { return []string{"cus_Ada,1801440000,price_Pro," + id} }
	limited := knowing(func(a *account.Account) {
		a.Coupons["LATE"] = account.Coupon{ID: "LATE", Valid: true, Duration: "forever", RedeemBy: 1798000000}
		a.Coupons["GONE"] = account.Coupon{ID: "GONE", Duration: "forever"}
		a.Coupons["PRO"] = account.Coupon{ID: "PRO", Valid: true, Duration: "forever", Products: []string{"prod_X", "prod_Pro"}}
	})
	for _, c := range []scenario{
		{name: "used up", rows: once("SPENT"), want: []string{"2 coupon coupon_unknown"}},
		{name: "expired by its date", rows: once("LATE"), want: []string{"2 coupon coupon_unknown"}},
		{name: "no longer valid", rows: once("GONE"), want: []string{"2 coupon coupon_unknown"}},
		{name: "expires before the start", rows: once("JANUARY"), want: []string{"2 coupon coupon_expires"}},
		{name: "starts in time", rows: []string{"cus_Ada,1799900000,price_Pro,JANUARY"}},
		{name: "for another product", rows: once("SETUP_ONLY"), want: []string{"2 coupon coupon_applies_to_nothing"}},
		{name: "for this product", rows: once("PRO")},
		{name: "rows beyond the limit", rows: []string{"cus_Ada,1801440000,price_Pro,TWICE", "cus_Ada,1801440001,price_Pro,TWICE", "cus_Ada,1801440002,price_Pro,LOYAL", "cus_Ada,1801440003,price_Pro,TWICE"},
			want: []string{"3 coupon coupon_used_up", "5 coupon coupon_used_up"}},
		{name: "a row with errors uses nothing up", rows: []string{"cus_Ada,,price_Pro,TWICE", "cus_Ada,1801440001,price_Pro,TWICE"}, want: []string{"2 start_date start_date_missing"}},
		{name: "too soon, but it will use it up", rows: []string{"cus_Ada,1798765200,price_Pro,TWICE", "cus_Ada,1801440001,price_Pro,TWICE"},
			want: []string{"2 start_date start_date_too_soon", "3 coupon coupon_used_up"}},
	} {
		c.header, c.opts = header, limited
		c.run(t)
	}
	scenario{name: "for a one-off", header: header + ",add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency",
		rows: []string{"cus_Ada,1801440000,price_Pro,SETUP_ONLY,500,prod_Setup,usd"}, opts: limited}.run(t)
	report := file(t, "x.csv", header+"\ncus_Ada,1801440000,price_Pro,TWICE\ncus_Ada,1801440001,price_Pro,TWICE\n", limited)
	require.Equal(t, []int{1, 1}, []int{report.Valid, report.Invalid})
}

// TestCouponsThatUndoingUsesUp: a direct subscription redeems its coupon when the migration runs, and a file that is undone
// and run again redeems it once more. A schedule redeems it when it goes live.
func TestCouponsThatUndoingUsesUp(t *testing.T) {
	const direct, plain = "cus_Ada,1801440000,price_Pro,1767225600,none,", "cus_Ada,1801440000,price_Pro,,none,"
	for _, c := range []struct {
		name  string
		rows  []string
		lines []int
	}{
		{"once more would do", []string{direct + "LEFT2"}, nil},
		{"not once more", []string{direct + "LEFT1"}, []int{2}},
		{"with schedules", []string{plain + "LEFT2", direct + "LEFT2"}, []int{3}},
		{"schedules alone", []string{plain + "LEFT1"}, nil},
		{"without a limit", []string{direct + "LOYAL"}, nil},
		{"invalid rows are not run", []string{direct + "LEFT2", "cus_Ada,,price_Pro,1767225600,none,LEFT2"}, nil},
		{"two coupons", []string{direct + "LEFT1", direct + "ONE"}, []int{2, 3}},
	} {
		opts := knowing(func(a *account.Account) {
			for id, limit := range map[string]int64{"LEFT1": 8, "ONE": 8, "LEFT2": 9} {
				a.Coupons[id] = account.Coupon{ID: id, Valid: true, Duration: "forever", MaxRedemptions: limit, TimesRedeemed: 7}
			}
		})
		opts.Direct = validate.DirectExact
		var lines []int
		for _, f := range file(t, "x.csv", "customer,start_date,price,backdate_start_date,proration_behavior,coupon\n"+strings.Join(c.rows, "\n")+"\n", opts).Findings {
			if f.Code == "direct_coupon_limited" {
				lines = append(lines, f.Line)
			}
		}
		require.Equal(t, c.lines, lines, c.name)
	}
}

// TestOwnDiscounts is about discounts of customers that a coupon on the row replaces.
func TestOwnDiscounts(t *testing.T) {
	for _, c := range []scenario{
		{name: "replaced", rows: []string{"cus_Loyal,1801440000,price_Pro,COMP"}, want: []string{"2 coupon coupon_replaces_discount"}},
		{name: "the same", rows: []string{"cus_Loyal,1801440000,price_Pro,LOYAL"}},
		{name: "none on the row", rows: []string{"cus_Loyal,1801440000,price_Pro,"}},
		{name: "over by then", rows: []string{"cus_Over,1801440000,price_Pro,COMP"}},
	} {
		c.header = "customer,start_date,price,coupon"
		c.opts = knowing(func(a *account.Account) {
			over := a.Customers["cus_Loyal"]
			over.Discount = &account.Discount{Coupon: over.Discount.Coupon, End: 1801440000}
			a.Customers["cus_Over"] = over
		})
		c.run(t)
	}
}

// TestFreeRows is about customers who lack what only a charge needs.
func TestFreeRows(t *testing.T) {
	const header = "customer,start_date,items.0.price,items.0.quantity,coupon,trial_end,cancel_at_period_end,collection_method,days_until_due,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency"
	const free, charged = "2 customer free_without_payment_method", "2 customer customer_no_payment_method"
	opts := knowing(func(a *account.Account) {
		a.Customers["cus_Owes"] = account.Customer{ID: "cus_Owes", Balance: 500, Currency: "usd"}
		a.Customers["cus_Comp"] = account.Customer{ID: "cus_Comp", Discount: &account.Discount{Coupon: a.Coupons["COMP"]}}
		a.Coupons["OFF20"] = account.Coupon{ID: "OFF20", Valid: true, Duration: "forever", AmountOff: 2000, Currency: "usd"}
		a.Coupons["SETUP100"] = account.Coupon{ID: "SETUP100", Valid: true, Duration: "forever", PercentOff: account.Hundred, Products: []string{"prod_Setup"}}
		a.Prices["price_UsageFree"] = account.Price{ID: "price_UsageFree", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Pro", Metered: true, Amounts: account.Fixed("usd", 0, "exclusive")}
		a.Prices["price_Usage"] = account.Price{ID: "price_Usage", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Pro", Metered: true, Amounts: account.Fixed("usd", 1, "exclusive")}
	})
	for _, c := range []struct {
		name, row string
		want      []string
	}{
		{"price of 0", "cus_Bare,1801440000,price_Free,3,,,,,,,,", []string{free}},
		{"a price", "cus_Bare,1801440000,price_Pro,,,,,,,,,", []string{charged}},
		{"100 % for ever", "cus_Bare,1801440000,price_Pro,,COMP,,,,,,,", []string{free}},
		{"100 % once", "cus_Bare,1801440000,price_Pro,,FIRST,,,,,,,", []string{"2 coupon coupon_restarts", charged}},
		{"100 % once, charged once", "cus_Bare,1801440000,price_Pro,,FIRST,,true,,,,,", []string{"2 coupon coupon_restarts", free}},
		{"100 % of the one-off only", "cus_Bare,1801440000,price_Pro,,SETUP100,,,,,500,prod_Setup,usd", []string{charged}},
		{"100 % covers one-offs", "cus_Bare,1801440000,price_Pro,,COMP,,,,,500,prod_Setup,usd", []string{free}},
		{"more off than it costs", "cus_Bare,1801440000,price_Pro,1,OFF20,,,,,,,", []string{free}},
		{"less off than it costs", "cus_Bare,1801440000,price_Pro,2,OFF20,,,,,,,", []string{charged}},
		{"own discount", "cus_Comp,1801440000,price_Pro,,,,,,,,,", []string{free}},
		{"one-off", "cus_Bare,1801440000,price_Free,,,,,,,500,prod_Setup,usd", []string{charged}},
		{"one-off of 0", "cus_Bare,1801440000,price_Free,,,,,,,0,prod_Setup,usd", []string{free}},
		{"ends with its trial", "cus_Bare,1801440000,price_Pro,,,1802649600,TRUE,,,,,", []string{"2 cancel_at_period_end cancel_in_trial", free}},
		{"charged after its trial", "cus_Bare,1801440000,price_Pro,,,1802649600,,,,,,", []string{charged}},
		{"debt", "cus_Owes,1801440000,price_Free,,,,,,,,,", []string{"2 customer customer_no_payment_method"}},
		{"flat fee", "cus_Bare,1801440000,price_Tiers,0,,,,,,,,", []string{"2 items.0.quantity quantity_zero", charged}},
		{"quantity of 0", "cus_Bare,1801440000,price_Pro,0,,,,,,,,", []string{"2 items.0.quantity quantity_zero", free}},
		{"usage that costs nothing", "cus_Bare,1801440000,price_UsageFree,,,,,,,,,", []string{free}},
		{"usage", "cus_Bare,1801440000,price_Usage,,,,,,,,,", []string{charged}},
		{"invoices, free", "cus_Bare,1801440000,price_Free,,,,,send_invoice,30,,,", []string{"2 customer free_without_email"}},
		{"invoices", "cus_Bare,1801440000,price_Pro,,,,,send_invoice,30,,,", []string{"2 customer customer_no_email"}},
		{"amounts not looked up", "cus_Bare,1801440000,price_Year,,,,,,,,,", []string{charged}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.ElementsMatch(t, c.want, said(t, header+"\n"+c.row+"\n", opts))
		})
	}
}

// TestRepeatedOneOffs compares one-off items with what the row sells.
func TestRepeatedOneOffs(t *testing.T) {
	const once = ",add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency"
	again := []string{"2 add_invoice_items.0.amount invoice_item_repeats"}
	for _, c := range []scenario{
		{name: "price", header: "customer,start_date,price,quantity" + once, rows: []string{"cus_Ada,1801440000,price_Pro,,1999,prod_Pro,usd"}, opts: knowing(nil), want: again},
		{name: "price by its quantity", header: "customer,start_date,price,quantity" + once, rows: []string{"cus_Ada,1801440000,price_Pro,3,5997,prod_Pro,usd"}, opts: knowing(nil), want: again},
		{name: "second item", header: "customer,start_date,items.0.price,items.1.price" + once, rows: []string{"cus_Ada,1801440000,price_Free,price_Pro,1999,prod_Pro,usd"}, opts: knowing(nil), want: again},
		{name: "another one-off", header: "customer,start_date,price" + once + strings.ReplaceAll(once, ".0.", ".1."), rows: []string{"cus_Ada,1801440000,price_Pro,700,prod_Setup,usd,700,prod_Setup,usd"},
			want: []string{"2 add_invoice_items.1.amount invoice_item_repeats"}},
		{name: "other product", header: "customer,start_date,price,quantity" + once, rows: []string{"cus_Ada,1801440000,price_Pro,,1999,prod_Setup,usd"}, opts: knowing(nil)},
		{name: "other amount", header: "customer,start_date,price,quantity" + once, rows: []string{"cus_Ada,1801440000,price_Pro,,1998,prod_Pro,usd"}, opts: knowing(nil)},
		{name: "nothing", header: "customer,start_date,price,quantity" + once, rows: []string{"cus_Ada,1801440000,price_Free,,0,prod_Pro,usd"}, opts: knowing(nil)},
		{name: "not looked up", header: "customer,start_date,price,quantity" + once, rows: []string{"cus_Ada,1801440000,price_Pro,,1999,prod_Pro,usd"}},
		{name: "ad-hoc, offline", header: adhocHeader + once, rows: []string{"cus_Ada,1801440000,500,prod_Pro,month,usd,500,prod_Pro,usd"}, want: again},
	} {
		c.run(t)
	}
}

// TestUnspecifiedTax is about amounts of which Stripe Tax is not told whether they include it.
func TestUnspecifiedTax(t *testing.T) {
	opts := knowing(func(a *account.Account) {
		both := a.Prices["price_Pro"]
		both.Amounts = map[string]account.PriceAmount{"usd": {Unit: decimal.NewFromInt(1), TaxBehavior: "exclusive"}, "eur": {Unit: decimal.NewFromInt(1), TaxBehavior: "unspecified"}}
		a.Prices["price_Both"] = both
	})
	for _, c := range []scenario{
		{name: "in the row's currency", header: "customer,start_date,price,currency,automatic_tax", rows: []string{"cus_Ada,1801440000,price_Both,eur,TRUE"}, opts: opts, want: []string{"2 price tax_behavior_unspecified"}},
		{name: "in another currency", header: "customer,start_date,price,currency,automatic_tax", rows: []string{"cus_Ada,1801440000,price_Both,,TRUE"}, opts: opts},
		{name: "without Stripe Tax", header: "customer,start_date,items.0.price,automatic_tax", rows: []string{"cus_Ada,1801440000,price_Untaxed,false"}, opts: opts},
		{name: "second item", header: "customer,start_date,items.0.price,items.1.price,automatic_tax", rows: []string{"cus_Ada,1801440000,price_Pro,price_Untaxed,true"}, opts: opts, want: []string{"2 items.1.price tax_behavior_unspecified"}},
		{name: "amounts of the file", header: adhocHeader + ",automatic_tax", rows: []string{"cus_Ada,1801440000,500,prod_Pro,month,usd,true"}, want: []string{"2 adhoc_items.0.amount tax_behavior_unspecified"}},
	} {
		c.run(t)
	}
}

// TestTotals is about what a quantity of a price comes to.
func TestTotals(t *testing.T) {
	opts := knowing(func(a *account.Account) {
		tiers := a.Prices["price_Tiers"]
		tiers.Volume = true
		tiers.Amounts = map[string]account.PriceAmount{"usd": {Tiers: []account.Tier{{UpTo: 10, Unit: decimal.NewFromInt(20_000_000)}, {Unit: decimal.NewFromInt(1)}}}}
		a.Prices["price_Volume"] = tiers
		tiers.Volume = false
		a.Prices["price_Graduated"] = tiers
		fine := a.Prices["price_Pro"]
		fine.Amounts = map[string]account.PriceAmount{"usd": {Unit: decimal.RequireFromString("0.5")}}
		a.Prices["price_Fine"] = fine
	})
	for _, c := range []struct {
		price    string
		quantity int
		want     []string
	}{
		{"price_Pro", 50_025, nil}, // 99,999,975
		{"price_Pro", 50_026, []string{"2 items.0.quantity total_large"}},
		{"price_Volume", 5, []string{"2 items.0.quantity total_large"}},
		{"price_Volume", 11, nil},
		{"price_Graduated", 4, nil},
		{"price_Graduated", 11, []string{"2 items.0.quantity total_large"}},
		{"price_Fine", 199_999_998, nil},
		{"price_Fine", 200_000_000, []string{"2 items.0.quantity total_large"}},
		{"price_Tiers", 0, []string{"2 items.0.quantity quantity_zero"}},
	} {
		require.Equal(t, c.want, said(t, fmt.Sprintf("customer,start_date,items.0.price,items.0.quantity\ncus_Ada,1801440000,%s,%d\n", c.price, c.quantity), opts), "%d of %s", c.quantity, c.price)
	}
	zero := func(price string, opts validate.Options) string {
		return file(t, "x.csv", "customer,start_date,price,quantity\ncus_Ada,1801440000,"+price+",0\n", opts).Findings[0].Message
	}
	require.Equal(t, "a quantity of 0 still owes the flat fee of the price's first tier, 3.00 USD.", zero("price_Tiers", opts))
	require.Equal(t, "a quantity of 0 charges nothing.", zero("price_Pro", opts))
	require.Equal(t, "a quantity of 0 charges nothing, unless the price has tiers: the flat fee of the first one is owed all the same.", zero("price_Pro", minorUnits()))
}

// A customer's own discount over an amount counts like a subscription in its currency; an amount in the row's will do.
func TestTheCurrencyOfACustomersDiscountCounts(t *testing.T) {
	discount := &account.Discount{Coupon: account.Coupon{ID: "FIVE", AmountOff: 500, Currency: "eur"}}
	opts := minorUnits()
	opts.Account = &account.Account{
		Prices:    map[string]account.Price{"price_Pro": {ID: "price_Pro", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Amounts: account.Fixed("usd", 1999, "exclusive")}},
		Customers: map[string]account.Customer{"cus_Ada": {ID: "cus_Ada", HasPaymentMethod: true, Discount: discount}},
	}
	const file = "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n"
	require.Contains(t, strings.Join(said(t, file, opts), "\n"), "customer_currency")
	discount.Coupon.AmountsOff = map[string]int64{"usd": 600}
	require.NotContains(t, strings.Join(said(t, file, opts), "\n"), "customer_currency")
}

// TestDebtInTrial: what a customer owes from before is collected with the trial's invoice of 0 as well.
func TestDebtInTrial(t *testing.T) {
	row := &csvspec.Row{Customer: "cus_Owes", StartDate: 1801440000, Price: "price_Pro", TrialEnd: 1802649600, CancelAtPeriodEnd: true}
	message := func(customers map[string]account.Customer) string {
		opts := minorUnits()
		opts.Account = exampleAccount()
		opts.Account.Customers = customers
		for _, f := range validate.Row(row, opts) {
			if f.Code == "cancel_in_trial" {
				return f.Message
			}
		}
		return ""
	}
	const nothing = "the subscription ends when its trial ends, without a charge for what it sells."
	require.Equal(t, nothing+" The customer's debt of 12.00 EUR is collected all the same, with the first invoice.",
		message(map[string]account.Customer{"cus_Owes": {ID: "cus_Owes", Balance: 1200, Currency: "eur", HasPaymentMethod: true}}))
	require.Equal(t, nothing, message(map[string]account.Customer{"cus_Owes": {ID: "cus_Owes", Balance: -1200, Currency: "eur", HasPaymentMethod: true}}))
	require.Equal(t, nothing+" A debt of the customer is collected all the same, with the first invoice.", message(nil))
}
