package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unix is a time some seconds after the tests' clock began, as a parameter.
func unix(seconds int64) string { return strconv.FormatInt(start.Unix()+seconds, 10) }

func TestScheduleIsCreatedAsAsked(t *testing.T) {
	b := open4test(t, Options{}).stock()
	got := b.post("/v1/subscription_schedules", schedule("metadata[source]=external:zuora",
		"phases[0][metadata][sub]=s-1", "phases[0][coupon]=TEN", "phases[0][default_tax_rates][0]=txr_1",
		"phases[0][proration_behavior]=none", "phases[0][trial_end]="+unix(9*day))...).ok()

	require.True(t, strings.HasPrefix(got.text("id"), "sub_sched_"))
	require.Equal(t, "not_started", got.text("status"))
	require.Equal(t, "external:zuora", got.text("metadata.source"))
	require.Equal(t, "s-1", got.text("phases.0.metadata.sub"))
	require.Equal(t, "price_1", got.text("phases.0.items.0.price"))
	require.EqualValues(t, 2, got.number("phases.0.items.0.quantity"))
	require.Equal(t, "TEN", got.text("phases.0.coupon"))
	require.Equal(t, "txr_1", got.text("phases.0.default_tax_rates.0.id"))
	require.Equal(t, "none", got.text("phases.0.proration_behavior"))
	require.Equal(t, unix(2*day), fmt.Sprint(got.number("phases.0.start_date")))
	require.Equal(t, unix(33*day), fmt.Sprint(got.number("phases.0.end_date")), "3 March plus a month is 3 April")
	require.Equal(t, unix(9*day), fmt.Sprint(got.number("phases.0.trial_end")))
	require.Nil(t, got.at("subscription"))
	require.Equal(t, got.raw, b.get("/v1/subscription_schedules/"+got.text("id")).ok().raw)
}

func TestScheduleGoesLiveWhenItsTimeComes(t *testing.T) {
	b := open4test(t, Options{}).stock()
	path := "/v1/subscription_schedules/" + b.post("/v1/subscription_schedules", schedule("phases[0][metadata][k]=v")...).ok().text("id")

	b.clock.pass(2*day - 1)
	require.Equal(t, "not_started", b.get(path).ok().text("status"))
	b.clock.pass(1)
	live := b.get(path, "expand[]=subscription").ok()
	require.Equal(t, "active", live.text("status"))
	require.Equal(t, "active", live.text("subscription.status"))
	require.Equal(t, "v", live.text("subscription.metadata.k"))
	require.Equal(t, live.text("id"), live.text("subscription.schedule"))
	require.Equal(t, unix(2*day), fmt.Sprint(live.number("subscription.start_date")))
}

func TestScheduleCancelAndRelease(t *testing.T) {
	b := open4test(t, Options{}).stock()
	create := func() string { return b.post("/v1/subscription_schedules", schedule()...).ok().text("id") }

	canceled := create()
	got := b.post("/v1/subscription_schedules/"+canceled+"/cancel", "invoice_now=false", "prorate=false").ok()
	require.Equal(t, "canceled", got.text("status"))
	require.Equal(t, unix(0), fmt.Sprint(got.number("canceled_at")))
	require.Nil(t, got.at("subscription"))
	b.post("/v1/subscription_schedules/"+canceled+"/cancel").fails(400, "", "",
		"You cannot cancel a subscription schedule that is currently in the `canceled` status.")

	released := create()
	b.clock.pass(2 * day)
	got = b.post("/v1/subscription_schedules/" + released + "/release").ok()
	require.Equal(t, "released", got.text("status"))
	require.Nil(t, got.at("subscription"))
	sub := b.get("/v1/subscriptions/" + got.text("released_subscription")).ok()
	require.Equal(t, "active", sub.text("status"))
	require.Nil(t, sub.at("schedule"))

	live := b.get("/v1/subscriptions", "customer=cus_1").ids()
	require.Equal(t, []string{sub.text("id")}, live)
}

func TestCancelOfAnActiveScheduleEndsItsSubscription(t *testing.T) {
	b := open4test(t, Options{}).stock()
	id := b.post("/v1/subscription_schedules", schedule("start_date=now")...).ok().text("id")
	got := b.post("/v1/subscription_schedules/"+id+"/cancel", "expand[]=subscription", "invoice_now=false", "prorate=false").ok()
	require.Equal(t, "canceled", got.text("status"))
	require.Equal(t, "canceled", got.text("subscription.status"))
}

