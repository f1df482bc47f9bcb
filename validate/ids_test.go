package validate_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate/account"
)

// TestDamagedIDs is about IDs to which something has happened on their way into the cell.
func TestDamagedIDs(t *testing.T) {
	for _, c := range []struct{ customer, price, want string }{
		{"https://dashboard.stripe.com/customers/cus_Ada", "price_Pro", "a customer ID that begins with cus_ was expected. This is a web address; the ID is what stands behind its last slash: cus_Ada."},
		{"cus_Nff…", "price_Pro", "a customer ID that begins with cus_ was expected. It is cut off at its end."},
		{"CUS_ADA", "price_Pro", "a customer ID that begins with cus_ was expected. Capital letters matter in IDs, and those of this one have been changed; take it from its source again."},
		{"cus_", "price_Pro", "a customer ID that begins with cus_ was expected. Nothing stands behind cus_."},
		{"cus_A-17", "price_Pro", "a customer ID that begins with cus_ was expected. It looks like a customer ID, but IDs consist of letters, digits and underscores."},
		{"cus_Ada", "https://dashboard.stripe.com/prices/price_Pro", "a price ID was expected. This is a web address; the ID is what stands behind its last slash: price_Pro."},
		{"cus_Ada", "price_Pro…", "a price ID was expected. It is cut off at its end."},
		{"cus_Ada", "price_Pro(old)", "a price ID was expected. It looks like a price ID, but IDs consist of letters, digits and underscores."},
		{"# cus_Ada", "price_Pro", "a customer ID that begins with cus_ was expected. The format has no mark for lines that are to be left out."},
		{"“cus_Ada”", "price_Pro", "a customer ID that begins with cus_ was expected. The quotes around it are part of the cell; delete them."},
		{"cus_Ada", "‘price_Pro’", "a price ID was expected. The quotes around it are part of the cell; delete them."},
		{"cus_Ada / cus_Bob", "price_Pro", "a customer ID that begins with cus_ was expected. It holds several IDs; a cell takes one."},
		{"cus_Ada", "price_Pro, price_Seat", "a price ID was expected. It holds several IDs; a cell takes one."},
	} {
		found := findings(t, write([][]string{{"customer", "start_date", "price"}, {c.customer, "1801440000", c.price}}))
		require.Len(t, found, 1, c)
		require.Equal(t, c.want, found[0].Message)
	}
	for _, id := range []string{"gold-2019", "Gold.yearly", "plan_1", "PRICE_LIST"} {
		require.Empty(t, findings(t, "customer,start_date,price\ncus_Ada,1801440000,"+id+"\n"), "older accounts may have such plans: %s", id)
	}
}

// TestCoupons is about discounts in place of coupons, and about IDs that only look like something else.
func TestCoupons(t *testing.T) {
	knowing := minorUnits()
	knowing.Account = &account.Account{Coupons: map[string]account.Coupon{}}
	for _, id := range []string{"10%", "10 % off", "0.1", "$5", "SPRING LOYAL", "prod_Pro"} {
		knowing.Account.Coupons[id] = account.Coupon{ID: id, Valid: true, Duration: "forever"}
	}
	for id, want := range map[string]string{"10%": "coupon_not_an_id", "10 % off": "coupon_not_an_id", "0.1": "coupon_not_an_id", "$5": "coupon_not_an_id",
		"SPRING LOYAL": "coupon_several", "prod_Pro": "coupon_not_an_id"} {
		text := "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro," + id + "\n"
		require.Equal(t, []string{"2 coupon " + want}, said(t, text, minorUnits()), id)
		require.Empty(t, said(t, text, knowing), "the account has %s", id)
		delete(knowing.Account.Coupons, id)
		require.Equal(t, []string{"2 coupon " + want}, said(t, text, knowing), "and is not needed to see that %s is none", id)
	}
	for _, id := range []string{"25", "10OFF", "SAVE10", "50-off"} {
		require.Empty(t, said(t, "customer,start_date,price,coupon\ncus_Ada,1801440000,price_Pro,"+id+"\n", minorUnits()), id)
	}
}

// TestCouponCurrency is about coupons over amounts, in the currency that the row says or its price has.
func TestCouponCurrency(t *testing.T) {
	opts := minorUnits()
	opts.Account = &account.Account{Coupons: exampleAccount().Coupons, Prices: map[string]account.Price{"price_Pro": {Active: true, Interval: "month", Currency: "eur", Amounts: map[string]account.PriceAmount{"eur": {}, "usd": {}, "gbp": {}}}}}
	for currency, want := range map[string][]string{"usd": nil, "gbp": nil, "": {"2 coupon coupon_currency"}, "eur": {"2 coupon coupon_currency"}} {
		require.Equal(t, want, said(t, "customer,start_date,price,currency,coupon\ncus_Ada,1801440000,price_Pro,"+currency+",FIVE_USD\n", opts), currency)
	}
}
