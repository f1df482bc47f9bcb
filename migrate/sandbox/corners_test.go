package sandbox

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// amountOffForever is a coupon whose share of a part of a period is not known.
func (b *bench) amountOffForever() *bench {
	b.Helper()
	b.post("/v1/coupons", "id=THREE", "amount_off=300", "currency=usd", "duration=forever").ok()
	return b
}

// TestTheDefaultAnchorCounts: the second phase begins in the middle of a period, and default_settings say that a phase
// begins a cycle of its own.
func TestTheDefaultAnchorCounts(t *testing.T) {
	for _, anchor := range []string{"default_settings[billing_cycle_anchor]=phase_start", "phases[1][billing_cycle_anchor]=phase_start"} {
		b := open4test(t, Options{}).stock()
		b.post(schedulesPath, schedule("phases[0][iterations]", "phases[0][end_date]="+stamp("2026-03-18 21:00:00"), "phases[1][items][0][price]=price_1",
			"phases[1][items][0][quantity]=2", "phases[1][proration_behavior]=none", anchor)...).ok()
		b.advance("2026-04-19")
		require.Equal(t, `2026-03-03 09:00:00 subscription_create paid 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
2026-03-18 21:00:00 subscription_update paid 2000
  2000  2026-03-18 21:00:00..2026-04-18 21:00:00
2026-04-18 21:00:00 subscription_cycle paid 2000
  2000  2026-04-18 21:00:00..2026-05-18 21:00:00
active until 2026-05-18 21:00:00
`, b.story("cus_1"), anchor)
	}
}

// TestNoProrationUnderAnAmountOff: wherever one would be computed, the sandbox says that it does not know how, as
// LIMITS.md promises.
func TestNoProrationUnderAnAmountOff(t *testing.T) {
	const words = "prorations under a coupon with amount_off"
	b := open4test(t, Options{}).stock().amountOffForever()
	middle := []string{"phases[0][coupon]=THREE", "phases[0][iterations]", "phases[0][end_date]=" + stamp("2026-03-18 21:00:00"),
		"phases[1][items][0][price]=price_1", "phases[1][items][0][quantity]=4"}
	b.post(schedulesPath, schedule(middle...)...).fails(400, "", "phases[1][proration_behavior]", words)
	b.post(schedulesPath, schedule(append(middle, "phases[1][proration_behavior]=none")...)...).ok()
	b.post(schedulesPath, schedule("phases[0][coupon]=THREE", "phases[0][iterations]=2", "phases[1][items][0][price]=price_1", "phases[1][items][0][quantity]=4")...).ok()
	b.post(schedulesPath, schedule("phases[0][coupon]=THREE", "phases[0][trial_end]="+stamp("2026-03-18 21:00:00"), "phases[0][iterations]",
		"phases[0][end_date]="+stamp("2026-04-18 21:00:00"), "phases[1][items][0][price]=price_1", "phases[1][items][0][quantity]=4")...).ok()

	made := b.post(schedulesPath, schedule("customer=cus_2", "phases[0][coupon]=THREE")...).ok().text("id")
	b.advance("2026-03-10")
	running := []string{"phases[0][start_date]=" + unix(2*day), "phases[0][coupon]=THREE", "phases[0][items][0][price]=price_1"}
	b.post(schedulesPath+"/"+made, append(running, "phases[0][items][0][quantity]=5")...).fails(400, "", "proration_behavior", words)
	b.post(schedulesPath+"/"+made, append(running, "phases[0][items][0][quantity]=2", "metadata[a]=b")...).ok()
	b.post(schedulesPath+"/"+made+"/cancel").fails(400, "", "prorate", words)
	sub := b.get(schedulesPath + "/" + made).ok().text("subscription")
	b.do("DELETE", subscriptionsPath+"/"+sub+"?prorate=true").fails(400, "", "prorate", words)
	b.post(schedulesPath+"/"+made+"/cancel", "prorate=false").ok()
}

