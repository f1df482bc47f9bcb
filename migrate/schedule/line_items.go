package schedule

import (
	"fmt"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/period"
)

// lineItems is what a row sells.
type lineItems struct {
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

// readLineItems reads the items of a row. Prices that were not looked up keep what the row says of them.
func readLineItems(row *csvspec.Row, known *account.Account) (lineItems, *NotExpressibleError) {
	s := lineItems{currency: row.Currency, named: row.Currency != ""}
	if err := s.addPrices(row, known); err != nil {
		return s, err
	}
	for i, item := range row.AdhocItems {
		if err := s.addAdhoc(i, item); err != nil {
			return s, err
		}
	}
	for i, item := range row.AddInvoiceItems {
		if item.IsBlank() {
			continue
		}
		at := place{csvspec.FieldInvoiceAmount, i}
		if !item.Amount.Set || item.Product == "" || item.Currency == "" {
			return s, refusal("invoice_item_incomplete", at.column(), "an invoice item needs amount, product and currency",
				"fill all three", "empty them all")
		}
		if err := s.addMoney(at, item.Money()); err != nil {
			return s, err
		}
		s.oneOffs = append(s.oneOffs, InvoiceItem{Money: item.Money(), Product: item.Product})
	}
	switch {
	case len(s.items) == 0:
		return s, refusal("nothing_sold", "price", "the row names no price and no item", "fill price, items.0.price or adhoc_items.0.*")
	case len(s.items) > csvspec.MaxItems:
		return s, refusal("items_too_many", "items",
			fmt.Sprintf("%d items; Stripe takes %d", len(s.items), csvspec.MaxItems), "split the row into two subscriptions")
	case len(s.oneOffs) > csvspec.MaxItems:
		return s, refusal("items_too_many", "add_invoice_items",
			fmt.Sprintf("%d items; Stripe takes %d", len(s.oneOffs), csvspec.MaxItems), "combine some of them")
	}
	return s, nil
}

func (s *lineItems) addPrices(row *csvspec.Row, known *account.Account) *NotExpressibleError {
	if row.Price != "" {
		if err := s.addPrice(place{csvspec.FieldPrice, 0}, row.Price, row.Quantity, known); err != nil {
			return err
		}
		if slices.ContainsFunc(row.Items, func(i csvspec.Item) bool { return !i.IsBlank() }) ||
			slices.ContainsFunc(row.AdhocItems, func(i csvspec.AdhocItem) bool { return !i.IsBlank() }) {
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
		if err := s.addPrice(place{csvspec.FieldItemPrice, i}, item.Price, item.Quantity, known); err != nil {
			return err
		}
	}
	return nil
}

func (s *lineItems) addPrice(at place, id string, quantity csvspec.Int, known *account.Account) *NotExpressibleError {
	if id == "" {
		return refusal("quantity_without_price", at.column(), "the item has a quantity and no price", "fill the price", "empty the quantity")
	}
	item := Item{Price: id, Quantity: quantity}
	if price, ok := known.Prices[id]; ok {
		cycle := period.Cycle{Interval: price.Interval, Count: max(price.IntervalCount, 1)}
		if err := s.addCycle("price_not_recurring", at, cycle); err != nil {
			return err
		}
		switch {
		case s.named || price.Currency == "":
		case s.currency == "":
			s.currency = price.Currency
		case s.currency != price.Currency: // another currency of the price counts only when the row names it
			return refusal("price_currency", at.column(),
				fmt.Sprintf("the price is charged in %s, its default currency, and another one of the row in %s", price.Currency, s.currency),
				"name a currency that all prices have in the currency column", "split the row into one subscription for each currency")
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

func (s *lineItems) addAdhoc(i int, item csvspec.AdhocItem) *NotExpressibleError {
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

// addCycle takes note of an item's interval: all items of one subscription share it. The code is for one that is none.
func (s *lineItems) addCycle(code string, at place, cycle period.Cycle) *NotExpressibleError {
	switch {
	case !cycle.Valid():
		return refusal(code, at.column(), "it does not recur by day, week, month or year", "choose a recurring price or an interval")
	case s.cycle == period.Cycle{}:
		s.cycle = cycle
	case s.cycle != cycle:
		return refusal("interval_mixed", at.column(), "the items of one subscription must share their billing interval",
			"split the row into one subscription for each interval")
	}
	return nil
}

// addMoney takes note of an amount: all amounts of one subscription share their currency.
func (s *lineItems) addMoney(at place, money csvspec.Money) *NotExpressibleError {
	switch {
	case money.Minor < 0:
		return refusal("amount_negative", at.column(), "the amount is less than 0", "give a discount as a coupon")
	case s.currency == "":
		s.currency = money.Currency
	case s.currency != money.Currency:
		return refusal("currency_mixed", at.column(),
			fmt.Sprintf("the amount is in %s, but the row is charged in %s", money.Currency, s.currency),
			"name the currency in the currency column if the row's prices have it", "split the row into one subscription for each currency")
	}
	return nil
}
