package toolkit_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/export/toolkit"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/convert"
)

var update = flag.Bool("update", false, "write golden files")

// now is the moment of the tests, and end the end of the period that is paid.
func now() time.Time { return time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC) }
func end() int64     { return time.Date(2026, 12, 20, 12, 0, 0, 0, time.UTC).Unix() }

type object = map[string]any

// usual is a subscription about which nothing is awkward.
func usual() object {
	method := object{"id": "pm_1", "object": "payment_method", "type": "card"}
	return object{
		"id": "sub_1", "object": "subscription", "status": "active", "created": 1700000000, "start_date": 1700000000, "current_period_end": end(),
		"billing_cycle_anchor": end(), "collection_method": "charge_automatically", "currency": "usd", "days_until_due": nil,
		"customer":               object{"id": "cus_1", "object": "customer", "email": "jo@example.com", "discount": nil, "invoice_settings": object{"default_payment_method": method}},
		"default_payment_method": nil, "discount": nil, "schedule": nil, "pause_collection": nil, "pending_update": nil, "metadata": object{"team": "red"},
		"automatic_tax": object{"enabled": false}, "default_tax_rates": []any{}, "cancel_at": nil, "cancel_at_period_end": false, "on_behalf_of": nil,
		"application_fee_percent": nil, "transfer_data": nil, "billing_thresholds": nil, "pending_invoice_item_interval": nil, "description": nil,
		"items": object{"object": "list", "has_more": false, "data": []any{object{"id": "si_1", "quantity": 3, "billing_thresholds": nil, "tax_rates": []any{}, "price": monthly()}}},
	}
}

func monthly() object {
	return object{"id": "price_1", "active": true, "currency": "usd", "unit_amount": 1999, "billing_scheme": "per_unit", "product": "prod_1",
		"recurring": object{"interval": "month", "interval_count": 1, "usage_type": "licensed"}}
}

func with(changes object) object {
	o := usual()
	maps.Copy(o, changes)
	return o
}

// withPrice returns a subscription of one item whose price is changed.
func withPrice(changes object) object {
	p := monthly()
	maps.Copy(p, changes)
	return with(object{"items": object{"data": []any{object{"quantity": 3, "price": p}}}})
}

func withCustomer(changes object) object {
	o := usual()
	maps.Copy(o["customer"].(object), changes)
	return o
}

func coupon(id, duration string) object {
	return object{"id": id, "duration": duration, "percent_off": 12.5, "amount_off": nil, "name": "Welcome"}
}

func discount(id, duration string, until any) object {
	return object{"id": "di_" + id, "end": until, "coupon": coupon(id, duration)}
}

func line(t testing.TB, o object) []byte {
	text, err := json.Marshal(o)
	require.NoError(t, err)
	return text
}

