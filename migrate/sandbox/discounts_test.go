package sandbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const someCoupons = `"coupons": [
	{"id": "ONCE", "amount_off": 300, "currency": "usd", "duration": "once", "currency_options": {"eur": {"amount_off": 200}}},
	{"id": "TWO", "percent_off": 25, "duration": "repeating", "duration_in_months": 2},
	{"id": "EVER", "percent_off": 10, "duration": "forever"},
	{"id": "SILVER", "percent_off": 50, "duration": "forever", "applies_to": {"products": ["prod_2"]}},
	{"id": "SILVERONCE", "percent_off": 50, "duration": "once", "applies_to": {"products": ["prod_2"]}}]`

// totals are the totals of a customer's invoices, oldest first.
func (b *bench) totals(customer string) string {
	b.Helper()
	var out []string
	list := b.get("/v1/invoices", "customer="+customer, "limit=100").ok().at("data").([]any)
	for i := len(list) - 1; i >= 0; i-- {
		out = append(out, fmt.Sprint(list[i].(map[string]any)["total"]))
	}
	return strings.Join(out, " ")
}

// TestCustomersOwnDiscount: invoices on 3 March, April and May over 10.00.
func TestCustomersOwnDiscount(t *testing.T) {
	for name, test := range map[string]struct {
		discount, want string
		params         []string
	}{
		"once is used by the first":                        {`"ONCE"`, "700 1000 1000", nil},
		"once, in the currency that is charged":            {`"ONCE"`, "700 900 900", []string{"phases[0][currency]=eur"}},
		"once is not used by a trial":                      {`"ONCE"`, "0 700 1000", []string{"phases[0][trial_end]=" + stamp("2026-03-10 09:00:00")}},
		"repeating ends two months after start":            {`"TWO", "start": ` + stamp("2026-03-01 09:00:00"), "750 750 1000", nil},
		"an end that is given":                             {`"TWO", "start": 1, "end": ` + stamp("2026-04-03 09:00:00"), "750 1000 1000", nil},
		"ended before":                                     {`"TWO", "start": 1`, "1000 1000 1000", nil},
		"forever":                                          {`"EVER"`, "900 900 900", nil},
		"of another product":                               {`"SILVER"`, "1000 1000 1000", nil},
		"waits for a product it is for":                    {`"SILVERONCE"`, "1000 1000 1000", nil},
		"the subscription's own replaces it until it ends": {`"EVER"`, "750 750 900", []string{"phases[0][coupon]=TWO"}},
		"and takes effect when that is used up":            {`"EVER"`, "700 900 900", []string{"phases[0][coupon]=ONCE"}},
		"a one-off is enough for once":                     {`"ONCE"`, "0 1000 1000", []string{"phases[0][trial_end]=" + stamp("2026-03-10 09:00:00"), "phases[0][add_invoice_items][0][price]=fee"}},
		"a whole coupon that is not in the list":           {`{"id": "GONE", "percent_off": 20, "duration": "forever"}`, "800 800 800", nil},
	} {
		t.Run(name, func(t *testing.T) {
			prices := strings.TrimSuffix(monthly(`p usd 1000 "currency_options": {"eur": {"unit_amount": 900}}`), "]") + `, {"id": "fee", "product": "prod_1", "currency": "usd", "unit_amount": 250}]`
			b := shop(t, `"discount": {"coupon": `+test.discount+`}`, prices+", "+someCoupons)
			b.post(schedulesPath, one("p", test.params...)...).ok()
			b.advance("2026-05-04")
			require.Equal(t, test.want, b.totals("cus_1"))
		})
	}
}

// TestOneDiscountForTwoSubscriptions: a discount for once is taken off one of a customer's invoices, that of the older
// subscription.
func TestOneDiscountForTwoSubscriptions(t *testing.T) {
	b := shop(t, `"discount": {"coupon": "ONCE"}`, monthly("p usd 1000", "q usd 2000")+", "+someCoupons)
	b.post(schedulesPath, one("p")...).ok()
	b.post(schedulesPath, one("q")...).ok()
	b.advance("2026-04-04")
	require.Equal(t, "700 2000 1000 2000", b.totals("cus_1"))
	require.Nil(t, b.get("/v1/customers/cus_1").ok().at("discount"))
}

