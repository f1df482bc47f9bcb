package sandbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const clocksPath = "/v1/test_helpers/test_clocks"

func TestATestClockMovesItsCustomersOnly(t *testing.T) {
	b := open4test(t, Options{}).stock()
	clock := b.post(clocksPath, "frozen_time="+stamp("2026-06-01 00:00:00"), "name=mine").ok().text("id")
	customer := b.post("/v1/customers", "test_clock="+clock, "payment_method=pm_card_visa", "invoice_settings[default_payment_method]=pm_card_visa").ok().text("id")
	b.post(schedulesPath, schedule()...).ok()
	made := b.post(schedulesPath, schedule("customer="+customer, "start_date="+stamp("2026-06-02 00:00:00"))...).ok()
	require.Equal(t, clock, made.text("test_clock"))
	require.NotContains(t, b.get(schedulesPath).ids(), made.text("id"), "a list without a customer leaves it out")
	require.NotContains(t, b.get("/v1/customers").ids(), customer)
	require.Equal(t, []string{customer}, b.get("/v1/customers", "test_clock="+clock).ids())

	got := b.post(clocksPath+"/"+clock+"/advance", "frozen_time="+stamp("2026-07-03 00:00:00")).ok()
	require.Equal(t, "ready", got.text("status"))
	require.Equal(t, `2026-06-02 00:00:00 subscription_create paid 2000
  2000  2026-06-02 00:00:00..2026-07-02 00:00:00
2026-07-02 00:00:00 subscription_cycle paid 2000
  2000  2026-07-02 00:00:00..2026-08-02 00:00:00
active until 2026-08-02 00:00:00
`, b.story(customer))
	require.Empty(t, b.story("cus_1"), "the sandbox's own clock has not moved")

	b.post(clocksPath+"/"+clock+"/advance", "frozen_time="+stamp("2026-07-01 00:00:00")).fails(400, "", "frozen_time", "must be after")
	b.post(clocksPath+"/"+clock+"/advance", "frozen_time="+stamp("2026-09-04 00:00:00")).fails(400, "", "frozen_time", "at most two intervals")
	require.Equal(t, clock, b.get(clocksPath+"/"+clock).ok().text("id"))
	require.Equal(t, []string{clock}, b.get(clocksPath).ids())

	b.do("DELETE", clocksPath+"/"+clock).ok()
	require.Equal(t, true, b.get("/v1/customers/"+customer).ok().at("deleted"))
	sub := b.get(schedulesPath + "/" + made.text("id")).ok().text("released_subscription")
	require.Equal(t, "canceled", b.get("/v1/subscriptions/"+sub).ok().text("status"))
}

func TestATestClockHasThreeCustomers(t *testing.T) {
	b := open4test(t, Options{})
	clock := b.post(clocksPath, "frozen_time="+unix(0)).ok().text("id")
	for range clockCustomers {
		b.post("/v1/customers", "test_clock="+clock).ok()
	}
	b.post("/v1/customers", "test_clock="+clock).fails(400, "", "test_clock", "at most 3 customers")
	b.post("/v1/customers", "test_clock=clock_x").fails(400, "resource_missing", "test_clock", "No such test clock")
}
