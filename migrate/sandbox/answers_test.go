package sandbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const tiered = `"tiers_mode": "volume", "tiers": [{"up_to": 5, "unit_amount": 100}, {"up_to": null, "unit_amount": 50}],
	"currency_options": {"eur": {"tiers": [{"up_to": null, "unit_amount": 40}]}}`

// TestFieldsLeftOutUnlessExpanded: Stripe's answers have tiers and amounts in other currencies only where they are
// asked for.
func TestFieldsLeftOutUnlessExpanded(t *testing.T) {
	b := shop(t, `"discount": {"coupon": "OFF"}`, `"prices": [{"id": "p", "product": "prod_1", "currency": "usd", "recurring": {"interval": "month"}, `+tiered+`}],
		"coupons": [{"id": "OFF", "amount_off": 500, "currency": "usd", "duration": "forever", "currency_options": {"eur": {"amount_off": 450}}, "applies_to": {"products": ["prod_1"]}}]`)
	plain := func(r *reply) {
		t.Helper()
		for _, name := range []string{`"tiers":`, `"currency_options":`, `"applies_to":`} {
			require.NotContains(t, r.ok().raw, name)
		}
	}
	plain(b.get("/v1/prices/p"))
	plain(b.get("/v1/prices"))
	plain(b.get("/v1/coupons/OFF"))
	plain(b.get("/v1/customers/cus_1"))
	plain(b.get("/v1/customers"))
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=p", "coupon=OFF")
	plain(sub)
	plain(b.get("/v1/subscription_items", "subscription="+sub.text("id")))
	plain(b.get("/v1/invoices"))
	plain(b.get("/v1/events"))

	price := b.get("/v1/prices/p", "expand[]=tiers").ok()
	require.Equal(t, int64(100), price.number("tiers.0.unit_amount"))
	require.NotContains(t, price.raw, "currency_options")
	price = b.get("/v1/prices/p", "expand[]=currency_options").ok()
	require.NotContains(t, price.raw, `"tiers":`)
	price = b.get("/v1/prices/p", "expand[]=tiers", "expand[]=currency_options.eur.tiers", "expand[]=currency_options", "expand[]=product").ok()
	require.Equal(t, int64(40), price.number("currency_options.eur.tiers.0.unit_amount"))
	require.Equal(t, "Gold", price.text("product.name"))
	require.Equal(t, int64(40), b.get("/v1/prices", "expand[]=data.currency_options.eur.tiers").ok().number("data.0.currency_options.eur.tiers.0.unit_amount"))
	b.get("/v1/prices/p", "expand[]=currency_options.jpy.tiers").ok()
	b.get("/v1/prices/p", "expand[]=currency_options.eur.nonsense").fails(400, "", "expand", "cannot be expanded")
	coupon := b.get("/v1/coupons/OFF", "expand[]=applies_to", "expand[]=currency_options").ok()
	require.Equal(t, "prod_1", coupon.text("applies_to.products.0"))
	require.Equal(t, int64(450), coupon.number("currency_options.eur.amount_off"))
	require.Equal(t, "prod_1", b.get("/v1/customers/cus_1", "expand[]=discount.coupon.applies_to").ok().text("discount.coupon.applies_to.products.0"))
	list := b.get("/v1/customers", "expand[]=data.discount.coupon.applies_to", "expand[]=data.discount.coupon.currency_options").ok()
	require.Equal(t, "prod_1", list.text("data.0.discount.coupon.applies_to.products.0"))
	require.Equal(t, int64(450), list.number("data.0.discount.coupon.currency_options.eur.amount_off"))
	require.Equal(t, int64(100), b.get("/v1/subscriptions/"+sub.text("id"), "expand[]=items.data.price.tiers").ok().number("items.data.0.price.tiers.0.unit_amount"))
}

