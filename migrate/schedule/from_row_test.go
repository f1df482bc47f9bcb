package schedule_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// date is midnight UTC of a day in 2030; day 0 is blank.
func date(month time.Month, day int) csvspec.Timestamp {
	if day == 0 {
		return 0
	}
	return csvspec.At(time.Date(2030, month, day, 0, 0, 0, 0, time.UTC))
}

// knownPrices is an account with a monthly, a yearly, a quarterly, a metered and a one-time price.
func knownPrices() *account.Account {
	return &account.Account{Prices: map[string]account.Price{
		"price_monthly":   {ID: "price_monthly", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd"},
		"price_yearly":    {ID: "price_yearly", Active: true, Interval: "year", IntervalCount: 1, Currency: "usd"},
		"price_quarterly": {ID: "price_quarterly", Active: true, Interval: "month", IntervalCount: 3, Currency: "usd"},
		"price_metered":   {ID: "price_metered", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd", Metered: true},
		"price_once":      {ID: "price_once", Active: true, Currency: "usd"},
	}}
}

// row is a monthly row that starts on 10 June, so that its first period ends on 10 July.
func row(change func(*csvspec.Row)) *csvspec.Row {
	r := &csvspec.Row{Customer: "cus_1", StartDate: date(time.June, 10), Price: "price_monthly"}
	change(r)
	return r
}

// TestPlanTable goes through the table of strategies; the number is its row there.
func TestPlanTable(t *testing.T) {
	start, inside, later, end, after := date(time.June, 10), date(time.June, 20), date(time.June, 25), date(time.July, 10), date(time.July, 11)
	before := date(time.May, 1)
	for name, tc := range map[string]struct {
		anchor, trial, backdate csvspec.Timestamp
		proration               string
		cancel                  bool
		want                    schedule.Strategy
		refused                 string // the code of the refusal
		firstCharge             csvspec.Timestamp
	}{
		"1 plain":                                  {want: schedule.ChargeAtStart, firstCharge: start},
		"2 trial":                                  {trial: inside, want: schedule.Trial, firstCharge: inside},
		"3 trial to the period's end":              {trial: end, refused: "trial_end_too_late"},
		"3 trial beyond the period":                {trial: after, refused: "trial_end_too_late"},
		"trial at the start":                       {trial: start, refused: "trial_end_not_after_start"},
		"trial before the start":                   {trial: before, refused: "trial_end_not_after_start"},
		"4 anchor one period on":                   {anchor: end, want: schedule.DueForRenewal, firstCharge: start},
		"4 anchor on the start":                    {anchor: start, want: schedule.DueForRenewal, firstCharge: start},
		"4 anchor one period on, none":             {anchor: end, proration: "none", want: schedule.DueForRenewal, firstCharge: start},
		"5 anchor inside, none":                    {anchor: inside, proration: "none", want: schedule.TrialBridge, firstCharge: inside},
		"6 anchor inside, blank":                   {anchor: inside, refused: "anchor_prorated"},
		"6 anchor inside, create_prorations":       {anchor: inside, proration: "create_prorations", refused: "anchor_prorated"},
		"7 anchor beyond":                          {anchor: after, refused: "anchor_too_late"},
		"7 anchor before":                          {anchor: before, refused: "anchor_before_start"},
		"8 trial to the anchor":                    {trial: inside, anchor: inside, want: schedule.Trial, firstCharge: inside},
		"8 trial before the anchor, none":          {trial: inside, anchor: later, proration: "none", want: schedule.TrialBridge, firstCharge: later},
		"8 trial before the anchor, blank":         {trial: inside, anchor: later, refused: "trial_and_anchor"},
		"8 trial and anchor one period on, blank":  {trial: inside, anchor: end, refused: "trial_and_anchor"},
		"8 trial after the anchor":                 {trial: later, anchor: inside, proration: "none", refused: "trial_and_anchor"},
		"8 trial and anchor on the start":          {trial: inside, anchor: start, proration: "none", refused: "trial_and_anchor"},
		"8 trial and anchor one period on":         {trial: inside, anchor: end, proration: "none", want: schedule.TrialBridge, firstCharge: end},
		"9 backdate":                               {backdate: before, proration: "none", want: schedule.ChargeAtStart, firstCharge: start},
		"9 backdate with anchor":                   {backdate: before, anchor: inside, proration: "none", want: schedule.TrialBridge, firstCharge: inside},
		"9 backdate, blank":                        {backdate: before, refused: "backdate_prorated"},
		"9 backdate, create_prorations":            {backdate: before, proration: "create_prorations", refused: "backdate_prorated"},
		"9 backdate on the start":                  {backdate: start, proration: "none", refused: "backdate_not_in_past"},
		"10 cancel":                                {cancel: true, want: schedule.OnePeriod, firstCharge: start},
		"10 cancel, anchor one period on":          {cancel: true, anchor: end, want: schedule.OnePeriod, firstCharge: start},
		"11 cancel, anchor inside, none":           {cancel: true, anchor: inside, proration: "none", want: schedule.FreeUntilAnchor},
		"11 cancel, anchor inside, blank":          {cancel: true, anchor: inside, refused: "anchor_prorated"},
		"11 cancel, trial before the anchor, none": {cancel: true, trial: inside, anchor: later, proration: "none", want: schedule.FreeUntilAnchor},
		"12 cancel, trial":                         {cancel: true, trial: inside, want: schedule.FreeUntilTrialEnd},
		"11 cancel, trial, anchor one period on":   {cancel: true, trial: inside, anchor: end, proration: "none", want: schedule.FreeUntilAnchor},
		"12 cancel, trial to the anchor":           {cancel: true, trial: inside, anchor: inside, want: schedule.FreeUntilTrialEnd},
	} {
		t.Run(name, func(t *testing.T) {
			planned, err := schedule.FromRow(row(func(r *csvspec.Row) {
				r.BillingCycleAnchor, r.TrialEnd, r.BackdateStartDate = tc.anchor, tc.trial, tc.backdate
				r.ProrationBehavior, r.CancelAtPeriodEnd = tc.proration, csvspec.Bool(tc.cancel)
			}), knownPrices())
			if tc.refused != "" {
				requireRefused(t, err, tc.refused)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, planned.Strategy)
			require.Equal(t, tc.firstCharge.String(), planned.FirstCharge.String())
			require.Equal(t, tc.backdate, planned.OriginalStart)
		})
	}
}

func requireRefused(t *testing.T, err error, code string) {
	t.Helper()
	var refused *schedule.NotExpressibleError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, code, refused.Code)
	require.NotEmpty(t, refused.Ways, "a refusal names the ways out")
	require.NotEmpty(t, refused.Column)
}

func TestPlanRefusesRowsThatSayTooLittleOrTooMuch(t *testing.T) {
	adhoc := csvspec.AdhocItem{Amount: csvspec.Of(500), Product: "prod_1", Interval: "month", Currency: "usd"}
	for _, tc := range []struct {
		code   string
		change func(*csvspec.Row)
	}{
		{"customer_missing", func(r *csvspec.Row) { r.Customer = "" }},
		{"start_date_missing", func(r *csvspec.Row) { r.StartDate = 0 }},
		{"nothing_sold", func(r *csvspec.Row) { r.Price = "" }},
		{"quantity_without_price", func(r *csvspec.Row) { r.Price, r.Quantity = "", csvspec.Of(2) }},
		{"templates_mixed", func(r *csvspec.Row) { r.AdhocItems = []csvspec.AdhocItem{adhoc} }},
		{"quantity_without_price", func(r *csvspec.Row) { r.Price, r.Items = "", []csvspec.Item{{Quantity: csvspec.Of(1)}} }},
		{"price_not_recurring", func(r *csvspec.Row) { r.Price = "price_once" }},
		{"interval_mixed", func(r *csvspec.Row) { r.Price, r.Items = "", items("price_monthly", "price_quarterly") }},
		{"items_too_many", func(r *csvspec.Row) { r.Price, r.Items = "", make21() }},
		{"amount_negative", func(r *csvspec.Row) { adhocItem(r, adhoc).Amount = csvspec.Of(-1) }},
		{"adhoc_item_incomplete", func(r *csvspec.Row) { adhocItem(r, adhoc).Product = "" }},
		{"currency_mixed", func(r *csvspec.Row) { adhocItem(r, adhoc); r.Currency = "eur" }},
		{"invoice_item_incomplete", func(r *csvspec.Row) { r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(1)}} }},
		{"items_too_many", func(r *csvspec.Row) { r.AddInvoiceItems = make21InvoiceItems() }},
		{"metadata_too_many", func(r *csvspec.Row) { r.Metadata = metadataKeys(50) }},
		{"metadata_repeated", func(r *csvspec.Row) { r.Metadata = csvspec.Metadata{{Key: "a", Value: "1"}, {Key: "a", Value: "2"}} }},
		{"tax_conflict", func(r *csvspec.Row) { r.AutomaticTax, r.DefaultTaxRate = true, "txr_1" }},
		{"days_until_due_missing", func(r *csvspec.Row) { r.CollectionMethod = "send_invoice" }},
		{"days_until_due_alone", func(r *csvspec.Row) { r.DaysUntilDue = csvspec.Of(30) }},
		{"price_metered", func(r *csvspec.Row) { r.Price, r.Quantity = "price_metered", csvspec.Of(1) }},
		{"metadata_reserved", func(r *csvspec.Row) { r.Metadata = csvspec.Metadata{{Key: "subferry", Value: "x"}} }},
		{"cell_unreadable", func(r *csvspec.Row) {
			r.Source = &csvspec.Source{Line: 7, Bad: []csvspec.BadCell{{Index: 3, Problem: csvspec.ProblemNotInteger}}}
		}},
	} {
		t.Run(tc.code, func(t *testing.T) {
			_, err := schedule.FromRow(row(tc.change), knownPrices())
			requireRefused(t, err, tc.code)
		})
	}
}

