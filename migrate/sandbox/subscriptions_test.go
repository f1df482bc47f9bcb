package sandbox

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const subscriptionsPath = "/v1/subscriptions"

// TestSubscriptionTales are subscriptions the API creates on 1 March, 09:00, each with the change that follows and what
// came of it.
func TestSubscriptionTales(t *testing.T) {
	for _, test := range []struct {
		name, want, on, until string
		create, update        []string
	}{
		{
			// Paid at once: no draft.
			name: "plain", until: "2026-04-02", want: `
2026-03-01 09:00:00 subscription_create paid 1000
  1000  2026-03-01 09:00:00..2026-04-01 09:00:00
2026-04-01 09:00:00 subscription_cycle paid 1000
  1000  2026-04-01 09:00:00..2026-05-01 09:00:00
active until 2026-05-01 09:00:00
`,
		},
		{
			// A direct subscription of a migration: free until the 11th, then the
			// 15.5 days to the anchor as a part of the month that would begin on the
			// 11th, which has 31 days: 1000 × 15.5/31 = 500.
			name: "trial, then a stub to the anchor", until: "2026-03-28",
			create: []string{"trial_end=" + stamp("2026-03-11 09:00:00"), "billing_cycle_anchor=" + stamp("2026-03-26 21:00:00")},
			want: `
2026-03-01 09:00:00 subscription_create paid 0
  0  2026-03-01 09:00:00..2026-03-11 09:00:00
2026-03-11 09:00:00 subscription_cycle paid 500
  500  2026-03-11 09:00:00..2026-03-26 21:00:00
2026-03-26 21:00:00 subscription_cycle paid 1000
  1000  2026-03-26 21:00:00..2026-04-26 21:00:00
active until 2026-04-26 21:00:00
`,
		},
		{
			// The same without proration: the stub is free.
			name: "trial, then a free stub", until: "2026-03-28",
			create: []string{"trial_end=" + stamp("2026-03-11 09:00:00"), "billing_cycle_anchor=" + stamp("2026-03-26 21:00:00"), "proration_behavior=none"},
			want: `
2026-03-01 09:00:00 subscription_create paid 0
  0  2026-03-01 09:00:00..2026-03-11 09:00:00
2026-03-11 09:00:00 subscription_cycle paid 0
  0  2026-03-11 09:00:00..2026-03-26 21:00:00
2026-03-26 21:00:00 subscription_cycle paid 1000
  1000  2026-03-26 21:00:00..2026-04-26 21:00:00
active until 2026-04-26 21:00:00
`,
		},
		{
			// 10 of the 28 days from 10 February to 10 March, as in Stripe's guide to
			// backdating: what a part of a month is measured against begins with it.
			name: "a stub in a short month", until: "2027-02-21",
			create: []string{"trial_end=" + stamp("2027-02-10 09:00:00"), "billing_cycle_anchor=" + stamp("2027-02-20 09:00:00")},
			want: `
2026-03-01 09:00:00 subscription_create paid 0
  0  2026-03-01 09:00:00..2027-02-10 09:00:00
2027-02-10 09:00:00 subscription_cycle paid 357
  357  2027-02-10 09:00:00..2027-02-20 09:00:00
2027-02-20 09:00:00 subscription_cycle paid 1000
  1000  2027-02-20 09:00:00..2027-03-20 09:00:00
active until 2027-03-20 09:00:00
`,
		},
		{
			// Active and free until the anchor: unlike a trial, without an invoice over 0.
			name: "anchored without proration", until: "2026-03-28",
			create: []string{"billing_cycle_anchor=" + stamp("2026-03-26 21:00:00"), "proration_behavior=none"},
			want: `
2026-03-26 21:00:00 subscription_cycle paid 1000
  1000  2026-03-26 21:00:00..2026-04-26 21:00:00
active until 2026-04-26 21:00:00
`,
		},
		{
			name: "anchored and backdated, before the anchor", until: "2026-03-20",
			create: []string{"billing_cycle_anchor=" + stamp("2026-03-26 21:00:00"), "proration_behavior=none", "backdate_start_date=" + stamp("2024-01-26 21:00:00")},
			want: `
active until 2026-03-26 21:00:00
`,
		},
		{
			name: "anchored, ends on the anchor", until: "2026-03-28",
			create: []string{"billing_cycle_anchor=" + stamp("2026-03-26 21:00:00"), "proration_behavior=none", "cancel_at=" + stamp("2026-03-26 21:00:00")},
			want: `
canceled until 2026-03-26 21:00:00
`,
		},
		{
			// A one-off is charged at once, on an invoice that would not have been made without it.
			name: "anchored with a one-off", until: "2026-03-20",
			create: []string{"billing_cycle_anchor=" + stamp("2026-03-26 21:00:00"), "proration_behavior=none",
				"add_invoice_items[0][price_data][currency]=usd", "add_invoice_items[0][price_data][product]=prod_1", "add_invoice_items[0][price_data][unit_amount]=700"},
			want: `
2026-03-01 09:00:00 subscription_create paid 700
  0  2026-03-01 09:00:00..2026-03-26 21:00:00
  700  2026-03-01 09:00:00..2026-03-01 09:00:00
active until 2026-03-26 21:00:00
`,
		},
		{
			// The whole month until its natural end is no part of one: it is charged.
			name: "anchored one month on", until: "2026-03-20",
			create: []string{"billing_cycle_anchor=" + stamp("2026-04-01 09:00:00"), "proration_behavior=none"},
			want: `
2026-03-01 09:00:00 subscription_create paid 1000
  1000  2026-03-01 09:00:00..2026-04-01 09:00:00
active until 2026-04-01 09:00:00
`,
		},
		{
			name: "backdated, in trial until its first charge", until: "2026-03-28",
			create: []string{"trial_end=" + stamp("2026-03-11 09:00:00"), "proration_behavior=none", "backdate_start_date=" + stamp("2024-01-11 09:00:00")},
			want: `
2026-03-01 09:00:00 subscription_create paid 0
  0  2026-03-01 09:00:00..2026-03-11 09:00:00
2026-03-11 09:00:00 subscription_cycle paid 1000
  1000  2026-03-11 09:00:00..2026-04-11 09:00:00
active until 2026-04-11 09:00:00
`,
		},
		{
			name: "cancel at period end", create: []string{"cancel_at_period_end=true"}, until: "2026-05-01", want: `
2026-03-01 09:00:00 subscription_create paid 1000
  1000  2026-03-01 09:00:00..2026-04-01 09:00:00
canceled until 2026-04-01 09:00:00
`,
		},
		{
			// 15.5 of 31 days are left: 500 back, 1500 more; both in April.
			name: "quantity changed", on: "2026-03-16 21:00:00", update: []string{"items[0][id]=ITEM", "items[0][quantity]=3"}, until: "2026-04-02", want: `
2026-03-01 09:00:00 subscription_create paid 1000
  1000  2026-03-01 09:00:00..2026-04-01 09:00:00
2026-04-01 09:00:00 subscription_cycle paid 4000
  3000  2026-04-01 09:00:00..2026-05-01 09:00:00
  -500  2026-03-16 21:00:00..2026-04-01 09:00:00
  1500  2026-03-16 21:00:00..2026-04-01 09:00:00
active until 2026-05-01 09:00:00
`,
		},
		{
			name: "quantity changed, no proration", on: "2026-03-16 21:00:00", update: []string{"items[0][id]=ITEM", "items[0][quantity]=3", "proration_behavior=none"}, until: "2026-03-20", want: `
2026-03-01 09:00:00 subscription_create paid 1000
  1000  2026-03-01 09:00:00..2026-04-01 09:00:00
active until 2026-04-01 09:00:00
`,
		},
		{
			// A credit of 500 becomes balance, which April's invoice uses.
			name: "item replaced by nothing to pay, at once", on: "2026-03-16 21:00:00", until: "2026-03-20",
			update: []string{"items[0][id]=ITEM", "items[0][quantity]=0", "proration_behavior=always_invoice"}, want: `
2026-03-01 09:00:00 subscription_create paid 1000
  1000  2026-03-01 09:00:00..2026-04-01 09:00:00
2026-03-16 21:00:00 subscription_update paid -500
  -500  2026-03-16 21:00:00..2026-04-01 09:00:00
  0  2026-03-16 21:00:00..2026-04-01 09:00:00
active until 2026-04-01 09:00:00
`,
		},
		{
			// The credit is computed from what was paid: half of 900.
			name: "quantity changed under a coupon", create: []string{"coupon=TEN"}, on: "2026-03-16 21:00:00", update: []string{"items[0][id]=ITEM", "items[0][quantity]=3", "proration_behavior=always_invoice"}, until: "2026-03-20", want: `
2026-03-01 09:00:00 subscription_create paid 900 discount=100
  1000  2026-03-01 09:00:00..2026-04-01 09:00:00
2026-03-16 21:00:00 subscription_update paid 900
  -450  2026-03-16 21:00:00..2026-04-01 09:00:00
  1350  2026-03-16 21:00:00..2026-04-01 09:00:00
active until 2026-04-01 09:00:00
`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := open4test(t, Options{}).stock().stockMore()
			sub := b.post(subscriptionsPath, append([]string{"customer=cus_1", "items[0][price]=price_1"}, test.create...)...).ok()
			if test.on != "" {
				b.advance(test.on)
				for i := range test.update {
					test.update[i] = strings.ReplaceAll(test.update[i], "ITEM", sub.text("items.data.0.id"))
				}
				b.post(subscriptionsPath+"/"+sub.text("id"), test.update...).ok()
			}
			b.advance(test.until)
			require.Equal(t, strings.TrimPrefix(test.want, "\n"), b.story("cus_1"))
		})
	}
}

