package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// knowing are options with the account of the examples, changed for the test.
func knowing(change func(*validate.Account)) validate.Options {
	opts := minorUnits()
	opts.Account = account()
	if change != nil {
		change(opts.Account)
	}
	return opts
}

// bare is an account of which only customers are known.
func bare(a *validate.Account) { *a = validate.Account{Customers: a.Customers} }

// scenario is a file of a header and some rows, and what is said of it.
type scenario struct {
	name, header string
	rows         []string
	opts         validate.Options
	want         []string
}

func (s scenario) run(t *testing.T) {
	t.Helper()
	t.Run(s.name, func(t *testing.T) {
		if s.opts.Now.IsZero() {
			s.opts = minorUnits()
		}
		require.Equal(t, s.want, said(t, s.header+"\n"+strings.Join(s.rows, "\n")+"\n", s.opts))
	})
}

// TestCanceledCustomers is about rows that end at the end of a period: who has canceled may have paid for it already.
func TestCanceledCustomers(t *testing.T) {
	const header = "customer,start_date,price,trial_end,billing_cycle_anchor,proration_behavior,cancel_at_period_end"
	again := []string{"2 cancel_at_period_end canceled_pays_again"}
	for _, c := range []scenario{
		{name: "offline", rows: []string{"cus_Ada,1801440000,price_Pro,,,,true"}, want: again},
		{name: "written by a spreadsheet", rows: []string{"cus_Ada,1801440000,price_Pro,,,none,TRUE"}, want: again},
		{name: "anchor at the start", rows: []string{"cus_Ada,1801440000,price_Pro,,1801440000,none,true"}, want: again},
		{name: "anchor a period later", rows: []string{"cus_Ada,1801440000,price_Pro,,1803859200,none,true"}, opts: knowing(nil), want: again},
		{name: "free until the anchor", rows: []string{"cus_Ada,1801440000,price_Pro,,1802649600,none,true"}, opts: knowing(nil)},
		{name: "the anchor cannot be judged", rows: []string{"cus_Ada,1801440000,price_Pro,,1802649600,none,true"},
			want: []string{"0  account_unknown"}},
		{name: "trial", rows: []string{"cus_Ada,1801440000,price_Pro,1802649600,,,true"}, opts: knowing(nil),
			want: []string{"2 cancel_at_period_end cancel_in_trial"}},
		{name: "nothing to pay", rows: []string{"cus_Ada,1801440000,price_Free,,,,true"}, opts: knowing(nil)},
		{name: "goes on", rows: []string{"cus_Ada,1801440000,price_Pro,,,,false", "cus_Bob,1801440000,price_Pro,,,,"}},
	} {
		c.header = header
		c.run(t)
	}
	scenario{name: "several prices", header: "customer,start_date,items.0.price,items.1.price,cancel_at_period_end",
		rows: []string{"cus_Ada,1801440000,price_Pro,price_Tiers,true"}, want: again}.run(t)
}