// TestPlanChargesOneCurrency is about rows that name no currency: they are charged in the default one of their price.
func TestPlanChargesOneCurrency(t *testing.T) {
	facts := knownPrices()
	facts.Prices["price_both"] = account.Price{ID: "price_both", Active: true, Interval: "month", IntervalCount: 1, Currency: "usd",
		Amounts: map[string]account.PriceAmount{"usd": {}, "eur": {}}}
	facts.Prices["price_euro"] = account.Price{ID: "price_euro", Active: true, Interval: "month", IntervalCount: 1, Currency: "eur"}
	euro := csvspec.AdhocItem{Amount: csvspec.Of(700), Product: "prod_1", Interval: "month", Currency: "eur"}
	once := csvspec.InvoiceItem{Amount: csvspec.Of(700), Product: "prod_1", Currency: "eur"}
	for _, tc := range []struct {
		name   string
		change func(*csvspec.Row)
		code   string
	}{
		{"ad-hoc", func(r *csvspec.Row) {
			r.Price, r.Items, r.AdhocItems = "", items("price_both"), []csvspec.AdhocItem{euro}
		}, "currency_mixed"},
		{"one-off", func(r *csvspec.Row) { r.Price, r.AddInvoiceItems = "price_both", []csvspec.InvoiceItem{once} }, "currency_mixed"},
		{"second price", func(r *csvspec.Row) { r.Price, r.Items = "", items("price_both", "price_euro") }, "price_currency"},
		{"named", func(r *csvspec.Row) { r.Price, r.Items, r.Currency = "", items("price_both", "price_euro"), "eur" }, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := schedule.FromRow(row(tc.change), facts)
			if tc.code == "" {
				require.NoError(t, err)
				return
			}
			requireRefused(t, err, tc.code)
		})
	}
}

