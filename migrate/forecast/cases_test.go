package forecast_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

// example is a row with its first charge and the next two renewals, each derived by hand in why.
type example struct {
	name string
	why  string
	row  *csvspec.Row
	want []string
}

func runExamples(t *testing.T, examples []example) {
	t.Helper()
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			require.Equal(t, e.want, charges(t, e.row, exampleAccount()), e.why)
		})
	}
}

// TestStrategies: when each strategy charges.
func TestStrategies(t *testing.T) {
	monthly := func(change func(*csvspec.Row)) *csvspec.Row {
		return row(func(r *csvspec.Row) { r.Price = "price_monthly"; change(r) })
	}
	runExamples(t, []example{
		{"charge at start", "in full on the start date, then on the 10th of each month", monthly(func(*csvspec.Row) {}), []string{
			"2030-06-10 first 19.99 USD", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD",
		}},
		{"due for renewal", "an anchor one period after the start is a date on which it renews anyway",
			monthly(func(r *csvspec.Row) { r.BillingCycleAnchor, r.ProrationBehavior = on(time.July, 10), "none" }), []string{
				"2030-06-10 first 19.99 USD", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD",
			}},
		{"trial", "an invoice over 0 opens the trial; the cycle is anchored at its end, the 20th",
			monthly(func(r *csvspec.Row) { r.TrialEnd = on(time.June, 20) }), []string{
				"2030-06-10 opening 0.00 USD", "2030-06-20 first 19.99 USD", "2030-07-20 renewal 19.99 USD", "2030-08-20 renewal 19.99 USD",
			}},
		{"trial bridge", "paid elsewhere until the anchor, the 25th: free until then, and renewed on the 25th",
			monthly(func(r *csvspec.Row) {
				r.BillingCycleAnchor, r.ProrationBehavior, r.BackdateStartDate = on(time.June, 25), "none", on(time.January, 25)
			}), []string{
				"2030-06-10 opening 0.00 USD", "2030-06-25 first 19.99 USD", "2030-07-25 renewal 19.99 USD", "2030-08-25 renewal 19.99 USD",
			}},
		{"trial bridge over a whole period", "the trial is extended to an anchor one period after the start",
			monthly(func(r *csvspec.Row) {
				r.TrialEnd, r.BillingCycleAnchor, r.ProrationBehavior = on(time.June, 20), on(time.July, 10), "none"
			}), []string{
				"2030-06-10 opening 0.00 USD", "2030-07-10 first 19.99 USD", "2030-08-10 renewal 19.99 USD", "2030-09-10 renewal 19.99 USD",
			}},
		{"one period", "charged once; it ends on 10 July, before it would renew",
			monthly(func(r *csvspec.Row) { r.CancelAtPeriodEnd = true }), []string{"2030-06-10 first 19.99 USD"}},
		{"free until anchor", "its period is paid elsewhere, and it ends with it",
			monthly(func(r *csvspec.Row) {
				r.BillingCycleAnchor, r.ProrationBehavior, r.CancelAtPeriodEnd = on(time.June, 25), "none", true
			}), []string{"2030-06-10 opening 0.00 USD"}},
		{"free until trial end", "the customer has canceled in the trial",
			monthly(func(r *csvspec.Row) { r.TrialEnd, r.CancelAtPeriodEnd = on(time.June, 20), true }),
			[]string{"2030-06-10 opening 0.00 USD"}},
	})
}

