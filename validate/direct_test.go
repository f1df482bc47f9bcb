package validate_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

func TestDirectModes(t *testing.T) {
	for text, want := range map[string]validate.Direct{"exact": validate.DirectExact, "needed": validate.DirectNeeded, "never": validate.DirectNever} {
		got, err := validate.ParseDirect(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
		kept, err := json.Marshal(got)
		require.NoError(t, err)
		var again validate.Direct
		require.NoError(t, json.Unmarshal(kept, &again))
		require.Equal(t, got, again)
	}
	_, err := validate.ParseDirect("all")
	require.EqualError(t, err, `"all" is no mode of direct subscriptions; exact (every row that they express more exactly), `+
		`needed (only rows that no schedule expresses) or never was expected`)
	var blank validate.Direct
	require.NoError(t, blank.UnmarshalText(nil), "a file from before there were modes")
	require.Equal(t, validate.DirectNever, blank)
}

// TestDirectCombinations goes through the table of direct subscriptions. It is 1 January 2027; the rows are billed by the
// month and start on the 11th unless they say otherwise.
func TestDirectCombinations(t *testing.T) {
	type change = func(*csvspec.Row)
	all := func(changes ...change) change {
		return func(r *csvspec.Row) {
			for _, c := range changes {
				c(r)
			}
		}
	}
	none := func(r *csvspec.Row) { r.ProrationBehavior = "none" }
	anchor := func(day string) change { return func(r *csvspec.Row) { r.BillingCycleAnchor = at(day) } }
	start := func(day string) change { return func(r *csvspec.Row) { r.StartDate = at(day) } }
	backdate := func(r *csvspec.Row) { r.BackdateStartDate = at("2026-03-20") }
	trial := func(r *csvspec.Row) { r.TrialEnd = at("2027-01-15") }
	cancel := func(r *csvspec.Row) { r.CancelAtPeriodEnd = true }
	coupon := func(r *csvspec.Row) { r.Coupon = "SPRING25" }
	oneOff := func(r *csvspec.Row) {
		r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(500), Product: "prod_Setup", Currency: "usd"}}
	}
	list := func(codes ...string) []string { return codes }
	for _, c := range []struct {
		name          string
		change        change
		exact, needed []string
	}{
		{"plain", func(*csvspec.Row) {}, nil, nil},
		{"anchor, none", all(anchor("2027-01-21"), none), list("direct_anchored"), nil},
		{"anchor, none, backdate", all(anchor("2027-01-21"), none, backdate), list("direct_anchored"), list("backdate_in_metadata")},
		{"anchor, blank", anchor("2027-01-21"), list("direct_prorated"), list("direct_prorated")},
		{"anchor, blank, backdate", all(anchor("2027-01-21"), backdate), list("backdate_prorated"), list("backdate_prorated")},
		{"anchor, blank, cancel", all(anchor("2027-01-21"), cancel), list("anchor_prorated"), list("anchor_prorated")},
		{"anchor, none, cancel", all(anchor("2027-01-21"), none, cancel), list("direct_ending"), nil},
		{"backdate", all(none, backdate), list("direct_backdated"), list("backdate_in_metadata")},
		{"backdate, anchor at N", all(none, backdate, anchor("2027-02-11")), list("direct_backdated"), list("backdate_in_metadata")},
		{"backdate, anchor at S", all(none, backdate, anchor("2027-01-11")), list("direct_backdated"), list("backdate_in_metadata")},
		{"backdate, cancel", all(none, backdate, cancel), list("backdate_in_metadata", "canceled_pays_again"), list("backdate_in_metadata", "canceled_pays_again")},
		{"backdate, trial", all(none, backdate, trial), list("backdate_in_metadata"), list("backdate_in_metadata")},
		{"trial, anchor", all(trial, anchor("2027-01-15")), nil, nil},
		{"trial before the anchor, none", all(trial, anchor("2027-01-21"), none), nil, nil},
		{"trial before the anchor, blank", all(trial, anchor("2027-01-21")), list("trial_and_anchor"), list("trial_and_anchor")},
		{"one-off", all(anchor("2027-01-21"), none, oneOff), list("direct_anchored", "direct_invoice_item"), list("invoice_item_in_trial")},
		{"one-off, prorated", all(anchor("2027-01-21"), oneOff), list("direct_prorated", "direct_invoice_item"), list("direct_prorated", "direct_invoice_item")},
		{"one-off of a schedule", oneOff, nil, nil},
		{"coupon, anchored: no invoice before the anchor", all(anchor("2027-01-21"), none, coupon), list("direct_anchored", "direct_coupon_unset"), list("coupon_in_trial")},
		{"coupon, ending: never charged", all(anchor("2027-01-21"), none, cancel, coupon), list("direct_ending"), list("coupon_in_trial")},
		{"coupon, prorated", all(anchor("2027-01-21"), coupon), list("coupon_in_trial", "direct_prorated"), list("coupon_in_trial", "direct_prorated")},
		{"coupon, backdated", all(none, backdate, coupon), list("coupon_in_trial", "direct_backdated"), list("backdate_in_metadata")},
		{"far anchor", all(start("2027-01-11"), anchor("2027-02-05"), none), list("direct_anchored", "direct_anchor_far"), nil},
		{"far anchor, prorated", all(start("2027-01-11"), anchor("2027-02-05")), list("direct_prorated"), list("direct_prorated")},
		{"far anchor, cancel", all(start("2027-01-11"), anchor("2027-02-05"), none, cancel), list("direct_ending", "direct_anchor_far"), nil},
		{"far start, prorated", all(start("2029-01-01"), anchor("2029-01-21")), list("direct_prorated", "direct_start_far", "start_date_far"),
			list("direct_prorated", "direct_start_far", "start_date_far")},
		{"730 days, prorated", all(start("2028-12-31"), anchor("2029-01-21")), list("direct_prorated"), list("direct_prorated")},
		{"far start, backdate", all(start("2029-01-01"), none, backdate), list("direct_backdated", "direct_start_far", "start_date_far"),
			list("backdate_in_metadata", "start_date_far")},
		{"far start, anchored", all(start("2029-01-01"), anchor("2029-01-21"), none), list("direct_anchored", "direct_anchor_far", "start_date_far"),
			list("start_date_far")},
		{"far start", start("2029-01-01"), list("start_date_far"), list("start_date_far")},
		{"anchor one period from now", all(anchor("2027-02-01"), none), list("direct_anchored", "direct_anchor_far"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			for mode, want := range map[validate.Direct][]string{validate.DirectExact: c.exact, validate.DirectNeeded: c.needed} {
				opts := minorUnits()
				opts.Direct = mode
				require.ElementsMatch(t, want, codes(validate.Row(row("2027-01-11", "month", c.change), opts)), mode.String())
			}
		})
	}
}

