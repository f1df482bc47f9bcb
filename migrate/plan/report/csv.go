package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/plan"
	"github.com/subferry/subferry/validate/report"
)

// CSV writes a line for each charge of each row. Amounts are in full units of their currency, moments RFC 3339; what is
// not known is blank, and the last column says why.
type CSV struct {
	out  *csv.Writer
	zone *time.Location
}

// NewCSV returns a writer whose local times are those of the zone, and writes the header.
func NewCSV(w io.Writer, zone *time.Location) (*CSV, error) {
	c := &CSV{out: csv.NewWriter(w), zone: zone}
	return c, c.out.Write([]string{
		"line", "customer", "source_id", "strategy", "kind", "at", "local_time", "currency", "items", "one_offs", "discount",
		"tax", "tax_included", "total", "balance", "amount_due", "collection_method", "days_until_due", "basis", "assumptions", "unknown",
	})
}

// Row writes the charges of a row, and one line without date and amount for a row that is never charged.
func (c *CSV) Row(r *plan.Row) error {
	charged := false
	for i := range r.Charges {
		if isCharge(&r.Charges[i]) {
			charged = true
			if err := c.charge(r, &r.Charges[i]); err != nil {
				return err
			}
		}
	}
	if charged {
		return nil
	}
	return c.write(r, "never charged", make([]string, 11), forecast.FromAccount, "", "")
}

// End writes what is still to be written.
func (c *CSV) End(*plan.Plan) error {
	c.out.Flush()
	return c.out.Error()
}

func (c *CSV) charge(r *plan.Row, one *forecast.Charge) error {
	amount := func(minor int64) string {
		return csvspec.Money{Minor: minor, Currency: one.Currency}.Amount(csvspec.UnitMajor)
	}
	cells := []string{
		one.At.String(), one.At.Time().In(c.zone).Format(time.RFC3339), one.Currency, amount(one.Items), amount(one.OneOffs),
		amount(one.Discount), amount(one.Tax), amount(one.TaxIncluded), "", "", "",
	}
	if one.TotalKnown() {
		cells[8] = amount(one.Total)
	}
	if one.Known() {
		cells[9], cells[10] = amount(one.Balance), amount(one.Due)
	}
	return c.write(r, string(one.Kind), cells, one.Basis(), join(one.Assumptions), join(one.Unknown))
}

func (c *CSV) write(r *plan.Row, kind string, amounts []string, basis forecast.Basis, assumptions, unknown string) error {
	days := ""
	if r.DaysUntilDue != nil {
		days = strconv.FormatInt(*r.DaysUntilDue, 10)
	}
	cells := []string{strconv.FormatInt(r.Line, 10), report.EscapeFormula(r.Customer), report.EscapeFormula(r.SourceID), string(r.Strategy), kind}
	cells = append(cells, amounts...)
	return c.out.Write(append(cells, r.CollectionMethod, days, string(basis), assumptions, unknown))
}

// isCharge leaves out the invoices over 0 that open free time.
func isCharge(c *forecast.Charge) bool {
	return c.Kind != forecast.Opening || c.OneOffs > 0 || !c.Nothing()
}

func join[T ~string](words []T) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = string(w)
	}
	return strings.Join(list, " ")
}
