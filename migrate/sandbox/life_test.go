package sandbox

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// advance moves the sandbox's clock to a date, or a date and time, in UTC.
func (b *bench) advance(to string) {
	b.Helper()
	at, err := time.Parse(time.DateTime, to)
	if err != nil {
		at, err = time.Parse(time.DateOnly, to)
	}
	require.NoError(b, err)
	require.NoError(b, b.Advance(context.Background(), at))
}

// stamp is a date and time as a parameter.
func stamp(text string) string {
	at, err := time.Parse(time.DateTime, text)
	if err != nil {
		panic(err)
	}
	return fmt.Sprint(at.Unix())
}

func when(seconds float64) string {
	return time.Unix(int64(seconds), 0).UTC().Format("2006-01-02 15:04:05")
}

// when2 is a time as the API writes it.
func when2(seconds int64) string { return fmt.Sprint(seconds) }

// story is a customer's invoices, oldest first, and the subscriptions' state. An invoice is its creation, reason,
// status, total, and each line's amount and period; discount and tax follow when there are any.
func (b *bench) story(customer string) string {
	b.Helper()
	var out strings.Builder
	list := b.get("/v1/invoices", "customer="+customer, "limit=100").ok().at("data").([]any)
	for i := len(list) - 1; i >= 0; i-- {
		inv := list[i].(map[string]any)
		fmt.Fprintf(&out, "%s %s %s %v", when(inv["created"].(float64)), inv["billing_reason"], inv["status"], inv["total"])
		for _, name := range []string{"total_discount_amounts", "total_tax_amounts"} {
			for _, one := range inv[name].([]any) {
				fmt.Fprintf(&out, " %s=%v", strings.Split(name, "_")[1], one.(map[string]any)["amount"])
			}
		}
		out.WriteString("\n")
		for _, one := range inv["lines"].(map[string]any)["data"].([]any) {
			line := one.(map[string]any)
			period := line["period"].(map[string]any)
			fmt.Fprintf(&out, "  %v  %s..%s\n", line["amount"], when(period["start"].(float64)), when(period["end"].(float64)))
		}
	}
	for _, one := range b.get("/v1/subscriptions", "customer="+customer, "status=all").ok().at("data").([]any) {
		sub := one.(map[string]any)
		fmt.Fprintf(&out, "%s until %s\n", sub["status"], when(sub["current_period_end"].(float64)))
	}
	return out.String()
}

// tale is one schedule and what came of it.
type tale struct {
	name   string
	params []string
	until  string
	want   string
}

