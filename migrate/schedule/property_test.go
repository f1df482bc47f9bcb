package schedule_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// TestValidRowsArePlanned: a row in which package validate finds no error has a schedule. Validation and planning
// were written apart, so that each checks the other.
func TestValidRowsArePlanned(t *testing.T) {
	known := propertyAccount()
	validators := validatorsFor(known)
	seen := map[schedule.Strategy]int{}
	rapid.Check(t, func(t *rapid.T) {
		for range 40 {
			row, mode := drawRow(t), drawMode(t)
			findings := validators[mode].Row(row)
			if hasErrors(findings) {
				continue
			}
			planned, err := schedule.Planner{Account: known, Direct: mode}.FromRow(row)
			require.NoError(t, err)
			requireSound(t, row, planned)
			requireSameKind(t, findings, planned)
			seen[planned.Strategy]++
		}
	})
	require.Len(t, seen, len(schedule.Strategies()), "the rows are varied enough to need every strategy: %v", seen)
}

// TestPlanIsTotal: any row, with or without facts, gives a schedule or a refusal; what is refused was never valid.
func TestPlanIsTotal(t *testing.T) {
	known := propertyAccount()
	validators := validatorsFor(known)
	rapid.Check(t, func(t *rapid.T) {
		row, mode := drawRow(t), drawMode(t)
		blind, err := schedule.Planner{Direct: mode}.FromRow(row)
		if err == nil {
			requireSound(t, row, blind)
		}
		planned, err := schedule.Planner{Account: known, Direct: mode}.FromRow(row)
		if err == nil {
			requireSound(t, row, planned)
			return
		}
		var refused *schedule.NotExpressibleError
		require.ErrorAs(t, err, &refused)
		require.True(t, hasErrors(validators[mode].Row(row)), "refused as %s, but validated", refused.Code)
		require.Equal(t, schedule.Planned{}, planned)
	})
}

// validatorsFor returns one for each mode.
func validatorsFor(known *account.Account) map[schedule.Direct]*validate.Validator {
	all := map[schedule.Direct]*validate.Validator{}
	for _, mode := range []schedule.Direct{schedule.Never, schedule.Needed, schedule.Exact} {
		all[mode] = validate.New(validate.Options{Now: date(time.January, 27).Time(), Unit: csvspec.UnitMinor, Account: known, Direct: mode})
	}
	return all
}

func drawMode(t *rapid.T) schedule.Direct {
	return rapid.SampledFrom([]schedule.Direct{schedule.Never, schedule.Needed, schedule.Exact, schedule.Exact}).Draw(t, "mode")
}

// requireSameKind checks that validation and planning agree on what becomes a direct subscription, and which one.
func requireSameKind(t require.TestingT, findings validate.Findings, planned schedule.Planned) {
	for _, s := range schedule.Strategies() {
		code := strings.ReplaceAll(string(s), "-", "_")
		said := slices.ContainsFunc(findings, func(f validate.Finding) bool { return f.Code == code })
		require.Equal(t, s.IsDirect() && s == planned.Strategy, said, "%s, planned as %s", code, planned.Strategy)
	}
	kept := slices.ContainsFunc(findings, func(f validate.Finding) bool { return f.Code == "backdate_in_metadata" })
	require.Equal(t, planned.OriginalStart != 0 && !planned.IsDirect(), kept)
}

// requireSound checks what holds for every row that is planned.
func requireSound(t require.TestingT, row *csvspec.Row, planned schedule.Planned) {
	require.NotEmpty(t, planned.Strategy.Description())
	require.Equal(t, planned.Strategy.IsDirect(), planned.IsDirect())
	require.Equal(t, row.Customer, planned.Customer())
	require.Equal(t, row.StartDate, planned.StartDate)
	metadata := planned.Terms().Metadata
	if planned.IsDirect() {
		require.Equal(t, schedule.Schedule{}, planned.Schedule)
		requireSoundDirect(t, row, planned)
	} else {
		s, phase := planned.Schedule, planned.Schedule.Phase
		require.Equal(t, row.StartDate, s.StartDate)
		require.NotEqual(t, phase.Iterations != 0, phase.EndDate != 0, "iterations or end date")
		require.Equal(t, bool(row.CancelAtPeriodEnd), s.EndBehavior == schedule.EndCancel)
		require.Equal(t, phase.Trial, planned.FirstCharge == 0, "never charged, or charged some day")
		require.Equal(t, s.Metadata, metadata)
	}
	if planned.FirstCharge != 0 {
		require.GreaterOrEqual(t, planned.FirstCharge, row.StartDate)
	}
	require.Equal(t, row.BackdateStartDate, planned.OriginalStart)
	if row.BackdateStartDate != 0 {
		require.NotEmpty(t, metadata.Get(schedule.OriginalStartKey))
	}
	for _, kv := range row.Metadata {
		require.Equal(t, kv.Value, metadata.Get(kv.Key))
	}
}

