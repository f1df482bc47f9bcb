package sandbox

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// loadSource loads an account with a live subscription, which renews in ten days; more is what else the file says of it.
func loadSource(t *testing.T, more string) *bench {
	t.Helper()
	b := open4test(t, Options{}).stock()
	require.NoError(t, b.Load(strings.NewReader(fmt.Sprintf(`{"subscriptions": [{"id": "sub_old", "customer": "cus_1", "current_period_end": %s%s,
		"items": {"data": [{"price": "price_1", "quantity": 2}]}}]}`, unix(10*day), more))))
	return b
}

func TestSubscriptionsOfAnAccountFileRenew(t *testing.T) {
	b := loadSource(t, "")
	sub := b.get("/v1/subscriptions/sub_old").ok()
	require.Equal(t, "active", sub.text("status"))
	require.Equal(t, int64(2), sub.number("items.data.0.quantity"))
	require.Empty(t, b.get("/v1/invoices").ids(), "nothing of its past exists")
	b.clock.pass(42 * day)
	require.Len(t, b.get("/v1/invoices", "subscription=sub_old", "status=paid").ids(), 2, "it renewed on the 10th day and a month later")
	require.Equal(t, int64(2000), b.get("/v1/invoices").number("data.0.total"))
}

func TestStoppedSubscriptionsDoNotRenew(t *testing.T) {
	for stop, want := range map[string]map[string]int{ // status of the subscription, invoices by status
		"cancel_at_period_end=true":                               {"canceled": 0},
		"cancel_at=" + unix(10*day):                               {"canceled": 0},
		"cancel_at=" + unix(12*day):                               {"canceled": 1},
		"pause_collection[behavior]=void":                         {"active": 0, "void": 2},
		"pause_collection[behavior]=keep_as_draft":                {"active": 0, "draft": 2},
		"pause_collection[behavior]=mark_uncollectible":           {"active": 0, "uncollectible": 2},
		"pause_collection[behavior]=void resumes=" + unix(20*day): {"active": 1, "void": 1},
	} {
		b := loadSource(t, "")
		how, resumes, _ := strings.Cut(stop, " resumes=")
		pairs := []string{how, "metadata[mark]=1"}
		if resumes != "" {
			pairs = append(pairs, "pause_collection[resumes_at]="+resumes)
		}
		require.Equal(t, "1", b.post("/v1/subscriptions/sub_old", pairs...).ok().text("metadata.mark"))
		b.clock.pass(42 * day)
		sub := b.get("/v1/subscriptions/sub_old").ok()
		paid, known := want[sub.text("status")]
		require.True(t, known, "%s: %s", stop, sub.text("status"))
		require.Len(t, b.get("/v1/invoices", "status=paid").ids(), paid, stop)
		for _, status := range []string{"void", "draft", "uncollectible"} {
			require.Len(t, b.get("/v1/invoices", "status="+status).ids(), want[status], "%s: %s", stop, status)
		}
	}
}

func TestAStopIsUndone(t *testing.T) {
	for stop, undo := range map[string]string{
		"cancel_at_period_end=true":       "cancel_at_period_end=false",
		"cancel_at=" + unix(10*day):       "cancel_at=",
		"pause_collection[behavior]=void": "pause_collection=",
	} {
		b := loadSource(t, "")
		before := b.get("/v1/subscriptions/sub_old").ok().body
		b.post("/v1/subscriptions/sub_old", stop, "metadata[mark]=1").ok()
		b.post("/v1/subscriptions/sub_old", undo, "metadata[mark]=").ok()
		require.Equal(t, before, b.get("/v1/subscriptions/sub_old").ok().body, undo)
		b.clock.pass(11 * day)
		require.Len(t, b.get("/v1/invoices", "status=paid").ids(), 1, undo)
	}
}

