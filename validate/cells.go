package validate

import (
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
)

func amountFields() []csvspec.Field {
	return []csvspec.Field{csvspec.FieldAdhocAmount, csvspec.FieldInvoiceAmount}
}

// eachAmount visits the amounts that the row states.
func (c *Check) eachAmount(visit func(f csvspec.Field, item int, m csvspec.Money)) {
	for i := range c.Row.AdhocItems {
		if item := &c.Row.AdhocItems[i]; item.Amount.Set {
			visit(csvspec.FieldAdhocAmount, i, item.Money())
		}
	}
	for i := range c.Row.AddInvoiceItems {
		if item := &c.Row.AddInvoiceItems[i]; item.Amount.Set {
			visit(csvspec.FieldInvoiceAmount, i, item.Money())
		}
	}
}

func currencyFields() []csvspec.Field {
	return []csvspec.Field{csvspec.FieldCurrency, csvspec.FieldAdhocCurrency, csvspec.FieldInvoiceCurrency}
}

// eachCurrency visits the currencies that the row states.
func (c *Check) eachCurrency(visit func(f csvspec.Field, item int, code string)) {
	if code := c.Row.Currency; code != "" {
		visit(csvspec.FieldCurrency, 0, code)
	}
	for i := range c.Row.AdhocItems {
		if code := c.Row.AdhocItems[i].Currency; code != "" {
			visit(csvspec.FieldAdhocCurrency, i, code)
		}
	}
	for i := range c.Row.AddInvoiceItems {
		if code := c.Row.AddInvoiceItems[i].Currency; code != "" {
			visit(csvspec.FieldInvoiceCurrency, i, code)
		}
	}
}

func priceFields() []csvspec.Field {
	return []csvspec.Field{csvspec.FieldPrice, csvspec.FieldItemPrice}
}

// eachPrice visits the existing prices that the row names.
func (c *Check) eachPrice(visit func(f csvspec.Field, item int, id string)) {
	if c.Row.Price != "" {
		visit(csvspec.FieldPrice, 0, c.Row.Price)
	}
	for i := range c.Row.Items {
		if id := c.Row.Items[i].Price; id != "" {
			visit(csvspec.FieldItemPrice, i, id)
		}
	}
}

func quantityFields() []csvspec.Field {
	return []csvspec.Field{csvspec.FieldQuantity, csvspec.FieldItemQuantity, csvspec.FieldAdhocQuantity}
}

// eachQuantity visits the quantities that the row states.
func (c *Check) eachQuantity(visit func(f csvspec.Field, item int, n int64)) {
	see := func(q csvspec.Int, f csvspec.Field, item int) {
		if q.Set {
			visit(f, item, q.N)
		}
	}
	see(c.Row.Quantity, csvspec.FieldQuantity, 0)
	for i := range c.Row.Items {
		see(c.Row.Items[i].Quantity, csvspec.FieldItemQuantity, i)
	}
	for i := range c.Row.AdhocItems {
		see(c.Row.AdhocItems[i].Quantity, csvspec.FieldAdhocQuantity, i)
	}
}

func dateFields() []csvspec.Field {
	return []csvspec.Field{csvspec.FieldStartDate, csvspec.FieldTrialEnd, csvspec.FieldBillingCycleAnchor, csvspec.FieldBackdateStartDate}
}

// eachBad visits the row's unreadable cells that have one of the problems, dates excepted.
func (c *Check) eachBad(visit func(name, text string), problems ...csvspec.Problem) {
	if c.Row.Source == nil {
		return
	}
	for _, bad := range c.Row.Source.Bad {
		if bad.Index >= len(c.Row.Source.Header.Columns) || !slices.Contains(problems, bad.Problem) {
			continue
		}
		col := c.Row.Source.Header.Columns[bad.Index]
		if !slices.Contains(dateFields(), col.Field) {
			visit(col.Name, strings.TrimSpace(c.Row.Source.Text(bad.Index)))
		}
	}
}

func filled[T interface{ IsBlank() bool }](items []T) int {
	n := 0
	for _, item := range items {
		if !item.IsBlank() {
			n++
		}
	}
	return n
}

// columnAt returns the name of the column at the index; "" behind the last column.
func columnAt(h *csvspec.Header, index int) string {
	if index >= len(h.Columns) {
		return ""
	}
	return headerName(h.Columns[index])
}