func TestScheduleListIsNewestFirstAndFiltered(t *testing.T) {
	b := open4test(t, Options{}).stock()
	var made []string
	for i := range 5 {
		customer := fmt.Sprintf("customer=cus_%d", 1+i%2)
		made = append(made, b.post("/v1/subscription_schedules", schedule(customer)...).ok().text("id"))
		b.clock.pass(60)
	}
	list := func(pairs ...string) []string { return b.get("/v1/subscription_schedules", pairs...).ids() }

	require.Equal(t, []string{made[4], made[3], made[2], made[1], made[0]}, list())
	require.Equal(t, []string{made[3], made[1]}, list("customer=cus_2"))
	require.Equal(t, []string{made[1]}, list("customer=cus_2", "starting_after="+made[3]))
	require.Equal(t, []string{made[3]}, list("customer=cus_2", "ending_before="+made[1]))
	require.Equal(t, []string{made[4], made[3]}, list("limit=2"))
	require.Equal(t, []string{made[2], made[1]}, list("limit=2", "starting_after="+made[3]))
	require.Equal(t, []string{made[2], made[1]}, list("limit=2", "ending_before="+made[0]))
	require.Equal(t, []string{made[4], made[3]}, list("created[gte]="+unix(180)))
	require.Equal(t, []string{made[0]}, list("created="+unix(0)))

	b.post("/v1/subscription_schedules/" + made[2] + "/cancel").ok()
	require.Equal(t, []string{made[2]}, list("canceled_at[gt]=0"))
	require.Equal(t, []string{made[4], made[3], made[1], made[0]}, list("scheduled=true"))
	require.Equal(t, []string{made[2]}, list("scheduled=false"))

	page := b.get("/v1/subscription_schedules", "limit=2").ok()
	require.Equal(t, true, page.at("has_more"))
	require.Equal(t, "/v1/subscription_schedules", page.text("url"))
	require.Equal(t, false, b.get("/v1/subscription_schedules", "limit=5").ok().at("has_more"))
	b.get("/v1/subscription_schedules", "limit=101").fails(400, "parameter_invalid_integer", "limit", "less than or equal to 100")
	b.get("/v1/subscription_schedules", "starting_after=no").fails(400, "resource_missing", "starting_after", "No such subscription schedule: 'no'")
}

// TestScheduleRefusals holds what Stripe checks when a schedule is created, each as one change to a schedule that is
// accepted.
func TestScheduleRefusals(t *testing.T) {
	b := open4test(t, Options{}).stock()
	b.post("/v1/prices", "currency=usd", "unit_amount=5", "product=prod_1", "nickname=once").ok()
	once := b.get("/v1/prices", "type=one_time").ids()[0]
	for _, test := range []struct {
		name, code, param, message string
		change                     []string
	}{
		{"unknown", "parameter_unknown", "cancel_at", "Received unknown parameter: cancel_at", []string{"cancel_at=1"}},
		{"unknown, nested", "parameter_unknown", "phases[0][items][0][amount]", "unknown parameter: phases[0][items][0][amount]", []string{"phases[0][items][0][amount]=1"}},
		{"phase start_date", "parameter_unknown", "phases[0][start_date]", "", []string{"phases[0][start_date]=" + unix(day)}},
		{"known, not imitated", "", "phases[0][transfer_data]", "does not imitate", []string{"phases[0][transfer_data][destination]=acct_1"}},
		{"no customer", "parameter_missing", "customer", "Missing required param: customer.", []string{"customer"}},
		{"no items", "parameter_missing", "phases[1][items]", "", []string{"phases[1][iterations]=1"}},
		{"bad integer", "parameter_invalid_integer", "phases[0][items][0][quantity]", "Invalid integer: two", []string{"phases[0][items][0][quantity]=two"}},
		{"bad start", "parameter_invalid_integer", "start_date", "Invalid integer: tomorrow", []string{"start_date=tomorrow"}},
		{"bad enum", "", "end_behavior", "Invalid end_behavior: must be one of cancel, none, release, or renew", []string{"end_behavior=stop"}},
		{"bad boolean", "", "phases[0][trial]", "Invalid boolean: TRUE", []string{"phases[0][trial]=TRUE"}},
		{"empty", "parameter_invalid_empty", "phases[0][coupon]", "You passed an empty string for 'phases[0][coupon]'", []string{"phases[0][coupon]="}},
		{"customer", "resource_missing", "customer", "No such customer: 'cus_x'", []string{"customer=cus_x"}},
		{"price", "resource_missing", "phases[0][items][0][price]", "No such price: 'price_x'", []string{"phases[0][items][0][price]=price_x"}},
		{"coupon", "resource_missing", "phases[0][coupon]", "No such coupon: 'X'", []string{"phases[0][coupon]=X"}},
		{"tax rate", "resource_missing", "phases[0][default_tax_rates][0]", "No such tax rate: 'txr_x'", []string{"phases[0][default_tax_rates][0]=txr_x"}},
		{"one-time price", "", "phases[0][items][0][price]", "only accepts prices with `type=recurring`", []string{"phases[0][items][0][price]=" + once}},
		{"intervals differ", "", "phases[0][items][1]", "mismatch in interval field", []string{"phases[0][items][1][price]=price_year"}},
		{"currencies differ", "", "phases[0][items][1]", "only supports `eur`", []string{"phases[0][items][1][price]=price_eur"}},
		{"iterations and end", "parameters_exclusive", "phases[0][iterations]", "", []string{"phases[0][end_date]=" + unix(40*day)}},
		{"trial after the phase", "", "phases[0][trial_end]", "must be after the phase's start_date", []string{"phases[0][trial_end]=" + unix(80*day)}},
		{"send_invoice without days", "parameter_missing", "phases[0][invoice_settings][days_until_due]", "days_until_due", []string{"phases[0][collection_method]=send_invoice"}},
		{"days without send_invoice", "", "phases[0][invoice_settings][days_until_due]", "", []string{"phases[0][invoice_settings][days_until_due]=3"}},
		{"metadata key", "", "metadata", "up to 40 characters", []string{"metadata[" + strings.Repeat("k", 41) + "]=v"}},
		{"metadata value", "", "metadata", "up to 500 characters", []string{"metadata[k]=" + strings.Repeat("v", 501)}},
		{"metadata bracket", "", "metadata", "square brackets", []string{"metadata[a][b]=v"}},
		{"tax twice", "", "phases[0][default_tax_rates]", "automatic_tax", []string{"phases[0][automatic_tax][enabled]=true", "phases[0][default_tax_rates][0]=txr_1"}},
		{"inline product", "resource_missing", "phases[0][items][0][price_data][product]", "No such product: 'p'", append([]string{"phases[0][items][0][price]"}, inlinePrice("p")...)},
		{"price twice", "", "phases[0][items][1][price]", "Cannot add multiple subscription items with the same plan", []string{"phases[0][items][1][price]=price_1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := b.post("/v1/subscription_schedules", schedule(test.change...)...)
			got.TB = t
			got.fails(http.StatusBadRequest, test.code, test.param, test.message)
		})
	}
	require.Empty(t, b.get("/v1/subscription_schedules").ids(), "a refused schedule leaves nothing behind")
}

