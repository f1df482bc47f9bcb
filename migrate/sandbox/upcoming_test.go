package sandbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestUpcomingIsWhatComes(t *testing.T) {
	b := open4test(t, Options{}).stock()
	made := b.post(schedulesPath, schedule("phases[0][coupon]=TEN", "phases[1][items][0][price]=price_1", "phases[1][items][0][quantity]=5")...).ok()

	first := b.get("/v1/invoices/upcoming", "schedule="+made.text("id")).ok()
	require.EqualValues(t, 1800, first.number("total"))
	require.Nil(t, first.at("id"), "a preview has no ID")
	require.Empty(t, b.get("/v1/invoices").ids(), "a preview leaves nothing behind")
	require.Equal(t, "not_started", b.get(schedulesPath+"/"+made.text("id")).ok().text("status"))

	b.advance("2026-03-04")
	sub := b.get(schedulesPath + "/" + made.text("id")).ok().text("subscription")
	for _, by := range []string{"schedule=" + made.text("id"), "subscription=" + sub, "customer=cus_1"} {
		next := b.get("/v1/invoices/upcoming", by).ok()
		require.EqualValues(t, 5000, next.number("total"), "the second phase, whose coupon is none")
		require.Equal(t, stamp("2026-04-03 09:00:00"), when2(next.number("created")))
	}
	b.advance("2026-04-04")
	require.Contains(t, b.story("cus_1"), "subscription_cycle paid 5000")

	b.get("/v1/invoices/upcoming", "customer=cus_2").fails(404, "invoice_upcoming_none", "", "No upcoming invoices for customer: cus_2")
	b.get("/v1/invoices/upcoming").fails(400, "parameter_missing", "customer", "")
	b.get("/v1/invoices/upcoming", "customer=cus_1", "coupon=TEN").fails(400, "", "coupon", "does not imitate")
}

func TestScheduleUpdate(t *testing.T) {
	b := open4test(t, Options{}).stock()
	path := schedulesPath + "/" + b.post(schedulesPath, schedule()...).ok().text("id")
	got := b.post(path, "phases[0][start_date]="+unix(4*day), "phases[0][items][0][price]=price_2", "phases[0][iterations]=2", "end_behavior=cancel",
		"default_settings[collection_method]=send_invoice", "default_settings[invoice_settings][days_until_due]=7").ok()
	require.Equal(t, "price_2", got.text("phases.0.items.0.price"))
	require.Equal(t, unix(4*day), when2(got.number("phases.0.start_date")))
	require.Equal(t, "cancel", got.text("end_behavior"))
	b.advance("2026-03-03 10:00:00")
	require.Equal(t, "not_started", b.get(path).ok().text("status"), "the old start no longer counts")
	b.advance("2026-03-06")
	require.Equal(t, "active", b.get(path).ok().text("status"))

	b.advance("2026-03-20 21:00:00")
	b.post(path, "phases[0][start_date]="+unix(9*day), "phases[0][items][0][price]=price_1").fails(400, "", "phases[0][start_date]", "must be the current one")
	b.post(path, "phases[0][start_date]="+unix(4*day), "phases[0][items][0][price]=price_2", "phases[0][items][0][quantity]=3", "phases[0][iterations]=2", "proration_behavior=always_invoice").ok()
	// 15.5 of 31 days are left: 500 back and 1500 charged.
	require.Contains(t, b.story("cus_1"), "2026-03-20 21:00:00 subscription_update open 1000")
}

func TestFinalizeADraftEarly(t *testing.T) {
	b := open4test(t, Options{}).stock()
	b.post(schedulesPath, schedule()...).ok()
	b.advance("2026-03-03 09:10:00")
	draft := b.get("/v1/invoices", "status=draft").ids()[0]
	require.Equal(t, "paid", b.post("/v1/invoices/"+draft+"/finalize", "expand[]=subscription", "expand[]=customer").ok().text("status"))
	b.post("/v1/invoices/"+draft+"/finalize").fails(400, "invoice_not_editable", "", "already finalized")
	require.Equal(t, "paid", b.get("/v1/invoices/"+draft).ok().text("status"))
}
