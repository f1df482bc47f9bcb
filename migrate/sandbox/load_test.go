package sandbox

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLoadFillsInWhatIsLeftOut(t *testing.T) {
	b := open4test(t, Options{})
	require.NoError(t, b.Load(strings.NewReader(`{
		"customers": [{"id": "cus_1", "email": "jo@example.com", "metadata": {"a": "b"}}],
		"products":  [{"id": "prod_1", "name": "Gold", "active": false}],
		"prices":    [{"id": "plan_old", "product": "prod_1", "currency": "USD", "unit_amount": 1999, "recurring": {"interval": "month"}}],
		"coupons":   [{"id": "TENOFF", "percent_off": 12.5, "duration": "forever"}],
		"tax_rates": [{"id": "txr_1", "percentage": 8.875, "inclusive": true}]
	}`)))
	require.Equal(t, "jo@example.com", b.get("/v1/customers/cus_1").ok().text("email"))
	price := b.get("/v1/prices/plan_old").ok()
	require.Equal(t, "recurring", price.text("type"))
	require.Equal(t, "licensed", price.text("recurring.usage_type"))
	require.Equal(t, "1999", price.text("unit_amount_decimal"))
	require.Contains(t, b.get("/v1/coupons/TENOFF").ok().raw, `"percent_off":12.5`)
	require.Contains(t, b.get("/v1/tax_rates/txr_1").ok().raw, `"percentage":8.875`)
	b.post(schedulesPath, "customer=cus_1", "phases[0][items][0][price]=plan_old").
		fails(400, "product_inactive", "phases[0][items][0][price]", "its product is not active")
}

func TestEmpty(t *testing.T) {
	b := open4test(t, Options{})
	require.True(t, b.Empty())
	require.NoError(t, b.Load(strings.NewReader(`{"customers": [{"id": "cus_1"}]}`)))
	require.False(t, b.Empty())
}

// TestLoadedPricesCharge loads a price of every kind with whole amounts only,
// as people write them.
func TestLoadedPricesCharge(t *testing.T) {
	for price, test := range map[string]struct {
		currency string
		want     int64
	}{
		`"unit_amount": 250`: {"usd", 3000},
		`"unit_amount": 250, "currency_options": {"eur": {"unit_amount": 200}}`:                                                                                                                 {"eur", 2400},
		`"tiers_mode": "volume", "tiers": [{"up_to": 10, "unit_amount": 100}, {"up_to": null, "unit_amount": 50, "flat_amount": 5}]`:                                                            {"usd", 605},
		`"tiers_mode": "volume", "tiers": [{"up_to": null, "unit_amount": 1}], "currency_options": {"eur": {"tiers": [{"up_to": 10, "unit_amount": 100}, {"up_to": null, "unit_amount": 50}]}}`: {"eur", 600},
	} {
		b := open4test(t, Options{}).stock()
		require.NoError(t, b.Load(strings.NewReader(`{"products": [{"id": "prod_1", "name": "Gold"}], "prices": [{"id": "price_l", "product": "prod_1",
			"currency": "usd", "recurring": {"interval": "month"}, `+price+`}]}`)), price)
		b.post(schedulesPath, schedule("phases[0][items][0][price]=price_l", "phases[0][items][0][quantity]=12", "phases[0][currency]="+test.currency)...).ok()
		b.advance("2026-03-04")
		require.Equal(t, test.want, b.get("/v1/invoices").ok().number("data.0.total"), price)
	}
}