// Each awkward state: the subscriptions that are in it, what becomes of them, and the words that can be decided.
func TestStates(t *testing.T) {
	second := object{"quantity": 1, "price": monthly()}
	cases := []struct {
		state   string
		sub     object
		verdict toolkit.Verdict
		words   string
	}{
		{"customer_not_copied", with(object{"description": "copy:cus_2,pm_1,cus_2,pm_2"}), toolkit.Immovable, ""},
		{"customer_not_copied", with(object{"description": "copy:cus_1,pm_1,,"}), toolkit.Immovable, ""},
		{"payment_method_not_copied", with(object{"description": "copy:cus_1,,cus_1,"}), toolkit.Undecided, "move skip"},
		{"payment_method_not_copied", with(object{"description": "copy:cus_1,pm_1,cus_1,"}), toolkit.Undecided, "move skip"},
		{"payment_method_not_copied", with(object{"description": "copy:cus_1,card_7,cus_1,card_8"}), toolkit.Undecided, "move skip"},
		{"payment_method_not_copied", with(object{"description": "copy:cus_1,,cus_1,", "customer": "cus_1"}), toolkit.Undecided, "move skip"},
		{"payment_method_unlisted", with(object{"default_payment_method": nil, "customer": object{"id": "cus_1", "object": "customer", "invoice_settings": object{"default_payment_method": object{"id": "pm_1", "type": "paypal"}}}}), toolkit.Undecided, "move skip"},
		{"cut_over", with(object{"cancel_at_period_end": true, "metadata": object{cutover.MarkKey: "mig_a/1"}}), toolkit.Immovable, ""},
		{"cut_over", with(object{"pause_collection": object{"behavior": "void"}, "metadata": object{cutover.MarkKey: "mig_a/1"}}), toolkit.Immovable, ""},
		{"customer_balance", withCustomer(object{"balance": -500}), toolkit.Ready, ""},
		{"several_intervals", with(object{"items": object{"data": []any{second, object{"price": with2("price_2", 5, "year")}}}}), toolkit.Immovable, ""},
		{"settings", with(object{"items": object{"data": []any{object{"quantity": 1, "price": monthly(), "metadata": object{"a": "b"}}}}}), toolkit.Ready, ""},
		{"settings", with(object{"trial_settings": object{"end_behavior": object{"missing_payment_method": "cancel"}}}), toolkit.Ready, ""},
		{"settings", with(object{"payment_settings": object{"payment_method_types": []any{"card"}}}), toolkit.Ready, ""},
		{"discount_runs_out", with(object{"discount": discount("A", "repeating", nil)}), toolkit.Undecided, "restart none skip"},
		{"ended", with(object{"status": "canceled", "ended_at": 1}), toolkit.Immovable, ""},
		{"ended", with(object{"status": "incomplete_expired"}), toolkit.Immovable, ""},
		{"incomplete", with(object{"status": "incomplete"}), toolkit.Immovable, ""},
		{"unknown_status", with(object{"status": "hibernating"}), toolkit.Immovable, ""},
		{"period_passed", with(object{"current_period_end": now().Unix()}), toolkit.Immovable, ""},
		{"period_unknown", with(object{"status": "paused", "current_period_end": 5}), toolkit.Immovable, ""},
		{"no_items", with(object{"items": object{"data": []any{}}}), toolkit.Immovable, ""},
		{"past_due", with(object{"status": "past_due"}), toolkit.Undecided, "move skip"},
		{"unpaid", with(object{"status": "unpaid"}), toolkit.Undecided, "move skip"},
		{"paused", with(object{"status": "paused"}), toolkit.Undecided, "move skip"},
		{"collection_paused", with(object{"pause_collection": object{"behavior": "void", "resumes_at": nil}}), toolkit.Undecided, "move skip"},
		{"trialing", with(object{"status": "trialing", "trial_end": end()}), toolkit.Ready, ""},
		{"trial_end_differs", with(object{"status": "trialing", "trial_end": end() + 1}), toolkit.Undecided, "move skip"},
		{"invoiced", with(object{"collection_method": "send_invoice", "days_until_due": 30}), toolkit.Ready, ""},
		{"invoice_terms_unknown", with(object{"collection_method": "send_invoice"}), toolkit.Immovable, ""},
		{"pending_update", with(object{"pending_update": object{"expires_at": 1}}), toolkit.Undecided, "move skip"},
		{"pending_invoice_items", with(object{"pending_invoice_item_interval": object{"interval": "week"}}), toolkit.Undecided, "move skip"},
		{"ending", with(object{"cancel_at_period_end": true, "cancel_at": end()}), toolkit.Undecided, "skip move_and_end move"},
		{"ending", with(object{"cancel_at": end() - 1000}), toolkit.Undecided, "skip move_and_end move"},
		{"cancel_at", with(object{"cancel_at": end() + 1000}), toolkit.Undecided, "skip move"},
		{"cancel_at", with(object{"cancel_at": time.Date(2027, 1, 20, 12, 0, 0, 0, time.UTC).Unix()}), toolkit.Undecided, "skip move move_and_end"},
		{"scheduled", with(object{"schedule": "sub_sched_1"}), toolkit.Undecided, "move skip"},
		{"month_end", with(object{"current_period_end": time.Date(2027, 2, 28, 12, 0, 0, 0, time.UTC).Unix(), "billing_cycle_anchor": time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC).Unix()}), toolkit.Undecided, "move skip"},
		{"discount_over", with(object{"discount": discount("A", "repeating", end())}), toolkit.Ready, ""},
		{"discount_runs_out", with(object{"discount": discount("A", "repeating", end()+1)}), toolkit.Undecided, "remainder restart none skip"},
		{"discounts", with(object{"discounts": []any{discount("A", "forever", nil), discount("B", "once", nil)}}), toolkit.Undecided, "coupon:A coupon:B none skip"},
		{"discounts", with(object{"items": object{"data": []any{object{"price": monthly(), "discounts": []any{discount("A", "forever", nil)}}}}}), toolkit.Undecided, "coupon:A none skip"},
		{"customer_discount", withCustomer(object{"discount": discount("A", "forever", nil)}), toolkit.Undecided, "coupon:A none skip"},
		{"discount_unknown", with(object{"discounts": []any{"di_1"}}), toolkit.Immovable, ""},
		{"several_tax_rates", with(object{"default_tax_rates": []any{object{"id": "txr_1"}, object{"id": "txr_2"}}}), toolkit.Undecided, "tax_rate:txr_1 tax_rate:txr_2 none skip"},
		{"several_tax_rates", with(object{"items": object{"data": []any{object{"price": monthly(), "tax_rates": []any{object{"id": "txr_1"}}}}}}), toolkit.Undecided, "tax_rate:txr_1 none skip"},
		{"too_many_items", with(object{"items": object{"data": slices.Repeat([]any{second}, 21)}}), toolkit.Immovable, ""},
		{"metered", withPrice(object{"recurring": object{"interval": "month", "interval_count": 1, "usage_type": "metered"}}), toolkit.Undecided, "move skip"},
		{"inline_price", withPrice(object{"active": false}), toolkit.Ready, ""},
		{"inline_price_special", withPrice(object{"active": false, "recurring": object{"interval": "month", "interval_count": 3, "usage_type": "licensed"}}), toolkit.Undecided, "move skip"},
		{"inline_price_special", withPrice(object{"active": false, "unit_amount": nil, "unit_amount_decimal": "0.5"}), toolkit.Undecided, "move skip"},
		{"tiers", withPrice(object{"billing_scheme": "tiered", "unit_amount": nil}), toolkit.Ready, ""},
		{"billing_thresholds", with(object{"billing_thresholds": object{"amount_gte": 5000}}), toolkit.Undecided, "move skip"},
		{"billing_thresholds", with(object{"items": object{"data": []any{object{"price": monthly(), "billing_thresholds": object{"usage_gte": 5}}}}}), toolkit.Undecided, "move skip"},
		{"connected_account", with(object{"application_fee_percent": 10.5}), toolkit.Immovable, ""},
		{"connected_account", with(object{"transfer_data": object{"destination": "acct_2"}}), toolkit.Immovable, ""},
		{"connected_account", with(object{"on_behalf_of": "acct_2"}), toolkit.Immovable, ""},
		{"metadata", with(object{"metadata": object{" a ": "x"}}), toolkit.Undecided, "move skip"},
		{"metadata_replaced", with(object{"metadata": object{"source": "internal"}}), toolkit.Ready, ""},
		{"description", with(object{"description": "Gold"}), toolkit.Ready, ""},
		{"customer_deleted", withCustomer(object{"deleted": true}), toolkit.Immovable, ""},
		{"customer_missing", with(object{"customer": nil}), toolkit.Immovable, ""},
		{"payment_method_left_behind", with(object{"default_payment_method": object{"id": "pm_1", "object": "payment_method", "type": "bacs_debit"}}), toolkit.Undecided, "move skip"},
		{"payment_method_left_behind", withCustomer(object{"invoice_settings": object{}, "default_source": object{"id": "src_1", "object": "source", "type": "sepa_debit"}}), toolkit.Undecided, "move skip"},
		{"payment_method_missing", withCustomer(object{"invoice_settings": object{"default_payment_method": nil}}), toolkit.Undecided, "move skip"},
		{"payment_method_of_its_own", with(object{"default_payment_method": object{"id": "pm_2", "object": "payment_method", "type": "card"}}), toolkit.Undecided, "move skip"},
	}
	seen := map[string]bool{}
	for _, c := range cases {
		t.Run(c.state, func(t *testing.T) {
			seen[c.state] = true
			opts := toolkit.Options{Now: now()}
			if text, ok := strings.CutPrefix(fmt.Sprint(c.sub["description"]), "copy:"); ok {
				delete(c.sub, "description")
				opts.Customers = copied(t, text)
			}
			got, err := toolkit.Look(line(t, c.sub), opts)
			require.NoError(t, err)
			require.Len(t, got.Found, 1, "%+v", got.Found)
			require.Equal(t, c.state, got.Found[0].State.Name)
			require.Equal(t, c.verdict, got.Verdict)
			var words []string
			for _, choice := range got.Found[0].Choices {
				require.NotEmpty(t, choice.Means)
				words = append(words, choice.Word)
			}
			require.Equal(t, c.words, strings.Join(words, " "))
			for _, word := range words { // each of the words is a way out
				decided, err := toolkit.ReadDecisions(strings.NewReader("subscription,state,decision\nsub_1," + c.state + "," + word + "\n"))
				require.NoError(t, err)
				opts.Decisions = decided
				after, err := toolkit.Look(line(t, c.sub), opts)
				require.NoError(t, err)
				require.Equal(t, map[bool]toolkit.Verdict{true: toolkit.LeftOut, false: toolkit.Ready}[word == "skip"], after.Verdict)
			}
		})
	}
	var list strings.Builder
	list.WriteString(`# Awkward states

What migrate export toolkit says of subscriptions that cannot simply be moved. This page is written by the tests of the
package. A state that needs a decision has its choices in the file of decisions; skip leaves the subscription with the
source account.

| state | verdict | what it means |
| --- | --- | --- |
`)
	for _, s := range toolkit.States() {
		require.True(t, seen[s.Name], "%s has no test", s.Name)
		require.True(t, strings.HasSuffix(s.Sentence, "."), s.Name)
		fmt.Fprintf(&list, "| `%s` | %s | %s |\n", s.Name, strings.ReplaceAll(string(s.Verdict), "_", " "), s.Sentence)
	}
	golden(t, "../STATES.md", list.String())
}