func items(prices ...string) []csvspec.Item {
	list := make([]csvspec.Item, len(prices))
	for i, price := range prices {
		list[i].Price = price
	}
	return list
}

func make21() []csvspec.Item {
	list := make([]csvspec.Item, 21)
	for i := range list {
		list[i].Price = "price_monthly"
	}
	return list
}

func make21InvoiceItems() []csvspec.InvoiceItem {
	list := make([]csvspec.InvoiceItem, 21)
	for i := range list {
		list[i] = csvspec.InvoiceItem{Amount: csvspec.Of(100), Product: "prod_1", Currency: "usd"}
	}
	return list
}

// adhocItem makes the row sell one ad-hoc item, which the caller may change.
func adhocItem(r *csvspec.Row, item csvspec.AdhocItem) *csvspec.AdhocItem {
	r.Price, r.AdhocItems = "", []csvspec.AdhocItem{item}
	return &r.AdhocItems[0]
}

func metadataKeys(n int) csvspec.Metadata {
	metadata := make(csvspec.Metadata, n)
	for i := range metadata {
		metadata[i] = csvspec.KeyValue{Key: "key" + csvspec.Of(int64(i)).String(), Value: "x"}
	}
	return metadata
}

// TestPlanWithoutFacts: what needs the price's interval is refused, not guessed.
func TestPlanWithoutFacts(t *testing.T) {
	inside := date(time.June, 20)
	for name, change := range map[string]func(*csvspec.Row){
		"trial":                 func(r *csvspec.Row) { r.TrialEnd = inside },
		"anchor":                func(r *csvspec.Row) { r.BillingCycleAnchor, r.ProrationBehavior = inside, "none" },
		"trial and cancel":      func(r *csvspec.Row) { r.TrialEnd, r.CancelAtPeriodEnd = inside, true },
		"price the facts lack":  func(r *csvspec.Row) { r.TrialEnd, r.Price = inside, "price_unknown" },
		"anchor one period on?": func(r *csvspec.Row) { r.BillingCycleAnchor = date(time.July, 10) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, facts := range []*account.Account{nil, {}, {Prices: map[string]account.Price{}}} {
				_, err := schedule.FromRow(row(change), facts)
				requireRefused(t, err, "period_unknown")
			}
		})
	}
	t.Run("plain rows need none", func(t *testing.T) {
		planned, err := schedule.FromRow(row(func(*csvspec.Row) {}), nil)
		require.NoError(t, err)
		require.Equal(t, period.Cycle{}, planned.Cycle)
		require.False(t, planned.Schedule.Phase.Items[0].Quantity.Set, "the price may be a metered one")
	})
	t.Run("ad-hoc rows carry their interval", func(t *testing.T) {
		planned, err := schedule.FromRow(row(func(r *csvspec.Row) {
			adhocItem(r, csvspec.AdhocItem{Amount: csvspec.Of(500), Product: "prod_1", Interval: "year", Currency: "usd"})
			r.TrialEnd = date(time.December, 24)
		}), nil)
		require.NoError(t, err)
		require.Equal(t, schedule.Trial, planned.Strategy)
		require.Equal(t, period.Cycle{Interval: "year", Count: 1}, planned.Cycle)
	})
}