// TestDirectAnchorFar: the message names from when the row can be run, or says that it never can.
func TestDirectAnchorFar(t *testing.T) {
	opts := minorUnits()
	opts.Direct = validate.DirectExact
	message := func(start, anchor csvspec.Timestamp) string {
		found := validate.Row(row("2027-01-11", "month", func(r *csvspec.Row) {
			r.StartDate, r.BillingCycleAnchor, r.ProrationBehavior = start, anchor, "none"
		}), opts)
		for _, f := range found {
			if f.Code == "direct_anchor_far" {
				return f.Message
			}
		}
		return ""
	}
	require.Empty(t, message(at("2027-01-11"), at("2027-02-01")-1))
	require.Equal(t, "2027-02-01 00:00:00 UTC is a whole billing period or more from now: a subscription that is created today would be charged today, for a whole period. The row can be run from 2027-01-01 00:00:01 UTC until 2027-01-10 00:00:00 UTC.",
		message(at("2027-01-11"), at("2027-02-01")), "a whole period would be charged at once")
	require.Equal(t, "2027-03-31 12:00:00 UTC is a whole billing period or more from now: a subscription that is created today would be charged today, for a whole period. The row can be run from 2027-03-01 00:00:00 UTC until 2027-03-04 00:00:00 UTC.",
		message(at("2027-03-05"), at("2027-03-31")+12*3600), "February has no 31st, so that no moment in it will do")
	require.Equal(t, "2027-02-10 00:00:00 UTC is less than a billing period away only from 2027-01-10 00:00:01 UTC on, which is too late for start_date, "+
		"2027-01-10 12:00:00 UTC (24 hours after the upload).", message(at("2027-01-10")+12*3600, at("2027-02-10")))
}

// TestDirectWaits: what only the price's interval can tell waits for the account, and is said with it.
func TestDirectWaits(t *testing.T) {
	r := &csvspec.Row{Customer: "cus_Ada", StartDate: at("2027-01-11"), Price: "price_Pro", BillingCycleAnchor: at("2027-01-21")}
	opts := minorUnits()
	opts.Direct = validate.DirectExact
	require.Empty(t, codes(validate.Row(r, opts)))
	opts.Account = &account.Account{Prices: exampleAccount().Prices}
	require.Equal(t, []string{"direct_prorated"}, codes(validate.Row(r, opts)))

	r.BillingCycleAnchor = r.StartDate + csvspec.Timestamp(time.Hour/time.Second) // inside whatever the interval is
	opts.Account = nil
	require.Equal(t, []string{"direct_prorated"}, codes(validate.Row(r, opts)))
}

