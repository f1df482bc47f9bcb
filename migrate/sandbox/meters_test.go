package sandbox

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// meters is a sandbox with a meter, a price that it charges, and a customer who subscribes to it.
func metered(t *testing.T, opts Options, formula string) (b *bench, meter string) {
	b = open4test(t, opts).stock()
	b.check = nil // Stripe's description of this version has no meters
	meter = b.post("/v1/billing/meters", "display_name=Calls", "event_name=calls", "default_aggregation[formula]="+formula).ok().text("id")
	return b, meter
}

func (b *bench) use(id string, at int64, customer, value string) *reply {
	return b.post("/v1/billing/meter_events", "event_name=calls", "identifier="+id, "timestamp="+fmt.Sprint(start.Unix()+at),
		"payload[stripe_customer_id]="+customer, "payload[value]="+value)
}

func TestAMeteredInvoiceIsTheSumOfItsEvents(t *testing.T) {
	for _, dir := range []string{"", t.TempDir()} {
		b, meter := metered(t, Options{Dir: dir}, "sum")
		price := b.post("/v1/prices", "currency=usd", "unit_amount=3", "product=prod_1", "recurring[interval]=month",
			"recurring[usage_type]=metered", "recurring[meter]="+meter).ok().text("id")
		sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]="+price).ok().text("id")
		want := int64(0)
		b.clock.pass(1200)
		for i := range int64(40) {
			b.use(fmt.Sprintf("u%d", i), i*60-1200, "cus_1", fmt.Sprint(i)).ok()
			if i >= 20 { // within the period
				want += i
			}
		}
		b.use("other", 60, "cus_2", "1000").ok()
		require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 1, 0).Add(time.Minute)))
		draft := b.get("/v1/invoices", "subscription="+sub, "status=draft").ids()[0]
		require.EqualValues(t, want*3, b.get("/v1/invoices/"+draft).number("total"))

		b.post("/v1/billing/meter_events", "event_name=calls", "identifier=late", "timestamp="+fmt.Sprint(start.AddDate(0, 0, 20).Unix()),
			"payload[stripe_customer_id]=cus_1", "payload[value]=5").ok() // while the invoice is a draft
		b.post("/v1/billing/meter_events", "event_name=calls", "identifier=next", "payload[stripe_customer_id]=cus_1", "payload[value]=7").ok()
		require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 1, 0).Add(2*time.Hour)))
		inv := b.get("/v1/invoices/" + draft)
		require.EqualValues(t, (want+5)*3, inv.number("total"))
		require.EqualValues(t, want+5, inv.number("lines.data.0.quantity"))
		require.Equal(t, "paid", inv.text("status"))
		b.post("/v1/billing/meter_events", "event_name=calls", "identifier=too-late", "timestamp="+fmt.Sprint(start.AddDate(0, 0, 20).Unix()),
			"payload[stripe_customer_id]=cus_1", "payload[value]=5").ok()
		require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 2, 0).Add(2*time.Hour)))
		require.EqualValues(t, (want+5)*3, b.get("/v1/invoices/"+draft).number("total"), "a finalized invoice never changes")
		require.EqualValues(t, 7*3, b.get("/v1/invoices", "subscription="+sub).number("data.0.total"))
	}
}

func TestFormulasCorrectionsAndFractions(t *testing.T) {
	for formula, want := range map[string]int64{"sum": 9, "count": 3, "last": 2} {
		b, meter := metered(t, Options{}, formula)
		price := b.post("/v1/prices", "currency=usd", "unit_amount=1", "product=prod_1", "recurring[interval]=month",
			"recurring[usage_type]=metered", "recurring[meter]="+meter).ok().text("id")
		sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]="+price, "items[1][price]=price_1").ok().text("id")
		b.use("a", 60, "cus_1", "10").ok()
		b.use("b", 180, "cus_1", "2").ok()
		b.use("c", 120, "cus_1", "-2.75").ok()
		require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 1, 0).Add(2*time.Hour)))
		require.EqualValues(t, 1000+want, b.get("/v1/invoices", "subscription="+sub).number("data.0.total"), formula)
		sum := b.get("/v1/billing/meters/"+meter+"/event_summaries", "customer=cus_1", "start_time="+fmt.Sprint(start.Unix()), "end_time="+fmt.Sprint(start.Unix()+3600)).ok()
		require.Equal(t, map[string]any{"sum": 9.25, "count": 3.0, "last": 2.0}[formula], sum.at("data.0.aggregated_value"))
	}
	b, meter := metered(t, Options{}, "sum")
	price := b.post("/v1/prices", "currency=usd", "unit_amount=1", "product=prod_1", "recurring[interval]=month", "recurring[usage_type]=metered", "recurring[meter]="+meter).ok().text("id")
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]="+price).ok().text("id")
	b.use("a", 60, "cus_1", "-10").ok()
	require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 1, 0).Add(2*time.Hour)))
	require.Zero(t, b.get("/v1/invoices", "subscription="+sub).number("data.0.total"), "a sum below 0 counts as 0")
}