// TestCancelInTheDraftsHour: the draft stays one and is never charged, whether or not the rest of the period is
// credited.
func TestCancelInTheDraftsHour(t *testing.T) {
	for _, prorate := range []string{"prorate=false", "prorate=true"} {
		b := open4test(t, Options{}).stock()
		made := b.post(schedulesPath, schedule()...).ok().text("id")
		b.advance("2026-03-03 09:30:00")
		b.post(schedulesPath+"/"+made+"/cancel", prorate).ok()
		b.advance("2026-04-05")
		require.Contains(t, b.story("cus_1"), "2026-03-03 09:00:00 subscription_create draft 2000", prorate)
	}
}

// TestReleaseKeepsTheCancelDate only when it is asked to.
func TestReleaseKeepsTheCancelDate(t *testing.T) {
	for preserve, want := range map[string]string{"true": "canceled until 2026-04-03 09:00:00", "false": "active until 2026-06-03 09:00:00"} {
		b := open4test(t, Options{}).stock()
		made := b.post(schedulesPath, schedule("end_behavior=cancel")...).ok().text("id")
		b.advance("2026-03-10")
		b.post(schedulesPath+"/"+made+"/release", "preserve_cancel_date="+preserve).ok()
		b.advance("2026-05-10")
		require.Contains(t, b.story("cus_1"), want, preserve)
	}
}

// TestARunningTrialIsNotChanged, also not by leaving it out.
func TestARunningTrialIsNotChanged(t *testing.T) {
	b := open4test(t, Options{}).stock()
	made := b.post(schedulesPath, schedule("phases[0][trial_end]="+unix(20*day))...).ok().text("id")
	b.advance("2026-03-10")
	update := []string{"phases[0][start_date]=" + unix(2*day), "phases[0][items][0][price]=price_1", "phases[0][items][0][quantity]=2"}
	b.post(schedulesPath+"/"+made, update...).fails(400, "", "phases[0][trial_end]", "changing the trial of a running phase")
	b.post(schedulesPath+"/"+made, append(update, "phases[0][trial_end]="+unix(20*day))...).ok()
}

// TestAnUpdateGivesNoSecondDiscount: the coupon for once is used up, and the same phases sent again do not give it
// again; another coupon is given.
func TestAnUpdateGivesNoSecondDiscount(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	made := b.post(schedulesPath, schedule("phases[0][coupon]=ONCE", "phases[0][iterations]=3")...).ok().text("id")
	b.advance("2026-03-10")
	update := []string{"phases[0][start_date]=" + unix(2*day), "phases[0][items][0][price]=price_1", "phases[0][items][0][quantity]=2", "phases[0][iterations]=3"}
	b.post(schedulesPath+"/"+made, append(update, "phases[0][coupon]=ONCE")...).ok()
	b.advance("2026-04-04")
	require.Contains(t, b.story("cus_1"), "2026-03-03 09:00:00 subscription_create paid 1700 discount=300")
	require.Contains(t, b.story("cus_1"), "2026-04-03 09:00:00 subscription_cycle paid 2000\n")
	require.EqualValues(t, 1, b.get("/v1/coupons/ONCE").ok().number("times_redeemed"))
	b.post(schedulesPath+"/"+made, append(update, "phases[0][coupon]=TEN")...).ok()
	b.advance("2026-05-04")
	require.Contains(t, b.story("cus_1"), "2026-05-03 09:00:00 subscription_cycle paid 1800 discount=200")
}

// TestAnotherProductDoesNotUseUpACoupon: one for once, for the product of price_1, is not used up by a one-off of
// prod_1 at the start of a trial.
func TestAnotherProductDoesNotUseUpACoupon(t *testing.T) {
	b := open4test(t, Options{}).stock()
	b.post("/v1/coupons", "id=FIRST", "percent_off=50", "applies_to[products][0]=prod_price_1").ok()
	b.post(schedulesPath, schedule("phases[0][coupon]=FIRST", "phases[0][trial_end]="+stamp("2026-03-20 00:00:00"),
		"phases[0][add_invoice_items][0][price_data][currency]=usd", "phases[0][add_invoice_items][0][price_data][product]=prod_1",
		"phases[0][add_invoice_items][0][price_data][unit_amount]=500")...).ok()
	b.advance("2026-04-21")
	require.Equal(t, `2026-03-03 09:00:00 subscription_create paid 500
  0  2026-03-03 09:00:00..2026-03-20 00:00:00
  500  2026-03-03 09:00:00..2026-03-03 09:00:00
2026-03-20 00:00:00 subscription_cycle paid 1000 discount=1000
  2000  2026-03-20 00:00:00..2026-04-20 00:00:00
2026-04-20 00:00:00 subscription_cycle paid 2000
  2000  2026-04-20 00:00:00..2026-05-20 00:00:00
active until 2026-05-20 00:00:00
`, b.story("cus_1"))
}