// TestCouponMonths: it is 1 January 2027. A direct subscription gets its coupon then, so that the months until its first
// charge are lost; a schedule gets it on start_date. The charges are counted by hand.
func TestCouponMonths(t *testing.T) {
	type change = func(*csvspec.Row)
	backdate := func(r *csvspec.Row) { r.ProrationBehavior, r.BackdateStartDate = "none", at("2026-03-20") }
	anchored := func(anchor string) change {
		return func(r *csvspec.Row) { r.ProrationBehavior, r.BillingCycleAnchor = "none", at(anchor) }
	}
	prorated := func(anchor string) change { return func(r *csvspec.Row) { r.BillingCycleAnchor = at(anchor) } }
	const lost, short = "coupon_lost: ", "coupon_shortened: "
	for _, c := range []struct {
		name          string
		start, every  string
		months        int64
		change        change
		exact, needed string
	}{
		{"backdate, over before the start", "2027-03-29", "month", 2, backdate,
			lost + "the coupon would count from the migration on and end on 2027-03-01 00:00:00 UTC, before the first charge on 2027-03-29 00:00:00 UTC: it would take off nothing. From start_date on it would count for 2 charges.", ""},
		{"backdate, over as it starts", "2027-03-01", "month", 2, backdate,
			lost + "the coupon would count from the migration on and end on 2027-03-01 00:00:00 UTC, before the first charge on 2027-03-01 00:00:00 UTC: it would take off nothing. From start_date on it would count for 2 charges.", ""},
		{"backdate, a second before", "2027-03-29", "month", 3, backdate,
			short + "the coupon counts from the migration on and ends on 2027-04-01 00:00:00 UTC; the first charge is on 2027-03-29 00:00:00 UTC, so that it takes something off 1 charge instead of 3.", ""},
		{"backdate, soon", "2027-01-11", "month", 2, backdate, "", ""},
		{"prorated", "2027-03-29", "month", 2, prorated("2027-04-10"),
			lost + "the coupon would count from the migration on and end on 2027-03-01 00:00:00 UTC, before the first charge on 2027-03-29 00:00:00 UTC: it would take off nothing. From start_date on it would count for 3 charges.",
			lost + "the coupon would count from the migration on and end on 2027-03-01 00:00:00 UTC, before the first charge on 2027-03-29 00:00:00 UTC: it would take off nothing. From start_date on it would count for 3 charges."},
		{"prorated, part of it", "2027-01-25", "month", 1, prorated("2027-02-05"),
			short + "the coupon counts from the migration on and ends on 2027-02-01 00:00:00 UTC; the first charge is on 2027-01-25 00:00:00 UTC, so that it takes something off 1 charge instead of 2.",
			short + "the coupon counts from the migration on and ends on 2027-02-01 00:00:00 UTC; the first charge is on 2027-01-25 00:00:00 UTC, so that it takes something off 1 charge instead of 2."},
		{"anchored", "2027-01-11", "month", 2, anchored("2027-01-21"), "", ""},
		{"anchored by the year", "2027-01-11", "year", 3, anchored("2027-06-01"), short + "the coupon counts from the migration on and ends on 2027-04-01 00:00:00 UTC; the first charge is on 2027-06-01 00:00:00 UTC, so that it takes something off 0 charges instead of 1.",
			short + "the coupon counts from start_date on and ends on 2027-04-11 00:00:00 UTC; the first charge is on 2027-06-01 00:00:00 UTC, so that it takes something off 0 charges instead of 1."},
		{"anchored by the year, only as a schedule", "2027-01-11", "year", 5, anchored("2027-06-05"),
			lost + "the coupon would count from the migration on and end on 2027-06-01 00:00:00 UTC, before the first charge on 2027-06-05 00:00:00 UTC: it would take off nothing. From start_date on it would count for 1 charge.", ""},
		{"trial by the year", "2027-01-11", "year", 3, func(r *csvspec.Row) { r.TrialEnd = at("2027-06-01") },
			short + "the coupon counts from start_date on and ends on 2027-04-11 00:00:00 UTC; the first charge is on 2027-06-01 00:00:00 UTC, so that it takes something off 0 charges instead of 1.",
			short + "the coupon counts from start_date on and ends on 2027-04-11 00:00:00 UTC; the first charge is on 2027-06-01 00:00:00 UTC, so that it takes something off 0 charges instead of 1."},
		{"trial by the month", "2027-01-11", "month", 1, func(r *csvspec.Row) { r.TrialEnd = at("2027-02-10") }, "", ""},
		{"never charged", "2027-03-29", "month", 1, func(r *csvspec.Row) { anchored("2027-04-10")(r); r.CancelAtPeriodEnd = true }, "", ""},
		{"nothing free", "2027-03-29", "month", 1, func(*csvspec.Row) {}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for mode, want := range map[validate.Direct]string{validate.DirectExact: c.exact, validate.DirectNeeded: c.needed} {
				opts := minorUnits()
				opts.Direct = mode
				opts.Account = exampleAccount()
				opts.Account.Coupons["REP"] = account.Coupon{ID: "REP", Valid: true, Duration: "repeating", DurationInMonths: c.months, PercentOff: account.Hundred / 4}
				got := ""
				for _, f := range validate.Row(row(c.start, c.every, func(r *csvspec.Row) { r.Coupon = "REP"; c.change(r) }), opts) {
					require.NotEqual(t, "coupon_in_trial", f.Code, "an invoice of 0 uses up no coupon of months")
					if f.Code == "coupon_lost" || f.Code == "coupon_shortened" {
						got += f.Code + ": " + f.Message
						require.Equal(t, f.Code == "coupon_lost", f.Severity == validate.Error)
					}
				}
				require.Equal(t, want, got, mode.String())
			}
		})
	}
}

