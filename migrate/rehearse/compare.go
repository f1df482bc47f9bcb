package rehearse

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
)

// compare goes through the file and the invoices side by side.
func (s *stage) compare(ctx context.Context) error {
	c := comparison{stage: s, calendar: newCalendar(), rest: s.invoices}
	var err error
	if c.joint, err = s.together(ctx); err != nil {
		return err
	}
	err = s.each(ctx, func(number int64, planned *schedule.Planned) {
		c.row(number, planned)
		s.Observe(Progress{Comparing, number, int64(len(s.rows)) - 1})
	})
	s.result.Invoices = int64(len(s.invoices))
	s.result.Days, s.result.Totals = c.calendar.days(), c.calendar.totals()
	return err
}

// comparison is where the comparing has come to.
type comparison struct {
	*stage
	calendar *calendar
	rest     []Invoice                   // of the rows that are still to come
	joint    map[int64]forecast.Forecast // of the rows that depend on other rows of their customer
}

// together forecasts the rows that depend on other rows of their customer, by their numbers.
func (s *stage) together(ctx context.Context) (map[int64]forecast.Forecast, error) {
	if report := s.result.Review.Report; report.Customers >= report.Rows {
		return nil, nil
	}
	joint := forecast.NewJoint(s.result.Review.AccountData)
	err := s.each(ctx, func(_ int64, planned *schedule.Planned) { joint.See(planned) })
	if err != nil || !joint.More() {
		return nil, err
	}
	err = s.each(ctx, joint.Keep)
	return joint.Until(csvspec.At(s.result.Until)), err
}

// row takes the invoices of one row and compares them with its forecast.
func (c *comparison) row(number int64, planned *schedule.Planned) {
	made := c.take(number)
	row := c.stage.row(number)
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

// invoice takes in one invoice of a row.
func (c *comparison) invoice(row Row, inv *Invoice) {
	c.calendar.add(inv)
	c.failed(row, inv)
	if f := inv.Forecast; f != nil && !inv.nothing() {
		for _, why := range f.Unknown {
			c.result.Unknown[why]++
		}
		if f.Known() {
			for _, what := range f.Assumptions {
				c.result.Assumptions[what]++
			}
		}
	}
	if c.Each != nil {
		c.Each(row, *inv)
	}
	inv.Forecast = nil // there may be millions of invoices
}

// take returns the invoices of a row, whose turn it is.
func (c *comparison) take(number int64) []Invoice {
	n := 0
	for n < len(c.rest) && c.rest[n].row == number {
		n++
	}
	made := c.rest[:n]
	c.rest = c.rest[n:]
	return made
}

// failed notes an invoice that could not be collected.
func (c *comparison) failed(row Row, inv *Invoice) {
	if inv.failed() {
		c.result.Failures.add(Failure{
			Kind: PaymentFailed, Row: row, At: inv.Created, Money: csvspec.Money{Minor: inv.AmountDue, Currency: inv.Currency},
		})
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