func TestCreditIsUsedByTheNextInvoice(t *testing.T) {
	b := open4test(t, Options{}).stock()
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1", "items[0][quantity]=2").ok()
	b.advance("2026-03-16 21:00:00")
	b.post(subscriptionsPath+"/"+sub.text("id"), "items[0][id]="+sub.text("items.data.0.id"), "items[0][quantity]=1", "proration_behavior=always_invoice").ok()
	require.EqualValues(t, -500, b.get("/v1/customers/cus_1").ok().number("balance"), "half of 2000 back, half of 1000 charged")
	b.advance("2026-04-02")
	require.Zero(t, b.get("/v1/customers/cus_1").ok().number("balance"))
	invoice := b.get("/v1/invoices", "customer=cus_1", "limit=1").ok()
	require.EqualValues(t, 1000, invoice.number("data.0.total"))
	require.EqualValues(t, 500, invoice.number("data.0.amount_paid"))
}

func TestPaymentBehavior(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	create := func(more ...string) *reply {
		return b.post(subscriptionsPath, append([]string{"customer=cus_2", "items[0][price]=price_1"}, more...)...)
	}
	create("payment_behavior=error_if_incomplete").fails(402, "card_declined", "", "declined")
	require.Empty(t, b.get(subscriptionsPath, "customer=cus_2", "status=all").ids(), "a declined create leaves nothing")
	require.Equal(t, "incomplete", create().ok().text("status"))
	require.Equal(t, "incomplete", create("payment_behavior=default_incomplete", "customer=cus_1").ok().text("status"))
	b.advance("2026-03-02 08:00:00")
	require.Contains(t, b.story("cus_2"), "incomplete_expired")
}