// TestWhatARunningPhaseCannotTake is refused instead of being kept for nobody.
func TestWhatARunningPhaseCannotTake(t *testing.T) {
	b := open4test(t, Options{}).stock()
	made := b.post(schedulesPath, schedule()...).ok().text("id")
	b.post(schedulesPath+"/"+made, "default_settings[description]=x").ok()
	b.advance("2026-03-10")
	b.post(schedulesPath+"/"+made, "default_settings[description]=y").fails(400, "", "default_settings", "without sending its phases")
	b.post(schedulesPath+"/"+made, "phases[0][start_date]="+unix(2*day), "phases[0][items][0][price]=price_1", "phases[0][items][0][quantity]=2",
		"phases[0][add_invoice_items][0][price_data][currency]=usd", "phases[0][add_invoice_items][0][price_data][product]=prod_1",
		"phases[0][add_invoice_items][0][price_data][unit_amount]=500").fails(400, "", "phases[0][add_invoice_items]", "they were charged when it began")
}

// TestAnUpdateBeforeTheAnchorUnsetsTheCoupon when it does not prorate, as Stripe's documentation warns.
func TestAnUpdateBeforeTheAnchorUnsetsTheCoupon(t *testing.T) {
	for behavior, want := range map[string]any{"none": nil, "create_prorations": "TEN"} {
		b := open4test(t, Options{}).stock()
		sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1", "coupon=TEN", "trial_end="+unix(9*day)).ok().text("id")
		updated := b.post(subscriptionsPath+"/"+sub, "metadata[a]=b", "proration_behavior="+behavior).ok()
		if want == nil {
			require.Nil(t, updated.at("discount"))
		} else {
			require.Equal(t, want, updated.at("discount.coupon.id"))
		}
		b.advance("2026-03-11")
		after := b.post(subscriptionsPath+"/"+sub, "coupon=TEN", "proration_behavior="+behavior).ok()
		require.Equal(t, "TEN", after.text("discount.coupon.id"))
	}
}

// TestADetachedCardIsNotCharged although the subscription still names it.
func TestADetachedCardIsNotCharged(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	card := b.post("/v1/payment_methods/pm_card_visa/attach", "customer=cus_3").ok().text("id")
	b.post(schedulesPath, schedule("customer=cus_3", "phases[0][default_payment_method]="+card)...).ok()
	b.post("/v1/payment_methods/" + card + "/detach").ok()
	b.advance("2026-03-04")
	require.Contains(t, b.story("cus_3"), "open 2000")
}

// TestTheCustomersBalance: a credit, which is negative, is used up invoice by invoice; what is owed is charged with the
// first one.
func TestTheCustomersBalance(t *testing.T) {
	for balance, want := range map[string][]int64{"-2500": {0, 1500}, "700": {2700, 2000}} {
		b := open4test(t, Options{}).stock()
		require.NoError(t, b.Load(strings.NewReader(`{"customers": [{"id": "cus_1", "balance": `+balance+`, "invoice_settings": {"default_payment_method": "pm_card_visa"}}]}`)))
		b.post(schedulesPath, schedule()...).ok()
		b.advance("2026-04-04")
		list := b.get(invoicesPath).ok()
		require.Equal(t, want, []int64{list.number("data.1.amount_due"), list.number("data.0.amount_due")}, balance)
		require.Equal(t, want, []int64{list.number("data.1.amount_paid"), list.number("data.0.amount_paid")}, balance)
		require.Zero(t, b.get("/v1/customers/cus_1").ok().number("balance"))
	}
}