// copied is the file of a copy with one line.
func copied(t testing.TB, line string) convert.Customers {
	c, err := convert.ReadCustomers(strings.NewReader("customer_id_old,source_id_old,customer_id_new,source_id_new\n" + line + "\n"))
	require.NoError(t, err)
	return c
}

// A copy may give customers other IDs; the row has the new one, and everything that is said has the old one.
func TestCopiedCustomers(t *testing.T) {
	c, err := toolkit.Look(line(t, usual()), toolkit.Options{Now: now(), Customers: copied(t, "cus_1,pm_1,cus_new,pm_new")})
	require.NoError(t, err)
	require.Empty(t, c.Found)
	require.Equal(t, "cus_new", c.Row.Customer)
	require.Equal(t, "cus_1", c.Customer)
}

func TestUsual(t *testing.T) {
	c, err := toolkit.Look(line(t, usual()), toolkit.Options{Now: now()})
	require.NoError(t, err)
	require.Equal(t, toolkit.Ready, c.Verdict)
	require.Empty(t, c.Found)
	require.Equal(t, csvspec.Row{
		Customer: "cus_1", StartDate: csvspec.Timestamp(end()), Price: "price_1", Quantity: csvspec.Of(3), ProrationBehavior: "none",
		CollectionMethod: "charge_automatically", BackdateStartDate: 1700000000,
		Metadata: csvspec.Metadata{{Key: "old_Stripe_sub_id", Value: "sub_1"}, {Key: "source", Value: "internal:Stripe"}, {Key: "team", Value: "red"}},
	}, c.Row)
}