func TestInvoiceItemsWaitForTheNextInvoice(t *testing.T) {
	b := loadSource(t, "")
	b.post("/v1/invoiceitems", "customer=cus_1", "amount=700", "currency=usd", "description=Setup").ok()
	b.post("/v1/invoiceitems", "customer=cus_1", "subscription=sub_old", "amount=-300", "currency=usd").ok()
	b.post("/v1/invoiceitems", "customer=cus_1", "amount=900", "currency=eur").ok()
	b.post("/v1/subscriptions/sub_old", "items[0][id]="+b.get("/v1/subscriptions/sub_old").text("items.data.0.id"), "items[0][quantity]=3").ok()
	items := b.get("/v1/invoiceitems", "customer=cus_1", "pending=true")
	require.Len(t, items.ids(), 5, "three, and a credit and a debit of the change")
	require.Len(t, b.get("/v1/invoiceitems").ids(), 5)
	require.Empty(t, b.get("/v1/invoiceitems", "customer=cus_2").ids())
	b.clock.pass(11 * day)
	invoice := b.get("/v1/invoices").ok()
	require.Len(t, invoice.at("data.0.lines.data"), 5, "its item, the two that wait in its currency, and the change")
	require.Len(t, b.get("/v1/invoiceitems", "customer=cus_1").ids(), 1, "the one in eur goes on waiting")
	b.post("/v1/invoiceitems", "customer=cus_1", "amount=1").fails(400, "parameter_missing", "currency", "currency")
}

func TestWhatWaitsIsInvoicedAtTheEnd(t *testing.T) {
	b := loadSource(t, "")
	b.post("/v1/invoiceitems", "customer=cus_1", "subscription=sub_old", "amount=700", "currency=usd").ok()
	b.post("/v1/subscriptions/sub_old", "cancel_at_period_end=true").ok()
	b.clock.pass(11 * day)
	require.Equal(t, "canceled", b.get("/v1/subscriptions/sub_old").text("status"))
	require.Equal(t, int64(700), b.get("/v1/invoices").number("data.0.total"))
}

func TestWhyAnInvoiceWasNotPaid(t *testing.T) {
	b := loadSource(t, "")
	method := b.post("/v1/payment_methods", "type=card", "card[number]=4000000000000341", "card[exp_month]=12", "card[exp_year]=2034").ok().text("id")
	b.post("/v1/payment_methods/"+method+"/attach", "customer=cus_1").ok()
	b.post("/v1/customers/cus_1", "invoice_settings[default_payment_method]="+method).ok()
	b.clock.pass(11 * day)
	invoice := b.get("/v1/invoices", "expand[]=data.payment_intent").ok()
	require.Equal(t, "generic_decline", invoice.text("data.0.payment_intent.last_payment_error.decline_code"))
	b.post("/v1/payment_methods/" + method + "/detach").ok()
	require.Nil(t, b.get("/v1/invoices", "expand[]=data.payment_intent").ok().at("data.0.payment_intent.last_payment_error"), "there is no card")
	b.get("/v1/payment_intents/pi_none").fails(404, "resource_missing", "intent", "No such payment_intent")
}

func TestSubscriptionsOfAnAccountFileAreChecked(t *testing.T) {
	for data, want := range map[string]string{
		`{"id": "s", "customer": "cus_9"}`:                                                                                                                    "subscriptions[0] (s): customer: the customer \"cus_9\" is not among the customers",
		`{"id": "s", "customer": "cus_1"}`:                                                                                                                    "items: found none",
		`{"id": "s", "customer": "cus_1", "items": {"data": [{"price": "price_9"}]}}`:                                                                         `items.data[0].price: "price_9" is no recurring price`,
		`{"id": "s", "customer": "cus_1", "items": {"data": [{"price": "price_1"}]}, "current_period_end": 5}`:                                                "current_period_end: found 5; expected a time after",
		`{"id": "s", "customer": "cus_1", "items": {"data": [{"price": "price_1"}]}, "status": "sleeping"}`:                                                   `status is "sleeping"; it must be one of`,
		`{"id": "s", "customer": "cus_1", "items": {"data": [{"price": "price_1"}]}, "current_period_end": 2000000000, "status": "trialing"}`:                 "trial_end: found 0; expected current_period_end",
		`{"id": "s", "customer": "cus_1", "items": {"data": [{"price": "price_1"}]}, "current_period_end": 2000000000, "discount": {"coupon": {"id": "NO"}}}`: `the coupon "NO" is not among the coupons`,
	} {
		b := open4test(t, Options{}).stock()
		require.ErrorContains(t, b.Load(strings.NewReader(`{"subscriptions": [`+data+`]}`)), want)
	}
	b := loadSource(t, `, "discount": {"coupon": {"id": "TEN"}}`)
	b.clock.pass(11 * day)
	require.Equal(t, int64(1800), b.get("/v1/invoices").number("data.0.total"))
	b = loadSource(t, `, "status": "paused"`)
	b.clock.pass(11 * day)
	require.Empty(t, b.get("/v1/invoices").ids())
	b = loadSource(t, `, "status": "unpaid"`)
	b.clock.pass(11 * day)
	require.Len(t, b.get("/v1/invoices", "status=draft").ids(), 1)
}