// TestATrialGoesOnWhenItsOneOffIsPaid at the second attempt.
func TestATrialGoesOnWhenItsOneOffIsPaid(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	b.post(schedulesPath, schedule("customer=cus_3", "phases[0][trial_end]="+unix(20*day), "phases[0][add_invoice_items][0][price_data][currency]=usd",
		"phases[0][add_invoice_items][0][price_data][product]=prod_1", "phases[0][add_invoice_items][0][price_data][unit_amount]=500")...).ok()
	b.advance("2026-03-04")
	require.Contains(t, b.story("cus_3"), "past_due until")
	card := b.post("/v1/payment_methods/pm_card_visa/attach", "customer=cus_3").ok().text("id")
	b.post("/v1/customers/cus_3", "invoice_settings[default_payment_method]="+card).ok()
	b.post(invoicesPath + "/" + b.get(invoicesPath).ids()[0] + "/pay").ok()
	require.Contains(t, b.story("cus_3"), "trialing until")
}

// TestTaxRatesThatDoNotFit are refused wherever they are named.
func TestTaxRatesThatDoNotFit(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	oneOff := []string{"phases[0][add_invoice_items][0][price_data][currency]=usd", "phases[0][add_invoice_items][0][price_data][product]=prod_1",
		"phases[0][add_invoice_items][0][price_data][unit_amount]=500", "phases[0][add_invoice_items][0][price_data][tax_behavior]=exclusive"}
	automatic := "phases[0][automatic_tax][enabled]=true"
	b.post(schedulesPath, schedule(append(oneOff, "phases[0][default_tax_rates][0]=txr_in")...)...).fails(400, "", "phases[0][default_tax_rates]", "must match")
	b.post(schedulesPath, schedule(append(oneOff, "phases[0][add_invoice_items][0][tax_rates][0]=txr_in")...)...).fails(400, "", "phases[0][add_invoice_items][0][tax_rates]", "must match")
	b.post(schedulesPath, schedule(append(oneOff, "phases[0][add_invoice_items][0][tax_rates][0]=txr_1", automatic)...)...).
		fails(400, "", "phases[0][add_invoice_items][0][tax_rates]", "while `automatic_tax` is enabled")
	b.post(schedulesPath, schedule("phases[0][items][0][tax_rates][0]=txr_1", automatic)...).fails(400, "", "phases[0][items][0][tax_rates]", "while `automatic_tax` is enabled")

	exclusive := b.post("/v1/prices", "product=prod_1", "currency=usd", "unit_amount=5", "tax_behavior=exclusive", "recurring[interval]=month").ok().text("id")
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]="+exclusive).ok().text("id")
	b.post(subscriptionsPath+"/"+sub, "default_tax_rates[0]=txr_in").fails(400, "", "default_tax_rates", "must match")
	b.post(subscriptionsPath+"/"+sub, "default_tax_rates[0]=txr_1").ok()
	taxed := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1", "automatic_tax[enabled]=true").ok().text("id")
	b.post(subscriptionsPath+"/"+taxed, "default_tax_rates[0]=txr_1").fails(400, "", "default_tax_rates", "while `automatic_tax` is enabled")
}

func TestMoreRefusals(t *testing.T) {
	b := open4test(t, Options{}).stock()
	tiered := []string{"currency=usd", "product=prod_1", "billing_scheme=tiered", "tiers_mode=volume", "tiers[0][up_to]=inf", "tiers[0][unit_amount]=1"}
	for _, test := range []struct {
		path, code, param string
		pairs             []string
	}{
		{"/v1/prices", "", "currency", []string{"currency=sd,", "product=prod_1", "unit_amount=1"}},
		{"/v1/prices", "amount_too_large", "unit_amount_decimal", []string{"currency=usd", "product=prod_1", "unit_amount_decimal=92233720368547758079.5"}},
		{"/v1/prices", "", "transform_quantity", append(tiered, "transform_quantity[divide_by]=2", "transform_quantity[round]=up")},
		{"/v1/prices", "parameter_invalid_integer", "tiers[0][up_to]", []string{"currency=usd", "product=prod_1", "billing_scheme=tiered", "tiers_mode=volume",
			"tiers[0][up_to]=0", "tiers[0][unit_amount]=9", "tiers[1][up_to]=inf", "tiers[1][unit_amount]=1"}},
		{"/v1/prices", "", "tiers[0][flat_amount]", []string{"currency=kwd", "product=prod_1", "billing_scheme=tiered", "tiers_mode=volume", "tiers[0][up_to]=inf", "tiers[0][flat_amount]=1005"}},
		{"/v1/prices", "", "currency_options[isk][unit_amount]", []string{"currency=usd", "product=prod_1", "unit_amount=1", "currency_options[isk][unit_amount]=1050"}},
		{subscriptionsPath, "", "payment_behavior", []string{"customer=cus_1", "items[0][price]=price_1", "payment_behavior=pending_if_incomplete"}},
	} {
		b.post(test.path, test.pairs...).fails(400, test.code, test.param, "")
	}
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1").ok().text("id")
	b.post(subscriptionsPath+"/"+sub, "items[0][price]=price_1").fails(400, "", "items[0][price]", "multiple subscription items with the same plan")

	require.NoError(t, b.Load(strings.NewReader(`{"coupons": [{"id": "OVER", "percent_off": 10, "duration": "once", "valid": false}]}`)))
	b.post(schedulesPath, schedule("phases[0][coupon]=OVER")...).fails(400, "coupon_expired", "phases[0][coupon]", "cannot be applied")
}