func TestPlanQuantities(t *testing.T) {
	for name, tc := range map[string]struct {
		price    string
		quantity csvspec.Int
		want     csvspec.Int
	}{
		"blank is one":       {"price_monthly", csvspec.Int{}, csvspec.Of(1)},
		"zero is zero":       {"price_monthly", csvspec.Of(0), csvspec.Of(0)},
		"stated":             {"price_monthly", csvspec.Of(7), csvspec.Of(7)},
		"metered takes none": {"price_metered", csvspec.Int{}, csvspec.Int{}},
	} {
		t.Run(name, func(t *testing.T) {
			planned, err := schedule.FromRow(row(func(r *csvspec.Row) { r.Price, r.Quantity = tc.price, tc.quantity }), knownPrices())
			require.NoError(t, err)
			require.Equal(t, tc.want, planned.Schedule.Phase.Items[0].Quantity)
		})
	}
}

// TestPlanFirstCharge: usage is billed when a period ends, one-off items at the start even of a trial.
func TestPlanFirstCharge(t *testing.T) {
	inside := date(time.June, 20)
	metered, err := schedule.FromRow(row(func(r *csvspec.Row) { r.Price, r.TrialEnd = "price_metered", inside }), knownPrices())
	require.NoError(t, err)
	require.Equal(t, date(time.July, 20), metered.FirstCharge)
	require.Zero(t, metered.OneOffCharge)

	fee, err := schedule.FromRow(row(func(r *csvspec.Row) {
		r.TrialEnd = inside
		r.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(100), Product: "prod_1", Currency: "usd"}}
	}), knownPrices())
	require.NoError(t, err)
	require.Equal(t, inside, fee.FirstCharge)
	require.Equal(t, date(time.June, 10), fee.OneOffCharge)
}

