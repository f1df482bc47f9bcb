package sandbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// shop loads a product, the objects that a test adds, and customers with a card: cus_1 gets the fields given.
func shop(t *testing.T, customer, rest string) *bench {
	b := open4test(t, Options{})
	if customer != "" {
		customer = ", " + customer
	}
	if rest != "" {
		rest = ", " + rest
	}
	require.NoError(t, b.Load(strings.NewReader(`{
		"customers": [{"id": "cus_1", "address": {"country": "DE"}, "invoice_settings": {"default_payment_method": "pm_1"}`+customer+`}],
		"products": [{"id": "prod_1", "name": "Gold"}, {"id": "prod_2", "name": "Silver"}]`+rest+`}`)))
	return b
}

// monthly are prices per month; each is "id currency amount" with more JSON fields behind it.
func monthly(prices ...string) string {
	var out []string
	for _, one := range prices {
		fields := strings.SplitN(one, " ", 4)
		more := ""
		if len(fields) > 3 {
			more = ", " + fields[3]
		}
		out = append(out, fmt.Sprintf(`{"id": %q, "product": "prod_1", "currency": %q, "unit_amount_decimal": %q, "recurring": {"interval": "month"}%s}`, fields[0], fields[1], fields[2], more))
	}
	return `"prices": [` + strings.Join(out, ", ") + `]`
}

// dues are the total, what is due and the balance afterwards of a customer's invoices, oldest first.
func (b *bench) dues(customer string) string {
	b.Helper()
	var out []string
	list := b.get("/v1/invoices", "customer="+customer, "limit=100").ok().at("data").([]any)
	for i := len(list) - 1; i >= 0; i-- {
		inv := list[i].(map[string]any)
		out = append(out, fmt.Sprintf("%v: %v %v→%v %s", inv["total"], inv["amount_due"], inv["starting_balance"], inv["ending_balance"], inv["status"]))
	}
	return strings.Join(out, "\n")
}

// one is a schedule of one price for cus_1.
func one(price string, more ...string) []string {
	return schedule(append([]string{"phases[0][items][0][price]=" + price, "phases[0][items][0][quantity]=1"}, more...)...)
}

func TestWhatIsDue(t *testing.T) {
	for name, test := range map[string]struct {
		customer, price, want string
		params                []string
	}{
		"a credit covers one invoice and a part of the next": {`"balance": -5000`, "p usd 2900", "2900: 0 -5000→-2100 paid\n2900: 800 -2100→0 paid\n2900: 2900 0→0 paid", nil},
		"a debt is added to the first":                       {`"balance": 12000`, "p usd 2900", "2900: 14900 12000→0 paid\n2900: 2900 0→0 paid\n2900: 2900 0→0 paid", nil},
		"a debt is added to an invoice over nothing":         {`"balance": 700`, "p usd 2900", "0: 700 700→0 paid\n2900: 2900 0→0 paid\n2900: 2900 0→0 paid", []string{"phases[0][trial_end]=" + unix(5*day)}},
		"less than the smallest charge is carried on":        {"", "p usd 30", "30: 0 0→30 paid\n30: 60 30→0 paid\n30: 0 0→30 paid", nil},
		"also when it is sent":                               {"", "p usd 30", "30: 0 0→30 paid\n30: 60 30→0 open\n30: 0 0→30 paid", []string{"phases[0][collection_method]=send_invoice", "phases[0][invoice_settings][days_until_due]=5"}},
		"the smallest charge itself is charged":              {"", "p eur 50", "50: 50 0→0 paid\n50: 50 0→0 paid\n50: 50 0→0 paid", nil},
		"a credit leaves too little":                         {`"balance": -2880`, "p usd 2900", "2900: 0 -2880→20 paid\n2900: 2920 20→0 paid\n2900: 2900 0→0 paid", nil},
		"an unknown minimum is not applied":                  {"", "p try 30", "30: 30 0→0 paid\n30: 30 0→0 paid\n30: 30 0→0 paid", nil},
		// 10 % off 1,500 is 1,350: 1,400 now, 50 too much; then 1,350-50 = 1,300
		"in ugx to hundreds": {"", "p ugx 1500", "1350: 1400 0→-50 paid\n1350: 1300 -50→0 paid\n1350: 1400 0→-50 paid", []string{"phases[0][coupon]=TEN"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := shop(t, test.customer, monthly(test.price)+`, "coupons": [{"id": "TEN", "percent_off": 10, "duration": "forever"}]`)
			b.post(schedulesPath, one("p", test.params...)...).ok()
			b.advance("2026-05-05")
			require.Equal(t, test.want, b.dues("cus_1"))
		})
	}
}