// TestLeavingOutCutsNothingElse: metadata and texts may be spelled like the fields that are left out.
func TestLeavingOutCutsNothingElse(t *testing.T) {
	b := open4test(t, Options{}).stock()
	text := `a "tiers":[1], \"applies_to":{ } "currency_options":{"`
	made := b.post("/v1/prices", "product=prod_1", "currency=usd", "billing_scheme=tiered", "tiers_mode=graduated", "tiers[0][up_to]=inf", "tiers[0][unit_amount]=5",
		"currency_options[eur][tiers][0][up_to]=inf", "currency_options[eur][tiers][0][unit_amount]=4", "recurring[interval]=month",
		"nickname="+text, "metadata[tiers]=[1]", "metadata[applies_to]={", "metadata[a]="+text).ok()
	for _, got := range []*reply{made, b.get("/v1/prices/" + made.text("id")).ok()} {
		require.Equal(t, text, got.text("nickname"))
		require.Equal(t, map[string]any{"tiers": "[1]", "applies_to": "{", "a": text}, got.at("metadata"))
		require.Nil(t, got.at("tiers"))
		require.Nil(t, got.at("currency_options"))
	}
	full := b.get("/v1/prices/"+made.text("id"), "expand[]=tiers", "expand[]=currency_options.eur.tiers", "expand[]=currency_options").ok()
	require.Equal(t, text, full.text("nickname"))
	require.Equal(t, map[string]any{"tiers": "[1]", "applies_to": "{", "a": text}, full.at("metadata"))
	require.Equal(t, int64(4), full.number("currency_options.eur.tiers.0.unit_amount"))
}

// TestAReplayLeavesOutTheSame: the answer that an idempotency key replays is the one that was given.
func TestAReplayLeavesOutTheSame(t *testing.T) {
	dir := t.TempDir()
	b := open4test(t, Options{Dir: dir}).stock()
	params := []string{"product=prod_1", "currency=usd", "unit_amount=5", "recurring[interval]=month", "currency_options[eur][unit_amount]=4", "lookup_key=a"}
	first := b.keyed("k", "/v1/prices", params...).ok()
	require.NotContains(t, first.raw, "currency_options")
	require.Equal(t, first.raw, b.keyed("k", "/v1/prices", params...).ok().raw)
	b = reopen(t, b, Options{Dir: dir})
	require.Equal(t, first.raw, b.keyed("k", "/v1/prices", params...).ok().raw)
	require.Equal(t, int64(4), b.get("/v1/prices/"+first.text("id"), "expand[]=currency_options").ok().number("currency_options.eur.unit_amount"))
}

func TestDeletedCustomers(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	b := open4test(t, opts).stock()
	made := b.post(schedulesPath, schedule("start_date=now")...).ok()
	b.do("DELETE", "/v1/customers/cus_1").ok()
	for range 2 {
		gone := b.get("/v1/customers/cus_1").ok()
		require.Equal(t, map[string]any{"id": "cus_1", "object": "customer", "deleted": true}, gone.body)
		require.NotContains(t, b.get("/v1/customers").ids(), "cus_1")
		b.post("/v1/customers/cus_1", "name=A").fails(404, "resource_missing", "id", "No such customer")
		b.do("DELETE", "/v1/customers/cus_1").fails(404, "resource_missing", "id", "No such customer")
		b.post(schedulesPath, schedule()...).fails(400, "resource_missing", "customer", "No such customer")
		require.Equal(t, true, b.get(schedulesPath+"/"+made.text("id"), "expand[]=customer").ok().at("customer.deleted"))
		b = reopen(t, b, opts)
	}
	require.NoError(t, b.Load(strings.NewReader(`{"customers": [{"id": "cus_1", "name": "Back"}]}`)))
	require.Equal(t, "Back", b.get("/v1/customers/cus_1").ok().text("name"))
	b = reopen(t, b, opts)
	require.Equal(t, "Back", b.get("/v1/customers/cus_1").ok().text("name"))
}

// TestSearchIsNoID: where Stripe searches, the sandbox says that it does not, and not that it has found no object of
// that name.
func TestSearchIsNoID(t *testing.T) {
	b := open4test(t, Options{}).stock()
	b.check = nil // the answer is none of Stripe's
	for _, kind := range []string{"customers", "subscriptions", "invoices", "prices", "products", "charges", "payment_intents"} {
		got := b.get("/v1/"+kind+"/search", "query=email:'a'")
		got.fails(404, "", "", "Unrecognized request URL (GET: /v1/"+kind+"/search)")
		require.Equal(t, "application/json", got.header.Get("Content-Type"))
	}
	b.get("/v1/invoices/upcoming/lines", "customer=cus_1").fails(404, "", "", "Unrecognized request URL")
}