// From 2025-03-31 on the period stands on the items, and discounts are a list.
func TestNewerShape(t *testing.T) {
	o := usual()
	delete(o, "current_period_end")
	delete(o, "discount")
	o["discounts"] = []any{discount("A", "forever", nil)}
	o["items"].(object)["data"].([]any)[0].(object)["current_period_end"] = end()
	c, err := toolkit.Look(line(t, o), toolkit.Options{Now: now()})
	require.NoError(t, err)
	require.Equal(t, toolkit.Ready, c.Verdict)
	require.Equal(t, csvspec.Timestamp(end()), c.Row.StartDate)
	require.Equal(t, "A", c.Row.Coupon)
}

func TestRemainingMonths(t *testing.T) {
	at := func(month time.Month, day int) int64 {
		return time.Date(2027, month, day, 12, 0, 0, 0, time.UTC).Unix()
	}
	decided, err := toolkit.ReadDecisions(strings.NewReader("subscription,state,decision\n*,discount_runs_out,remainder\n"))
	require.NoError(t, err)
	for until, months := range map[int64]int{end() + 1: 1, at(1, 20): 1, at(1, 20) + 1: 2, at(2, 20): 2, at(12, 20): 12} {
		c, err := toolkit.Look(line(t, with(object{"discount": discount("A", "repeating", until)})), toolkit.Options{Now: now(), Decisions: decided})
		require.NoError(t, err)
		require.Equal(t, months, c.Coupons[0].Months, until)
		require.Equal(t, fmt.Sprintf("A-%dm", months), c.Row.Coupon)
	}
}

