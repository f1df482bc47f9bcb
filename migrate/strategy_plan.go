package migrate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// Planned is what a row becomes, with what a reviewer asks first.
type Planned struct {
	Strategy Strategy
	Schedule Schedule

	// Cycle is how often the subscription bills; zero when the row names only prices that were not looked up.
	Cycle period.Cycle

	// FirstCharge is when the recurring items are charged for the first time, blank when they never are. Items
	// that are all billed by usage are charged at the end of the first period that is not free.
	FirstCharge csvspec.Timestamp

	// OneOffCharge is when the add_invoice_items are charged: always at the start, even on the invoice that opens
	// a trial. Blank when the row has none.
	OneOffCharge csvspec.Timestamp

	// OriginalStart is the row's backdate_start_date, which is kept in the metadata only.
	OriginalStart csvspec.Timestamp
}

// Plan returns the schedule that a row becomes. It is pure and total: the same row and facts give the same
// schedule, and every row gives one or the reason why not.
//
// Facts may be nil or lack prices: then a row with a trial or an anchor is refused unless it states its interval
// itself, and a blank quantity stays blank. The error is always a *NotExpressibleError.
func Plan(row *csvspec.Row, facts *account.Account) (Planned, error) {
	planned, err := plan(row, facts)
	if err == nil {
		return planned, nil
	}
	if row.Source != nil {
		err.Line = row.Source.Line
	}
	return Planned{}, err
}

func plan(row *csvspec.Row, facts *account.Account) (Planned, *NotExpressibleError) {
	if err := refuseCells(row); err != nil {
		return Planned{}, err
	}
	sold, err := saleOf(row, facts)
	if err != nil {
		return Planned{}, err
	}
	metadata, err := metadataOf(row)
	if err != nil {
		return Planned{}, err
	}
	t := timingOf(row, sold.cycle)
	if err := refuseTiming(t); err != nil {
		return Planned{}, err
	}
	recipe, ok := recipeFor(t)
	if !ok { // refuseTiming and the recipes are complements; a test walks through all combinations of dates
		return Planned{}, refusal("no_strategy", "start_date", "no strategy fits the row's dates", "report this row as a defect")
	}
	schedule := scheduleOf(row, sold, metadata)
	recipe.shape(t, &schedule)
	return Planned{
		Strategy:      recipe.strategy,
		Schedule:      schedule,
		Cycle:         sold.cycle,
		FirstCharge:   firstCharge(t, &schedule, sold),
		OneOffCharge:  oneOffCharge(t, sold),
		OriginalStart: t.backdate,
	}, nil
}

// scheduleOf fills in the columns that map one to one; the strategy adds how the phase begins and ends.
func scheduleOf(row *csvspec.Row, sold sale, metadata csvspec.Metadata) Schedule {
	return Schedule{
		Customer:  row.Customer,
		StartDate: row.StartDate,
		Metadata:  metadata,
		Phase: Phase{
			Items:             sold.items,
			InvoiceItems:      sold.oneOffs,
			ProrationBehavior: row.ProrationBehavior,
			CollectionMethod:  row.CollectionMethod,
			DaysUntilDue:      row.DaysUntilDue,
			AutomaticTax:      bool(row.AutomaticTax),
			DefaultTaxRate:    row.DefaultTaxRate,
			Coupon:            row.Coupon,
			Currency:          row.Currency,
			Metadata:          metadata,
		},
	}
}

func firstCharge(t timing, s *Schedule, sold sale) csvspec.Timestamp {
	if s.Phase.Trial {
		return 0
	}
	from := max(t.start, t.freeUntil())
	if sold.metered == len(sold.items) {
		return sold.cycle.Next(from)
	}
	return from
}

func oneOffCharge(t timing, sold sale) csvspec.Timestamp {
	if len(sold.oneOffs) == 0 {
		return 0
	}
	return t.start
}