// TestTales follows one schedule for each strategy through its first months. The tests' clock begins on 1 March 2026,
// 09:00; price_1 is 10.00 USD a month; schedules start on 3 March, 09:00, with quantity 2 unless said otherwise.
func TestTales(t *testing.T) {
	for _, test := range []tale{
		{
			// 2 × 10.00 at the start and every month; a draft for an hour, then paid.
			name: "plain", until: "2026-05-03 09:30:00",
			want: `
2026-03-03 09:00:00 subscription_create paid 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
2026-04-03 09:00:00 subscription_cycle paid 2000
  2000  2026-04-03 09:00:00..2026-05-03 09:00:00
2026-05-03 09:00:00 subscription_cycle draft 2000
  2000  2026-05-03 09:00:00..2026-06-03 09:00:00
active until 2026-06-03 09:00:00
`,
		},
		{
			// Nothing until the trial ends on the 20th, which becomes the anchor.
			name: "trial", params: []string{"phases[0][trial_end]=" + stamp("2026-03-20 00:00:00")}, until: "2026-04-21",
			want: `
2026-03-03 09:00:00 subscription_create paid 0
  0  2026-03-03 09:00:00..2026-03-20 00:00:00
2026-03-20 00:00:00 subscription_cycle paid 2000
  2000  2026-03-20 00:00:00..2026-04-20 00:00:00
2026-04-20 00:00:00 subscription_cycle paid 2000
  2000  2026-04-20 00:00:00..2026-05-20 00:00:00
active until 2026-05-20 00:00:00
`,
		},
		{
			// From 31 January 2028: 29 February (a leap year), 31 March, 30 April.
			name: "month end", params: []string{"start_date=" + stamp("2028-01-31 12:00:00")}, until: "2028-04-01",
			want: `
2028-01-31 12:00:00 subscription_create paid 2000
  2000  2028-01-31 12:00:00..2028-02-29 12:00:00
2028-02-29 12:00:00 subscription_cycle paid 2000
  2000  2028-02-29 12:00:00..2028-03-31 12:00:00
2028-03-31 12:00:00 subscription_cycle paid 2000
  2000  2028-03-31 12:00:00..2028-04-30 12:00:00
active until 2028-04-30 12:00:00
`,
		},
		{
			// Charged once, over at the end of the first period.
			name: "cancel at the end", params: []string{"end_behavior=cancel"}, until: "2026-06-01",
			want: `
2026-03-03 09:00:00 subscription_create paid 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
canceled until 2026-04-03 09:00:00
`,
		},
		{
			// A trial to the very end, then over: never charged.
			name: "cancel after a trial", until: "2026-06-01",
			params: []string{"end_behavior=cancel", "phases[0][trial]=true", "phases[0][iterations]", "phases[0][end_date]=" + stamp("2026-03-20 00:00:00")},
			want: `
2026-03-03 09:00:00 subscription_create paid 0
  0  2026-03-03 09:00:00..2026-03-20 00:00:00
canceled until 2026-03-20 00:00:00
`,
		},
		{
			// 10 % forever: 200 off 2000 each time.
			name: "coupon forever", params: []string{"phases[0][coupon]=TEN"}, until: "2026-04-04",
			want: `
2026-03-03 09:00:00 subscription_create paid 1800 discount=200
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
2026-04-03 09:00:00 subscription_cycle paid 1800 discount=200
  2000  2026-04-03 09:00:00..2026-05-03 09:00:00
active until 2026-05-03 09:00:00
`,
		},
		{
			// 3.00 off once: the trial's invoice over nothing does not use it up.
			name: "coupon once, after a trial", until: "2026-04-21",
			params: []string{"phases[0][coupon]=ONCE", "phases[0][trial_end]=" + stamp("2026-03-20 00:00:00")},
			want: `
2026-03-03 09:00:00 subscription_create paid 0
  0  2026-03-03 09:00:00..2026-03-20 00:00:00
2026-03-20 00:00:00 subscription_cycle paid 1700 discount=300
  2000  2026-03-20 00:00:00..2026-04-20 00:00:00
2026-04-20 00:00:00 subscription_cycle paid 2000
  2000  2026-04-20 00:00:00..2026-05-20 00:00:00
active until 2026-05-20 00:00:00
`,
		},
		{
			// 25 % for two months: the invoices of March and April, not of May.
			name: "coupon repeating", params: []string{"phases[0][coupon]=TWOMONTHS"}, until: "2026-05-04",
			want: `
2026-03-03 09:00:00 subscription_create paid 1500 discount=500
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
2026-04-03 09:00:00 subscription_cycle paid 1500 discount=500
  2000  2026-04-03 09:00:00..2026-05-03 09:00:00
2026-05-03 09:00:00 subscription_cycle paid 2000
  2000  2026-05-03 09:00:00..2026-06-03 09:00:00
active until 2026-06-03 09:00:00
`,
		},
		{
			// 10 % on top of 1800, which is what the coupon leaves of 2000.
			name: "coupon, then exclusive tax", params: []string{"phases[0][coupon]=TEN", "phases[0][default_tax_rates][0]=txr_1"}, until: "2026-03-04",
			want: `
2026-03-03 09:00:00 subscription_create paid 1980 discount=200 tax=180
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
active until 2026-04-03 09:00:00
`,
		},
		{
			// 2000 × 19/119 = 319.33 is contained.
			name: "inclusive tax", params: []string{"phases[0][default_tax_rates][0]=txr_in"}, until: "2026-03-04",
			want: `
2026-03-03 09:00:00 subscription_create paid 2000 tax=319
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
active until 2026-04-03 09:00:00
`,
		},
		{
			// A one-off of 5.00 on the first invoice only.
			name: "add_invoice_items", until: "2026-04-04",
			params: []string{"phases[0][add_invoice_items][0][price_data][currency]=usd", "phases[0][add_invoice_items][0][price_data][product]=prod_1", "phases[0][add_invoice_items][0][price_data][unit_amount]=500"},
			want: `
2026-03-03 09:00:00 subscription_create paid 2500
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
  500  2026-03-03 09:00:00..2026-03-03 09:00:00
2026-04-03 09:00:00 subscription_cycle paid 2000
  2000  2026-04-03 09:00:00..2026-05-03 09:00:00
active until 2026-05-03 09:00:00
`,
		},
		{
			// A one-off during a trial is charged at the start.
			name: "add_invoice_items with a trial", until: "2026-03-04",
			params: []string{"phases[0][trial_end]=" + stamp("2026-03-20 00:00:00"), "phases[0][add_invoice_items][0][price_data][currency]=usd",
				"phases[0][add_invoice_items][0][price_data][product]=prod_1", "phases[0][add_invoice_items][0][price_data][unit_amount]=500"},
			want: `
2026-03-03 09:00:00 subscription_create paid 500
  0  2026-03-03 09:00:00..2026-03-20 00:00:00
  500  2026-03-03 09:00:00..2026-03-03 09:00:00
trialing until 2026-03-20 00:00:00
`,
		},
		{
			// The card can be attached, and not charged.
			name: "failing card", params: []string{"customer=cus_2"}, until: "2026-03-04",
			want: `
2026-03-03 09:00:00 subscription_create open 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
past_due until 2026-04-03 09:00:00
`,
		},
		{
			// Nothing to charge: accepted when it is created, not collected later.
			name: "no card", params: []string{"customer=cus_3"}, until: "2026-03-04",
			want: `
2026-03-03 09:00:00 subscription_create open 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
past_due until 2026-04-03 09:00:00
`,
		},
		{
			// Sent after an hour, open until someone pays.
			name: "send_invoice", params: []string{"phases[0][collection_method]=send_invoice", "phases[0][invoice_settings][days_until_due]=30"}, until: "2026-03-04",
			want: `
2026-03-03 09:00:00 subscription_create open 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
active until 2026-04-03 09:00:00
`,
		},
		{
			// The second phase begins with the second period: 3 × 10.00 from then on.
			name: "two phases", params: []string{"phases[1][items][0][price]=price_1", "phases[1][items][0][quantity]=3"}, until: "2026-05-04",
			want: `
2026-03-03 09:00:00 subscription_create paid 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
2026-04-03 09:00:00 subscription_cycle paid 3000
  3000  2026-04-03 09:00:00..2026-05-03 09:00:00
2026-05-03 09:00:00 subscription_cycle paid 3000
  3000  2026-05-03 09:00:00..2026-06-03 09:00:00
active until 2026-06-03 09:00:00
`,
		},
		{
			// The phase changes on 18 March, 21:00: 15.5 of the 31 days are left. The credit is 2000/2, the charge
			// 4000/2; both wait for April.
			name: "phase change in the middle", until: "2026-04-04",
			params: []string{"phases[0][iterations]", "phases[0][end_date]=" + stamp("2026-03-18 21:00:00"), "phases[1][items][0][price]=price_1", "phases[1][items][0][quantity]=4"},
			want: `
2026-03-03 09:00:00 subscription_create paid 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
2026-04-03 09:00:00 subscription_cycle paid 5000
  4000  2026-04-03 09:00:00..2026-05-03 09:00:00
  -1000  2026-03-18 21:00:00..2026-04-03 09:00:00
  2000  2026-03-18 21:00:00..2026-04-03 09:00:00
active until 2026-05-03 09:00:00
`,
		},
		{
			// As before, invoiced at once: the difference of 1000.
			name: "phase change in the middle, invoiced at once", until: "2026-03-19",
			params: []string{"phases[0][iterations]", "phases[0][end_date]=" + stamp("2026-03-18 21:00:00"), "phases[1][items][0][price]=price_1", "phases[1][items][0][quantity]=4", "phases[1][proration_behavior]=always_invoice"},
			want: `
2026-03-03 09:00:00 subscription_create paid 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
2026-03-18 21:00:00 subscription_update paid 1000
  -1000  2026-03-18 21:00:00..2026-04-03 09:00:00
  2000  2026-03-18 21:00:00..2026-04-03 09:00:00
active until 2026-04-03 09:00:00
`,
		},
		{
			// From monthly to yearly: the rest of the month is credited, a year begins.
			name: "phase change of interval", until: "2026-03-19",
			params: []string{"phases[0][iterations]", "phases[0][end_date]=" + stamp("2026-03-18 21:00:00"), "phases[1][items][0][price]=price_year"},
			want: `
2026-03-03 09:00:00 subscription_create paid 2000
  2000  2026-03-03 09:00:00..2026-04-03 09:00:00
2026-03-18 21:00:00 subscription_update paid 0
  1000  2026-03-18 21:00:00..2027-03-18 21:00:00
  -1000  2026-03-18 21:00:00..2026-04-03 09:00:00
active until 2027-03-18 21:00:00
`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := open4test(t, Options{}).stock().stockMore().anyTax()
			got := b.post(schedulesPath, schedule(test.params...)...).ok()
			b.advance(test.until)
			require.Equal(t, strings.TrimPrefix(test.want, "\n"), b.story(got.text("customer")))
		})
	}
}