// TestOneCurrencyPerCustomer compares the rows of a customer with each other, and with the account.
func TestOneCurrencyPerCustomer(t *testing.T) {
	const header = "customer,start_date,price,currency,metadata.third_party_sub_id"
	for _, c := range []scenario{
		{name: "named", rows: []string{"cus_Ada,1801440000,price_Pro,usd,a1", "cus_Bob,1801440000,price_Pro,eur,b1", "cus_Ada,1801526400,price_Pro,eur,a2", "cus_Ada,1801526400,price_Pro,EUR,a3", "cus_Ada,1801526400,price_Pro,usd,a4"},
			want: []string{"4  customer_currencies", "5  customer_currencies", "5 currency currency_case"}},
		{name: "by the price", rows: []string{"cus_Ada,1801440000,price_Pro,,a1", "cus_Ada,1801440000,price_Euro,,a2"}, opts: knowing(nil), want: []string{"3  customer_currencies"}},
		{name: "by the price of one, named by the other", rows: []string{"cus_Ada,1801440000,price_Pro,,a1", "cus_Ada,1801440000,price_Pro,eur,a2"}, opts: knowing(nil), want: []string{"3  customer_currencies"}},
		{name: "offline nothing is known of prices", rows: []string{"cus_Ada,1801440000,price_Pro,,a1", "cus_Ada,1801440000,price_Euro,,a2", "cus_Ada,1801440000,price_Euro,eur,a3"}},
		{name: "as the customer has it", rows: []string{"cus_Euro,1801440000,price_Pro,eur,a1", "cus_Euro,1801440000,price_Euro,,a2"}, opts: knowing(nil)},
		{name: "not as the customer has it", rows: []string{"cus_Euro,1801440000,price_Pro,,a1", "cus_Euro,1801440000,price_Pro,usd,a2", "cus_Euro,1801440000,price_Pro,eur,a3"}, opts: knowing(nil),
			want: []string{"2 customer customer_currency", "3 currency customer_currency"}},
		{name: "only the customer is known", rows: []string{"cus_Euro,1801440000,price_Pro,,a1", "cus_Euro,1801440000,price_Pro,usd,a2"}, opts: knowing(bare),
			want: []string{"3 currency customer_currency"}},
	} {
		c.header = header
		c.run(t)
	}
	scenario{name: "by amounts of the file", header: adhocHeader, rows: []string{"cus_Ada,1801440000,700,prod_Pro,month,usd", "cus_Ada,1801526400,700,prod_Pro,month,eur"},
		want: []string{"3  customer_currencies"}}.run(t)
	scenario{name: "by a one-off", header: "customer,start_date,price,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency",
		rows: []string{"cus_Ada,1801440000,price_Pro,700,prod_Pro,usd", "cus_Ada,1801526400,price_Pro,700,prod_Pro,eur"}, want: []string{"3  customer_currencies"}}.run(t)
	text := adhocHeader + "\n" + "cus_Ada,1801440000,700,prod_Pro,month,usd\ncus_Ada,1801526400,700,prod_Pro,month,eur\n"
	require.Equal(t, "line 2 charges the same customer in usd, this row in eur: Stripe keeps one currency for a customer.", findings(t, text)[0].Message)
}

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

// TestArchivedProducts reaches an archived product from everywhere.
func TestArchivedProducts(t *testing.T) {
	for _, c := range []scenario{
		{name: "price", header: "customer,start_date,price", rows: []string{"cus_Ada,1801440000,price_Legacy"}, want: []string{"2 price price_inactive"}},
		{name: "items", header: "customer,start_date,items.0.price,items.1.price", rows: []string{"cus_Ada,1801440000,price_Pro,price_Legacy"}, want: []string{"2 items.1.price price_inactive"}},
		{name: "ad-hoc", header: adhocHeader, rows: []string{"cus_Ada,1801440000,700,prod_Legacy,month,usd"}, want: []string{"2 adhoc_items.0.product product_unknown"}},
		{name: "one-off", header: "customer,start_date,price,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency",
			rows: []string{"cus_Ada,1801440000,price_Pro,700,prod_Legacy,usd"}, want: []string{"2 add_invoice_items.0.product product_unknown"}},
	} {
		c.opts = knowing(nil)
		c.run(t)
	}
	missing := knowing(func(a *validate.Account) { delete(a.Products, "prod_Pro") })
	scenario{name: "not looked up", header: "customer,start_date,price", rows: []string{"cus_Ada,1801440000,price_Pro"}, opts: missing}.run(t)
}