func TestInvoiceLines(t *testing.T) {
	b := open4test(t, Options{}).stock()
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1", "items[1][price]=price_2",
		"add_invoice_items[0][price_data][currency]=usd", "add_invoice_items[0][price_data][product]=prod_1", "add_invoice_items[0][price_data][unit_amount]=5").ok()
	inv := "/v1/invoices/" + sub.text("latest_invoice")
	var want []string
	for i := range 3 {
		want = append(want, b.get(inv).ok().text(fmt.Sprintf("lines.data.%d.id", i)))
	}
	page := b.get(inv+"/lines", "limit=2")
	require.Equal(t, want[:2], page.ids())
	require.Equal(t, true, page.at("has_more"))
	require.Equal(t, inv+"/lines", page.text("url"))
	require.Equal(t, want[2:], b.get(inv+"/lines", "limit=2", "starting_after="+want[1]).ids())
	require.Equal(t, want[:1], b.get(inv+"/lines", "ending_before="+want[1]).ids())
	b.get("/v1/invoices/in_none/lines").fails(404, "resource_missing", "invoice", "No such invoice")
}

func TestSubscriptionItems(t *testing.T) {
	b := open4test(t, Options{}).stock()
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1").ok().text("id")
	first := b.get("/v1/subscription_items", "subscription="+sub).ids()
	require.Len(t, first, 1)
	b.clock.pass(14 * day)
	added := b.post("/v1/subscription_items", "subscription="+sub, "price=price_2", "quantity=2", "proration_behavior=none", "metadata[a]=b").ok()
	require.Equal(t, int64(2), added.number("quantity"))
	require.Equal(t, "b", added.text("metadata.a"))
	require.Equal(t, []string{first[0], added.text("id")}, b.get("/v1/subscription_items", "subscription="+sub).ids())
	require.Equal(t, first, b.get("/v1/subscription_items", "subscription="+sub, "limit=1").ids())
	item := "/v1/subscription_items/" + added.text("id")
	require.Equal(t, int64(5), b.post(item, "quantity=5", "proration_behavior=always_invoice").ok().number("quantity"))
	// 3 more of 10.00 for the rest of March, 17 of 31 days: 6 x 16.45 would be for 6; 50.00*17/31 less 20.00*17/31
	require.Equal(t, int64(2742-1097), b.get("/v1/invoices").ok().number("data.0.total"))
	require.Equal(t, true, b.do("DELETE", item+"?proration_behavior=none").ok().at("deleted"))
	b.get(item).fails(404, "resource_missing", "item", "No such subscription_item")
	b.do("DELETE", "/v1/subscription_items/"+first[0]).fails(400, "", "items", "at least one active plan")
	b.post("/v1/subscription_items", "subscription="+sub, "price=price_1").fails(400, "", "price", "multiple subscription items with the same plan")
	b.post("/v1/subscription_items", "subscription=sub_none", "price=price_1").fails(400, "resource_missing", "subscription", "No such subscription")
	b.get("/v1/subscription_items", "subscription=sub_none").fails(400, "resource_missing", "subscription", "No such subscription")
}

// TestTheEndThatAScheduleGives: a subscription shows when its schedule ends it.
func TestTheEndThatAScheduleGives(t *testing.T) {
	b := open4test(t, Options{}).stock()
	made := b.post(schedulesPath, schedule("end_behavior=cancel", "phases[0][iterations]=2")...).ok()
	b.advance("2026-03-04")
	path := schedulesPath + "/" + made.text("id")
	sub := subscriptionsPath + "/" + b.get(path).ok().text("subscription")
	got := b.get(sub).ok()
	require.Equal(t, made.number("phases.0.end_date"), got.number("cancel_at"))
	require.Equal(t, false, got.at("cancel_at_period_end"))
	require.Nil(t, got.at("canceled_at"))
	b.post(path, "end_behavior=release").ok()
	require.Nil(t, b.get(sub).ok().at("cancel_at"))
	b.post(path, "end_behavior=cancel").ok()
	require.Equal(t, made.number("phases.0.end_date"), b.get(sub).ok().number("cancel_at"))
	b.advance("2026-05-04")
	require.Equal(t, "canceled", b.get(sub).ok().text("status"))
	require.Equal(t, made.number("phases.0.end_date"), b.get(sub).ok().number("ended_at"))
	require.Equal(t, "2000 2000", b.totals("cus_1"))
}

