package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// object is a piece of JSON.
type object = map[string]any

// Side is who charges for a subscription from the end of its paid period on.
type side string

const (
	source      side = "source"
	destination side = "destination"
	nobody      side = "nobody" // it ends, or waits
)

// subscription is one of the source account's, and what has to become of it.
type subscription struct {
	ID, Customer, State string
	Kept                side
	Periods             int   // that are charged by the side that keeps it; 0 goes on for ever
	End                 int64 // of what is paid
}

// profile is a state that a subscription can be in.
type profile struct {
	state string
	kept  side
	make  func(*builder) // changes the subscription and its customer
}

// builder makes one subscription.
type builder struct {
	i                int
	now, end         time.Time
	sub, customer    object // of the source account
	copied           object // the customer in the destination account, nil when it was not copied
	method           string // that the copy's file names in the destination account
	periods          int
	decision, decide string // a decision of its own: state and word
}

func item(price string, quantity int) object { return object{"price": price, "quantity": quantity} }

func (b *builder) items(all ...object) { b.sub["items"] = object{"data": all} }

func (b *builder) discount(coupon string, start, end time.Time) object {
	d := object{"coupon": object{"id": coupon}, "start": start.Unix()}
	if !end.IsZero() {
		d["end"] = end.Unix()
	}
	return d
}

// keys of JSON that stand in several profiles.
const coupon, status = "coupon", "status"

// profiles are the states, in the order in which subscriptions take turns. What is left with the source account is
// charged there as before.
func profiles() []profile {
	nothing := func(*builder) {}
	set := func(name string, value any) func(*builder) { return func(b *builder) { b.sub[name] = value } }
	return []profile{
		{"ready", destination, nothing},
		{"ready", destination, func(b *builder) { b.items(item("price_old_team", 3)) }},
		{"two items", destination, func(b *builder) { b.items(item("price_old_month", 1), item("price_old_seat", 5)) }},
		{"another currency", destination, func(b *builder) { b.items(item("price_old_euro", 1)) }},
		{"invoiced", destination, func(b *builder) { b.sub["collection_method"], b.sub["days_until_due"] = "send_invoice", 30 }},
		{"tax rate", destination, set("default_tax_rates", []any{taxRate("txr_old_vat")})},
		{"trialing", destination, func(b *builder) { b.sub[status], b.sub["trial_end"] = "trialing", b.end.Unix() }},
		{"discount for ever", destination, func(b *builder) { b.sub["discount"] = b.discount("VIP", b.now.AddDate(0, -3, 0), time.Time{}) }},
		{"discount_runs_out", destination, func(b *builder) {
			b.sub["discount"] = b.discount("SPRING", b.now.AddDate(0, -4, 0), b.end.AddDate(0, 1, 5))
		}},
		{"discount_over", destination, func(b *builder) {
			b.sub["discount"] = b.discount("SPRING", b.now.AddDate(0, -6, 0), b.end.Add(-time.Hour))
		}},
		{"customer_discount", destination, func(b *builder) {
			b.customer["discount"] = object{coupon: "LOYAL", "start": b.now.AddDate(0, -1, 0).Unix()}
		}},
		{"past_due", destination, set(status, "past_due")},
		{"unpaid", nobody, set(status, "unpaid")},
		{"paused", nobody, set(status, "paused")},
		{"collection_paused", nobody, set("pause_collection", object{"behavior": "void"})},
		{"ending", nobody, func(b *builder) { b.sub["cancel_at_period_end"] = true }},
		{"ending, moved", destination, func(b *builder) {
			b.sub["cancel_at_period_end"], b.decision, b.decide, b.periods = true, "ending", "move_and_end", 1
		}},
		{"cancel_at", source, func(b *builder) { b.sub["cancel_at"], b.periods = b.end.AddDate(0, 1, 0).Unix(), 1 }},
		{"canceled", nobody, func(b *builder) { b.sub[status], b.sub["ended_at"] = "canceled", b.now.AddDate(0, 0, -9).Unix() }},
		{"metered", source, func(b *builder) { b.items(object{"price": "price_old_usage"}) }},
		{"inline_price", destination, func(b *builder) { b.items(item("price_old_inline", 2)) }},
		{"tiers", destination, func(b *builder) { b.items(item("price_old_tiers", 12)) }},
		{"metadata", destination, func(b *builder) {
			b.sub["metadata"], b.sub["description"] = object{"team": "red", "source": "web"}, "Gold"
		}},
		{"customer_balance", destination, func(b *builder) { b.customer["balance"] = -150 }},
		{"customer_not_copied", source, func(b *builder) { b.copied, b.method = nil, "" }},
		{"payment_method_not_copied", source, func(b *builder) { b.copied["invoice_settings"], b.method = object{}, "" }},
		{"several_tax_rates", destination, set("default_tax_rates", []any{taxRate("txr_old_vat"), taxRate("txr_old_city")})},
		{"yearly", destination, func(b *builder) { b.items(item("price_old_year", 1)) }},
		{"weekly", destination, func(b *builder) { b.items(item("price_old_week", 1)) }},
	}
}

