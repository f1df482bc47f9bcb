package rehearse

import (
	"context"
	"maps"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/internal/sums"
	"github.com/subferry/subferry/migrate/schedule"
)

// compare goes through the file and the invoices side by side.
func (r *rehearsal) compare(ctx context.Context) error {
	c := comparison{rehearsal: r, days: map[sums.Key]*Sums{}}
	for i := range r.parts {
		r.result.Invoices += int64(len(r.parts[i].invoices))
	}
	var err error
	if c.joint, err = r.together(ctx); err != nil {
		return err
	}
	err = r.each(ctx, func(number int64, planned *schedule.Planned) {
		c.row(number, planned)
		r.Observe(Progress{Comparing, number, int64(len(r.rows)) - 1})
	})
	totals := map[string]*Sums{}
	for _, key := range slices.SortedFunc(maps.Keys(c.days), sums.Key.Compare) {
		r.result.Days = append(r.result.Days, Day{Date: key.Date, Currency: key.Currency, Sums: *c.days[key]})
		sums.At(totals, key.Currency).Merge(*c.days[key])
	}
	for _, currency := range slices.Sorted(maps.Keys(totals)) {
		r.result.Totals = append(r.result.Totals, Total{Currency: currency, Sums: *totals[currency]})
	}
	return err
}

// comparison is where the comparing has come to.
type comparison struct {
	*rehearsal
	days  map[sums.Key]*Sums
	joint map[int64]forecast.Forecast // of the rows that depend on other rows of their customer
}

// together forecasts the rows that depend on other rows of their customer, by their numbers.
func (r *rehearsal) together(ctx context.Context) (map[int64]forecast.Forecast, error) {
	if report := r.result.Review.Report; report.Customers >= report.Rows {
		return nil, nil
	}
	joint := forecast.NewJoint(r.result.Review.AccountData)
	err := r.each(ctx, func(_ int64, planned *schedule.Planned) { joint.See(planned) })
	if err != nil || !joint.More() {
		return nil, err
	}
	err = r.each(ctx, joint.Keep)
	return joint.Until(csvspec.At(r.result.Until)), err
}

// row takes the invoices of one row and compares them with its forecast.
func (c *comparison) row(number int64, planned *schedule.Planned) {
	made := c.take(number)
	known := c.rows[number]
	row := Row{Number: number, Line: int64(known.line), Customer: known.customer, SourceID: known.sourceID, Strategy: known.strategy}
	f, ok := c.joint[number]
	if !ok { // one more than was made, so that one that is missing shows
		f = forecast.Of(planned, c.result.Review.AccountData, len(made)+1)
	}
	if c.MadeUp {
		f.AssumeMadeUp(planned)
	}
	found := differ(until(f.Charges, csvspec.At(c.result.Until)), made)
	for i := range made {
		c.invoice(row, &made[i])
	}
	for _, d := range found.differences {
		d.Row = row
		c.result.Differences.add(d)
	}
	if len(found.differences) > 0 {
		c.result.Differences.Rows++
	}
	c.result.Compared += found.compared
	c.result.Unforecast += found.unknown
}

// invoice takes in one invoice of a row. One over nothing is no charge.
func (c *comparison) invoice(row Row, inv *Invoice) {
	if !inv.nothing() {
		c.charge(inv)
	}
	if inv.failed() {
		c.result.Failures.add(Failure{
			Kind: PaymentFailed, Row: row, At: inv.Created, Money: csvspec.Money{Minor: inv.AmountDue, Currency: inv.Currency},
		})
	}
	if c.Each != nil {
		c.Each(row, *inv)
	}
	inv.Forecast = nil // there may be millions of invoices
}

// take returns the invoices of a row, whose turn it is, and leaves those of the rows that are still to come.
func (c *comparison) take(number int64) []Invoice {
	rest := &c.part(c.rows[number].customer).invoices
	n := 0
	for n < len(*rest) && (*rest)[n].row == number {
		n++
	}
	made := (*rest)[:n]
	*rest = (*rest)[n:]
	return made
}

// charge adds a charge to the sums of its day, and to what charges rest on.
func (c *comparison) charge(inv *Invoice) {
	s := sums.At(c.days, sums.KeyOf(inv.Created, inv.Currency))
	s.Charges++
	s.Amount += inv.AmountDue
	s.Invoiced += inv.Total
	switch {
	case inv.failed():
		s.Failed++
		s.FailedAmount += inv.AmountDue
	case inv.Status != "paid" && !inv.DueDate.IsBlank(): // the customer is to pay it, by a transfer or a card
		s.Sent++
		s.SentAmount += inv.AmountDue
	}
	f := inv.Forecast
	if f == nil {
		return
	}
	switch f.Basis() {
	case forecast.FromAssumption:
		s.Assumed++
	case forecast.NotKnown:
		s.Unknown++
	}
	for _, why := range f.Unknown {
		c.result.Unknown[why]++
	}
	if f.Known() {
		for _, what := range f.Assumptions {
			c.result.Assumptions[what]++
		}
	}
}

// until leaves out what is forecast for later.
func until(charges []forecast.Charge, end csvspec.Timestamp) []forecast.Charge {
	for i, one := range charges {
		if one.At > end {
			return charges[:i]
		}
	}
	return charges
}