// TestReleaseLetsTheSubscriptionGoOn from a schedule that runs, and from one that has not started, which then never
// makes a subscription.
func TestReleaseLetsTheSubscriptionGoOn(t *testing.T) {
	for _, preserve := range []bool{false, true} {
		b := open4test(t, Options{}).stock()
		made := b.post(schedulesPath, schedule("end_behavior=cancel")...).ok()
		b.advance("2026-03-04")
		path := schedulesPath + "/" + made.text("id")
		sub := b.get(path).ok().text("subscription")
		released := b.post(path+"/release", fmt.Sprintf("preserve_cancel_date=%t", preserve)).ok()
		require.Equal(t, "released", released.text("status"))
		require.Equal(t, sub, released.text("released_subscription"))
		require.NotNil(t, released.at("released_at"))
		require.Nil(t, released.at("subscription"))
		got := b.get(subscriptionsPath + "/" + sub).ok()
		require.Nil(t, got.at("schedule"))
		require.Equal(t, "active", got.text("status"))
		b.post(path+"/release").fails(400, "", "", "currently in the `released` status")
		if preserve {
			require.Equal(t, made.number("phases.0.end_date"), got.number("cancel_at"))
		} else {
			require.Nil(t, got.at("cancel_at"))
			b.post(subscriptionsPath+"/"+sub, "cancel_at_period_end=true").ok()
		}
		b.advance("2026-04-04")
		require.Equal(t, "canceled", b.get(subscriptionsPath+"/"+sub).ok().text("status"))
	}
	b := open4test(t, Options{}).stock()
	made := b.post(schedulesPath, schedule()...).ok().text("id")
	require.Nil(t, b.post(schedulesPath+"/"+made+"/release").ok().at("released_subscription"))
	b.advance("2026-04-04")
	require.Empty(t, b.get(subscriptionsPath).ids())
}

// TestNobodyToCharge: what becomes of a subscription whose customer has no payment method, or one that fails.
func TestNobodyToCharge(t *testing.T) {
	for _, customer := range []string{"cus_none", "cus_fails"} {
		fresh := func() *bench {
			b := open4test(t, Options{}).stock()
			require.NoError(t, b.Load(strings.NewReader(`{"customers": [{"id": "cus_none"}, {"id": "cus_fails", "invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}]}`)))
			return b
		}
		create := func(b *bench, more ...string) *reply {
			return b.post(subscriptionsPath, append([]string{"customer=" + customer, "items[0][price]=price_1"}, more...)...)
		}
		for _, behavior := range []string{"allow_incomplete", "default_incomplete"} {
			b := fresh()
			sub := create(b, "payment_behavior="+behavior).ok()
			require.Equal(t, "incomplete", sub.text("status"))
			inv := "/v1/invoices/" + sub.text("latest_invoice")
			require.Equal(t, "open", b.get(inv).ok().text("status"))
			b.advance("2026-03-03")
			require.Equal(t, "incomplete_expired", b.get(subscriptionsPath+"/"+sub.text("id")).ok().text("status"))
			require.Equal(t, "void", b.get(inv).ok().text("status"))
			b.post(inv+"/pay").fails(400, "", "", "the status of this one is `void`")
		}
		b := fresh()
		create(b, "payment_behavior=error_if_incomplete").fails(402, "card_declined", "", "declined")
		require.Empty(t, b.get(subscriptionsPath, "status=all").ids())
		require.Equal(t, "active", create(b, "collection_method=send_invoice", "days_until_due=3").ok().text("status"))
		trial := create(b, "trial_period_days=3").ok()
		require.Equal(t, "trialing", trial.text("status"))
		b.post(schedulesPath, schedule("customer="+customer)...).ok()
		b.advance("2026-03-06")
		require.Equal(t, "past_due", b.get(subscriptionsPath+"/"+trial.text("id")).ok().text("status"))
		require.Equal(t, "past_due", b.get(subscriptionsPath, "limit=1").ok().text("data.0.status"), "that of the schedule")
		require.Equal(t, true, b.get("/v1/customers/"+customer).ok().at("delinquent"))
	}
}