func inlinePrice(product string) []string {
	at := "phases[0][items][0][price_data]"
	return []string{at + "[product]=" + product, at + "[currency]=usd", at + "[unit_amount]=1999", at + "[recurring][interval]=month"}
}

func TestScheduleLimits(t *testing.T) {
	b := open4test(t, Options{}).stock()
	var items, oneOffs, phases []string
	for i := range 21 {
		one := fmt.Sprintf("phases[0][add_invoice_items][%d][price_data]", i)
		items = append(items, fmt.Sprintf("phases[0][items][%d][price]=price_%d", i, i))
		oneOffs = append(oneOffs, one+"[currency]=usd", one+"[product]=prod_1", one+"[unit_amount]=1")
	}
	for i := range 11 {
		phases = append(phases, fmt.Sprintf("phases[%d][items][0][price]=price_1", i))
	}
	for message, pairs := range map[string][]string{
		"at most 20 items":             items,
		"at most 20 add_invoice_items": oneOffs,
		"at most 10 phases":            phases,
	} {
		got := b.post("/v1/subscription_schedules", schedule(pairs...)...)
		require.Equal(t, 400, got.status)
		require.Contains(t, got.raw, message)
	}
	for range mostPerCustomer {
		b.post("/v1/subscription_schedules", schedule()...).ok()
	}
	b.post("/v1/subscription_schedules", schedule()...).fails(400, "customer_max_subscriptions", "customer", "maximum 500")
}

func TestAdHocScheduleMakesAnInactivePrice(t *testing.T) {
	b := open4test(t, Options{}).stock()
	got := b.post("/v1/subscription_schedules", schedule(append([]string{"phases[0][items][0][price]"}, inlinePrice("prod_1")...)...)...).ok()
	price := b.get("/v1/prices/" + got.text("phases.0.items.0.price")).ok()
	require.EqualValues(t, 1999, price.number("unit_amount"))
	require.Equal(t, false, price.at("active"))
	require.NotContains(t, b.get("/v1/prices", "active=true", "limit=100").ids(), price.text("id"))
}

func TestLiveModeIDsAreToldApart(t *testing.T) {
	b := open4test(t, Options{}).stock()
	require.NoError(t, b.Load(strings.NewReader(`{"customers":[{"id":"cus_live","object":"customer","livemode":true}]}`)))
	b.post("/v1/subscription_schedules", schedule("customer=cus_live")...).fails(400, "resource_missing", "customer",
		"No such customer: 'cus_live'; a similar object exists in live mode, but a test mode key was used to make this request.")
	b.get("/v1/customers/cus_live").fails(404, "resource_missing", "id", "a similar object exists in live mode")
}
