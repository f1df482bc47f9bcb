package validate_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// said returns what is found in a file, one line each: the place, the code, and what follows from them.
func said(t *testing.T, text string, opts validate.Options) []string {
	t.Helper()
	var list []string
	for _, f := range file(t, "x.csv", text, opts).Findings {
		list = append(list, fmt.Sprintf("%d %s %s", f.Line, f.Column, f.Code))
	}
	return list
}

const adhocHeader = "customer,start_date,adhoc_items.0.amount,adhoc_items.0.product,adhoc_items.0.interval,adhoc_items.0.currency"

// TestOneMistakeOneFinding is about mistakes from which others seem to follow.
func TestOneMistakeOneFinding(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"the same price three times", "customer,start_date,items.0.price,items.1.price,items.2.price,items.3.price\ncus_Ada,1801440000,price_Pro,price_Seat,price_Pro,price_Pro\n",
			[]string{"2 items.2.price price_duplicate", "2 items.3.price price_duplicate"}},
		{"the price once more as an item", "customer,start_date,price,items.0.price\ncus_Ada,1801440000,price_Pro,price_Pro\n",
			[]string{"2 items.0.price price_duplicate"}},
		{"the price once more, and another one", "customer,start_date,price,items.0.price,items.1.price\ncus_Ada,1801440000,price_Pro,price_Pro,price_Seat\n",
			[]string{"2 price templates_mixed", "2 items.0.price price_duplicate"}},
		{"prices that differ", "customer,start_date,items.0.price,items.1.price\ncus_Ada,1801440000,price_Pro,price_pro\n", nil},
		{"a remark above the header", "# exported by billing, do not edit\ncustomer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
			[]string{"1  header_missing"}},
		{"lines of JSON", "{\"customer\":\"cus_Ada\",\"start_date\":1801440000,\"price\":\"price_Pro\"}\n{\"customer\":\"cus_Bob\",\"start_date\":1801440000}\n",
			[]string{"1  header_missing"}},
		{"a web page", "<!DOCTYPE html>\n<body>Sign in, please, to go on.</body>\n", []string{"1  header_missing"}},
		{"a remark that is a header", "# customer,start_date,price\ncus_Ada,1801440000,price_Pro\n", []string{"1 # customer column_unknown"}},
		{"pipes", "customer|start_date|price\ncus_Ada|1801440000|price_Pro\n", []string{"1  header_missing"}},
		{"the original start, and the next renewal as the anchor", adhocHeader + ",billing_cycle_anchor\ncus_Ada,1740787200,1999,prod_Pro,month,usd,1801440000\n",
			[]string{"2 start_date start_date_in_past"}},
		{"the original start, and a trial", adhocHeader + ",trial_end\ncus_Ada,1740787200,1999,prod_Pro,month,usd,1801440000\n",
			[]string{"2 start_date start_date_in_past"}},
		{"trial and anchor after the first period", adhocHeader + ",trial_end,billing_cycle_anchor\ncus_Ada,1801440000,1999,prod_Pro,month,usd,1806451200,1806451200\n",
			[]string{"2 trial_end trial_end_too_late"}},
		{"a trial after the first period, and an anchor inside", adhocHeader + ",trial_end,billing_cycle_anchor\ncus_Ada,1801440000,1999,prod_Pro,month,usd,1806451200,1802649600\n",
			[]string{"2 trial_end trial_end_too_late"}},
		{"a word in place of source IDs", "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,N/A\ncus_Bob,1801440000,price_Pro,N/A\n", nil},
		{"items that count from 1", "customer,start_date,items.1.price,items.2.price\ncus_Ada,1801440000,price_Pro,price_Seat\ncus_Bob,1801440000,price_Pro,\n",
			[]string{"1 items.1.price item_gap"}},
		{"items with a gap in the header and one in a row", "customer,start_date,items.0.price,items.1.price,items.3.price\ncus_Ada,1801440000,price_Pro,price_Seat,price_Max\ncus_Bob,1801440000,,price_Pro,\n",
			[]string{"1 items.3.price item_gap", "3 items.0.price item_gap"}},
		{"three items, of which the first is odd", adhocHeader + ",adhoc_items.1.amount,adhoc_items.1.product,adhoc_items.1.interval,adhoc_items.1.currency,adhoc_items.2.amount,adhoc_items.2.product,adhoc_items.2.interval,adhoc_items.2.currency\n" +
			"cus_Ada,1801440000,100,prod_A,month,eur,100,prod_B,year,usd,100,prod_C,year,usd\n",
			[]string{"2 adhoc_items.1.interval interval_mixed", "2 adhoc_items.1.currency currency_mixed"}},
		{"the key of source subscriptions in other capitals", "customer,start_date,price,metadata.source,metadata_old_stripe_sub_id\ncus_Ada,1801440000,price_Pro,internal:Stripe,sub_1\ncus_Bob,1801440000,price_Pro,internal:Stripe,sub_2\n",
			[]string{"1 metadata_old_stripe_sub_id old_subscription_id"}},
		{"how many rows a database printed", "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n(1 row)\n", []string{"3 customer row_remark"}},
		{"a line of dashes below the header", "customer,start_date,price\n--------,----------,-----\ncus_Ada,1801440000,price_Pro\n", []string{"2 customer row_remark"}},
		{"a customer and nothing else", "customer,start_date,price\ncus_Ada,,\n", []string{"2 start_date start_date_missing", "2 price nothing_sold"}},
		{"the same items in another order", "customer,start_date,items.0.price,items.1.price\ncus_Ada,1801440000,price_Pro,price_Seat\ncus_Ada,1801440000,price_Seat,price_Pro\n",
			[]string{"3  subscription_duplicate"}},
		{"the same price in both forms", "customer,start_date,price,items.0.price\ncus_Ada,1801440000,price_Pro,\ncus_Ada,1801440000,,price_Pro\n",
			[]string{"3  subscription_duplicate"}},
		{"quantities that change places", "customer,start_date,items.0.price,items.0.quantity,items.1.price,items.1.quantity\ncus_Ada,1801440000,price_Pro,1,price_Seat,2\ncus_Ada,1801440000,price_Pro,2,price_Seat,1\n", nil},
		{"invoices in words of people, and no days", "customer,start_date,price,collection_method,days_until_due\ncus_Ada,1801440000,price_Pro,Send Invoice,\n",
			[]string{"2 collection_method collection_method_unknown", "2 days_until_due days_until_due_missing"}},
		{"a percentage beside Stripe Tax", "customer,start_date,price,automatic_tax,default_tax_rate\ncus_Ada,1801440000,price_Pro,TRUE,19%\n",
			[]string{"2 default_tax_rate tax_conflict"}},
		{"units below the header", "customer,start_date,price\n(Stripe ID),(Unix seconds),(price ID)\ncus_Ada,1801440000,price_Pro\n", []string{"2 customer row_remark"}},
		{"required and optional below the header", "customer,start_date,price,quantity\nrequired,required,required,optional\ncus_Ada,1801440000,price_Pro,1\n", []string{"2 customer row_remark"}},
		{"words, but an ID", "customer,start_date,price\nAda,tomorrow,price_Pro\n", []string{"2 customer customer_not_an_id", "2 start_date date_not_unix"}},
		{"no date yet", "customer,start_date,price\nAda,TBD,gold\n", []string{"2 customer customer_not_an_id", "2 start_date cell_placeholder"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, said(t, c.text, minorUnits()))
		})
	}
}

