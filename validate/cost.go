package validate

import (
	"github.com/shopspring/decimal"

	"github.com/subferry/subferry/csvspec"
)

// soldItem is one recurring item of a row.
type soldItem struct {
	field    csvspec.Field // where it stands
	index    int
	quantity csvspec.Field // where its quantity stands

	price    string // ID; "" for an ad-hoc item
	product  string // "" when it is not known
	metered  bool
	currency string          // of the amounts; of a price the row's
	unit     decimal.Decimal // what one unit costs, in minor units
	total    decimal.Decimal // what the quantity costs, before any rounding
	known    bool            // unit and total are
}

// eachSold visits the recurring items of the row. Without the account nothing is known of prices but their IDs.
func (c *Check) eachSold(visit func(soldItem)) {
	currency := c.charged()
	if c.Row.Price != "" {
		visit(c.soldPrice(soldItem{field: csvspec.FieldPrice, quantity: csvspec.FieldQuantity, price: c.Row.Price, currency: currency}, c.Row.Quantity))
	}
	for i := range c.Row.Items {
		if item := &c.Row.Items[i]; item.Price != "" {
			visit(c.soldPrice(soldItem{field: csvspec.FieldItemPrice, index: i, quantity: csvspec.FieldItemQuantity, price: item.Price, currency: currency}, item.Quantity))
		}
	}
	for i := range c.Row.AdhocItems {
		item := &c.Row.AdhocItems[i]
		if item.IsBlank() {
			continue
		}
		unit := decimal.NewFromInt(item.Amount.N)
		visit(soldItem{field: csvspec.FieldAdhocAmount, index: i, quantity: csvspec.FieldAdhocQuantity, product: item.Product, currency: item.Currency,
			unit: unit, total: unit.Mul(decimal.NewFromInt(item.Quantity.Or(1))), known: item.Amount.Set && !c.lost(csvspec.FieldAdhocQuantity, i)})
	}
}

// usage tells whether something, and whether all that the row sells is known to be billed by usage: at the end of each period.
func (c *Check) usage() (some, only bool) {
	only = true
	c.eachSold(func(item soldItem) { some, only = some || item.metered, only && item.metered })
	return some, some && only
}

// soldPrice fills in what the account says of a price.
func (c *Check) soldPrice(item soldItem, quantity csvspec.Int) soldItem {
	if c.v.known&dataPrices == 0 {
		return item
	}
	p := c.Account().Prices[item.price]
	item.product, item.metered = p.Product, p.Metered
	var whole bool
	item.unit, _ = p.Cost(item.currency, 1)
	item.total, whole = p.Cost(item.currency, quantity.Or(1))
	item.known = whole && !c.lost(item.quantity, item.index)
	return item
}
