package validate_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	gotest "gotest.tools/v3/golden"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

// now is 1 January 2027, the moment at which all examples are validated.
var now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// exampleAccount is the account that the examples are meant for.
func exampleAccount() *account.Account {
	return &account.Account{
		ID: "acct_Example",
		Prices: map[string]account.Price{
			"price_Pro":     {ID: "price_Pro", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Pro", Amounts: amounts(1999, "exclusive")},
			"price_Free":    {ID: "price_Free", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Pro", Amounts: account.Fixed("usd", 0, "exclusive")},
			"price_Untaxed": {ID: "price_Untaxed", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Pro", Amounts: account.Fixed("usd", 1999, "unspecified")},
			"price_Euro":    {ID: "price_Euro", Active: true, Interval: "month", IntervalCount: 1, Currency: "eur", Product: "prod_Setup", Amounts: account.Fixed("eur", 900, "exclusive")},
			"price_Legacy":  {ID: "price_Legacy", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Legacy", Amounts: account.Fixed("usd", 900, "exclusive")},
			"price_Tiers": {ID: "price_Tiers", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Product: "prod_Pro", Amounts: map[string]account.PriceAmount{"usd": {
				Tiers: []account.Tier{{UpTo: 10, Unit: decimal.NewFromInt(5), Flat: decimal.NewFromInt(300)}, {Unit: decimal.NewFromInt(4)}}}}},
			"price_Year":     {ID: "price_Year", Active: true, Interval: "year", IntervalCount: 1, Currency: "usd"},
			"price_Archived": {ID: "price_Archived", Interval: "month", IntervalCount: 1, Currency: "usd"},
			"price_Once":     {ID: "price_Once", Active: true, Currency: "usd"},
			"price_Metered":  {ID: "price_Metered", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Metered: true},
		},
		Products: map[string]account.Product{"prod_Pro": {ID: "prod_Pro", Active: true}, "prod_Setup": {ID: "prod_Setup", Active: true}, "prod_Legacy": {ID: "prod_Legacy"}},
		Coupons: map[string]account.Coupon{
			"SPRING25":   {ID: "SPRING25", Valid: true, Duration: "once"},
			"YEAR_ONE":   {ID: "YEAR_ONE", Valid: true, Duration: "repeating", DurationInMonths: 12},
			"LOYAL":      {ID: "LOYAL", Valid: true, Duration: "forever"},
			"COMP":       {ID: "COMP", Valid: true, Duration: "forever", PercentOff: account.Hundred},
			"FIRST":      {ID: "FIRST", Valid: true, Duration: "once", PercentOff: account.Hundred},
			"JANUARY":    {ID: "JANUARY", Valid: true, Duration: "forever", RedeemBy: 1800000000},
			"TWICE":      {ID: "TWICE", Valid: true, Duration: "forever", MaxRedemptions: 2, TimesRedeemed: 1},
			"SPENT":      {ID: "SPENT", Valid: true, Duration: "forever", MaxRedemptions: 1, TimesRedeemed: 1},
			"SETUP_ONLY": {ID: "SETUP_ONLY", Valid: true, Duration: "forever", Products: []string{"prod_Setup"}},
			"FIVE_USD":   {ID: "FIVE_USD", Valid: true, Duration: "forever", AmountOff: 500, Currency: "usd", AmountsOff: map[string]int64{"gbp": 400}},
		},
		TaxRates: map[string]account.TaxRate{"txr_Vat19": {ID: "txr_Vat19", Active: true}, "txr_Inclusive": {ID: "txr_Inclusive", Active: true, Inclusive: true}},
		Customers: map[string]account.Customer{"cus_Ada": {ID: "cus_Ada", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true}, "cus_Bare": {ID: "cus_Bare"},
			"cus_Euro":       {ID: "cus_Euro", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true, Currency: "eur"},
			"cus_Loyal":      {ID: "cus_Loyal", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true, Currency: "usd", Discount: &account.Discount{Coupon: account.Coupon{ID: "LOYAL", Valid: true, Duration: "forever"}}},
			"cus_Debt":       {ID: "cus_Debt", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true, Currency: "usd", Balance: 1500},
			"cus_Expiring":   {ID: "cus_Expiring", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true, CardExpires: 1801440000},
			"cus_Subscribed": {ID: "cus_Subscribed", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true, Current: 1, Subscriptions: []account.Subscription{{ID: "sub_Pro", Status: "active", Prices: []string{"price_Pro"}}}},
			"cus_Full":       {ID: "cus_Full", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true, Current: 500},
			"cus_Homeless":   {ID: "cus_Homeless", HasPaymentMethod: true, HasEmail: true}},
	}
}

// amounts are those of a price in two currencies.
func amounts(minor int64, behavior string) map[string]account.PriceAmount {
	all := account.Fixed("usd", minor, behavior)
	maps.Copy(all, account.Fixed("eur", minor, behavior))
	return all
}

func minorUnits() validate.Options { return validate.Options{Now: now, Unit: csvspec.UnitMinor} }

// file validates text under the name.
func file(t *testing.T, name, text string, opts validate.Options) *validate.Report {
	t.Helper()
	report, err := validate.File(context.Background(), name, strings.NewReader(text), opts)
	require.NoError(t, err)
	return report
}

// golden compares got with a golden file, or writes it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if gotest.FlagUpdate() {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with -update and look at it")
	require.Equal(t, string(want), got)
}

// describe writes a report to be read.
func describe(r *validate.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %d rows: %d valid, %d deferred, %d invalid; %d customers\n", r.File, r.Template, r.Rows, r.Valid, r.Deferred, r.Invalid, r.Customers)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n%s\n\tcode: %s, row %d\n\tfix: %s\n", f.At(r.File), f.Code, f.Row, f.Fix)
		if f.Suggestion != "" {
			fmt.Fprintf(&b, "\tsuggestion: %s\n", f.Suggestion)
		}
		if f.Deferred {
			fmt.Fprintln(&b, "\tdeferred")
		}
	}
	return b.String()
}

// codes returns the codes of the findings.
func codes(findings []validate.Finding) []string {
	var list []string
	for _, f := range findings {
		list = append(list, f.Code)
	}
	return list
}