// hidden are states that the sandbox does not imitate: a subscription is an ordinary one there, and its JSON is changed
// on the way. Each is left with the source account, by decision or because it cannot move.
func hidden() []profile {
	shown := func(name string, value any) func(*builder) {
		return func(b *builder) { b.sub["metadata"] = object{"shown": mustJSON(object{name: value})} }
	}
	return []profile{
		{"scheduled", source, shown("schedule", "sub_sched_1")},
		{"pending_update", source, shown("pending_update", object{"expires_at": 1})},
		{"pending_invoice_items", source, shown("pending_invoice_item_interval", object{"interval": "week", "interval_count": 1})},
		{"billing_thresholds", source, shown("billing_thresholds", object{"amount_gte": 5000})},
		{"connected_account", source, shown("application_fee_percent", 10)},
		{"connected_account", source, shown("transfer_data", object{"destination": "acct_other"})},
		{"connected_account", source, shown("on_behalf_of", "acct_other")},
		{"incomplete", source, shown(status, "incomplete")},
		{"discounts", source, shown("discounts", []any{object{"id": "di_1", coupon: object{"id": "VIP"}}, object{"id": "di_2", coupon: object{"id": "LOYAL"}}})},
		{"payment_method_left_behind", source, shown("default_payment_method", object{"id": "pm_bacs", "object": "payment_method", "type": "bacs_debit"})},
	}
}

func mustJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // a map of texts and numbers cannot fail
	}
	return string(text)
}

func taxRate(id string) object {
	percent := map[string]float64{"txr_old_vat": 10, "txr_old_city": 2}[id]
	return object{"id": id, "display_name": "Sales tax", "percentage": percent, "inclusive": false, "country": "US", "active": true}
}

// accounts are the two accounts and the files that come with them.
type accounts struct {
	Source, Destination object
	Copy, Decisions     [][]string
	Subscriptions       []subscription
}

// decided are the decisions that hold for every subscription in a state.
func decided() [][]string {
	return [][]string{
		{"subscription", "state", "decision"}, {"*", "past_due", "move"}, {"*", "unpaid", "skip"}, {"*", "paused", "skip"}, {"*", "collection_paused", "skip"},
		{"*", "ending", "skip"}, {"*", "cancel_at", "skip"}, {"*", "metered", "skip"}, {"*", "discount_runs_out", "remainder"},
		{"*", "customer_discount", "coupon:LOYAL"}, {"*", "several_tax_rates", "tax_rate:txr_old_vat"}, {"*", "payment_method_not_copied", "skip"},
		{"*", "payment_method_missing", "skip"}, {"*", "payment_method_of_its_own", "skip"}, {"*", "payment_method_left_behind", "skip"}, {"*", "scheduled", "skip"},
		{"*", "pending_update", "skip"}, {"*", "pending_invoice_items", "skip"}, {"*", "billing_thresholds", "skip"}, {"*", "discounts", "skip"},
		{"*", "month_end", "move"}, {"*", "inline_price_special", "skip"},
	}
}