// stockMore adds coupons of every duration, an inclusive tax rate, and makes cus_2's card one that cannot be charged.
func (b *bench) stockMore() *bench {
	b.Helper()
	require.NoError(b, b.Load(strings.NewReader(`{
		"customers": [{"id": "cus_2", "invoice_settings": {"default_payment_method": "pm_card_chargeCustomerFail"}}, {"id": "cus_3"}],
		"coupons": [{"id": "ONCE", "amount_off": 300, "currency": "usd", "duration": "once"},
			{"id": "TWOMONTHS", "percent_off": 25, "duration": "repeating", "duration_in_months": 2}],
		"tax_rates": [{"id": "txr_in", "percentage": 19, "inclusive": true}]
	}`)))
	return b
}

// anyTax makes the prices ones that say nothing of tax, and so take rates of either kind.
func (b *bench) anyTax() *bench {
	b.Helper()
	require.NoError(b, b.Load(strings.NewReader(`{"prices": [
		{"id": "price_1", "product": "prod_price_1", "currency": "usd", "unit_amount": 1000, "recurring": {"interval": "month"}},
		{"id": "price_year", "product": "prod_price_year", "currency": "usd", "unit_amount": 1000, "recurring": {"interval": "year"}}]}`)))
	return b
}

func TestEventsOfALife(t *testing.T) {
	b := open4test(t, Options{}).stock()
	b.post(schedulesPath, schedule("end_behavior=cancel")...).ok()
	b.advance("2026-06-01")
	var types []string
	for _, one := range b.get("/v1/events", "limit=100").ok().at("data").([]any) {
		types = append(types, one.(map[string]any)["type"].(string))
	}
	require.Equal(t, []string{
		"subscription_schedule.completed", "customer.subscription.deleted",
		"invoice.payment_succeeded", "invoice.paid", "invoice.finalized",
		"subscription_schedule.updated", "customer.subscription.created", "invoice.created",
		"subscription_schedule.created",
	}, types)
	paid := b.get("/v1/events", "type=invoice.paid").ok()
	require.Equal(t, "paid", paid.text("data.0.data.object.status"))
	require.Equal(t, "draft", b.get("/v1/events", "type=invoice.created").ok().text("data.0.data.object.status"))
	require.Equal(t, paid.text("data.0.id"), b.get("/v1/events/"+paid.text("data.0.id")).ok().text("id"))
	require.Len(t, b.get("/v1/events", "types[]=invoice.*", "types[]=subscription_schedule.created").ids(), 5)
}

