package validate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
)

func at(s string) csvspec.Timestamp {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return csvspec.At(t)
}

// row returns a row that starts on the day and is billed at the interval.
func row(start, interval string, change func(*csvspec.Row)) *csvspec.Row {
	r := &csvspec.Row{Customer: "cus_Ada", StartDate: at(start),
		AdhocItems: []csvspec.AdhocItem{{Amount: csvspec.Of(1999), Product: "prod_Pro", Interval: interval, Currency: "usd"}}}
	change(r)
	return r
}

// TestCombinations goes through the table of schedules: which combinations of trial, anchor, backdate, proration and
// cancel are right, wrong, or worth a warning. N is the end of the first period.
func TestCombinations(t *testing.T) {
	none := func(r *csvspec.Row) { r.ProrationBehavior = "none" }
	anchor := func(day string, more ...func(*csvspec.Row)) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			r.BillingCycleAnchor = at(day)
			for _, m := range more {
				m(r)
			}
		}
	}
	trial := func(day string, more ...func(*csvspec.Row)) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			r.TrialEnd = at(day)
			for _, m := range more {
				m(r)
			}
		}
	}
	backdate := func(day string, more ...func(*csvspec.Row)) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			r.BackdateStartDate = at(day)
			for _, m := range more {
				m(r)
			}
		}
	}
	cancel := func(r *csvspec.Row) { r.CancelAtPeriodEnd = true }
	coupon := func(r *csvspec.Row) { r.Coupon = "SPRING25" }
	oneOff := func(r *csvspec.Row) {
		r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(500), Product: "prod_Setup", Currency: "usd"}}
	}
	for _, c := range []struct {
		name            string
		start, interval string
		change          func(*csvspec.Row)
		want            []string
	}{
		{"1: nothing", "2027-02-01", "month", func(*csvspec.Row) {}, nil},
		{"2: trial inside", "2027-02-01", "month", trial("2027-02-28"), nil},
		{"3: trial until N", "2027-02-01", "month", trial("2027-03-01"), []string{"trial_end_too_late"}},
		{"3: trial after N", "2027-02-01", "week", trial("2027-02-09"), []string{"trial_end_too_late"}},
		{"3: trial at S", "2027-02-01", "month", trial("2027-02-01"), []string{"trial_end_not_after_start"}},
		{"4: anchor at N, blank", "2027-02-01", "month", anchor("2027-03-01"), nil},
		{"4: anchor at S", "2027-02-01", "month", anchor("2027-02-01"), nil},
		{"4: month end, no drift", "2027-02-28", "month", anchor("2027-03-28"), nil},
		{"4: month end, drift", "2027-01-31", "month", anchor("2027-02-28"), []string{"anchor_drifts"}},
		{"4: leap year", "2028-01-31", "month", anchor("2028-02-29"), []string{"anchor_drifts"}},
		{"4: leap year, 29th", "2028-01-29", "month", anchor("2028-02-29"), nil},
		{"4: leap day, yearly", "2028-02-29", "year", anchor("2029-02-28"), []string{"anchor_drifts"}},
		{"5: bridge", "2027-02-01", "month", anchor("2027-02-15", none), nil},
		{"6: blank", "2027-02-01", "month", anchor("2027-02-15"), []string{"anchor_prorated"}},
		{"6: written", "2027-02-01", "month", anchor("2027-02-15", func(r *csvspec.Row) { r.ProrationBehavior = "create_prorations" }), []string{"anchor_prorated"}},
		{"7: anchor before S", "2027-02-01", "month", anchor("2027-01-31", none), []string{"anchor_before_start"}},
		{"7: anchor after N", "2027-02-01", "month", anchor("2027-03-02", none), []string{"anchor_too_late"}},
		{"7: month end", "2027-01-31", "month", anchor("2027-03-01", none), []string{"anchor_too_late"}},
		{"8: T = A", "2027-02-01", "month", trial("2027-02-15", anchor("2027-02-15")), nil},
		{"8: T < A, none", "2027-02-01", "month", trial("2027-02-10", anchor("2027-02-15", none)), nil},
		{"8: T < A, blank", "2027-02-01", "month", trial("2027-02-10", anchor("2027-02-15")), []string{"trial_and_anchor"}},
		{"8: T > A", "2027-02-01", "month", trial("2027-02-20", anchor("2027-02-15", none)), []string{"trial_and_anchor"}},
		{"9: backdate, none", "2027-02-01", "month", backdate("2026-03-01", none), []string{"backdate_in_metadata"}},
		{"9: backdate, bridge", "2027-02-01", "month", backdate("2026-03-01", anchor("2027-02-15", none)), []string{"backdate_in_metadata"}},
		{"9: backdate, blank", "2027-02-01", "month", backdate("2026-03-01"), []string{"backdate_prorated"}},
		{"9: backdate and anchor, blank: one mistake", "2027-02-01", "month", backdate("2026-03-01", anchor("2027-02-15")), []string{"backdate_prorated"}},
		{"9: backdate in the future", "2027-02-01", "month", backdate("2027-01-15", none), []string{"backdate_not_in_past"}},
		{"10: cancel", "2027-02-01", "month", cancel, []string{"canceled_pays_again"}},
		{"10: cancel, anchor at S", "2027-02-01", "month", anchor("2027-02-01", none, cancel), []string{"canceled_pays_again"}},
		{"10: cancel, anchor at N", "2027-02-01", "month", anchor("2027-03-01", cancel), []string{"canceled_pays_again"}},
		{"10: cancel, free of charge", "2027-02-01", "month", func(r *csvspec.Row) { cancel(r); r.AdhocItems[0].Amount = csvspec.Of(0) }, nil},
		{"11: cancel at anchor", "2027-02-01", "month", anchor("2027-02-15", none, cancel), nil},
		{"12: cancel in trial", "2027-02-01", "month", trial("2027-02-15", cancel), []string{"cancel_in_trial"}},
		{"13: coupon in trial", "2027-02-01", "month", trial("2027-02-15", coupon), []string{"coupon_in_trial"}},
		{"13: coupon in bridge", "2027-02-01", "month", anchor("2027-02-15", none, coupon), []string{"coupon_in_trial"}},
		{"13: coupon at N", "2027-02-01", "month", anchor("2027-03-01", none, coupon), nil},
		{"14: one-off in bridge", "2027-02-01", "month", anchor("2027-02-15", none, oneOff), []string{"invoice_item_in_trial"}},
		{"14: one-off in trial", "2027-02-01", "month", trial("2027-02-15", oneOff), []string{"invoice_item_in_trial"}},
		{"14: one-off at N", "2027-02-01", "month", anchor("2027-03-01", none, oneOff), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, codes(validate.Row(row(c.start, c.interval, c.change), minorUnits())))
		})
	}
}