// TestPlaceholders is about words for nothing in cells that take any text, where no other rule would notice them.
func TestPlaceholders(t *testing.T) {
	for _, word := range []string{"null", "#N/A", "#ERROR!", "#NV", "#BEZUG!", "#NOMBRE?", "#CALC!", "########", "Err:504", "Loading...", "TBD", "?"} {
		text := "customer,start_date,price,coupon\ncus_Ada,1801440000," + word + "," + word + "\n"
		require.Equal(t, []string{"2 price cell_placeholder", "2 coupon cell_placeholder"}, said(t, text, minorUnits()), word)
	}
	for _, word := range []string{"NA_yearly", "#1", "Spring!", "#SALE", "Error:504", "TBD-1"} {
		text := "customer,start_date,price,coupon\ncus_Ada,1801440000," + word + "," + word + "\n"
		require.Empty(t, said(t, text, minorUnits()), word)
	}
}

// TestOneMistakeOfTheAccount is about mistakes that several prices of a row share.
func TestOneMistakeOfTheAccount(t *testing.T) {
	opts := minorUnits()
	price := func(id string) account.Price {
		return account.Price{ID: id, Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Amounts: account.Fixed("usd", 1999, "exclusive")}
	}
	opts.Account = &account.Account{
		Prices:   map[string]account.Price{"price_A": price("price_A"), "price_B": price("price_B"), "price_C": price("price_C")},
		TaxRates: exampleAccount().TaxRates,
	}
	const header = "customer,start_date,items.0.price,items.1.price,items.2.price"
	require.Equal(t, []string{"2 items.0.price price_currency"}, said(t, header+",currency\ncus_Ada,1801440000,price_A,price_B,price_C,jpy\n", opts))
	require.Equal(t, []string{"2 default_tax_rate tax_behavior"}, said(t, header+",default_tax_rate\ncus_Ada,1801440000,price_A,price_B,price_C,txr_Inclusive\n", opts))
}

// TestArchivedProduct is about a price that could be sold if its product could.
func TestArchivedProduct(t *testing.T) {
	opts := minorUnits()
	opts.Account = &account.Account{
		Prices:   map[string]account.Price{"price_A": {ID: "price_A", Product: "prod_A", Active: true, Interval: "month"}, "price_B": {ID: "price_B", Product: "prod_B", Active: true, Interval: "month"}},
		Products: map[string]account.Product{"prod_A": {ID: "prod_A"}},
	}
	found := file(t, "x.csv", "customer,start_date,price\ncus_Ada,1801440000,price_A\ncus_Bob,1801440000,price_B\n", opts).Findings
	require.Len(t, found, 1, "of the product of price_B nothing is known")
	require.Equal(t, "price_inactive", found[0].Code)
	require.Equal(t, "the product of this price, prod_A, is archived.", found[0].Message)
}
