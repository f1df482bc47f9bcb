package sandbox

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryKindOfPrice schedules each for one period with quantity 12.
func TestEveryKindOfPrice(t *testing.T) {
	recurring := []string{"product=prod_1", "currency=usd", "recurring[interval]=month"}
	for _, test := range []struct {
		name   string
		params []string
		more   []string
		want   int64
	}{
		{"flat", []string{"unit_amount=250"}, nil, 3000},
		{"fractions of a cent", []string{"unit_amount_decimal=0.25"}, nil, 3},
		{"graduated", []string{"billing_scheme=tiered", "tiers_mode=graduated", "tiers[0][up_to]=10", "tiers[0][unit_amount]=100", "tiers[1][up_to]=inf", "tiers[1][unit_amount]=50", "tiers[1][flat_amount]=7"}, nil, 1000 + 100 + 7},
		{"volume", []string{"billing_scheme=tiered", "tiers_mode=volume", "tiers[0][up_to]=10", "tiers[0][unit_amount]=100", "tiers[1][up_to]=inf", "tiers[1][unit_amount]=50"}, nil, 600},
		{"packages", []string{"unit_amount=100", "transform_quantity[divide_by]=5", "transform_quantity[round]=up"}, nil, 300},
		{"in another currency", []string{"unit_amount=250", "currency_options[eur][unit_amount]=200"}, []string{"phases[0][currency]=eur"}, 2400},
		{"metered, without usage", []string{"unit_amount=250", "recurring[usage_type]=metered"}, []string{"phases[0][items][0][quantity]"}, 0},
	} {
		b := open4test(t, Options{}).stock()
		price := b.post("/v1/prices", append(test.params, recurring...)...).ok()
		b.get("/v1/prices/"+price.text("id"), "expand[]=product").ok()
		b.post(schedulesPath, schedule(append([]string{"phases[0][items][0][price]=" + price.text("id"), "phases[0][items][0][quantity]=12"}, test.more...)...)...).ok()
		b.advance("2026-03-04")
		require.Equal(t, test.want, b.get("/v1/invoices").ok().number("data.0.total"), test.name)
	}
}

func TestPriceRefusals(t *testing.T) {
	b := open4test(t, Options{}).stock()
	for param, test := range map[string]struct {
		code  string
		pairs []string
	}{
		"currency":                        {"", []string{"currency=xyz"}},
		"product":                         {"resource_missing", []string{"currency=usd", "product=prod_x", "unit_amount=1"}},
		"unit_amount":                     {"parameter_missing", []string{"currency=usd", "product=prod_1"}},
		"unit_amount ":                    {"", []string{"currency=kwd", "product=prod_1", "unit_amount=1005"}},
		"tiers_mode":                      {"parameter_missing", []string{"currency=usd", "product=prod_1", "billing_scheme=tiered"}},
		"tiers[0][up_to]":                 {"", []string{"currency=usd", "product=prod_1", "billing_scheme=tiered", "tiers_mode=volume", "tiers[0][up_to]=4", "tiers[0][unit_amount]=1"}},
		"recurring[interval]":             {"", []string{"currency=usd", "product=prod_1", "unit_amount=1", "recurring[interval]=hour"}},
		"recurring[interval_count]":       {"", []string{"currency=usd", "product=prod_1", "unit_amount=1", "recurring[interval]=year", "recurring[interval_count]=4"}},
		"currency_options[eur][surprise]": {"parameter_unknown", []string{"currency=usd", "product=prod_1", "unit_amount=1", "currency_options[eur][surprise]=1"}},
		"custom_unit_amount":              {"", []string{"currency=usd", "product=prod_1", "custom_unit_amount[enabled]=true"}},
	} {
		b.post("/v1/prices", test.pairs...).fails(400, test.code, strings.TrimSpace(param), "")
	}
}

func TestCoupons(t *testing.T) {
	b := open4test(t, Options{}).stock()
	b.post("/v1/coupons", "id=LIMITED", "percent_off=10", "max_redemptions=1").ok()
	b.post("/v1/coupons", "id=SOON", "amount_off=100", "currency=usd", "redeem_by="+unix(day)).ok()
	b.post(schedulesPath, schedule("phases[0][coupon]=LIMITED")...).ok()
	b.advance("2026-03-04")
	require.EqualValues(t, 1, b.get("/v1/coupons/LIMITED").ok().number("times_redeemed"))
	require.Equal(t, false, b.get("/v1/coupons/LIMITED").ok().at("valid"))
	b.post(schedulesPath, schedule("start_date="+unix(9*day), "phases[0][coupon]=LIMITED")...).fails(400, "coupon_expired", "phases[0][coupon]", "used up")
	b.post(schedulesPath, schedule("start_date="+unix(9*day), "phases[0][coupon]=SOON")...).fails(400, "coupon_expired", "phases[0][coupon]", "expired")
	b.post("/v1/coupons", "percent_off=10", "amount_off=1").fails(400, "", "percent_off", "not both")
	b.post("/v1/coupons", "percent_off=10", "duration=repeating").fails(400, "", "duration_in_months", "")
	b.post("/v1/coupons", "id=SOON", "percent_off=10").fails(400, "resource_already_exists", "id", "already exists")
	require.Equal(t, "Soon", b.post("/v1/coupons/SOON", "name=Soon", "metadata[a]=b").ok().text("name"))
	require.Len(t, b.get("/v1/coupons").ids(), 3)
}