// TestTaxOfTheExempt: 10.00 with 10 % of tax, contained or added.
func TestTaxOfTheExempt(t *testing.T) {
	for _, test := range []struct {
		exempt, rate string
		total        int64
		reason       any
	}{
		{"exempt", "txr_ex", 1000, "customer_exempt"},
		{"reverse", "txr_ex", 1000, "reverse_charge"},
		{"exempt", "txr_in", 909, "customer_exempt"},
		{"reverse", "txr_in", 909, "reverse_charge"},
		{"none", "txr_ex", 1100, nil},
		{"none", "txr_in", 1000, nil},
	} {
		b := shop(t, `"tax_exempt": "`+test.exempt+`"`, monthly("p usd 1000")+`, "tax_rates": [
			{"id": "txr_ex", "percentage": 10}, {"id": "txr_in", "percentage": 10, "inclusive": true}]`)
		b.post(schedulesPath, one("p", "phases[0][default_tax_rates][0]="+test.rate)...).ok()
		b.advance("2026-03-04")
		inv := b.get("/v1/invoices").ok()
		require.Equal(t, test.total, inv.number("data.0.total"), test)
		require.Equal(t, test.total, inv.number("data.0.amount_paid"), test)
		require.Equal(t, int64(1000), inv.number("data.0.subtotal"), test)
		require.Equal(t, test.reason, inv.at("data.0.total_tax_amounts.0.taxability_reason"), test)
		require.Equal(t, test.reason, inv.at("data.0.lines.data.0.tax_amounts.0.taxability_reason"), test)
		if test.exempt != "none" {
			require.Equal(t, int64(0), inv.number("data.0.tax"), test)
			require.Equal(t, test.total, inv.number("data.0.total_excluding_tax"), test)
		}
	}
}

func TestCurrencyOfASubscription(t *testing.T) {
	both := `"currency_options": {"eur": {"unit_amount": 900}}`
	prices := monthly("usd usd 1000 "+both, "eur eur 800", `euro eur 800 "currency_options": {"usd": {"unit_amount": 850}}`)
	adhoc := func(at, code string) []string {
		return []string{at + "[price_data][currency]=" + code, at + "[price_data][product]=prod_1", at + "[price_data][unit_amount]=70"}
	}
	second := append(adhoc("phases[0][items][1]", "eur"), "phases[0][items][1][price_data][recurring][interval]=month")
	for name, test := range map[string]struct {
		params []string
		total  int64 // 0 when it is refused
	}{
		"blank is the default":                   {one("usd"), 1000},
		"chosen":                                 {one("usd", "phases[0][currency]=eur"), 900},
		"chosen for both":                        {one("usd", "phases[0][currency]=eur", "phases[0][items][1][price]=eur"), 1700},
		"chosen, which one has not":              {one("usd", "phases[0][currency]=usd", "phases[0][items][1][price]=eur"), 0},
		"defaults differ":                        {one("eur", "phases[0][items][1][price]=usd"), 0},
		"defaults differ, the other way round":   {one("usd", "phases[0][items][1][price]=euro"), 0},
		"an ad-hoc item in another":              {one("usd", second...), 0},
		"an ad-hoc item in the chosen one":       {one("usd", append(second, "phases[0][currency]=eur")...), 970},
		"a one-off in another":                   {one("usd", adhoc("phases[0][add_invoice_items][0]", "eur")...), 0},
		"a one-off in the same":                  {one("eur", adhoc("phases[0][add_invoice_items][0]", "eur")...), 870},
		"a one-off whose default is another one": {one("eur", "phases[0][add_invoice_items][0][price]=fee"), 0},
		"a one-off in the chosen one":            {one("eur", "phases[0][add_invoice_items][0][price]=fee", "phases[0][currency]=eur"), 805},
	} {
		t.Run(name, func(t *testing.T) {
			b := shop(t, "", strings.TrimSuffix(prices, "]")+`, {"id": "fee", "product": "prod_1", "currency": "usd", "unit_amount": 6, "currency_options": {"eur": {"unit_amount": 5}}}]`)
			got := b.post(schedulesPath, test.params...)
			if test.total == 0 {
				require.Equal(t, 400, got.status, got.raw)
				require.Contains(t, got.raw, "currency")
				return
			}
			got.ok()
			b.advance("2026-03-04")
			require.Equal(t, test.total, b.get("/v1/invoices").ok().number("data.0.total"))
		})
	}
}