// TestErrorsOfAnAccountFile: the first twenty, and how many there are.
func TestErrorsOfAnAccountFile(t *testing.T) {
	b := open4test(t, Options{})
	var customers []string
	for i := range 5000 {
		customers = append(customers, fmt.Sprintf(`{"id": "cus_%d", "balance": "12"}`, i))
	}
	err := b.Load(strings.NewReader(`{"products": [{"name": "A"}], "customers": [` + strings.Join(customers, ",") + `]}`))
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 21)
	require.Equal(t, "sandbox data: products[0] (): the id is missing", lines[0])
	require.Equal(t, "customers[0] (cus_0): balance: found a JSON string; expected a whole number", lines[1])
	require.Equal(t, "and 4981 more errors, 5001 in all; the first 20 are shown", lines[20])
	err = b.Load(strings.NewReader(`{"products": [{"id": "prod_1"}], "prices": [{"id": "p", "product": "prod_1", "currency": "usd", "tax_behavior": "gross", "tiers_mode": "volume",
		"tiers": [{"up_to": 5, "unit_amount": -1}, {"up_to": null, "flat_amount": 5, "unit_amount_decimal": "-0.5"}], "recurring": {"interval": "month"}}]}`))
	require.Equal(t, `sandbox data: prices[0] (p): tax_behavior is "gross"; it must be one of exclusive, inclusive, unspecified
prices[0] (p): tiers[0].unit_amount: the amount -1 is negative
prices[0] (p): tiers[1].unit_amount: the amount -0.5 is negative`, err.Error())
	for data, want := range map[string]string{
		`{"customers": [{"id": "c", "default_source": "card_1"}]}`: "customers[0] (c): default_source: the sandbox does not imitate this field",
		`{"tax_rates": [{"id": "t", "percentage": "a"}]}`:          `tax_rates[0] (t): percentage: "a`,
		``:                  "it ends before its JSON does",
		`{"customers": [}`:  "it is no valid JSON at byte 16",
		`[]`:                "the file: found a JSON array; expected an object",
		`{"customers": {}}`: "customers: found a JSON object; expected a list",
		`{"tax_settings": {"defaults": {"tax_behavior": "gross"}}}`:                                                                                  `tax_settings: defaults.tax_behavior is "gross"`,
		`{"customers": [{"id": "c", "currency": "EUR"}]}`:                                                                                            `customers[0] (c): currency: found "EUR"`,
		`{"coupons": [{"id": "c", "percent_off": 5, "max_redemptions": 0}]}`:                                                                         "max_redemptions: found 0; expected at least 1",
		`{"coupons": [{"id": "c", "percent_off": 5, "times_redeemed": -1}]}`:                                                                         "times_redeemed: found -1",
		`{"coupons": [{"id": "c", "percent_off": 5, "currency_options": {"eur": {"amount_off": 5}}}]}`:                                               "currency_options: found beside percent_off",
		`{"coupons": [{"id": "c", "amount_off": 5, "currency": "usd", "currency_options": {"xxx": {"amount_off": 5}}}]}`:                             `currency_options: found "xxx"`,
		`{"coupons": [{"id": "c", "amount_off": 5, "currency": "usd", "currency_options": {"eur": {"amount_off": 0}}}]}`:                             "currency_options.eur.amount_off: found 0",
		`{"coupons": [{"id": "c", "amount_off": 5, "currency": "usd", "currency_options": {"usd": {"amount_off": 4}}}]}`:                             "expected the coupon's own amount_off, 5",
		`{"customers": [{"id": "c", "discount": {"coupon": {"id": "X", "percent_off": 500, "duration": "once"}}}]}`:                                  "discount.coupon: percent_off is 500",
		`{"customers": [{"id": "c", "discount": {"cuopon": "X"}}]}`:                                                                                  `"cuopon"`,
		`{"coupons": [{"id": "X", "percent_off": 5}], "customers": [{"id": "c", "discount": {"coupon": "X", "subscription": "sub_1"}}]}`:             "discount.subscription: found sub_1",
		`{"coupons": [{"id": "X", "amount_off": 5, "currency": "usd"}], "customers": [{"id": "c", "currency": "eur", "discount": {"coupon": "X"}}]}`: "found an amount in usd; expected one in the customer's currency, eur",
	} {
		require.ErrorContains(t, b.Load(strings.NewReader(data)), want, data)
	}
}