func requireSoundDirect(t require.TestingT, row *csvspec.Row, planned schedule.Planned) {
	s := planned.Subscription
	require.Empty(t, s.InvoiceItems)
	require.Zero(t, planned.OneOffCharge)
	require.Equal(t, bool(row.CancelAtPeriodEnd), s.CancelAt != 0)
	require.Equal(t, row.BackdateStartDate, s.BackdateStartDate)
	if s.BillingCycleAnchor != 0 {
		require.Greater(t, s.BillingCycleAnchor, row.StartDate)
		require.Less(t, s.BillingCycleAnchor, planned.Cycle.Next(row.StartDate))
	}
	if from := planned.CreatableFrom(); s.TrialEnd == 0 {
		require.Greater(t, planned.Cycle.Next(from), s.BillingCycleAnchor)
		require.LessOrEqual(t, planned.Cycle.Next(from-1), s.BillingCycleAnchor, "and no moment before it")
	}
}

func hasErrors(findings validate.Findings) bool {
	return slices.ContainsFunc(findings, func(f validate.Finding) bool { return f.Severity == validate.Error })
}

func propertyAccount() *account.Account {
	a := knownPrices()
	for id, p := range a.Prices {
		p.Product, p.Amounts = "prod_1", account.Fixed("usd", 1999, "exclusive")
		a.Prices[id] = p
	}
	a.Products = map[string]account.Product{"prod_1": {ID: "prod_1", Active: true}}
	a.Coupons = map[string]account.Coupon{"ten": {ID: "ten", Valid: true, Duration: "forever"}}
	a.TaxRates = map[string]account.TaxRate{"txr_1": {ID: "txr_1", Active: true}}
	a.Customers = map[string]account.Customer{"cus_1": {ID: "cus_1", HasPaymentMethod: true, HasEmail: true, HasTaxLocation: true}}
	return a
}

// drawRow returns a row that is right but for its dates, which lie around the edges that decide its strategy, and
// for up to two mistakes.
func drawRow(t *rapid.T) *csvspec.Row {
	row := &csvspec.Row{
		Customer:          "cus_1",
		StartDate:         csvspec.Timestamp(rapid.Int64Range(int64(date(time.January, 28)), int64(date(time.March, 3))).Draw(t, "start")),
		ProrationBehavior: rapid.SampledFrom([]string{"none", "none", "", "create_prorations"}).Draw(t, "proration"),
		CancelAtPeriodEnd: csvspec.Bool(rapid.Bool().Draw(t, "cancel")),
		AutomaticTax:      csvspec.Bool(rapid.Bool().Draw(t, "automatic tax")),
		Coupon:            rapid.SampledFrom([]string{"", "ten"}).Draw(t, "coupon"),
		Metadata:          metadataKeys(rapid.SampledFrom([]int{0, 1, 48, 49}).Draw(t, "metadata")),
	}
	if rapid.Bool().Draw(t, "sends invoices") {
		row.CollectionMethod, row.DaysUntilDue = "send_invoice", csvspec.Of(rapid.Int64Range(0, 60).Draw(t, "days"))
	}
	drawItems(t, row)
	if rapid.IntRange(0, 3).Draw(t, "direct") > 0 {
		drawDates(t, row)
	} else {
		drawDirectDates(t, row)
	}
	for range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "mistakes") {
		rapid.SampledFrom(mistakes()).Draw(t, "mistake")(row)
	}
	return row
}