func TestSubscriptionRefusals(t *testing.T) {
	b := open4test(t, Options{}).stock().stockMore()
	for param, test := range map[string]struct {
		code, message string
		pairs         []string
	}{
		"items":                  {"parameter_missing", "", []string{"items[0][price]"}},
		"billing_cycle_anchor":   {"", "next natural billing date", []string{"billing_cycle_anchor=" + unix(40*day)}},
		"trial_end":              {"", "in the future", []string{"trial_end=" + unix(-day)}},
		"trial_end ":             {"", "trial period days is 730", []string{"trial_end=" + unix(731*day)}},
		"days_until_due":         {"parameter_missing", "", []string{"collection_method=send_invoice"}},
		"default_payment_method": {"resource_missing", "No such PaymentMethod", []string{"default_payment_method=pm_x"}},
		"backdate_start_date":    {"", "does not imitate", []string{"backdate_start_date=" + unix(-day)}},
		"backdate_start_date ":   {"", "must be in the past", []string{"backdate_start_date=" + unix(day), "proration_behavior=none"}},
		"cancel_at":              {"", "in the future", []string{"cancel_at=" + unix(-day)}},
	} {
		pairs := []string{"customer=cus_1", "items[0][price]=price_1"}
		for _, pair := range test.pairs {
			key, _, set := strings.Cut(pair, "=")
			if pairs = drop(pairs, key); set {
				pairs = append(pairs, pair)
			}
		}
		b.post(subscriptionsPath, pairs...).fails(400, test.code, strings.TrimSpace(param), test.message)
	}
	off := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1", "coupon=ONCE", "trial_period_days=3").ok()
	b.post(subscriptionsPath+"/"+off.text("id"), "items[0][price]=price_2").fails(400, "", "items", "does not imitate prorations under a coupon with amount_off")
}

