package schedule

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// Planned is what a row becomes, with what a reviewer asks first.
type Planned struct {
	Strategy Strategy
	Schedule Schedule

	// Subscription is the direct subscription that the row becomes; then Schedule is blank. It is nil for a row that
	// becomes a schedule.
	Subscription *Subscription

	// StartDate is the row's start_date. A direct subscription exists before it.
	StartDate csvspec.Timestamp

	// Created is when a direct subscription is taken to be created: the Planner's Now. Blank for a schedule.
	Created csvspec.Timestamp

	// Cycle is how often the subscription bills; zero when the row names only prices that were not looked up.
	Cycle period.Cycle

	// FirstCharge is when the recurring items are charged for the first time, blank when they never are. Items
	// that are all billed by usage are charged at the end of the first period that is not free.
	FirstCharge csvspec.Timestamp

	// OneOffCharge is when the add_invoice_items are charged: always at the start, even on the invoice that opens
	// a trial. Blank when the row has none.
	OneOffCharge csvspec.Timestamp

	// OriginalStart is the row's backdate_start_date. A schedule keeps it in the metadata only.
	OriginalStart csvspec.Timestamp
}

// OriginalStartKey is the metadata key that keeps a row's backdate_start_date, in Unix seconds: Stripe takes no
// backdate for a schedule, and the subscription's own start date will be the day on which it goes live.
const OriginalStartKey = validate.OriginalStartKey

// Planner turns rows into what they become. Its zero value knows nothing of the account and makes only schedules.
type Planner struct {
	// Account is what was looked up of the account. It may be nil or lack prices: then a row with a trial or an anchor is
	// refused unless it states its interval itself, and a blank quantity stays blank.
	Account *account.Account

	// Direct says which rows become direct subscriptions.
	Direct Direct

	// Now is when direct subscriptions will be created, for what depends on it (see package forecast). Blank leaves that
	// open; what the rows become does not depend on it.
	Now csvspec.Timestamp
}

// FromRow returns the schedule that a row becomes, as a Planner without direct subscriptions does.
func FromRow(row *csvspec.Row, known *account.Account) (Planned, error) {
	return Planner{Account: known}.FromRow(row)
}

// FromRow returns what a row becomes. It is pure and total: the same row, account data and mode give the same result, and
// every row gives one or the reason why not. The error is always a *NotExpressibleError.
func (p Planner) FromRow(row *csvspec.Row) (Planned, error) {
	if p.Account == nil {
		p.Account = &account.Account{}
	}
	planned, err := p.fromRow(row)
	if err == nil {
		return planned, nil
	}
	if row.Source != nil {
		err.Line = row.Source.Line
	}
	return Planned{}, err
}

func (p Planner) fromRow(row *csvspec.Row) (Planned, *NotExpressibleError) {
	if err := refuseCells(row); err != nil {
		return Planned{}, err
	}
	lines, err := readLineItems(row, p.Account)
	if err != nil {
		return Planned{}, err
	}
	metadata, err := metadataOf(row)
	if err != nil {
		return Planned{}, err
	}
	t := timingOf(row, lines.cycle)
	if err := refuseTiming(t, p.Direct); err != nil {
		return Planned{}, err
	}
	planned := Planned{StartDate: row.StartDate, Cycle: lines.cycle, OriginalStart: t.backdate}
	terms := Terms{
		Items:            lines.items,
		InvoiceItems:     lines.oneOffs,
		CollectionMethod: row.CollectionMethod,
		DaysUntilDue:     row.DaysUntilDue,
		AutomaticTax:     bool(row.AutomaticTax),
		DefaultTaxRate:   row.DefaultTaxRate,
		Coupon:           row.Coupon,
		Currency:         row.Currency,
		Metadata:         metadata,
	}
	if spec, ok := t.direct(p.Direct); ok {
		if len(lines.oneOffs) > 0 {
			return Planned{}, spec.refuseOneOffs(row)
		}
		planned.Strategy = spec.strategy
		planned.Created = p.Now
		planned.Subscription = &Subscription{Customer: row.Customer, Terms: terms}
		spec.apply(t, planned.Subscription)
		planned.FirstCharge = t.firstDirectCharge(planned.Subscription, lines)
		return planned, nil
	}
	planned.Schedule = Schedule{
		Customer: row.Customer, StartDate: row.StartDate, Metadata: metadata,
		Phase: Phase{
			Items: terms.Items, InvoiceItems: terms.InvoiceItems, ProrationBehavior: row.ProrationBehavior,
			CollectionMethod: terms.CollectionMethod, DaysUntilDue: terms.DaysUntilDue, AutomaticTax: terms.AutomaticTax,
			DefaultTaxRate: terms.DefaultTaxRate, Coupon: terms.Coupon, Currency: terms.Currency, Metadata: metadata,
		},
	}
	if err := planned.asScheduled(t, lines); err != nil {
		return Planned{}, err
	}
	return planned, nil
}

// asScheduled completes a plan whose schedule has the terms of the row: the strategy, what it makes of the dates, and when
// what is charged.
func (p *Planned) asScheduled(t timing, lines lineItems) *NotExpressibleError {
	at := slices.IndexFunc(strategySpecs[:], func(s strategySpec) bool { return s.fits(t) })
	if at < 0 { // refuseTiming and the strategies are complements; a test walks through all combinations of dates
		return refusal("no_strategy", "start_date", "no strategy fits the row's dates", "report this row as a defect")
	}
	p.Strategy = strategySpecs[at].strategy
	strategySpecs[at].apply(t, &p.Schedule)
	if !p.Schedule.Phase.Trial {
		p.FirstCharge = max(t.start, t.freeUntil())
		if lines.metered == len(lines.items) {
			p.FirstCharge = lines.cycle.Next(p.FirstCharge)
		}
	}
	if len(lines.oneOffs) > 0 {
		p.OneOffCharge = t.start
	}
	return nil
}

// maxMetadata is Stripe's limit of 50 keys less the one with which a migration tags its schedules.
const maxMetadata = 50 - 1

// metadataOf returns a row's metadata with the original start date. It refuses keys that the migration writes itself,
// and metadata.KEY beside metadata_KEY with another value: only one of the two could be kept.
func metadataOf(row *csvspec.Row) (csvspec.Metadata, *NotExpressibleError) {
	for _, kv := range row.Metadata {
		column := "metadata." + kv.Key
		if kv.Key == TagKey || kv.Key == OriginalStartKey && !row.BackdateStartDate.IsBlank() {
			return nil, refusal("metadata_reserved", column, "the migration writes this key itself", "give the column another name")
		}
		if first := row.Metadata.Get(kv.Key); first != kv.Value {
			return nil, refusal("metadata_repeated", column,
				fmt.Sprintf("the key has two values, %q and %q", first, kv.Value), "keep one of the columns")
		}
	}
	metadata := slices.Clone(row.Metadata)
	if !row.BackdateStartDate.IsBlank() {
		metadata = append(metadata, csvspec.KeyValue{
			Key: OriginalStartKey, Value: strconv.FormatInt(int64(row.BackdateStartDate), 10),
		})
	}
	if len(metadata) > maxMetadata {
		return nil, refusal("metadata_too_many", "metadata",
			fmt.Sprintf("%d keys, of which Stripe takes 50 including one of the migration's own", len(metadata)), "leave some of them out")
	}
	return slices.Clip(metadata), nil
}