// account is one of many subscriptions, with several in most states.
func account() []object {
	all := []object{
		usual(), with(object{"id": "sub_2", "status": "past_due", "pending_update": object{"a": 1}}), with(object{"id": "sub_3", "status": "canceled"}),
		withPrice(object{"id": "price_old", "active": false}), with(object{"id": "sub_5", "discount": discount("SPRING", "repeating", end()+40*86400)}),
		with(object{"id": "sub_6", "cancel_at_period_end": true}), with(object{"id": "sub_7", "discount": discount("VIP", "forever", nil), "default_tax_rates": []any{object{"id": "txr_1"}}}),
		with(object{"id": "sub_8", "items": object{"data": []any{object{"quantity": 1, "price": monthly()}, object{"quantity": 2, "price": with2("price_2", 500)}}}}),
		with(object{"id": "sub_9", "collection_method": "send_invoice", "days_until_due": 30, "automatic_tax": object{"enabled": true}}),
		withCustomer(object{"id": "cus_10", "deleted": true}),
	}
	all[3]["id"], all[9]["id"] = "sub_4", "sub_10"
	for i, o := range all {
		if i != 9 {
			o["customer"].(object)["id"] = fmt.Sprintf("cus_%d", i+1)
		}
	}
	return all
}

func with2(id string, amount int, interval ...string) object {
	p := monthly()
	p["id"], p["unit_amount"] = id, amount
	for _, i := range interval {
		p["recurring"] = object{"interval": i, "interval_count": 1}
	}
	return p
}