func TestProductsAndTaxRates(t *testing.T) {
	b := open4test(t, Options{}).stock()
	product := b.post("/v1/products", "name=Gold", "description=x", "features[0][name]=f", "images[0]=https://example.com/i.png", "metadata[a]=b", "shippable=true").ok().text("id")
	require.Equal(t, "Silver", b.post("/v1/products/"+product, "name=Silver", "active=false", "metadata[a]=").ok().text("name"))
	require.Equal(t, []string{product}, b.get("/v1/products", "active=false").ids())
	require.Equal(t, "Silver", b.get("/v1/products/"+product).ok().text("name"))
	b.do("DELETE", "/v1/products/"+product).ok()
	b.do("DELETE", "/v1/products/prod_price_1").fails(400, "", "", "user-created prices")

	rate := b.post("/v1/tax_rates", "display_name=VAT", "percentage=7.7", "inclusive=true", "country=CH", "tax_type=vat").ok().text("id")
	require.Equal(t, false, b.post("/v1/tax_rates/"+rate, "active=false").ok().at("active"))
	require.Equal(t, []string{rate}, b.get("/v1/tax_rates", "active=false").ids())
	b.post(schedulesPath, schedule("phases[0][default_tax_rates][0]="+rate)...).fails(400, "", "phases[0][default_tax_rates][0]", "archived")

	price := b.post("/v1/prices", "currency=usd", "unit_amount=5", "product_data[name]=Inline", "lookup_key=k", "tax_behavior=exclusive", "recurring[interval]=month").ok()
	require.Equal(t, []string{price.text("id")}, b.get("/v1/prices", "lookup_keys[]=k", "recurring[interval]=month").ids())
	b.post("/v1/prices/"+price.text("id"), "tax_behavior=inclusive").fails(400, "", "tax_behavior", "cannot be changed")
	b.post(schedulesPath, schedule("phases[0][items][0][price]="+price.text("id"), "phases[0][default_tax_rates][0]=txr_x")...).fails(400, "resource_missing", "phases[0][default_tax_rates][0]", "")
	require.Equal(t, "nick", b.post("/v1/prices/"+price.text("id"), "nickname=nick", "active=false").ok().text("nickname"))
}

func TestTaxBehaviorMustMatch(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	price := b.post("/v1/prices", "currency=usd", "unit_amount=5", "product=prod_1", "tax_behavior=exclusive", "recurring[interval]=month").ok().text("id")
	b.post(schedulesPath, schedule("phases[0][items][0][price]="+price, "phases[0][default_tax_rates][0]=txr_in")...).
		fails(400, "", "phases[0][default_tax_rates]", "They must match.")
	b.post(schedulesPath, schedule("phases[0][items][0][price]="+price, "phases[0][default_tax_rates][0]=txr_1")...).ok()
}

func TestAutomaticTaxNeedsALocation(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	automatic := "phases[0][automatic_tax][enabled]=true"
	b.post(schedulesPath, schedule("customer=cus_2", automatic)...).fails(400, "customer_tax_location_invalid", "automatic_tax", "location isn't recognized")
	require.Equal(t, "unrecognized_location", b.get("/v1/customers/cus_2", "expand[]=tax").ok().text("tax.automatic_tax"))
	require.Equal(t, "supported", b.get("/v1/customers", "expand[]=data.tax").ok().text("data.2.tax.automatic_tax"))
	b.post(schedulesPath, schedule(automatic)...).ok()
	b.advance("2026-03-04")
	invoice := b.get("/v1/invoices").ok()
	require.Equal(t, "failed", invoice.text("data.0.automatic_tax.status"), "the tax is not known, and says so")
}

// TestUsageIsInvoicedAtTheEnd ends a metered subscription with its period: the last invoice is for the period that is
// over.
func TestUsageIsInvoicedAtTheEnd(t *testing.T) {
	b := open4test(t, Options{}).stock()
	price := b.post("/v1/prices", "product=prod_1", "currency=usd", "recurring[interval]=month", "recurring[usage_type]=metered", "unit_amount=250").ok().text("id")
	b.post(schedulesPath, schedule("phases[0][items][0][price]="+price, "phases[0][items][0][quantity]", "end_behavior=cancel")...).ok()
	b.advance("2026-05-01")
	require.Equal(t, `2026-03-03 09:00:00 subscription_create paid 0
  0  2026-03-03 09:00:00..2026-03-03 09:00:00
2026-04-03 09:00:00 subscription_cycle paid 0
  0  2026-03-03 09:00:00..2026-04-03 09:00:00
canceled until 2026-04-03 09:00:00
`, b.story("cus_1"))
}

func TestAnUnknownCurrencyNamesSimilarOnes(t *testing.T) {
	b := open4test(t, Options{}).stock()
	price := func(currency string) *reply {
		return b.post("/v1/prices", "unit_amount=5", "product=prod_1", "currency="+currency)
	}
	price("usf").fails(400, "", "currency", "Invalid currency: usf. It is none that Stripe supports (docs.stripe.com/currencies), which are written as three letters such as usd. Similar ones are usd.")
	price("eurr").fails(400, "", "currency", "Similar ones are eur.")
	require.NotContains(t, price("qqq").raw, "Similar")
	require.Less(t, len(price("bxd").raw), 400, "of many, only a few are named")
}
