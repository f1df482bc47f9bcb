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

// OriginalStartKey is the metadata key that keeps a row's backdate_start_date, in Unix seconds: Stripe takes no
// backdate for a schedule, and the subscription's own start date will be the day on which it goes live.
const OriginalStartKey = validate.OriginalStartKey

// FromRow returns the schedule that a row becomes. It is pure and total: the same row and account data give the same
// schedule, and every row gives one or the reason why not.
//
// known is what was looked up of the account. It may be nil or lack prices: then a row with a trial or an anchor is
// refused unless it states its interval itself, and a blank quantity stays blank. The error is always a
// *NotExpressibleError.
func FromRow(row *csvspec.Row, known *account.Account) (Planned, error) {
	if known == nil {
		known = &account.Account{}
	}
	planned, err := fromRow(row, known)
	if err == nil {
		return planned, nil
	}
	if row.Source != nil {
		err.Line = row.Source.Line
	}
	return Planned{}, err
}

func fromRow(row *csvspec.Row, known *account.Account) (Planned, *NotExpressibleError) {
	if err := refuseCells(row); err != nil {
		return Planned{}, err
	}
	lines, err := readLineItems(row, known)
	if err != nil {
		return Planned{}, err
	}
	metadata, err := metadataOf(row)
	if err != nil {
		return Planned{}, err
	}
	t := timingOf(row, lines.cycle)
	if err := refuseTiming(t); err != nil {
		return Planned{}, err
	}
	at := slices.IndexFunc(strategySpecs[:], func(s strategySpec) bool { return s.fits(t) })
	if at < 0 { // refuseTiming and the strategies are complements; a test walks through all combinations of dates
		return Planned{}, refusal("no_strategy", "start_date", "no strategy fits the row's dates", "report this row as a defect")
	}
	planned := Planned{
		Strategy: strategySpecs[at].strategy, Cycle: lines.cycle, OriginalStart: t.backdate,
		Schedule: Schedule{
			Customer: row.Customer, StartDate: row.StartDate, Metadata: metadata,
			Phase: Phase{
				Items:             lines.items,
				InvoiceItems:      lines.oneOffs,
				ProrationBehavior: row.ProrationBehavior,
				CollectionMethod:  row.CollectionMethod,
				DaysUntilDue:      row.DaysUntilDue,
				AutomaticTax:      bool(row.AutomaticTax),
				DefaultTaxRate:    row.DefaultTaxRate,
				Coupon:            row.Coupon,
				Currency:          row.Currency,
				Metadata:          metadata,
			},
		},
	}
	strategySpecs[at].apply(t, &planned.Schedule)
	if !planned.Schedule.Phase.Trial {
		planned.FirstCharge = max(t.start, t.freeUntil())
		if lines.metered == len(lines.items) {
			planned.FirstCharge = lines.cycle.Next(planned.FirstCharge)
		}
	}
	if len(lines.oneOffs) > 0 {
		planned.OneOffCharge = t.start
	}
	return planned, nil
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