// TestAnUpdateKeepsTheCurrency: the update takes no currency, and must not fall back to the default one.
func TestAnUpdateKeepsTheCurrency(t *testing.T) {
	b := shop(t, "", monthly(`p usd 1000 "currency_options": {"eur": {"unit_amount": 900}}`, "yen jpy 500"))
	made := b.post(schedulesPath, one("p", "phases[0][currency]=eur")...).ok()
	path := schedulesPath + "/" + made.text("id")
	require.Equal(t, "eur", b.post(path, "phases[0][items][0][price]=p", "phases[0][items][0][quantity]=3", "phases[0][iterations]=1").ok().text("phases.0.currency"))
	require.Equal(t, "jpy", b.post(path, "phases[0][items][0][price]=yen", "phases[0][iterations]=1").ok().text("phases.0.currency"), "nothing has begun yet")
	b.advance("2026-03-04")
	b.post(path, "phases[0][start_date]="+unix(2*day), "phases[0][items][0][price]=p", "phases[0][iterations]=1").fails(400, "", "", "You cannot combine currencies")
}

func TestOneCurrencyForACustomer(t *testing.T) {
	refused := func(b *bench, currency string, r *reply) {
		b.Helper()
		r.fails(400, "", "", "You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency "+currency)
	}
	prices := monthly("usd usd 1000", `eur eur 900 "currency_options": {"usd": {"unit_amount": 950}}`)

	b := shop(t, "", prices)
	require.Nil(t, b.get("/v1/customers/cus_1").ok().at("currency"))
	first := b.post(schedulesPath, one("usd")...).ok().text("id")
	require.Equal(t, "usd", b.get("/v1/customers/cus_1").ok().text("currency"), "one that has not started counts")
	refused(b, "usd", b.post(schedulesPath, one("eur")...))
	refused(b, "usd", b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=eur"))
	b.post(schedulesPath, one("eur", "phases[0][currency]=usd")...).ok()
	for _, id := range b.get(schedulesPath).ids() {
		b.post(schedulesPath + "/" + id + "/cancel").ok()
	}
	require.Equal(t, "canceled", b.get(schedulesPath+"/"+first).ok().text("status"))
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=eur").ok().text("id")
	require.Equal(t, "eur", b.get("/v1/customers/cus_1").ok().text("currency"), "all in the other one has ended")
	refused(b, "eur", b.post(schedulesPath, one("usd")...))
	b.do("DELETE", subscriptionsPath+"/"+sub).ok()
	b.post(schedulesPath, one("usd")...).ok()

	b = shop(t, `"currency": "eur"`, prices)
	refused(b, "eur", b.post(schedulesPath, one("usd")...))
	b.post(schedulesPath, one("eur")...).ok()

	b = shop(t, `"discount": {"coupon": "OFF"}`, prices+`, "coupons": [{"id": "OFF", "amount_off": 100, "currency": "eur", "currency_options": {"jpy": {"amount_off": 9}}, "duration": "forever"}]`)
	refused(b, "eur", b.post(schedulesPath, one("usd")...))
	b.post(schedulesPath, one("eur")...).ok()
}

func TestArchivedProducts(t *testing.T) {
	b := shop(t, "", monthly("p usd 1000")+`, "coupons": []`)
	b.post("/v1/products/prod_1", "active=false").ok()
	b.post(schedulesPath, one("p")...).fails(400, "product_inactive", "phases[0][items][0][price]", "not active")
	b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=p").fails(400, "product_inactive", "items[0][price]", "not active")
	data := []string{"[price_data][currency]=usd", "[price_data][product]=prod_1", "[price_data][unit_amount]=5"}
	at := func(place string, more ...string) []string {
		var out []string
		for _, one := range append(data, more...) {
			out = append(out, place+one)
		}
		return out
	}
	b.post("/v1/products", "id=prod_3", "name=Iron").ok()
	b.post("/v1/prices", "product=prod_3", "currency=usd", "unit_amount=9", "recurring[interval]=month", "lookup_key=iron").ok()
	iron := b.get("/v1/prices", "lookup_keys[0]=iron").ids()[0]
	b.post(schedulesPath, one(iron, at("phases[0][items][1]", "[price_data][recurring][interval]=month")...)...).fails(400, "product_inactive", "phases[0][items][1][price_data][product]", "is marked as inactive")
	b.post(schedulesPath, one(iron, at("phases[0][add_invoice_items][0]")...)...).fails(400, "product_inactive", "phases[0][add_invoice_items][0][price_data][product]", "is marked as inactive")
	b.post(schedulesPath, one(iron)...).ok()
}

func TestTheLargestAmount(t *testing.T) {
	b := shop(t, "", monthly("p usd 50000000", "big usd 99999999", "huge idr 150000000", "half usd 0.5",
		`tiers usd 0 "billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": [{"up_to": 1, "unit_amount": 99999999}, {"up_to": null, "unit_amount": 1}]`))
	times := func(price string, quantity int) []string {
		return one(price, fmt.Sprintf("phases[0][items][0][quantity]=%d", quantity))
	}
	b.post(schedulesPath, times("p", 1)...).ok()
	b.post(schedulesPath, times("p", 2)...).fails(400, "amount_too_large", "phases[0][items][0][quantity]", "no more than 99999999")
	b.post(schedulesPath, times("big", 1)...).ok()
	b.post(schedulesPath, times("tiers", 1)...).ok()
	b.post(schedulesPath, times("tiers", 2)...).fails(400, "amount_too_large", "phases[0][items][0][quantity]", "100000000")
	b.post(schedulesPath, times("half", 199999998)...).ok()
	b.post(schedulesPath, times("half", 199999999)...).fails(400, "amount_too_large", "phases[0][items][0][quantity]", "100000000")
	b.post(schedulesPath, times("huge", 1)...).fails(400, "amount_too_large", "phases[0][items][0][quantity]", "150000000")
	b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=p", "items[0][quantity]=2").fails(400, "amount_too_large", "items[0][quantity]", "no more than")
	b.post(schedulesPath, one("p", "phases[0][add_invoice_items][0][price_data][currency]=usd", "phases[0][add_invoice_items][0][price_data][product]=prod_1",
		"phases[0][add_invoice_items][0][price_data][unit_amount]=99999999", "phases[0][add_invoice_items][0][quantity]=2")...).fails(400, "amount_too_large", "phases[0][add_invoice_items][0][quantity]", "no more than")
	b.post("/v1/prices", "product=prod_1", "currency=usd", "unit_amount=100000000").fails(400, "amount_too_large", "unit_amount", "no more than")
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=p").ok()
	b.post(subscriptionsPath+"/"+sub.text("id"), "items[0][id]="+sub.text("items.data.0.id"), "items[0][quantity]=2").fails(400, "amount_too_large", "items[0][quantity]", "no more than")
}

func TestAutomaticTaxNeedsATaxBehavior(t *testing.T) {
	prices := monthly("none usd 1000", `ex usd 1000 "tax_behavior": "exclusive", "currency_options": {"eur": {"unit_amount": 900}}`,
		`in usd 1000 "currency_options": {"eur": {"unit_amount": 900, "tax_behavior": "inclusive"}}`)
	tax := func(price string, more ...string) []string {
		return one(price, append(more, "phases[0][automatic_tax][enabled]=true")...)
	}
	b := shop(t, "", prices)
	b.post(schedulesPath, tax("none")...).fails(400, "", "phases[0][items][0]", "tax_behavior of price none in usd is `unspecified`")
	b.post(schedulesPath, tax("ex", "phases[0][currency]=eur")...).fails(400, "", "phases[0][items][0]", "in eur")
	b.post(schedulesPath, tax("in")...).fails(400, "", "phases[0][items][0]", "in usd")
	b.post(schedulesPath, tax("ex", "phases[0][add_invoice_items][0][price_data][currency]=usd", "phases[0][add_invoice_items][0][price_data][product]=prod_1",
		"phases[0][add_invoice_items][0][price_data][unit_amount]=99")...).fails(400, "", "phases[0][add_invoice_items][0]", "unspecified")
	b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=none", "automatic_tax[enabled]=true").fails(400, "", "items[0]", "unspecified")
	b.post(schedulesPath, tax("ex")...).ok()
	require.Nil(t, b.get("/v1/tax/settings").ok().at("defaults.tax_behavior"))

	dir := t.TempDir()
	b = open4test(t, Options{Dir: dir})
	require.NoError(t, b.Load(strings.NewReader(`{"tax_settings": {"defaults": {"tax_behavior": "exclusive"}}}`)))
	b = reopen(t, b, Options{Dir: dir})
	require.Equal(t, "exclusive", b.get("/v1/tax/settings").ok().text("defaults.tax_behavior"))
	require.NoError(t, b.Load(strings.NewReader(`{"customers": [{"id": "cus_1", "address": {"country": "DE"}}], "products": [{"id": "prod_1"}], `+prices+`}`)))
	b.post(schedulesPath, tax("none")...).ok()
}

// TestATaxRateFitsThePriceInItsCurrency: each currency of a price has a tax behavior of its own.
func TestATaxRateFitsThePriceInItsCurrency(t *testing.T) {
	b := shop(t, "", monthly(`p usd 1000 "tax_behavior": "exclusive", "currency_options": {"eur": {"unit_amount": 900, "tax_behavior": "inclusive"}}`)+
		`, "tax_rates": [{"id": "txr_in", "percentage": 10, "inclusive": true}]`)
	b.post(schedulesPath, one("p", "phases[0][default_tax_rates][0]=txr_in")...).fails(400, "", "phases[0][default_tax_rates]", "must match")
	b.post(schedulesPath, one("p", "phases[0][default_tax_rates][0]=txr_in", "phases[0][currency]=eur")...).ok()
}