// TestUnknownInterval is about rows whose interval only the account knows: what is certain is said, the rest waits.
func TestUnknownInterval(t *testing.T) {
	priced := func(change func(*csvspec.Row)) *csvspec.Row {
		r := &csvspec.Row{Customer: "cus_Ada", StartDate: at("2027-02-01"), Price: "price_Pro"}
		change(r)
		return r
	}
	withAccount := minorUnits()
	withAccount.Account = &account.Account{Prices: exampleAccount().Prices}
	for _, c := range []struct {
		name             string
		change           func(*csvspec.Row)
		without, knowing []string
	}{
		{"trial within a month", func(r *csvspec.Row) { r.TrialEnd = at("2027-02-20") }, nil, nil},
		{"trial of two months", func(r *csvspec.Row) { r.TrialEnd = at("2027-04-01") }, nil, []string{"trial_end_too_late"}},
		{"trial of four years", func(r *csvspec.Row) { r.TrialEnd = at("2031-02-01") }, []string{"trial_end_too_late"}, []string{"trial_end_too_late"}},
		{"anchor within a month", func(r *csvspec.Row) { r.BillingCycleAnchor = at("2027-02-20") }, []string{"proration_blank"}, []string{"anchor_prorated"}},
		{"anchor within a day", func(r *csvspec.Row) { r.BillingCycleAnchor = at("2027-02-01") + 3600 }, []string{"anchor_prorated"}, []string{"anchor_prorated"}},
		{"anchor at N", func(r *csvspec.Row) { r.BillingCycleAnchor = at("2027-03-01") }, []string{"proration_blank"}, nil},
		{"anchor after four years", func(r *csvspec.Row) { r.BillingCycleAnchor, r.ProrationBehavior = at("2031-03-01"), "none" }, []string{"anchor_too_late"}, []string{"anchor_too_late"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.without, codes(validate.Row(priced(c.change), minorUnits())))
			require.Equal(t, c.knowing, codes(validate.Row(priced(c.change), withAccount)))
		})
	}
}

// TestLead is about the limit of 24 hours, 1 hour in a sandbox, and a margin.
func TestLead(t *testing.T) {
	for _, c := range []struct {
		after, lead, margin time.Duration
		want                []string
	}{
		{24 * time.Hour, 0, 0, nil},
		{24*time.Hour - time.Second, 0, 0, []string{"start_date_too_soon"}},
		{24 * time.Hour, 0, validate.DefaultMargin, []string{"start_date_too_soon"}},
		{24*time.Hour + validate.DefaultMargin, 0, validate.DefaultMargin, nil},
		{time.Hour, validate.SandboxLead, 0, nil},
		{time.Hour - time.Second, validate.SandboxLead, 0, []string{"start_date_too_soon"}},
		{0, validate.SandboxLead, 0, []string{"start_date_too_soon"}},
		{-time.Second, validate.SandboxLead, 0, []string{"start_date_in_past"}},
	} {
		r := &csvspec.Row{Customer: "cus_Ada", StartDate: csvspec.At(now.Add(c.after)), Price: "price_Pro"}
		found := validate.Row(r, validate.Options{Now: now, Lead: c.lead, Margin: c.margin})
		require.Equal(t, c.want, codes(found), "%v", c)
		if len(c.want) == 1 && c.want[0] == "start_date_too_soon" {
			require.Equal(t, validate.Deferred, found.State())
		}
	}
}