func write(t testing.TB, o toolkit.Options, subs ...object) (sum toolkit.Summary, rows, decisions, left string, err error) {
	var a, b, c bytes.Buffer
	o.Now = now()
	sum, err = toolkit.Write(func(visit func([]byte) error) error {
		for _, s := range subs {
			if err := visit(line(t, s)); err != nil {
				return err
			}
		}
		return nil
	}, o, toolkit.Outputs{Rows: &a, Decisions: &b, Left: &c})
	return sum, a.String(), b.String(), c.String(), err
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	name = "testdata/" + name
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(name, []byte(got), 0o644))
	}
	want, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestFiles(t *testing.T) {
	sum, rows, decisions, left, err := write(t, toolkit.Options{}, account()...)
	require.NoError(t, err)
	require.Equal(t, sum.Subscriptions, sum.Ready+sum.Undecided+sum.Immovable+sum.LeftOut)
	golden(t, "rows.csv", rows)
	golden(t, "decisions.csv", decisions)
	golden(t, "left.csv", left)
	text, err := json.MarshalIndent(sum, "", "  ")
	require.NoError(t, err)
	golden(t, "summary.json", string(text)+"\n")

	// What is ready has no error of the format, whatever it is.
	v := validate.New(validate.Options{Now: now(), Unit: csvspec.UnitMinor, Lead: validate.LiveLead})
	in, err := csvspec.NewReader(strings.NewReader(rows), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	n := 0
	for row, err := range in.All() {
		require.NoError(t, err)
		for _, f := range v.Row(row) {
			require.NotEqual(t, validate.Error, f.Severity, "%s: %s", f.Code, f.Message)
		}
		n++
	}
	require.Equal(t, sum.Ready, n)

	// Filled in, the decisions are followed, and what was decided is asked no more.
	filled := strings.NewReplacer(",past_due,", ",past_due,", "\r", "").Replace(decisions)
	var lines []string
	for l := range strings.Lines(filled) {
		l = strings.TrimSuffix(l, "\n")
		switch {
		case strings.Contains(l, ",past_due,") || strings.Contains(l, ",pending_update,"):
			l += "move"
		case strings.Contains(l, ",ending,"):
			l += "skip"
		case strings.Contains(l, ",discount_runs_out,"):
			l += "remainder"
		}
		lines = append(lines, l)
	}
	d, err := toolkit.ReadDecisions(strings.NewReader(strings.Join(lines, "\n")))
	require.NoError(t, err)
	sum, rows, decisions, left, err = write(t, toolkit.Options{Decisions: d}, account()...)
	require.NoError(t, err)
	require.Equal(t, 0, sum.Undecided)
	require.Equal(t, 1, sum.LeftOut)
	require.Equal(t, 1, strings.Count(decisions, "\n"))
	require.Contains(t, left, `sub_6,cus_6,active,ending,"Left out by decision.`)
	require.Contains(t, rows, "SPRING-2m")
	require.Equal(t, "SPRING-2m", sum.Coupons[0].ID)
	require.Equal(t, 10, sum.Ready+sum.Immovable+sum.LeftOut)
}

func TestDecisionsThatAreNone(t *testing.T) {
	_, err := toolkit.ReadDecisions(strings.NewReader("subscription,state\n"))
	require.ErrorContains(t, err, "no column decision")
	_, err = toolkit.ReadDecisions(strings.NewReader("subscription,state,decision\nsub_1,trialing,move\n"))
	require.ErrorContains(t, err, `line 2: there is nothing to decide about "trialing"`)
	_, err = toolkit.ReadDecisions(strings.NewReader("subscription,state,decision\nsub_1,ending,move\nsub_1,ending,skip\n"))
	require.ErrorContains(t, err, "line 3: ending of sub_1 is decided as skip here, and as move in line 2")
	d, err := toolkit.ReadDecisions(strings.NewReader("\uFEFFsubscription;state;decision\nsub_6;ending;skip\n"))
	require.NoError(t, err)
	word, own := d.Word("sub_6", "ending")
	require.Equal(t, "skip", word, "a spreadsheet in Europe writes semicolons")
	require.True(t, own)
	d, err = toolkit.ReadDecisions(strings.NewReader("subscription,state,decision\nsub_6,ending,yes\n"))
	require.NoError(t, err)
	_, _, _, _, err = write(t, toolkit.Options{Decisions: d}, account()...)
	wrong := (*toolkit.DecisionError)(nil)
	require.ErrorAs(t, err, &wrong)
	require.EqualError(t, err, `line 2: "yes" is no choice for ending of sub_6: expected skip, move_and_end, move, or nothing`)
	d, err = toolkit.ReadDecisions(strings.NewReader("subscription,state,decision\nsub_1,ending,move\n*,unpaid,move\n*,ending,move\n"))
	require.NoError(t, err)
	sum, _, _, _, err := write(t, toolkit.Options{Decisions: d}, account()...)
	require.NoError(t, err)
	require.Equal(t, []string{"line 2: ending of sub_1", "line 3: unpaid of *"}, sum.Unused)
}

func TestMap(t *testing.T) {
	m, err := convert.ReadMap(strings.NewReader("kind,source,destination\nprice,price_1,price_A\ncoupon,VIP,VIP-A\n"))
	require.NoError(t, err)
	_, rows, _, _, err := write(t, toolkit.Options{Map: m}, account()...)
	missing := (*toolkit.UnmappedError)(nil)
	require.ErrorAs(t, err, &missing)
	require.Equal(t, []convert.Pair{{Kind: "price", Source: "price_2"}, {Kind: "product", Source: "prod_1"}, {Kind: "tax_rate", Source: "txr_1"}}, missing.Missing)
	require.Empty(t, rows, "nothing is written")
	m[convert.KindPrice]["price_2"] = "price_B"
	m[convert.KindPrice]["price_old"] = "price_C"
	m[convert.KindTaxRate] = map[string]string{"txr_1": "txr_A"}
	_, rows, _, _, err = write(t, toolkit.Options{Map: m}, account()...)
	require.NoError(t, err)
	for _, id := range []string{"price_A", "price_B", "price_C", "VIP-A", "txr_A"} {
		require.Contains(t, rows, id)
	}
	for _, id := range []string{"price_1", "price_2", "price_old", "txr_1", "adhoc"} {
		require.NotContains(t, rows, id)
	}
}