func TestLoadRefusals(t *testing.T) {
	for data, want := range map[string]string{
		`{"custmers": []}`: `unknown field "custmers"`,
		`{"customers": [{"id": "cus_1"}, {"id": "cus_2", "emial": ""}]}`:                                                                 `customers[1] (cus_2): the field "emial" is none`,
		`{"customers": [{"email": "x"}]}`:                                                                                                "the id is missing",
		`{"customers": [{"id": "c", "object": "price"}]}`:                                                                                `must be "customer"`,
		`{"customers": [{"id": "c", "default_source": "card_1"}]}`:                                                                       `does not imitate this field and found the value "card_1"`,
		`{"prices": [{"id": "p", "currency": "usd", "product": "x"}]}`:                                                                   `the product "x" is not among the products`,
		`{"products": [{"id": "x"}], "prices": [{"id": "p", "currency": "usd", "product": "x"}]}`:                                        "unit_amount is missing",
		`{"products": [{"id": "x"}], "prices": [{"id": "p", "currency": "usd", "product": "x", "unit_amount_decimal": "ten"}]}`:          "unit_amount is missing or no amount",
		`{"products": [{"id": "x"}], "prices": [{"id": "p", "currency": "usd", "product": "x", "billing_scheme": "tiered"}]}`:            "has tiers and tiers_mode",
		`{"products": [{"id": "x"}], "prices": [{"id": "p", "currency": "usd", "product": "x", "tiers_mode": "volume", "tiers": [{}]}]}`: "a tier has a unit_amount or a flat_amount",
		`{"coupons": [{"id": "c"}]}`: "either percent_off or amount_off",
	} {
		b := open4test(t, Options{}).stock()
		require.ErrorContains(t, b.Load(strings.NewReader(data)), want)
		require.Len(t, b.get("/v1/customers").ids(), 2, "nothing is changed")
	}
}

// TestLoadRefusesWhatItWouldMisread: an account file is held to what the API
// holds its callers to. Each of these was taken, and billed as something else.
func TestLoadRefusesWhatItWouldMisread(t *testing.T) {
	const recurring = `"recurring": {"interval": "month"}`
	for _, test := range []struct{ list, object, want string }{
		{"customers", `"invoice_settings": {"default_payment_method": "pm_card_chargeDeclined"}`, "declines being attached"},
		{"customers", `"invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFial"}`, "none of the test cards"},
		{"customers", `"invoice_settings": {"default_payment_method": "tok_nope"}`, "none of the test cards"},
		{"customers", `"test_clock": "clock_1"`, "has no clock clock_1"},
		{"customers", `"discount": {"id": "di_1", "coupon": "NOPE"}`, `discount.coupon: found "NOPE"; expected a whole coupon or the ID of one in coupons`},
		{"customers", `"tax_exempt": "yes"`, `tax_exempt is "yes"; it must be one of none, exempt, reverse`},
		{"coupons", `"percent_off": 110, "duration": "once"`, "percent_off is 110"},
		{"coupons", `"percent_off": -5, "duration": "once"`, "percent_off is -5"},
		{"coupons", `"amount_off": 0, "currency": "usd", "duration": "once"`, "amount_off is 0"},
		{"coupons", `"percent_off": 10, "duration": "always"`, `duration is "always"; it must be one of once, repeating, forever`},
		{"coupons", `"percent_off": 10, "duration": "repeating", "duration_in_months": 0`, "duration_in_months is 0"},
		{"tax_rates", `"percentage": 119`, "the percentage 119 is not from 0 to 100"},
		{"prices", `"type": "recurring", "unit_amount": 5`, "type recurring has recurring"},
		{"prices", `"unit_amount": -500, ` + recurring, "the amount -500 is negative"},
		{"prices", `"unit_amount_decimal": "9223372036854775808.5", ` + recurring, "is more than"},
		{"prices", `"unit_amount": 5, "recurring": {"interval": "month", "usage_type": "meter"}`, `recurring.usage_type is "meter"`},
		{"prices", `"unit_amount": 5, "billing_scheme": "flat"`, `billing_scheme is "flat"`},
		{"prices", `"unit_amount": 5, "tax_behavior": "gross"`, `tax_behavior is "gross"`},
		{"prices", `"unit_amount": 5, "transform_quantity": {"divide_by": 0, "round": "up"}`, "divide_by of at least 1"},
		{"prices", `"unit_amount": 5, "transform_quantity": {"divide_by": 2, "round": "off"}`, `transform_quantity.round is "off"`},
		{"prices", `"tiers_mode": "Volume", "tiers": [{"up_to": null, "unit_amount": 1}]`, `tiers_mode is "Volume"; it must be one of graduated, volume`},
		{"prices", `"tiers_mode": "volume", "tiers": [{"up_to": 0, "unit_amount": 9}, {"up_to": null, "unit_amount": 1}]`, "ascending order"},
		{"prices", `"tiers_mode": "volume", "tiers": [{"up_to": 9, "unit_amount": 9}, {"up_to": 5, "unit_amount": 7}, {"up_to": null, "unit_amount": 1}]`, "ascending order"},
		{"prices", `"tiers_mode": "volume", "tiers": [{"up_to": null, "unit_amount": 1}], "transform_quantity": {"divide_by": 2, "round": "up"}`, "no tiers stand beside it"},
		{"prices", `"unit_amount": 5, "currency_options": {"kwd": {"unit_amount": 1005}}`, "amounts in kwd must be a multiple of 10"},
		{"prices", `"unit_amount": 1050, "currency": "isk"`, "amounts in isk must be a multiple of 100"},
	} {
		if test.list == "prices" {
			test.object = `"product": "prod_1", "currency": "usd", ` + test.object
		}
		b := open4test(t, Options{}).stock()
		require.ErrorContains(t, b.Load(strings.NewReader(`{"`+test.list+`": [{"id": "x", `+test.object+`}]}`)), test.want, test.object)
	}
}