// makeAccounts returns two accounts with n subscriptions, always the same for a moment. Periods end 6 to 26 days after it.
func makeAccounts(n int, now time.Time, among []profile) accounts {
	now = now.UTC().Truncate(time.Minute)
	a := accounts{
		Source: catalog("old", true), Destination: catalog("new", false),
		Copy:      [][]string{{"customer_id_old", "source_id_old", "customer_id_new", "source_id_new"}},
		Decisions: decided(),
	}
	a.Source["account"], a.Destination["account"] = object{"id": "acct_sandboxOldCompany"}, object{"id": "acct_sandboxNewCompany"}
	var subscriptions, customers, copied []object
	for i := range n {
		p := among[i%len(among)]
		id := fmt.Sprintf("%04d", i+1)
		end := now.AddDate(0, 0, 6).Add(time.Duration(i*7919%(20*24*60)) * time.Minute)
		b := &builder{i: i, now: now, end: end, method: "pm_new_" + id}
		b.sub = object{"id": "sub_" + id, "customer": "cus_" + id, "current_period_end": end.Unix(), "start_date": now.AddDate(-1, 0, 0).Unix()}
		b.customer = object{"id": "cus_" + id, "name": "Customer " + id, "email": "customer" + id + "@example.com",
			"address": object{"country": "US", "postal_code": "94103"}, "invoice_settings": object{"default_payment_method": "pm_old_" + id}}
		b.copied = object{"id": "cus_" + id, "name": "Customer " + id, "email": "customer" + id + "@example.com",
			"address": object{"country": "US", "postal_code": "94103"}, "invoice_settings": object{"default_payment_method": "pm_new_" + id}}
		b.items(item("price_old_month", 1))
		p.make(b)
		subscriptions, customers = append(subscriptions, b.sub), append(customers, b.customer)
		if b.copied != nil {
			copied = append(copied, b.copied)
			a.Copy = append(a.Copy, []string{"cus_" + id, "pm_old_" + id, "cus_" + id, b.method})
		}
		if b.decision != "" {
			a.Decisions = append(a.Decisions, []string{"sub_" + id, b.decision, b.decide})
		}
		a.Subscriptions = append(a.Subscriptions, subscription{"sub_" + id, "cus_" + id, p.state, p.kept, b.periods, end.Unix()})
	}
	a.Source["subscriptions"], a.Source["customers"], a.Destination["customers"] = subscriptions, customers, copied
	return a
}

// catalog returns what an account sells. Prices of both accounts have lookup keys in common; one is archived and sold in
// the source account only.
func catalog(name string, archived bool) object {
	price := func(id string, amount any, interval string, more object) object {
		p := object{"id": "price_" + name + "_" + id, "product": "prod_" + name, "currency": "usd", "unit_amount": amount, "lookup_key": id, "tax_behavior": "exclusive",
			"recurring": object{"interval": interval, "usage_type": "licensed"}}
		for k, v := range more {
			p[k] = v
		}
		return p
	}
	prices := []object{
		price("month", 1900, "month", nil), price("seat", 500, "month", nil), price("team", 4900, "month", nil), price("year", 19000, "year", nil), price("week", 600, "week", nil),
		price("euro", 1800, "month", object{"currency": "eur"}),
		price("usage", 2, "month", object{"recurring": object{"interval": "month", "usage_type": "metered"}}),
		price("tiers", nil, "month", object{"billing_scheme": "tiered", "tiers_mode": "graduated", "tiers": []object{{"up_to": 10, "unit_amount": 300}, {"up_to": nil, "unit_amount": 200}}}),
	}
	if archived {
		prices = append(prices, price("inline", 1250, "month", object{"active": false}))
	}
	rates := []object{taxRate("txr_old_vat"), taxRate("txr_old_city")}
	if !archived {
		for _, r := range rates {
			r["metadata"] = object{"old_id": r["id"]}
			r["id"] = "txr_new_" + r["id"].(string)[len("txr_old_"):]
		}
	}
	product := object{"id": "prod_" + name, "name": "Gold"}
	if !archived {
		product["metadata"] = object{"old_id": "prod_old"}
	}
	coupons := []object{{"id": "VIP", "percent_off": 25, "duration": "forever"}, {"id": "LOYAL", "percent_off": 10, "duration": "forever"},
		{"id": "SPRING", "percent_off": 20, "duration": "repeating", "duration_in_months": 6}}
	if !archived { // the coupons with remaining months that the export proposes
		coupons = slices.Insert(coupons, 2, object{"id": "SPRING-2m", "percent_off": 20, "duration": "repeating", "duration_in_months": 2})
	}
	return object{"products": []object{product}, "prices": prices, "coupons": coupons, "tax_rates": rates}
}
