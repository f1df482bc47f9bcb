package migrate

import (
	"strconv"

	"github.com/subferry/subferry/csvspec"
)

// refuseCells refuses a row that lacks what every schedule needs, or whose columns contradict each other.
func refuseCells(row *csvspec.Row) *NotExpressibleError {
	switch {
	case row.Source != nil && len(row.Source.Bad) > 0:
		return refusal("cell_unreadable", columnOf(row.Source, row.Source.Bad[0].Index),
			"the cell could not be read, and a schedule made without it would not be what the row says", "correct the cell")
	case row.Customer == "":
		return refusal("customer_missing", "customer", "the cell is blank", "write the customer's ID, cus_…")
	case row.StartDate.IsBlank():
		return refusal("start_date_missing", "start_date", "the cell is blank", "write the start in Unix seconds")
	case bool(row.AutomaticTax) && row.DefaultTaxRate != "":
		return refusal("tax_conflict", "default_tax_rate", "automatic_tax is true as well", "keep one of the two")
	}
	return refuseCollection(row)
}

// refuseCollection: an invoice that is sent needs days_until_due, and only such an invoice takes it.
func refuseCollection(row *csvspec.Row) *NotExpressibleError {
	sends := row.CollectionMethod == "send_invoice"
	switch {
	case sends && !row.DaysUntilDue.Set:
		return refusal("days_until_due_missing", "days_until_due", "collection_method is send_invoice", "write the number of days, 30 for example")
	case !sends && row.DaysUntilDue.Set:
		return refusal("days_until_due_alone", "days_until_due", "it is for collection_method send_invoice only",
			"empty the cell", "write send_invoice in collection_method")
	}
	return nil
}

// columnOf names the column of a cell; a ragged row may have cells without one.
func columnOf(source *csvspec.Source, index int) string {
	if source.Header == nil || index < 0 || index >= len(source.Header.Columns) {
		return "cell " + strconv.Itoa(index+1)
	}
	return source.Header.Columns[index].Name
}
