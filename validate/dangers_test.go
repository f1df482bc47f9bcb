package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// knowing are options with the account of the examples, changed for the test.
func knowing(change func(*account.Account)) validate.Options {
	opts := minorUnits()
	opts.Account = exampleAccount()
	if change != nil {
		change(opts.Account)
	}
	return opts
}

// bare is an account of which only customers are known.
func bare(a *account.Account) { *a = account.Account{Customers: a.Customers} }

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
	missing := knowing(func(a *account.Account) { delete(a.Products, "prod_Pro") })
	scenario{name: "not looked up", header: "customer,start_date,price", rows: []string{"cus_Ada,1801440000,price_Pro"}, opts: missing}.run(t)
}

// TestRenewalDays is about days that shorter months lack.
func TestRenewalDays(t *testing.T) {
	const header = "customer,start_date,price,backdate_start_date,billing_cycle_anchor,proration_behavior,cancel_at_period_end"
	const kept = "2 backdate_start_date backdate_in_metadata"
	opts := knowing(func(a *account.Account) {
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

// TestZerosOfSpreadsheets is about long numbers of which a spreadsheet has kept 15 digits.
func TestZerosOfSpreadsheets(t *testing.T) {
	const header = "customer,start_date,price,metadata.third_party_sub_id"
	twice := func(id string) []string {
		return []string{"cus_Ada,1801440000,price_Pro," + id, "cus_Ada,1801526400,price_Pro," + id}
	}
	for _, c := range []scenario{
		{name: "18 digits", rows: twice("205000000000017000"), want: []string{"2  source_id_zeros", "3  source_id_duplicate"}},
		{name: "16 digits", rows: twice("2050000000000170"), want: []string{"3  source_id_duplicate"}},
		{name: "one that is whole", rows: append(twice("205000000000017000"), "cus_Bob,1801440000,price_Pro,205000000000017001"), want: []string{"3  source_id_duplicate"}},
		{name: "15 digits", rows: twice("205000000000000"), want: []string{"3  source_id_duplicate"}},
		{name: "a word", rows: twice("S-205000000000017000"), want: []string{"3  source_id_duplicate"}},
	} {
		c.header = header
		c.run(t)
	}
	found := findings(t, header+"\n"+strings.Join(twice("205000000000017000"), "\n")+"\n")
	require.Equal(t, "2 source IDs of the file have more than 15 digits, and all the digits behind those are 0.", found[0].Message)
	require.Contains(t, found[1].Fix, "Delete neither of the two rows yet")
}

// TestLegacyCustomers have IDs that somebody chose.
func TestLegacyCustomers(t *testing.T) {
	opts := knowing(func(a *account.Account) {
		a.Customers["user_17"] = account.Customer{ID: "user_17", HasPaymentMethod: true}
	})
	scenario{name: "the account has it", header: "customer,start_date,price", rows: []string{"user_17,1801440000,price_Pro"}, opts: opts}.run(t)
	scenario{name: "the account lacks it", header: "customer,start_date,price", rows: []string{"user_18,1801440000,price_Pro"}, opts: opts, want: []string{"2 customer customer_not_an_id"}}.run(t)
	scenario{name: "the account is unknown", header: "customer,start_date,price", rows: []string{"user_17,1801440000,price_Pro"}, want: []string{"2 customer customer_not_an_id"}}.run(t)
	require.Contains(t, findings(t, "customer,start_date,price\nuser_17,1801440000,price_Pro\n")[0].Message, "only the account can tell")
	later := minorUnits()
	later.Looking = true
	for id, want := range map[string][]string{"user_17": nil, "550e8400-e29b-41d4": nil, "Ada Lovelace": {"2 customer customer_not_an_id"}, "ada@example.com": {"2 customer customer_not_an_id"}, "sub_17": {"2 customer customer_not_an_id"}} {
		require.Equal(t, want, said(t, "customer,start_date,price\n"+id+",1801440000,price_Pro\n", later), "only the account can judge some, and will: %s", id)
	}
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