// Stripe forgets identifiers after a day: then the same event counts twice.
func TestIdentifiersAreForgotten(t *testing.T) {
	b, meter := metered(t, Options{}, "sum")
	b.use("a", 0, "cus_1", "1").ok()
	b.use("a", 0, "cus_1", "1").fails(400, "duplicate_meter_event", "identifier", "already exists with identifier a")
	b.clock.pass(day - 1)
	b.use("a", 0, "cus_1", "1").fails(400, "duplicate_meter_event", "identifier", "already exists")
	b.clock.pass(1)
	b.use("a", 0, "cus_1", "1").ok()
	b.use("a", 0, "cus_1", "1").fails(400, "duplicate_meter_event", "identifier", "already exists")
	sum := func() any {
		return b.get("/v1/billing/meters/"+meter+"/event_summaries", "customer=cus_1", "start_time="+fmt.Sprint(start.Unix()), "end_time="+fmt.Sprint(start.Unix()+60)).ok().at("data.0.aggregated_value")
	}
	require.EqualValues(t, 2, sum())
	cancel := func() *reply {
		return b.post("/v1/billing/meter_event_adjustments", "event_name=calls", "type=cancel", "cancel[identifier]=a")
	}
	cancel().ok()
	require.EqualValues(t, 1, sum())
	cancel().fails(400, "", "cancel[identifier]", "canceled before")
	b.use("z", 0, "cus_1", "1").ok()
	b.clock.pass(day)
	b.post("/v1/billing/meter_event_adjustments", "event_name=calls", "type=cancel", "cancel[identifier]=z").fails(400, "", "cancel[identifier]", "more than 24 hours ago")
	b.post("/v1/billing/meter_event_adjustments", "event_name=calls", "type=cancel", "cancel[identifier]=none").fails(400, "resource_missing", "cancel[identifier]", "No such meter event")
}

func TestMetersAreRefusedAsStripeDoes(t *testing.T) {
	b, meter := metered(t, Options{}, "sum")
	b.post("/v1/billing/meters", "display_name=Calls", "event_name=calls", "default_aggregation[formula]=sum").fails(400, "", "event_name", "already exists")
	b.get("/v1/billing/meters/mtr_none").fails(404, "resource_missing", "id", "No such meter")
	require.Equal(t, "inactive", b.post("/v1/billing/meters/"+meter+"/deactivate").ok().text("status"))
	require.Empty(t, b.get("/v1/billing/meters", "status=active").ids())
	b.post("/v1/prices", "currency=usd", "unit_amount=1", "product=prod_1", "recurring[interval]=month", "recurring[usage_type]=metered", "recurring[meter]="+meter).
		fails(400, "", "recurring[meter]", "inactive")
	b.use("a", 0, "cus_1", "1").ok()
	events := b.get("/v1/events", "types[0]=v1.billing.meter.error_report_triggered").ok()
	require.Equal(t, "archived_meter", events.at("data.0.data.object.reason.error_types.0.code"))
	b.post("/v1/billing/meters/" + meter + "/reactivate").ok()
	b.post("/v1/prices", "currency=usd", "unit_amount=1", "product=prod_1", "recurring[interval]=month", "recurring[meter]="+meter).
		fails(400, "", "recurring[meter]", "usage_type=metered")
	summaries := "/v1/billing/meters/" + meter + "/event_summaries"
	b.get(summaries, "customer=cus_1", "start_time=61", "end_time=120").fails(400, "", "start_time", "multiple of 60")
	b.get(summaries, "customer=cus_1", "start_time=60", "end_time=7200", "value_grouping_window=hour").fails(400, "", "start_time", "multiple of 3600")
	b.get(summaries, "customer=cus_none", "start_time=60", "end_time=120").fails(400, "resource_missing", "customer", "No such customer")
}

func TestEventsHaveALimitOfTheirOwn(t *testing.T) {
	b, _ := metered(t, Options{}, "sum")
	b.opts.Limits = Limits{Global: 1, PerEndpoint: 1, Events: 3}
	refused := 0
	for i := range 6 {
		if r := b.use(fmt.Sprint(i), 0, fmt.Sprintf("cus_%d", 1+i%2), "1"); r.status == 429 {
			require.Equal(t, "endpoint-rate", r.header.Get("Stripe-Rate-Limited-Reason"))
			refused++
		}
	}
	require.Equal(t, 3, refused)

	slow, _ := metered(t, Options{Latency: 50 * time.Millisecond}, "sum")
	var wg sync.WaitGroup
	codes := make(chan int, 8)
	for i := range 8 { // all of one customer and meter
		wg.Go(func() {
			answer, err := slow.Transport().RoundTrip(slow.request("POST", "/v1/billing/meter_events", "event_name=calls", fmt.Sprintf("identifier=%d", i), "payload[stripe_customer_id]=cus_1", "payload[value]=1"))
			if err == nil {
				codes <- answer.StatusCode
			}
		})
	}
	wg.Wait()
	close(codes)
	count := map[int]int{}
	for code := range codes {
		count[code]++
	}
	require.Positive(t, count[429], "one call at a time for each customer and meter")
	require.Positive(t, count[200])
}