func drawItems(t *rapid.T, row *csvspec.Row) {
	quantity := rapid.SampledFrom([]csvspec.Int{{}, csvspec.Of(1), csvspec.Of(5)}).Draw(t, "quantity")
	adhoc := csvspec.AdhocItem{Amount: csvspec.Of(1999), Product: "prod_1", Interval: "month", Currency: "usd", Quantity: quantity}
	switch rapid.IntRange(0, 4).Draw(t, "sold") {
	case 0:
		row.Price, row.Quantity = rapid.SampledFrom([]string{"price_monthly", "price_yearly", "price_quarterly"}).Draw(t, "price"), quantity
	case 1:
		row.Price = "price_metered"
	case 2:
		row.Items = []csvspec.Item{{Price: "price_monthly", Quantity: quantity}, {}, {Price: "price_metered"}}
	case 3:
		adhoc.Interval = rapid.SampledFrom([]string{"day", "week", "month", "year"}).Draw(t, "interval")
		row.AdhocItems = []csvspec.AdhocItem{adhoc}
	case 4:
		row.Items, row.AdhocItems = []csvspec.Item{{Price: "price_monthly"}}, []csvspec.AdhocItem{{}, adhoc}
	}
	if rapid.IntRange(0, 3).Draw(t, "one-off") == 0 {
		row.AddInvoiceItems = []csvspec.InvoiceItem{{Amount: csvspec.Of(4900), Product: "prod_1", Currency: "usd"}}
	}
}

func drawDates(t *rapid.T, row *csvspec.Row) {
	row.TrialEnd = drawDate(t, "trial", row.StartDate)
	row.BillingCycleAnchor = drawDate(t, "anchor", row.StartDate)
	if rapid.IntRange(0, 3).Draw(t, "together") == 0 {
		row.BillingCycleAnchor = row.TrialEnd
	}
	if rapid.IntRange(0, 3).Draw(t, "backdated") == 0 {
		row.BackdateStartDate = date(time.January, 1) - 86400
	}
}

// drawDirectDates makes the row one that a direct subscription fits, unless its anchor is too far or it is to be canceled
// without one.
func drawDirectDates(t *rapid.T, row *csvspec.Row) {
	row.AddInvoiceItems = nil
	if rapid.IntRange(0, 3).Draw(t, "anchored") > 0 {
		row.BillingCycleAnchor = row.StartDate + csvspec.Timestamp(rapid.Int64Range(1, 20*86400).Draw(t, "anchor inside"))
	}
	if rapid.Bool().Draw(t, "backdated") {
		row.BackdateStartDate = date(time.January, 1) - 86400
	}
}

// drawDate returns a blank, a moment within a day of the start, or one within a day of where a first period may end.
func drawDate(t *rapid.T, label string, start csvspec.Timestamp) csvspec.Timestamp {
	if rapid.IntRange(0, 2).Draw(t, label+" blank") == 0 {
		return 0
	}
	cycle := period.Cycle{
		Interval: rapid.SampledFrom([]string{"month", "month", "day", "week", "year"}).Draw(t, label+" interval"),
		Count:    rapid.SampledFrom([]int64{1, 1, 1, 3}).Draw(t, label+" count"),
	}
	edge := rapid.SampledFrom([]csvspec.Timestamp{start, cycle.Next(start), cycle.Next(start)}).Draw(t, label+" edge")
	return edge + csvspec.Timestamp(rapid.SampledFrom([]int64{0, 0, -1, 1, -86400, 86400}).Draw(t, label+" offset"))
}