// TestDirectIsSaidAsItIsCharged: usage is charged at the end of a period, and never in advance; a debt only when it is large
// enough to be charged, and by an invoice where that is how the row is paid.
func TestDirectIsSaidAsItIsCharged(t *testing.T) {
	none := func(r *csvspec.Row) { r.ProrationBehavior = "none" }
	anchor := func(r *csvspec.Row) { r.BillingCycleAnchor = at("2027-01-21") }
	backdate := func(r *csvspec.Row) { none(r); r.BackdateStartDate = at("2026-03-20") }
	const became = "the row becomes a direct subscription: "
	for _, c := range []struct {
		name, code, price, second string
		change                    func(*csvspec.Row)
		balance                   int64
		currency                  string
		want                      string
	}{
		{name: "prorated", code: "direct_prorated", price: "price_Pro", change: anchor,
			want: became + "in trial from the migration on, charged for the time until the anchor on start_date (2027-01-11 00:00:00 UTC), and in full on 2027-01-21 00:00:00 UTC."},
		{name: "prorated, usage", code: "direct_prorated", price: "price_Metered", change: anchor,
			want: became + "in trial from the migration on, charged nothing on start_date (2027-01-11 00:00:00 UTC), and on 2027-01-21 00:00:00 UTC for what is used between the two."},
		{name: "prorated, both", code: "direct_prorated", price: "price_Metered", second: "price_Pro", change: anchor,
			want: became + "in trial from the migration on, charged for the time until the anchor on start_date (2027-01-11 00:00:00 UTC), and in full on 2027-01-21 00:00:00 UTC."},
		{name: "backdated, usage", code: "direct_backdated", price: "price_Metered", change: backdate,
			want: became + "in trial from the migration on, with 2026-03-20 00:00:00 UTC as its start date, and charged at the end of each period for what is used from start_date (2027-01-11 00:00:00 UTC) on."},
		{name: "ending", code: "direct_ending", price: "price_Pro", change: func(r *csvspec.Row) { anchor(r); none(r); r.CancelAtPeriodEnd = true },
			want: became + "active from the migration on, not only from start_date (2027-01-11 00:00:00 UTC), and ended on 2027-01-21 00:00:00 UTC without a charge."},
		{name: "ending, usage", code: "direct_ending", price: "price_Pro", second: "price_Metered", change: func(r *csvspec.Row) { anchor(r); none(r); r.CancelAtPeriodEnd = true },
			want: became + "active from the migration on, not only from start_date (2027-01-11 00:00:00 UTC), and ended on 2027-01-21 00:00:00 UTC with a charge for what is used until then, and for nothing else."},
		{name: "debt", code: "direct_debt", price: "price_Pro", change: anchor, balance: 50, currency: "usd",
			want: "the customer owes 0.50 USD on the balance, which is charged when the migration runs."},
		{name: "too small", code: "direct_debt", price: "price_Pro", change: anchor, balance: 49, currency: "usd"},
		{name: "too small to be rounded up", code: "direct_debt", price: "price_Pro", change: anchor, balance: 49, currency: "ugx"},
		{name: "a currency that only the row says", code: "direct_debt", price: "price_Pro", change: anchor, balance: 5000,
			want: "the customer owes 50.00 USD on the balance, which is charged when the migration runs."},
		{name: "by invoice", code: "direct_debt", price: "price_Pro", balance: 50, currency: "usd", change: func(r *csvspec.Row) { anchor(r); r.CollectionMethod, r.DaysUntilDue = "send_invoice", csvspec.Of(30) },
			want: "the customer owes 0.50 USD on the balance, for which an invoice is sent when the migration runs."},
	} {
		t.Run(c.name, func(t *testing.T) {
			opts := minorUnits()
			opts.Direct, opts.Account = validate.DirectExact, exampleAccount()
			ada := opts.Account.Customers["cus_Ada"]
			ada.Balance, ada.Currency = c.balance, c.currency
			opts.Account.Customers["cus_Ada"] = ada
			r := &csvspec.Row{Customer: "cus_Ada", StartDate: at("2027-01-11"), Items: []csvspec.Item{{Price: c.price}}}
			if c.second != "" {
				r.Items = append(r.Items, csvspec.Item{Price: c.second})
			}
			c.change(r)
			got := ""
			for _, f := range validate.Row(r, opts) {
				if f.Code == c.code {
					got += f.Message
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

// TestNoAdviceIsCircular: --direct is advised for rows that it makes direct subscriptions of, and --direct=needed for those
// that it makes schedules of.
func TestNoAdviceIsCircular(t *testing.T) {
	backdate := func(r *csvspec.Row) { r.ProrationBehavior, r.BackdateStartDate = "none", at("2026-03-20") }
	anchor := func(r *csvspec.Row) { r.BillingCycleAnchor = at("2027-01-21") }
	cancel := func(r *csvspec.Row) { r.CancelAtPeriodEnd = true }
	oneOff := func(r *csvspec.Row) {
		r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(500), Product: "prod_Setup", Currency: "usd"}}
	}
	for _, c := range []struct {
		name, code, advised string // in every mode in which the finding is made; "" is not at all
		change              []func(*csvspec.Row)
	}{
		{"backdate", "backdate_in_metadata", "With --direct the row becomes a direct subscription", []func(*csvspec.Row){backdate}},
		{"backdate, anchor, cancel", "backdate_in_metadata", "With --direct the row becomes a direct subscription", []func(*csvspec.Row){backdate, anchor, cancel}},
		{"backdate, one-off, as a schedule", "backdate_in_metadata", "", []func(*csvspec.Row){backdate, oneOff}},
		{"prorated, one-off, not direct", "anchor_prorated", "Take the one-off out of the row, invoice it separately, and migrate with --direct", []func(*csvspec.Row){anchor, oneOff}},
		{"backdate, trial", "backdate_in_metadata", "", []func(*csvspec.Row){backdate, func(r *csvspec.Row) { r.TrialEnd = at("2027-01-15") }}},
		{"backdate, trial, anchor", "backdate_in_metadata", "", []func(*csvspec.Row){backdate, anchor, func(r *csvspec.Row) { r.TrialEnd = at("2027-01-15") }}},
		{"backdate, cancel", "backdate_in_metadata", "", []func(*csvspec.Row){backdate, cancel}},
		{"prorated, cancel", "anchor_prorated", "", []func(*csvspec.Row){anchor, cancel}},
		{"prorated, one-off", "direct_invoice_item", "write none into proration_behavior: with --direct=needed the row then becomes a schedule", []func(*csvspec.Row){anchor, oneOff}},
		{"backdate, one-off", "direct_invoice_item", "make the row a schedule, which keeps it, with --direct=needed", []func(*csvspec.Row){backdate, oneOff}},
	} {
		for _, mode := range []validate.Direct{validate.DirectNever, validate.DirectNeeded, validate.DirectExact} {
			opts := minorUnits()
			opts.Direct = mode
			for _, f := range validate.Row(row("2027-01-11", "month", func(r *csvspec.Row) {
				for _, change := range c.change {
					change(r)
				}
			}), opts) {
				if f.Code != c.code {
					continue
				}
				require.Regexp(t, "^[A-Z]", f.Fix)
				require.NotRegexp(t, "^Or ", f.Fix)
				if c.advised == "" {
					require.NotContains(t, f.Fix, "--direct", "%s, %s", c.name, mode)
				} else {
					require.Contains(t, f.Fix, c.advised, "%s, %s", c.name, mode)
				}
			}
		}
	}
}