// TestAnIncompleteSubscriptionsInvoiceIsFinal: it has a number, and the credit it used is gone.
func TestAnIncompleteSubscriptionsInvoiceIsFinal(t *testing.T) {
	b := open4test(t, Options{}).stock()
	require.NoError(t, b.Load(strings.NewReader(`{"customers": [{"id": "cus_1", "balance": -300, "invoice_settings": {"default_payment_method": "pm_card_visa"}}]}`)))
	create := []string{"customer=cus_1", "items[0][price]=price_1", "payment_behavior=default_incomplete"}
	require.Equal(t, "incomplete", b.post(subscriptionsPath, create...).ok().text("status"))
	invoice := b.get(invoicesPath).ok()
	require.Equal(t, "open", invoice.text("data.0.status"))
	require.NotEmpty(t, invoice.text("data.0.number"))
	require.EqualValues(t, 700, invoice.number("data.0.amount_due"))
	b.post(invoicesPath + "/" + invoice.text("data.0.id") + "/pay").ok()
	b.post(subscriptionsPath, create...).ok()
	require.EqualValues(t, 1000, b.get(invoicesPath).ok().number("data.0.amount_due"))
	require.Equal(t, []string{"active until 2026-04-01 09:00:00", "incomplete until 2026-04-01 09:00:00"}, lastLines(b.story("cus_1"), 2))
}

// lastLines are the last lines of a text, sorted.
func lastLines(text string, count int) []string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	last := lines[len(lines)-count:]
	slices.Sort(last)
	return last
}

// TestTheScheduleDecidesTheEnd of its subscription, until it lets go of it.
func TestTheScheduleDecidesTheEnd(t *testing.T) {
	b := open4test(t, Options{}).stock()
	made := b.post(schedulesPath, schedule()...).ok().text("id")
	b.advance("2026-03-10")
	sub := b.get(schedulesPath + "/" + made).ok().text("subscription")
	b.post(subscriptionsPath+"/"+sub, "cancel_at_period_end=true").fails(400, "", "cancel_at_period_end", "managed by the subscription schedule `"+made+"`")
	b.post(subscriptionsPath+"/"+sub, "cancel_at="+unix(20*day)).fails(400, "", "cancel_at", "managed by the subscription schedule")
	b.post(schedulesPath + "/" + made + "/release").ok()
	b.post(subscriptionsPath+"/"+sub, "cancel_at_period_end=true").ok()
}

// TestAScheduledSubscriptionIsNeverIncomplete, also when its first invoice is finalized in the second in which it
// starts: a day later it would be over.
func TestAScheduledSubscriptionIsNeverIncomplete(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	b.post(schedulesPath, schedule("customer=cus_2")...).ok()
	b.advance("2026-03-03 09:00:00")
	require.Equal(t, "open", b.post(invoicesPath+"/"+b.get(invoicesPath).ids()[0]+"/finalize").ok().text("status"))
	b.advance("2026-03-10")
	require.Contains(t, b.story("cus_2"), "past_due until 2026-04-03 09:00:00")
}
