package rehearse

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
)

// compare goes through the file and the invoices side by side.
func (s *stage) compare(ctx context.Context) error {
	c := comparison{stage: s, calendar: newCalendar(), rest: s.invoices}
	err := s.each(ctx, func(number int64, f *forecast.Forecast) {
		c.row(number, f)
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
	rest     []Invoice // of the rows that are still to come
}

// row takes the invoices of one row and compares them with its forecast.
func (c *comparison) row(number int64, f *forecast.Forecast) {
	n := 0
	for n < len(c.rest) && c.rest[n].row == number {
		n++
	}
	made := c.rest[:n]
	c.rest = c.rest[n:]
	row := c.stage.row(number)
	for i := range made {
		c.calendar.add(&made[i])
		c.failed(row, &made[i])
		if c.Each != nil {
			c.Each(row, made[i])
		}
	}
	forecast := until(f.Charges, csvspec.At(c.result.Until))
	found := differ(forecast, comparable(made, f))
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

// comparable leaves out the renewals after those that were forecast. A subscription that ends by itself has none.
func comparable(made []Invoice, f *forecast.Forecast) []Invoice {
	if !f.Ends.IsBlank() || len(f.Charges) == 0 {
		return made
	}
	last := f.Charges[len(f.Charges)-1].At
	for i := range made {
		if made[i].Created > last {
			return made[:i]
		}
	}
	return made
}