func TestAdvanceGoesForwardOnly(t *testing.T) {
	b := open4test(t, Options{})
	b.advance("2026-04-01")
	require.Equal(t, "2026-04-01 00:00:00", b.Now().Format(time.DateTime))
	require.ErrorContains(t, b.Advance(context.Background(), start), "cannot be moved back")
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	b.stock()
	b.post(schedulesPath, schedule("start_date="+stamp("2026-05-01 00:00:00"))...).ok()
	require.ErrorIs(t, b.Advance(canceled, start.AddDate(1, 0, 0)), context.Canceled)
	b.advance("2026-05-02")
	require.Contains(t, b.story("cus_1"), "paid 2000", "an interrupted Advance loses nothing")
}

func TestTheAdvancedClockSurvives(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	b := open4test(t, opts).stock().stockMore()
	b.post(schedulesPath, schedule("phases[0][coupon]=TWOMONTHS", "phases[0][default_tax_rates][0]=txr_1")...).ok()
	b.advance("2026-04-03 09:30:00")
	story, events := b.story("cus_1"), b.get("/v1/events", "limit=100").ok().raw
	b = reopen(t, b, opts)
	require.Equal(t, "2026-04-03 09:30:00", b.Now().Format(time.DateTime))
	require.Equal(t, story, b.story("cus_1"))
	require.Equal(t, events, b.get("/v1/events", "limit=100").ok().raw)
	b.advance("2026-04-03 10:00:00")
	require.Contains(t, b.story("cus_1"), "2026-04-03 09:00:00 subscription_cycle paid 1650", "2000 less 25 % and 10 % tax")
}