func TestPlanKeepsTheOriginalStart(t *testing.T) {
	backdated := func(r *csvspec.Row) { r.BackdateStartDate, r.ProrationBehavior = date(time.May, 1), "none" }
	planned, err := schedule.FromRow(row(backdated), knownPrices())
	require.NoError(t, err)
	want := csvspec.Metadata{{Key: "original_start_date", Value: "1903824000"}}
	require.Equal(t, want, planned.Schedule.Metadata)
	require.Equal(t, want, planned.Schedule.Phase.Metadata)

	own := csvspec.Metadata{{Key: "original_start_date", Value: "1 May"}}
	_, err = schedule.FromRow(row(func(r *csvspec.Row) { backdated(r); r.Metadata = own }), knownPrices())
	requireRefused(t, err, "metadata_reserved")
	planned, err = schedule.FromRow(row(func(r *csvspec.Row) { r.Metadata = own }), knownPrices())
	require.NoError(t, err)
	require.Equal(t, own, planned.Schedule.Metadata, "a row without a backdate may use the key")
}

// TestPlanLeavesTheRowAlone: neither planning nor what a caller appends to a schedule changes the row.
func TestPlanLeavesTheRowAlone(t *testing.T) {
	spare := make(csvspec.Metadata, 1, 8)
	spare[0] = csvspec.KeyValue{Key: "a", Value: "1"}
	r := row(func(r *csvspec.Row) { r.Metadata = spare })
	planned, err := schedule.FromRow(r, knownPrices())
	require.NoError(t, err)
	_ = append(planned.Schedule.Metadata, csvspec.KeyValue{Key: "subferry", Value: "x"})
	require.Equal(t, csvspec.KeyValue{}, spare[:2][1])
	require.Len(t, planned.Schedule.Phase.Metadata, 1)
}

func TestNotExpressibleErrorTellsPlaceReasonAndWaysOut(t *testing.T) {
	_, err := schedule.FromRow(row(func(r *csvspec.Row) {
		r.Source = &csvspec.Source{Line: 12}
		r.BillingCycleAnchor = date(time.June, 20)
	}), knownPrices())
	require.EqualError(t, err, "line 12: billing_cycle_anchor: the time from start_date until 2030-06-20T00:00:00Z (1908144000) "+
		"would have to be prorated (blank means create_prorations), which a schedule cannot do. "+
		"To mend it: write none in proration_behavior: nothing is charged until the anchor, then a full period; "+
		"or move start_date to the anchor, 2030-06-20T00:00:00Z (1908144000), and leave the anchor blank; "+
		"or create this one as a subscription instead of a schedule (trial_end=start_date, billing_cycle_anchor, create_prorations): "+
		"it exists at once and the customer sees it")
}
