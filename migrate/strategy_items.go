package migrate

import (
	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// sale is what a row sells.
type sale struct {
	items    []Item
	oneOffs  []InvoiceItem
	cycle    period.Cycle // zero when no item's interval is known
	metered  int          // how many of the items are billed by usage
	currency string       // that the row names, or else the first one that its prices and amounts have
	named    bool         // the row names it
}

// place is a cell of the row, whose column is named only when there is something to say of it.
type place struct {
	field csvspec.Field
	item  int
}

func (p place) column() string { return p.field.Name(p.item) }

// saleOf reads the items of a row. Prices that facts lacks keep what the row says of them.
func saleOf(row *csvspec.Row, facts *account.Account) (sale, *NotExpressibleError) {
	s := sale{currency: row.Currency, named: row.Currency != ""}
	if err := s.addPrices(row, facts); err != nil {
		return s, err
	}
	for i, item := range row.AdhocItems {
		if err := s.addAdhoc(i, item); err != nil {
			return s, err
		}
	}
	for i, item := range row.AddInvoiceItems {
		if err := s.addOneOff(i, item); err != nil {
			return s, err
		}
	}
	return s, s.refuseCount()
}

func (s *sale) addPrices(row *csvspec.Row, facts *account.Account) *NotExpressibleError {
	if row.Price != "" {
		if err := s.addPrice(place{csvspec.FieldPrice, 0}, row.Price, row.Quantity, facts); err != nil {
			return err
		}
		if hasItems(row) {
			return refusal("templates_mixed", "price", "the row fills price as well as items.* or adhoc_items.*",
				"keep one of them", "write the price as items.x.price")
		}
	} else if row.Quantity.Set {
		return refusal("quantity_without_price", "quantity", "there is no price it could belong to",
			"fill price", "write it as the quantity of an item")
	}
	for i, item := range row.Items {
		if item.IsBlank() {
			continue
		}
		if err := s.addPrice(place{csvspec.FieldItemPrice, i}, item.Price, item.Quantity, facts); err != nil {
			return err
		}
	}
	return nil
}

// hasItems tells whether a row says what it sells anywhere but in price.
func hasItems(row *csvspec.Row) bool {
	for _, item := range row.Items {
		if !item.IsBlank() {
			return true
		}
	}
	for _, item := range row.AdhocItems {
		if !item.IsBlank() {
			return true
		}
	}
	return false
}

func (s *sale) addPrice(at place, id string, quantity csvspec.Int, facts *account.Account) *NotExpressibleError {
	if id == "" {
		return refusal("quantity_without_price", at.column(), "the item has a quantity and no price", "fill the price", "empty the quantity")
	}
	item := Item{Price: id, Quantity: quantity}
	if price, ok := knownPrice(facts, id); ok {
		cycle := period.Cycle{Interval: price.Interval, Count: max(price.IntervalCount, 1)}
		if err := s.addCycle("price_not_recurring", at, cycle); err != nil {
			return err
		}
		if err := s.addDefault(at, price.Currency); err != nil {
			return err
		}
		switch {
		case !price.Metered:
			item.Quantity = csvspec.Of(quantity.Or(1))
		case quantity.Set:
			return refusal("price_metered", at.column(), "the price is billed by usage, and Stripe takes no quantity for it", "empty the quantity")
		default:
			s.metered++
		}
	}
	s.items = append(s.items, item)
	return nil
}

func knownPrice(facts *account.Account, id string) (account.Price, bool) {
	if facts == nil {
		return account.Price{}, false
	}
	price, ok := facts.Prices[id]
	return price, ok
}

func (s *sale) addAdhoc(i int, item csvspec.AdhocItem) *NotExpressibleError {
	if item.IsBlank() {
		return nil
	}
	at := place{csvspec.FieldAdhocAmount, i}
	if !item.Amount.Set || item.Product == "" || item.Interval == "" || item.Currency == "" {
		return refusal("adhoc_item_incomplete", at.column(), "an ad-hoc item needs amount, product, interval and currency", "fill all four", "empty them all")
	}
	if err := s.addMoney(at, item.Money()); err != nil {
		return err
	}
	cycle := period.Cycle{Interval: item.Interval, Count: 1}
	if err := s.addCycle("interval_unknown", place{csvspec.FieldAdhocInterval, i}, cycle); err != nil {
		return err
	}
	s.items = append(s.items, Item{
		Money: item.Money(), Product: item.Product, Interval: item.Interval, Quantity: csvspec.Of(item.Quantity.Or(1)),
	})
	return nil
}

func (s *sale) addOneOff(i int, item csvspec.InvoiceItem) *NotExpressibleError {
	if item.IsBlank() {
		return nil
	}
	at := place{csvspec.FieldInvoiceAmount, i}
	if !item.Amount.Set || item.Product == "" || item.Currency == "" {
		return refusal("invoice_item_incomplete", at.column(), "an invoice item needs amount, product and currency", "fill all three", "empty them all")
	}
	if err := s.addMoney(at, item.Money()); err != nil {
		return err
	}
	s.oneOffs = append(s.oneOffs, InvoiceItem{Money: item.Money(), Product: item.Product})
	return nil
}