// mistakes are what makes a row wrong, each in one respect.
func mistakes() []func(*csvspec.Row) {
	adhoc := func(change func(*csvspec.AdhocItem)) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			item := csvspec.AdhocItem{Amount: csvspec.Of(500), Product: "prod_1", Interval: "month", Currency: "usd"}
			change(&item)
			r.AdhocItems = append(r.AdhocItems, item)
		}
	}
	invoiceItem := func(item csvspec.InvoiceItem) func(*csvspec.Row) {
		return func(r *csvspec.Row) { r.AddInvoiceItems = append(r.AddInvoiceItems, item) }
	}
	return []func(*csvspec.Row){
		func(r *csvspec.Row) { r.Customer = "" },
		func(r *csvspec.Row) { r.StartDate = 0 },
		func(r *csvspec.Row) { r.Price = "" },
		func(r *csvspec.Row) { r.Price = "price_once" },
		func(r *csvspec.Row) { r.Price = "price_unknown" },
		func(r *csvspec.Row) { r.Quantity = csvspec.Of(2) },
		func(r *csvspec.Row) { r.Items = append(r.Items, csvspec.Item{Price: "price_yearly"}) },
		func(r *csvspec.Row) {
			r.Items = append(r.Items, csvspec.Item{Price: "price_metered", Quantity: csvspec.Of(1)})
		},
		func(r *csvspec.Row) { r.Items = append(r.Items, csvspec.Item{Quantity: csvspec.Of(1)}) },
		func(r *csvspec.Row) { r.Items = append(r.Items, make21()...) },
		func(r *csvspec.Row) { r.AddInvoiceItems = append(r.AddInvoiceItems, make21InvoiceItems()...) },
		adhoc(func(i *csvspec.AdhocItem) { i.Amount = csvspec.Int{} }),
		adhoc(func(i *csvspec.AdhocItem) { i.Amount = csvspec.Of(-1) }),
		adhoc(func(i *csvspec.AdhocItem) { i.Product = "" }),
		adhoc(func(i *csvspec.AdhocItem) { i.Currency = "eur" }),
		adhoc(func(i *csvspec.AdhocItem) { i.Currency = "USD" }),
		adhoc(func(i *csvspec.AdhocItem) { i.Interval = "fortnight" }),
		adhoc(func(i *csvspec.AdhocItem) { *i = csvspec.AdhocItem{Quantity: csvspec.Of(3)} }),
		invoiceItem(csvspec.InvoiceItem{Amount: csvspec.Of(1), Product: "prod_1"}),
		invoiceItem(csvspec.InvoiceItem{Amount: csvspec.Of(1), Product: "prod_1", Currency: "eur"}),
		invoiceItem(csvspec.InvoiceItem{Amount: csvspec.Of(-1), Product: "prod_1", Currency: "usd"}),
		func(r *csvspec.Row) { r.Currency = "eur" },
		func(r *csvspec.Row) { r.Metadata = metadataKeys(50) },
		func(r *csvspec.Row) { r.Metadata = csvspec.Metadata{{Key: schedule.TagKey, Value: "1"}} },
		func(r *csvspec.Row) { r.Metadata = csvspec.Metadata{{Key: schedule.OriginalStartKey, Value: "1"}} },
		func(r *csvspec.Row) { r.AutomaticTax, r.DefaultTaxRate = true, "txr_1" },
		func(r *csvspec.Row) { r.CollectionMethod = "send_invoice"; r.DaysUntilDue = csvspec.Int{} },
		func(r *csvspec.Row) { r.CollectionMethod = ""; r.DaysUntilDue = csvspec.Of(30) },
		func(r *csvspec.Row) { r.CollectionMethod = "by_pigeon" },
		func(r *csvspec.Row) { r.ProrationBehavior = "always_invoice" },
		func(r *csvspec.Row) { r.BackdateStartDate = r.StartDate },
	}
}

// TestAPlanSurvivesJSON: what is written for another machine, which sends it, is read there as it was.
func TestAPlanSurvivesJSON(t *testing.T) {
	known := propertyAccount()
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			row, mode := drawRow(t), drawMode(t)
			row.Metadata = append(row.Metadata, csvspec.KeyValue{Key: "any", Value: rapid.String().Draw(t, "text")})
			planned, err := schedule.Planner{Account: known, Direct: mode}.FromRow(row)
			if err != nil {
				continue
			}
			planned = planned.Tagged(schedule.Tag{Migration: "mig_1", Row: 7})
			type sent struct {
				Schedule     *schedule.Schedule     `json:"schedule,omitempty"`
				Subscription *schedule.Subscription `json:"subscription,omitempty"`
			}
			want, got := sent{&planned.Schedule, planned.Subscription}, sent{}
			text, err := json.Marshal(want)
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(text, &got))
			require.Equal(t, want, got)
		}
	})
}
