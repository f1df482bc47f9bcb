package migrate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/period"
)

// Stripe's limits for one phase.
const (
	maxItems        = 20
	maxInvoiceItems = 20
)

// addCycle takes note of an item's interval: all items of one subscription share it. The code is for one that is none.
func (s *sale) addCycle(code string, at place, cycle period.Cycle) *NotExpressibleError {
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
func (s *sale) addMoney(at place, money csvspec.Money) *NotExpressibleError {
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

// addDefault refuses prices whose default currencies differ in a row that names none: such a row is charged in the
// default currency of its price, and another one of the price's counts only when it is named.
func (s *sale) addDefault(at place, currency string) *NotExpressibleError {
	switch {
	case s.named || currency == "":
	case s.currency == "":
		s.currency = currency
	case s.currency != currency:
		return refusal("price_currency", at.column(),
			fmt.Sprintf("the price is charged in %s, its default currency, and another one of the row in %s", currency, s.currency),
			"name a currency that all prices have in the currency column", "split the row into one subscription for each currency")
	}
	return nil
}

func (s *sale) refuseCount() *NotExpressibleError {
	switch {
	case len(s.items) == 0:
		return refusal("nothing_sold", "price", "the row names no price and no item", "fill price, items.0.price or adhoc_items.0.*")
	case len(s.items) > maxItems:
		return refusal("items_too_many", "items", fmt.Sprintf("%d items; Stripe takes %d", len(s.items), maxItems), "split the row into two subscriptions")
	case len(s.oneOffs) > maxInvoiceItems:
		return refusal("items_too_many", "add_invoice_items",
			fmt.Sprintf("%d items; Stripe takes %d", len(s.oneOffs), maxInvoiceItems), "combine some of them")
	}
	return nil
}