// TestDirectSubscriptionIsUndone: as long as nothing was charged, deleting one without invoice and proration costs nothing,
// whatever its kind.
func TestDirectSubscriptionIsUndone(t *testing.T) {
	for name, dates := range map[string][]string{
		"anchored":  {"billing_cycle_anchor=" + stamp("2026-03-26 21:00:00"), "proration_behavior=none", "backdate_start_date=" + stamp("2024-01-26 21:00:00")},
		"prorated":  {"trial_end=" + stamp("2026-03-11 09:00:00"), "billing_cycle_anchor=" + stamp("2026-03-26 21:00:00")},
		"ending":    {"billing_cycle_anchor=" + stamp("2026-03-26 21:00:00"), "proration_behavior=none", "cancel_at=" + stamp("2026-03-26 21:00:00")},
		"backdated": {"trial_end=" + stamp("2026-03-11 09:00:00"), "proration_behavior=none", "backdate_start_date=" + stamp("2024-01-11 09:00:00")},
	} {
		t.Run(name, func(t *testing.T) {
			b := open4test(t, Options{}).stock()
			sub := b.post(subscriptionsPath, append([]string{"customer=cus_1", "items[0][price]=price_1"}, dates...)...).ok()
			if name == "anchored" || name == "backdated" {
				require.Equal(t, stamp(map[string]string{"anchored": "2024-01-26 21:00:00", "backdated": "2024-01-11 09:00:00"}[name]), strconv.FormatInt(sub.number("start_date"), 10))
			}
			b.advance("2026-03-05")
			for i := range b.get("/v1/invoices", "subscription="+sub.text("id")).ok().ids() {
				require.Zero(t, b.get("/v1/invoices", "subscription="+sub.text("id")).ok().number("data."+strconv.Itoa(i)+".total"))
			}
			gone := b.do("DELETE", subscriptionsPath+"/"+sub.text("id"), "prorate=false", "invoice_now=false").ok()
			require.Equal(t, "canceled", gone.text("status"))
			b.advance("2026-06-01")
			require.NotContains(t, b.story("cus_1"), "000", "nothing was ever charged")
			require.Zero(t, b.get("/v1/customers/cus_1").ok().number("balance"))
		})
	}
}

func TestCancelWithProration(t *testing.T) {
	b := open4test(t, Options{}).stock()
	sub := b.post(subscriptionsPath, "customer=cus_1", "items[0][price]=price_1").ok().text("id")
	b.advance("2026-03-16 21:00:00")
	require.Equal(t, "canceled", b.do("DELETE", subscriptionsPath+"/"+sub, "prorate=true", "invoice_now=true").ok().text("status"))
	require.Contains(t, b.story("cus_1"), "subscription_update paid -500")
	b.do("DELETE", subscriptionsPath+"/"+sub).fails(404, "resource_missing", "id", "No such subscription")
}