func ExampleServer_Load() {
	s, err := Open(Options{Seed: "example"})
	if err != nil {
		panic(err)
	}
	err = s.Load(strings.NewReader(`{
		"customers": [{"id": "cus_1", "email": "jo@example.com"}, {"name": "Jo"}],
		"coupons":   [{"id": "TENOFF", "percent_of": 10}]
	}`))
	_, _ = os.Stdout.WriteString(err.Error())
	// Output:
	// sandbox data: coupons[0] (TENOFF): the field "percent_of" is none that Stripe or the sandbox knows here; correct its name or leave it out
	// customers[1] (): the id is missing
}

func TestProvision(t *testing.T) {
	b := open4test(t, Options{})
	made, err := b.Provision(Wanted{
		Customers: []string{"cus_1", "cus_1"},
		Coupons:   []string{"C"},
		TaxRates:  []string{"txr_1"},
		Prices:    []WantedPrice{{ID: "price_1"}, {ID: "price_2", Currency: "EUR", Interval: "year"}},
	})
	require.NoError(t, err)
	require.Equal(t, Provisioned{Customers: []string{"cus_1"}, Coupons: []string{"C"}, TaxRates: []string{"txr_1"}, Prices: []string{"price_1", "price_2"}}, made)
	require.Equal(t, 5, made.Count())
	customer := b.get("/v1/customers/cus_1").ok()
	require.Equal(t, "cus_1@example.com", customer.text("email"))
	require.Equal(t, "94103", customer.text("address.postal_code"))
	require.NotEmpty(t, customer.text("invoice_settings.default_payment_method"))
	price := b.get("/v1/prices/price_2").ok()
	require.Equal(t, "eur", price.text("currency"))
	require.Equal(t, "year", price.text("recurring.interval"))

	made, err = b.Provision(Wanted{Customers: []string{"cus_1", "cus_2"}})
	require.NoError(t, err)
	require.Equal(t, []string{"cus_2"}, made.Customers)
	_, err = b.Provision(Wanted{Prices: []WantedPrice{{ID: "p", Interval: "fortnight"}}})
	require.ErrorContains(t, err, "fortnight")
}

func TestLoadNamesTheAccount(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	b := open4test(t, opts)
	made := b.post("/v1/customers").ok().text("id")
	require.NoError(t, b.Load(strings.NewReader(`{"account": {"id": "acct_mine"}}`)))
	require.Equal(t, "acct_mine", b.Account())
	b = reopen(t, b, opts)
	require.Equal(t, "acct_mine", b.Account())
	require.NotEqual(t, made, b.post("/v1/customers").ok().text("id"))
	require.ErrorContains(t, b.Load(strings.NewReader(`{"account": {"id": "mine"}}`)), "no account ID")
}
