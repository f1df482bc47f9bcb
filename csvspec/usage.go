package csvspec

// usage is which of the columns that only some files need a file needs.
type usage struct {
	template                     Template
	price                        bool
	items, adhocItems, itemsOnce int // how many; itemsOnce are those of the first invoice
}

// usageOf returns the columns that the template has and those that the rows fill.
func usageOf(t Template, rows []Row) usage {
	u := usage{template: t, price: t == Basic}
	switch t {
	case MultiItem:
		u.items = 1
	case AdHoc:
		u.adhocItems = 1
	}
	for i := range rows {
		r := &rows[i]
		u.price = u.price || r.Price != "" || r.Quantity.Set
		u.items = max(u.items, len(trimBlank(r.Items)))
		u.adhocItems = max(u.adhocItems, len(trimBlank(r.AdhocItems)))
		u.itemsOnce = max(u.itemsOnce, len(trimBlank(r.AddInvoiceItems)))
	}
	return u
}

// has tells whether the file needs the column.
func (u usage) has(c Column) bool {
	switch c.Field.family() {
	case familyItems:
		return c.Item < u.items
	case familyAdhoc:
		return c.Item < u.adhocItems
	case familyInvoice:
		return c.Item < u.itemsOnce
	}
	return u.price || c.Field != FieldPrice && c.Field != FieldQuantity
}
