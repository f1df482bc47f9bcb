package sandbox

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryEndpointAnswersUnderContract calls each endpoint once, successfully, and fails when one is added that it
// does not call. The bench checks every answer against Stripe's description.
func TestEveryEndpointAnswersUnderContract(t *testing.T) {
	b := open4test(t, Options{}).stock()
	called := map[string]bool{}
	call := func(method, path string, pairs ...string) *reply {
		r, _ := b.routes.Match(method, path)
		require.NotNil(t, r, path)
		called[r.Name] = true
		return b.do(method, path, pairs...).ok()
	}
	create := func(path string, pairs ...string) string { return path + "/" + call("POST", path, pairs...).text("id") }

	call("GET", "/v1/account")
	call("GET", "/v1/tax/settings")
	clock := create(clocksPath, "frozen_time="+unix(0))
	customer := create("/v1/customers", "email=a@example.com", "payment_method=pm_card_visa", "invoice_settings[default_payment_method]=pm_card_visa")
	product := create("/v1/products", "name=Gold")
	price := create("/v1/prices", "currency=usd", "unit_amount=5", "product=prod_1")
	coupon := create("/v1/coupons", "percent_off=5")
	rate := create("/v1/tax_rates", "display_name=VAT", "percentage=5", "inclusive=false")
	method := create("/v1/payment_methods", "type=card", "card[token]=tok_visa")
	call("POST", method+"/attach", "customer=cus_1")
	call("GET", "/v1/payment_methods", "customer=cus_1")
	call("GET", "/v1/customers/cus_1/payment_methods")
	scheduled := create(schedulesPath, schedule("phases[0][coupon]=TEN", "phases[0][default_tax_rates][0]=txr_1")...)
	released := create(schedulesPath, schedule("start_date=now")...)
	sub := create(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1")
	call("GET", "/v1/invoices/upcoming", "customer=cus_1")
	draft := "/v1/invoices/" + b.get("/v1/invoices", "status=draft").ids()[0]
	call("POST", draft+"/finalize")
	unpaid := create(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1", "collection_method=send_invoice", "days_until_due=9")
	call("POST", "/v1/invoices/"+b.get(unpaid).text("latest_invoice")+"/pay")
	call("GET", draft+"/lines")
	call("POST", "/v1/invoiceitems", "customer=cus_1", "amount=500", "currency=usd")
	call("GET", "/v1/invoiceitems", "customer=cus_1", "pending=true")
	call("GET", "/v1/payment_intents/"+b.get(draft).text("payment_intent"))
	item := create("/v1/subscription_items", "subscription="+sub[len(subscriptionsPath)+1:], "price=price_2")
	call("GET", item)
	call("GET", "/v1/subscription_items", "subscription="+sub[len(subscriptionsPath)+1:])
	call("POST", item, "quantity=3")
	call("DELETE", item)
	call("POST", clock+"/advance", "frozen_time="+unix(day))
	call("POST", scheduled+"/cancel")
	call("POST", released+"/release")
	event := "/v1/events/" + b.get("/v1/events").ids()[0]
	for _, path := range []string{clock, customer, product, price, coupon, rate, method, scheduled, sub, draft, event} {
		call("GET", path)
	}
	for _, path := range []string{clocksPath, "/v1/customers", "/v1/products", "/v1/prices", "/v1/coupons", "/v1/tax_rates", schedulesPath, subscriptionsPath, "/v1/invoices", "/v1/events"} {
		call("GET", path)
	}
	for _, path := range []string{customer, product, price, coupon, rate, sub} {
		call("POST", path, "metadata[a]=b")
	}
	call("POST", create(schedulesPath, schedule()...), "metadata[a]=b")
	call("POST", method+"/detach")
	call("POST", customer, "coupon=TEN", "balance=-500")
	call("GET", customer+"/discount")
	call("DELETE", customer+"/discount")
	for _, path := range []string{sub, customer, coupon, product, clock} {
		call("DELETE", path)
	}
	b.check = nil // Stripe's description of this version has no meters
	b.stock()
	meter := create("/v1/billing/meters", "display_name=Calls", "event_name=calls", "default_aggregation[formula]=sum")
	call("GET", "/v1/billing/meters")
	call("GET", meter)
	call("POST", meter, "display_name=API calls")
	call("POST", "/v1/billing/meter_events", "event_name=calls", "identifier=u1", "payload[stripe_customer_id]=cus_1", "payload[value]=1")
	call("GET", meter+"/event_summaries", "customer=cus_1", "start_time="+unix(0), "end_time="+unix(hour))
	call("POST", "/v1/billing/meter_event_adjustments", "event_name=calls", "type=cancel", "cancel[identifier]=u1")
	call("POST", meter+"/deactivate")
	call("POST", meter+"/reactivate")
	require.Equal(t, slices.Sorted(maps.Keys(endpoints(t))), slices.Sorted(maps.Keys(called)))
}