// TestUseCases: the use cases that the toolkit's guide documents.
func TestUseCases(t *testing.T) {
	runExamples(t, []example{
		{"yearly with quantity", "12 × 199.00", row(func(r *csvspec.Row) { r.Price, r.Quantity = "price_yearly", csvspec.Of(12) }), []string{
			"2030-06-10 first 2388.00 USD", "2031-06-10 renewal 2388.00 USD", "2032-06-10 renewal 2388.00 USD",
		}},
		{"two prices", "2 × 19.99 + 3 × 3.33 = 39.98 + 9.99", row(func(r *csvspec.Row) {
			r.Items = []csvspec.Item{{Price: "price_monthly", Quantity: csvspec.Of(2)}, {Price: "price_seat", Quantity: csvspec.Of(3)}}
		}), []string{"2030-06-10 first 49.97 USD", "2030-07-10 renewal 49.97 USD", "2030-08-10 renewal 49.97 USD"}},
		{"one-off fee on the first invoice", "19.99 + 49.00 once", row(func(r *csvspec.Row) {
			r.Price = "price_monthly"
			r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(4900), Product: "prod_setup", Currency: "usd"}}
		}), []string{
			"2030-06-10 first 68.99 USD | items 19.99 | one-offs 49.00", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD",
		}},
		{"one-off fee and paid in the middle of a period", "the fee is on the invoice that opens the free time", row(func(r *csvspec.Row) {
			r.Price, r.BillingCycleAnchor, r.ProrationBehavior = "price_monthly", on(time.June, 25), "none"
			r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(4900), Product: "prod_setup", Currency: "usd"}}
		}), []string{
			"2030-06-10 opening 49.00 USD | one-offs 49.00", "2030-06-25 first 19.99 USD", "2030-07-25 renewal 19.99 USD", "2030-08-25 renewal 19.99 USD",
		}},
		{"ad-hoc amount", "3 × 21.50 a week", row(func(r *csvspec.Row) {
			r.AdhocItems = []csvspec.AdhocItem{{Amount: csvspec.Of(2150), Product: "prod_plan", Interval: "week", Currency: "usd", Quantity: csvspec.Of(3)}}
		}), []string{"2030-06-10 first 64.50 USD", "2030-06-17 renewal 64.50 USD", "2030-06-24 renewal 64.50 USD"}},
		{"invoice with 30 days", "how it is collected changes no amount", row(func(r *csvspec.Row) {
			r.Price, r.CollectionMethod, r.DaysUntilDue = "price_monthly", "send_invoice", csvspec.Of(30)
		}), []string{"2030-06-10 first 19.99 USD", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD"}},
		{"past due", "create_prorations has nothing to prorate: the period begins on the start date", row(func(r *csvspec.Row) {
			r.Price, r.ProrationBehavior = "price_monthly", "create_prorations"
		}), []string{"2030-06-10 first 19.99 USD", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD"}},
		{"Stripe Tax", "19.99 and a tax that only Stripe computes", row(func(r *csvspec.Row) { r.Price, r.AutomaticTax = "price_monthly", true }), []string{
			"2030-06-10 first ? [automatic_tax] | items 19.99", "2030-07-10 renewal ? [automatic_tax] | items 19.99", "2030-08-10 renewal ? [automatic_tax] | items 19.99",
		}},
		{"exclusive tax rate", "8.875 % of 19.99 is 1.774…, rounded 1.77", row(func(r *csvspec.Row) {
			r.Price, r.DefaultTaxRate = "price_monthly", "txr_sales"
		}), []string{
			"2030-06-10 first 21.76 USD | items 19.99 | tax 1.77", "2030-07-10 renewal 21.76 USD | items 19.99 | tax 1.77", "2030-08-10 renewal 21.76 USD | items 19.99 | tax 1.77",
		}},
		{"inclusive tax rate", "19 % within 11.90 is 11.90 × 19/119 = 1.90", row(func(r *csvspec.Row) {
			r.Price, r.DefaultTaxRate = "price_inclusive", "txr_vat"
		}), []string{
			"2030-06-10 first 11.90 EUR | included tax 1.90", "2030-07-10 renewal 11.90 EUR | included tax 1.90", "2030-08-10 renewal 11.90 EUR | included tax 1.90",
		}},
		{"forever discount", "half of 19.99 is 9.995, rounded away from zero 10.00", row(func(r *csvspec.Row) { r.Price, r.Coupon = "price_monthly", "half" }), []string{
			"2030-06-10 first 9.99 USD | items 19.99 | discount 10.00", "2030-07-10 renewal 9.99 USD | items 19.99 | discount 10.00", "2030-08-10 renewal 9.99 USD | items 19.99 | discount 10.00",
		}},
		{"Stripe-to-Stripe", "the start is the source's period end, the backdate changes no charge", row(func(r *csvspec.Row) {
			r.Price, r.BackdateStartDate, r.ProrationBehavior = "price_monthly", on(time.January, 10), "none"
			r.Metadata = csvspec.Metadata{{Key: "source", Value: "internal:Stripe"}}
		}), []string{"2030-06-10 first 19.99 USD", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD"}},
	})
}

// TestCoupons: how much, how often, of what.
func TestCoupons(t *testing.T) {
	runExamples(t, []example{
		{"once", "a quarter of 19.99 is 4.9975, rounded 5.00, on the first invoice", row(func(r *csvspec.Row) { r.Price, r.Coupon = "price_monthly", "welcome" }), []string{
			"2030-06-10 first 14.99 USD | items 19.99 | discount 5.00", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD",
		}},
		{"once with a trial", "an invoice over 0 does not use it up", row(func(r *csvspec.Row) {
			r.Price, r.Coupon, r.TrialEnd = "price_monthly", "welcome", on(time.June, 20)
		}), []string{
			"2030-06-10 opening 0.00 USD", "2030-06-20 first 14.99 USD | items 19.99 | discount 5.00", "2030-07-20 renewal 19.99 USD", "2030-08-20 renewal 19.99 USD",
		}},
		{"once with a trial and a one-off", "the opening invoice has something to take it from: a quarter of 49.00", row(func(r *csvspec.Row) {
			r.Price, r.Coupon, r.TrialEnd = "price_monthly", "welcome", on(time.June, 20)
			r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(4900), Product: "prod_setup", Currency: "usd"}}
		}), []string{
			"2030-06-10 opening 36.75 USD | one-offs 49.00 | discount 12.25", "2030-06-20 first 19.99 USD", "2030-07-20 renewal 19.99 USD", "2030-08-20 renewal 19.99 USD",
		}},
		{"one month", "it ends on 10 July, when the second invoice is made", row(func(r *csvspec.Row) { r.Price, r.Coupon = "price_monthly", "one_month" }), []string{
			"2030-06-10 first 14.99 USD | items 19.99 | discount 5.00", "2030-07-10 renewal 19.99 USD", "2030-08-10 renewal 19.99 USD",
		}},
		{"three months with a trial", "they count from the start: until 10 September, so that the 20th of June, July and August have it", row(func(r *csvspec.Row) {
			r.Price, r.Coupon, r.TrialEnd = "price_seat", "three_months", on(time.June, 20)
		}), []string{
			"2030-06-10 opening 0.00 USD", "2030-06-20 first 3.00 USD | items 3.33 | discount 0.33",
			"2030-07-20 renewal 3.00 USD | items 3.33 | discount 0.33", "2030-08-20 renewal 3.00 USD | items 3.33 | discount 0.33",
		}},
		{"more than there is", "5.00 off 3.33 is 3.33; the rest is not carried over", row(func(r *csvspec.Row) { r.Price, r.Coupon = "price_seat", "five_off" }), []string{
			"2030-06-10 first 0.00 USD | items 3.33 | discount 3.33", "2030-07-10 renewal 0.00 USD | items 3.33 | discount 3.33", "2030-08-10 renewal 0.00 USD | items 3.33 | discount 3.33",
		}},
		{"of some products", "the seats are free, the app is not", row(func(r *csvspec.Row) {
			r.Items, r.Coupon = []csvspec.Item{{Price: "price_monthly"}, {Price: "price_seat", Quantity: csvspec.Of(4)}}, "seats_only"
		}), []string{
			"2030-06-10 first 19.99 USD | items 33.31 | discount 13.32", "2030-07-10 renewal 19.99 USD | items 33.31 | discount 13.32", "2030-08-10 renewal 19.99 USD | items 33.31 | discount 13.32",
		}},
		{"rounded by line", "half of 19.99 is 9.995, half of 3.33 is 1.665: 10.00 + 1.67, where half of the sum would be 11.66",
			row(func(r *csvspec.Row) {
				r.Items, r.Coupon = []csvspec.Item{{Price: "price_monthly"}, {Price: "price_seat"}}, "half"
			}), []string{
				"2030-06-10 first 11.65 USD | items 23.32 | discount 11.67", "2030-07-10 renewal 11.65 USD | items 23.32 | discount 11.67", "2030-08-10 renewal 11.65 USD | items 23.32 | discount 11.67",
			}},
		{"an amount before tax", "5.00 × 19.99/23.32 = 4.286 off the app, the other 0.71 off the seat; 8.875 % of 15.70 is 1.393…, of 2.62 is 0.232…",
			row(func(r *csvspec.Row) {
				r.Items, r.Coupon, r.DefaultTaxRate = []csvspec.Item{{Price: "price_monthly"}, {Price: "price_seat"}}, "five_off", "txr_sales"
			}), []string{
				"2030-06-10 first 19.94 USD | items 23.32 | discount 5.00 | tax 1.62", "2030-07-10 renewal 19.94 USD | items 23.32 | discount 5.00 | tax 1.62", "2030-08-10 renewal 19.94 USD | items 23.32 | discount 5.00 | tax 1.62",
			}},
	})
}

// TestCurrencies: prices in several currencies, and currencies without cents or with three decimals.
func TestCurrencies(t *testing.T) {
	runExamples(t, []example{
		{"chosen by the row", "the price's amount in eur", row(func(r *csvspec.Row) { r.Price, r.Currency = "price_monthly", "eur" }), []string{
			"2030-06-10 first 18.50 EUR", "2030-07-10 renewal 18.50 EUR", "2030-08-10 renewal 18.50 EUR",
		}},
		{"no decimals", "2800 yen less the coupon's 700 yen", row(func(r *csvspec.Row) { r.Price, r.Currency, r.Coupon = "price_monthly", "jpy", "five_off" }), []string{
			"2030-06-10 first 2100 JPY | items 2800 | discount 700", "2030-07-10 renewal 2100 JPY | items 2800 | discount 700", "2030-08-10 renewal 2100 JPY | items 2800 | discount 700",
		}},
		{"three decimals", "12.340 dinars and 8.875 % of them, 1.095175", row(func(r *csvspec.Row) { r.Price, r.DefaultTaxRate = "price_dinar", "txr_sales" }), []string{
			"2030-06-10 first 13.435 KWD | items 12.340 | tax 1.095", "2030-07-10 renewal 13.435 KWD | items 12.340 | tax 1.095", "2030-08-10 renewal 13.435 KWD | items 12.340 | tax 1.095",
		}},
	})
}

// TestCalendar: month ends and leap years are counted from the anchor.
func TestCalendar(t *testing.T) {
	at := func(year int, month time.Month, day int) csvspec.Timestamp {
		return csvspec.At(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	}
	runExamples(t, []example{
		{"31 January", "February ends on the 28th, and March has its 31st again", row(func(r *csvspec.Row) {
			r.StartDate, r.Price = on(time.January, 31), "price_monthly"
		}), []string{"2030-01-31 first 19.99 USD", "2030-02-28 renewal 19.99 USD", "2030-03-31 renewal 19.99 USD"}},
		{"29 February", "2033 and 2034 have none", row(func(r *csvspec.Row) { r.StartDate, r.Price = at(2032, time.February, 29), "price_yearly" }), []string{
			"2032-02-29 first 199.00 USD", "2033-02-28 renewal 199.00 USD", "2034-02-28 renewal 199.00 USD",
		}},
		{"a coupon's month", "one month from 31 January is over on 28 February, when the second invoice is made", row(func(r *csvspec.Row) {
			r.StartDate, r.Price, r.Coupon = on(time.January, 31), "price_monthly", "one_month"
		}), []string{"2030-01-31 first 14.99 USD | items 19.99 | discount 5.00", "2030-02-28 renewal 19.99 USD", "2030-03-31 renewal 19.99 USD"}},
		{"every two weeks", "14 days", row(func(r *csvspec.Row) { r.Price = "price_weekly" }), []string{
			"2030-06-10 first 7.00 USD", "2030-06-24 renewal 7.00 USD", "2030-07-08 renewal 7.00 USD",
		}},
	})
}

// TestUnknown: what is not known is said, with what is known.
func TestUnknown(t *testing.T) {
	one := func(price string, change func(*csvspec.Row)) *csvspec.Row {
		return row(func(r *csvspec.Row) { r.Price = price; change(r) })
	}
	same := func(what string) []string {
		return []string{"2030-06-10 first " + what, "2030-07-10 renewal " + what, "2030-08-10 renewal " + what}
	}
	runExamples(t, []example{
		{"usage only", "nothing was used before the first month is over", one("price_usage", func(*csvspec.Row) {}), []string{
			"2030-06-10 opening 0.00 USD", "2030-07-10 first ? [metered_usage]", "2030-08-10 renewal ? [metered_usage]", "2030-09-10 renewal ? [metered_usage]",
		}},
		{"usage only, after a trial", "the trial's usage is free, and the period that begins on the 20th is charged when it is over", one("price_usage", func(r *csvspec.Row) {
			r.TrialEnd = on(time.June, 20)
		}), []string{
			"2030-06-10 opening 0.00 USD", "2030-06-20 opening 0.00 USD", "2030-07-20 first ? [metered_usage]",
			"2030-08-20 renewal ? [metered_usage]", "2030-09-20 renewal ? [metered_usage]",
		}},
		{"usage only, ended with the trial", "the trial's usage is free", one("price_usage", func(r *csvspec.Row) {
			r.TrialEnd, r.CancelAtPeriodEnd = on(time.June, 20), true
		}), []string{"2030-06-10 opening 0.00 USD"}},
		{"usage beside a price", "the first invoice has none", row(func(r *csvspec.Row) { r.Items = []csvspec.Item{{Price: "price_monthly"}, {Price: "price_usage"}} }), []string{
			"2030-06-10 first 19.99 USD", "2030-07-10 renewal ? [metered_usage] | items 19.99", "2030-08-10 renewal ? [metered_usage] | items 19.99",
		}},
		{"usage of one period", "it is charged when the subscription ends", one("price_usage", func(r *csvspec.Row) { r.CancelAtPeriodEnd = true }), []string{
			"2030-06-10 opening 0.00 USD", "2030-07-10 final ? [metered_usage]",
		}},
		{"tiers that end", "7 units, and the last tier ends with 6", one("price_ends", func(r *csvspec.Row) { r.Quantity = csvspec.Of(7) }), same("? [price_tiers_end]")},
		{"an amount that the customer chooses", "", one("price_open", func(*csvspec.Row) {}), same("? [price_open]")},
		{"too large", "19.99 × 50,026 is 1,000,019.74", one("price_monthly", func(r *csvspec.Row) { r.Quantity = csvspec.Of(50_026) }), same("? [amount_too_large]")},
		{"a price that the account lacks", "", one("price_gone", func(*csvspec.Row) {}), []string{"2030-06-10 first ? [price_not_looked_up]"}},
		{"a coupon that the account lacks", "", one("price_monthly", func(r *csvspec.Row) { r.Coupon = "gone" }), same("? [coupon_not_looked_up] | items 19.99")},
		{"a coupon in another currency", "", one("price_monthly", func(r *csvspec.Row) { r.Coupon, r.Currency = "five_off", "eur" }), same("? [coupon_currency] | items 18.50")},
		{"a coupon with odd terms", "", one("price_monthly", func(r *csvspec.Row) { r.Coupon = "odd" }), same("? [coupon_terms] | items 19.99")},
		{"a tax rate that the account lacks", "", one("price_monthly", func(r *csvspec.Row) { r.DefaultTaxRate = "txr_gone" }), same("? [tax_rate_not_looked_up] | items 19.99")},
		{"a tax rate with odd decimals", "", one("price_monthly", func(r *csvspec.Row) { r.DefaultTaxRate = "txr_odd" }), same("? [tax_rate_percent] | items 19.99")},
		{"packages", "31 units are 4 packages of ten, of which one is not full", one("price_packs", func(r *csvspec.Row) { r.Quantity = csvspec.Of(31) }), same("20.00 USD")},
	})
}