// TestCouponsThatAreSpent is about coupons that cannot be redeemed, or count for nothing.
func TestCouponsThatAreSpent(t *testing.T) {
	const header = "customer,start_date,price,coupon"
	once := func(id string) []string { return []string{"cus_Ada,1801440000,price_Pro," + id} }
	limited := knowing(func(a *validate.Account) {
		a.Coupons["LATE"] = validate.Coupon{ID: "LATE", Valid: true, Duration: "forever", RedeemBy: 1798000000}
		a.Coupons["GONE"] = validate.Coupon{ID: "GONE", Duration: "forever"}
		a.Coupons["PRO"] = validate.Coupon{ID: "PRO", Valid: true, Duration: "forever", Products: []string{"prod_X", "prod_Pro"}}
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

// TestOwnDiscounts is about discounts of customers that a coupon on the row replaces.
func TestOwnDiscounts(t *testing.T) {
	for _, c := range []scenario{
		{name: "replaced", rows: []string{"cus_Loyal,1801440000,price_Pro,COMP"}, want: []string{"2 coupon coupon_replaces_discount"}},
		{name: "the same", rows: []string{"cus_Loyal,1801440000,price_Pro,LOYAL"}},
		{name: "none on the row", rows: []string{"cus_Loyal,1801440000,price_Pro,"}},
		{name: "over by then", rows: []string{"cus_Over,1801440000,price_Pro,COMP"}},
	} {
		c.header = "customer,start_date,price,coupon"
		c.opts = knowing(func(a *validate.Account) {
			over := a.Customers["cus_Loyal"]
			over.Discount = &validate.Discount{Coupon: over.Discount.Coupon, End: 1801440000}
			a.Customers["cus_Over"] = over
		})
		c.run(t)
	}
}

// TestFreeRows is about customers who lack what only a charge needs.
func TestFreeRows(t *testing.T) {
	const header = "customer,start_date,items.0.price,items.0.quantity,coupon,trial_end,cancel_at_period_end,collection_method,days_until_due,add_invoice_items.0.amount,add_invoice_items.0.product,add_invoice_items.0.currency"
	const free, charged = "2 customer free_without_payment_method", "2 customer customer_no_payment_method"
	opts := knowing(func(a *validate.Account) {
		a.Customers["cus_Owes"] = validate.Customer{ID: "cus_Owes", Balance: 500, Currency: "usd"}
		a.Customers["cus_Comp"] = validate.Customer{ID: "cus_Comp", Discount: &validate.Discount{Coupon: a.Coupons["COMP"]}}
		a.Coupons["OFF20"] = validate.Coupon{ID: "OFF20", Valid: true, Duration: "forever", AmountOff: 2000, Currency: "usd"}
		a.Coupons["SETUP100"] = validate.Coupon{ID: "SETUP100", Valid: true, Duration: "forever", PercentOff: validate.Hundred, Products: []string{"prod_Setup"}}
		a.Prices["price_UsageFree"] = validate.Price{ID: "price_UsageFree", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Pro", Metered: true, Amounts: validate.Fixed("usd", 0, "exclusive")}
		a.Prices["price_Usage"] = validate.Price{ID: "price_Usage", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Pro", Metered: true, Amounts: validate.Fixed("usd", 1, "exclusive")}
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

// TestRenewalDays is about days that shorter months lack.
func TestRenewalDays(t *testing.T) {
	const header = "customer,start_date,price,backdate_start_date,billing_cycle_anchor,proration_behavior,cancel_at_period_end"
	const kept = "2 backdate_start_date backdate_in_metadata"
	opts := knowing(func(a *validate.Account) {
		week := a.Prices["price_Pro"]
		week.Interval = "week"
		quarter := a.Prices["price_Pro"]
		quarter.IntervalCount = 3
		a.Prices["price_Week"], a.Prices["price_Quarter"] = week, quarter
	})
	const jan31, jan30, mar31, feb29, nov30 = 1706659200, 1706572800, 1711843200, 1709164800, 1701302400 // 2024; 2023-11-30
	const feb28of2027, apr30, mar30, mar31of2027, feb20 = 1803772800, 1809043200, 1806364800, 1806451200, 1803081600
	row := func(start int, price string, backdate int, anchor any, cancel string) string {
		return fmt.Sprintf("cus_Ada,%d,%s,%d,%v,none,%s", start, price, backdate, anchor, cancel)
	}
	for _, c := range []struct {
		name, row, want string
	}{
		{"31 January", row(feb28of2027, "price_Pro", jan31, "", ""), "2 start_date renewal_day_moves"},
		{"30 January", row(feb28of2027, "price_Pro", jan30, "", ""), "2 start_date renewal_day_moves"},
		{"30 April", row(apr30, "price_Pro", mar31, "", ""), "2 start_date renewal_day_moves"},
		{"on its day", row(mar31of2027, "price_Pro", jan31, "", ""), ""},
		{"the day before", row(mar30, "price_Pro", jan31, "", ""), ""},
		{"by the anchor", row(feb20, "price_Pro", jan31, feb28of2027, ""), "2 billing_cycle_anchor renewal_day_moves"},
		{"ends there", row(feb28of2027, "price_Pro", jan31, "", "true"), "2 cancel_at_period_end canceled_pays_again"},
		{"weekly", row(feb28of2027, "price_Week", jan31, "", ""), ""},
		{"yearly from 29 February", row(feb28of2027, "price_Year", feb29, "", ""), "2 start_date renewal_day_moves"},
		{"yearly from another month", row(feb28of2027, "price_Year", jan31, "", ""), ""},
		{"every three months", row(feb28of2027, "price_Quarter", nov30, "", ""), "2 start_date renewal_day_moves"},
		{"every three months, another month", row(feb28of2027, "price_Quarter", jan31, "", ""), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := []string{kept}
			if c.want != "" {
				want = append(want, c.want)
			}
			require.ElementsMatch(t, want, said(t, header+"\n"+c.row+"\n", opts))
		})
	}
	offline := said(t, header+"\n"+row(feb28of2027, "price_Pro", jan31, "", "")+"\n", minorUnits())
	require.ElementsMatch(t, []string{"0  account_unknown", kept}, offline, "without the price it cannot be told")
}

// TestRoundedIDs is about what spreadsheets leave of long numbers.
func TestRoundedIDs(t *testing.T) {
	for _, id := range []string{"2.05E+15", "2,05E+15", "1.23457E+17", "2E+15", "2.05e+15", "1.5E+100", "2.05E15"} {
		for column, text := range map[string]string{
			"customer":                    "customer,start_date,price\n%s,1801440000,price_Pro\n",
			"price":                       "customer,start_date,price\ncus_Ada,1801440000,%s\n",
			"items.0.price":               "customer,start_date,items.0.price\ncus_Ada,1801440000,%s\n",
			"coupon":                      "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,%s\n",
			"default_tax_rate":            "customer,start_date,price,default_tax_rate\ncus_Ada,1801440000,price_Pro,%s\n",
			"adhoc_items.0.product":       adhocHeader + "\ncus_Ada,1801440000,500,%s,month,usd\n",
			"metadata.old_Stripe_sub_id":  "customer,start_date,price,metadata.old_Stripe_sub_id\ncus_Ada,1801440000,price_Pro,%s\n",
			"metadata_third_party_sub_id": "customer,start_date,price,metadata_third_party_sub_id\ncus_Ada,1801440000,price_Pro,%s\n",
			"metadata.order":              "customer,start_date,price,metadata.order\ncus_Ada,1801440000,price_Pro,%s\n",
		} {
			for _, opts := range []validate.Options{minorUnits(), knowing(nil)} {
				require.Equal(t, []string{"2 " + column + " id_rounded"}, said(t, fmt.Sprintf(text, `"`+id+`"`), opts), "%s %s", column, id)
			}
		}
	}
	for _, id := range []string{"2E15", "E+15", "1.E+15", "2.05E+", "2.05E+1x", "205000000000000017", "S-2.05E+15", "2.05"} {
		require.Empty(t, findings(t, "customer,start_date,price,metadata.order\ncus_Ada,1801440000,price_Pro,"+id+"\n"), id)
	}
	twice := "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,2.05E+15\ncus_Ada,1801440000,price_Pro,2.05E+15\ncus_Bob,1801440000,price_Pro,2.05E+15\n"
	const rounded = "metadata.third_party_sub_id id_rounded"
	require.Equal(t, []string{"2 " + rounded, "3 " + rounded, "4 " + rounded}, said(t, twice, minorUnits()), "never told to delete one of them")
}

// TestSourceIDs belong to a customer.
func TestSourceIDs(t *testing.T) {
	const header = "customer,start_date,price,metadata.third_party_sub_id"
	for _, c := range []scenario{
		{name: "same customer", rows: []string{"cus_Ada,1801440000,price_Pro,S-1", "cus_Ada,1801526400,price_Year,S-1"}, want: []string{"3  source_id_duplicate"}},
		{name: "other customers", rows: []string{"cus_Ada,1801440000,price_Pro,S-1", "cus_Bob,1801526400,price_Year,S-1", "cus_Cem,1801526400,price_Year,S-1"}, want: []string{"3  source_id_shared"}},
		{name: "both", rows: []string{"cus_Ada,1801440000,price_Pro,S-1", "cus_Bob,1801526400,price_Year,S-1", "cus_Ada,1801526400,price_Year,S-1"}, want: []string{"3  source_id_shared", "4  source_id_duplicate"}},
	} {
		c.header = header
		c.run(t)
	}
	found := findings(t, header+"\ncus_Ada,1801440000,price_Pro,S-1\ncus_Bob,1801440000,price_Pro,S-1\ncus_Cem,1801440000,price_Pro,S-1\n")
	require.Equal(t, "line 2 has the same source ID (metadata third_party_sub_id or old_Stripe_sub_id) for another customer. So it is with 1 further row.", found[0].Message)
}

// TestLegacyCustomers have IDs that somebody chose.
func TestLegacyCustomers(t *testing.T) {
	opts := knowing(func(a *validate.Account) {
		a.Customers["user_17"] = validate.Customer{ID: "user_17", HasPaymentMethod: true}
	})
	scenario{name: "the account has it", header: "customer,start_date,price", rows: []string{"user_17,1801440000,price_Pro"}, opts: opts}.run(t)
	scenario{name: "the account lacks it", header: "customer,start_date,price", rows: []string{"user_18,1801440000,price_Pro"}, opts: opts, want: []string{"2 customer customer_not_an_id"}}.run(t)
	scenario{name: "the account is unknown", header: "customer,start_date,price", rows: []string{"user_17,1801440000,price_Pro"}, want: []string{"2 customer customer_not_an_id"}}.run(t)
	require.Contains(t, findings(t, "customer,start_date,price\nuser_17,1801440000,price_Pro\n")[0].Message, "only the account can tell")
	built := row("2027-02-01", "month", func(*csvspec.Row) {})
	built.Customer = "user_17"
	require.Empty(t, validate.Row(built, opts))
}

// TestMidnights is about starts that fall on midnight somewhere: a habit takes several of them.
func TestMidnights(t *testing.T) {
	rows := func(starts ...int) string {
		text := "customer,start_date,price\n"
		for i, start := range starts {
			text += fmt.Sprintf("cus_%d,%d,price_Pro\n", i, start)
		}
		return text
	}
	const berlin, day = 1801436400, 86400
	require.Empty(t, findings(t, rows(berlin, berlin, berlin, berlin, berlin)), "they renew together")
	require.Empty(t, findings(t, rows(berlin, berlin, berlin, berlin+day, berlin+day)), "twice is no habit")
	require.Equal(t, []string{"start_at_midnight"}, codes(findings(t, rows(berlin, berlin, berlin, berlin+day, berlin+9*day))))
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
	opts := knowing(func(a *validate.Account) {
		both := a.Prices["price_Pro"]
		both.Amounts = map[string]validate.PriceAmount{"usd": {Unit: decimal.NewFromInt(1), TaxBehavior: "exclusive"}, "eur": {Unit: decimal.NewFromInt(1), TaxBehavior: "unspecified"}}
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
	opts := knowing(func(a *validate.Account) {
		tiers := a.Prices["price_Tiers"]
		tiers.Volume = true
		tiers.Amounts = map[string]validate.PriceAmount{"usd": {Tiers: []validate.Tier{{UpTo: 10, Unit: decimal.NewFromInt(20_000_000)}, {Unit: decimal.NewFromInt(1)}}}}
		a.Prices["price_Volume"] = tiers
		tiers.Volume = false
		a.Prices["price_Graduated"] = tiers
		fine := a.Prices["price_Pro"]
		fine.Amounts = map[string]validate.PriceAmount{"usd": {Unit: decimal.RequireFromString("0.5")}}
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