func TestDiscountOfACustomerByTheAPI(t *testing.T) {
	b := shop(t, "", monthly("p usd 1000")+", "+someCoupons)
	b.get("/v1/customers/cus_1/discount").fails(404, "resource_missing", "", "No active discount")
	got := b.post("/v1/customers/cus_1", "coupon=TWO").ok()
	require.Equal(t, "TWO", got.text("discount.coupon.id"))
	require.Equal(t, int64(1), b.get("/v1/coupons/TWO").ok().number("times_redeemed"))
	require.Equal(t, "cus_1", b.get("/v1/customers/cus_1/discount").ok().text("customer"))
	gone := b.do("DELETE", "/v1/customers/cus_1/discount").ok()
	require.Equal(t, true, gone.at("deleted"))
	require.Nil(t, b.get("/v1/customers/cus_1").ok().at("discount"))
	require.Equal(t, "EVER", b.post("/v1/customers", "coupon=EVER").ok().text("discount.coupon.id"))
	b.post("/v1/customers/cus_1", "coupon=NOPE").fails(400, "resource_missing", "coupon", "No such coupon")
	b.post(schedulesPath, one("p")...).ok()
	require.NoError(t, b.Load(strings.NewReader(`{"customers": [{"id": "cus_eur", "currency": "eur"}], "coupons": [{"id": "YEN", "amount_off": 9, "currency": "jpy", "duration": "once"}]}`)))
	b.post("/v1/customers/cus_eur", "coupon=YEN").fails(400, "", "", "currency eur")
	b.post("/v1/customers/cus_1", "coupon=YEN").fails(400, "", "", "You cannot combine currencies")
}

func TestCouponsInSeveralCurrencies(t *testing.T) {
	b := shop(t, "", monthly(`p usd 1000 "currency_options": {"eur": {"unit_amount": 900}, "jpy": {"unit_amount": 100}}`))
	b.post("/v1/coupons", "id=OFF", "amount_off=500", "currency=usd", "duration=forever", "currency_options[eur][amount_off]=450").ok()
	b.post(schedulesPath, one("p", "phases[0][currency]=jpy", "phases[0][coupon]=OFF")...).fails(400, "", "phases[0][coupon]", "takes an amount off in eur, usd")
	b.post(schedulesPath, one("p", "phases[0][currency]=eur", "phases[0][coupon]=OFF")...).ok()
	b.advance("2026-04-04")
	require.Equal(t, "450 450", b.totals("cus_1"))
	for _, wrong := range [][]string{
		{"amount_off=5", "currency=usd", "currency_options[usd][amount_off]=5"},
		{"amount_off=5", "currency=usd", "currency_options[xxx][amount_off]=5"},
		{"amount_off=5", "currency=usd", "currency_options[eur][amount_off]=0"},
		{"amount_off=5", "currency=usd", "currency_options[eur][percent_off]=5"},
		{"percent_off=5", "currency_options[eur][amount_off]=5"},
	} {
		require.Equal(t, 400, b.post("/v1/coupons", wrong...).status, wrong)
	}
}

// TestCouponsThatAreOver: what makes a coupon invalid follows from its other fields, also in an account file that says
// nothing of valid.
func TestCouponsThatAreOver(t *testing.T) {
	b := shop(t, "", monthly("p usd 1000")+`, "coupons": [
		{"id": "USED", "percent_off": 50, "duration": "forever", "max_redemptions": 1, "times_redeemed": 1},
		{"id": "LAST", "percent_off": 50, "duration": "forever", "max_redemptions": 2, "times_redeemed": 1},
		{"id": "OVER", "percent_off": 50, "duration": "forever", "redeem_by": `+unix(-day)+`},
		{"id": "SOON", "percent_off": 50, "duration": "forever", "redeem_by": `+unix(day)+`}]`)
	valid := func(id string) bool { return b.get("/v1/coupons/" + id).ok().at("valid").(bool) }
	for _, id := range []string{"USED", "OVER"} {
		require.False(t, valid(id), id)
		b.post(schedulesPath, one("p", "phases[0][coupon]="+id)...).fails(400, "coupon_expired", "phases[0][coupon]", "")
		b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=p", "coupon="+id).fails(400, "coupon_expired", "coupon", "")
		b.post("/v1/customers/cus_1", "coupon="+id).fails(400, "coupon_expired", "coupon", "")
	}
	require.True(t, valid("LAST"))
	b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=p", "coupon=LAST").ok()
	require.False(t, valid("LAST"))
	require.Equal(t, int64(2), b.get("/v1/coupons/LAST").ok().number("times_redeemed"))
	b.post(schedulesPath, one("p", "phases[0][coupon]=LAST")...).fails(400, "coupon_expired", "phases[0][coupon]", "")
	require.True(t, valid("SOON"))
	b.clock.pass(2 * day)
	require.False(t, valid("SOON"))
	for _, one := range b.get("/v1/coupons").ok().at("data").([]any) {
		require.Equal(t, false, one.(map[string]any)["valid"])
	}
}