func (b *bench) json(path, token, body string) *reply {
	r, err := http.NewRequest("POST", "http://sandbox"+path, bytes.NewReader([]byte(body)))
	require.NoError(b, err)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Stripe-Version", "2024-09-30.acacia")
	return b.send(r)
}

func TestTheStream(t *testing.T) {
	b, meter := metered(t, Options{}, "sum")
	b.json(sessionPath, "sk_test_1", "{}").fails(400, "testmode_not_supported", "", "live mode only")
	b.opts.Stream = true
	session := b.json(sessionPath, "sk_test_1", "{}").ok()
	token := session.text("authentication_token")
	require.Equal(t, start.Add(15*time.Minute).Format(time.RFC3339), session.text("expires_at"))
	event := func(id string) string {
		return fmt.Sprintf(`{"event_name":"calls","identifier":%q,"payload":{"stripe_customer_id":"cus_1","value":"2"},"timestamp":%q}`, id, start.Format(time.RFC3339))
	}
	b.json(streamPath, token, `{"events":[`+event("a")+","+event("b")+`]}`).ok()
	b.json(streamPath, token, `{"events":[`+event("c")+","+event("b")+`]}`).fails(400, "duplicate_meter_event", "identifier", "identifier b")
	b.json(streamPath, token, `{"events":[]}`).fails(400, "", "events", "from 1 to 100")
	b.json(streamPath, token, `{"events":[`+strings.Repeat(event("x")+",", 100)+event("x")+`]}`).fails(400, "", "events", "this one has 101")
	b.json(streamPath, "sk_test_1", `{"events":[`+event("c")+`]}`).fails(401, "invalid_token", "", "none of a meter event session")
	require.EqualValues(t, 4, b.get("/v1/billing/meters/"+meter+"/event_summaries", "customer=cus_1", "start_time="+fmt.Sprint(start.Unix()), "end_time="+fmt.Sprint(start.Unix()+60)).at("data.0.aggregated_value"),
		"a batch is taken as a whole, or not at all")
	b.clock.pass(15 * 60)
	b.json(streamPath, token, `{"events":[`+event("c")+`]}`).fails(401, "billing_meter_event_session_expired", "", "expired")
	b.json("/v2/other", "sk_test_1", "{}").fails(404, "", "", "Unrecognized request URL")
	b.opts.Limits.StreamEvents = 150
	token = b.json(sessionPath, "sk_test_1", "{}").ok().text("authentication_token")
	many := func(prefix string) string {
		var all []string
		for i := range 100 {
			all = append(all, event(fmt.Sprint(prefix, i)))
		}
		return `{"events":[` + strings.Join(all, ",") + `]}`
	}
	b.json(streamPath, token, many("p")).ok()
	require.Equal(t, 429, b.json(streamPath, token, many("q")).status)
	b.clock.pass(1)
	b.json(streamPath, token, many("q")).ok()
}

func TestMetersOfAnAccountFile(t *testing.T) {
	b := open4test(t, Options{})
	b.check = nil
	require.NoError(t, b.Load(strings.NewReader(`{"meters": [{"id": "mtr_1", "event_name": "calls"}], "customers": [{"id": "cus_1"}], "products": [{"id": "prod_1", "name": "A"}],
		"prices": [{"id": "price_1", "product": "prod_1", "currency": "usd", "unit_amount": 1, "recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr_1"}}]}`)))
	require.Equal(t, "mtr_1", b.get("/v1/prices/price_1").ok().text("recurring.meter"))
	for text, want := range map[string]string{
		`{"meters": [{"id": "mtr_1"}]}`: "event_name is missing",
		`{"meters": [{"id": "mtr_1", "event_name": "a", "default_aggregation": {"formula": "avg"}}]}`:                                                                                                              "formula",
		`{"meters": [{"id": "mtr_2", "event_name": "a"}, {"id": "mtr_3", "event_name": "a"}]}`:                                                                                                                     "has the same one",
		`{"products": [{"id": "prod_1"}], "prices": [{"id": "price_2", "product": "prod_1", "currency": "usd", "unit_amount": 1, "recurring": {"interval": "month", "usage_type": "metered", "meter": "mtr_9"}}]}`: "not among the meters",
	} {
		require.ErrorContains(t, open4test(t, Options{}).Load(strings.NewReader(text)), want)
	}
}

// What was taken is there when a directory is opened again, and the identifiers are still known.
func TestMetersSurvive(t *testing.T) {
	dir := t.TempDir()
	b, meter := metered(t, Options{Dir: dir}, "sum")
	b.use("a", 0, "cus_1", "3").ok()
	require.NoError(t, b.Close())
	b = open4test(t, Options{Dir: dir})
	b.check = nil
	b.use("a", 0, "cus_1", "3").fails(400, "duplicate_meter_event", "identifier", "already exists")
	b.use("b", 0, "cus_1", "4").ok()
	require.EqualValues(t, 7, b.get("/v1/billing/meters/"+meter+"/event_summaries", "customer=cus_1", "start_time="+fmt.Sprint(start.Unix()), "end_time="+fmt.Sprint(start.Unix()+60)).at("data.0.aggregated_value"))
}
