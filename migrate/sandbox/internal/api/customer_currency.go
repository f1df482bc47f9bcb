package api

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// oneCurrency refuses a second currency for a customer, and notes the first one. Live subscriptions, schedules that
// have not ended (also those that have not started), a discount with an amount and pending invoice items share one
// currency. except is a schedule that is being changed and does not count.
//
// A customer that an account file gives a currency has something in it that the file does not show.
func (c *call) oneCurrency(customer *object.Customer, code, except string) error {
	if d := customer.Discount; engine.InForce(d, c.tx.Now) && !engine.DiscountsIn(&d.Coupon, code) {
		return currencyConflict(string(d.Coupon.Currency))
	}
	has := string(customer.Currency)
	if has == code {
		return nil
	}
	if has != "" {
		if found := c.otherCurrency(customer.ID, code, except); found != "" {
			return currencyConflict(found)
		}
		if !c.everHad(customer.ID, has) {
			return currencyConflict(has)
		}
	}
	c.tx.Customers.Edit(customer.ID).Currency = object.Text(code)
	return nil
}

func currencyConflict(code string) error {
	return apierr.Invalid("", "You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency %s.", code)
}

// otherCurrency is a currency other than this one that something of a customer is in, "" when there is none.
func (c *call) otherCurrency(customer, code, except string) string {
	for _, one := range c.tx.Store.Schedules.Of(customer) {
		if one.Open() && one.ID != except && one.Phases[0].Currency != code {
			return one.Phases[0].Currency
		}
	}
	for _, one := range c.tx.Store.Subscriptions.Of(customer) {
		pending := len(c.tx.Store.Pending.Of(one.ID)) > 0
		if one.Currency != code && (!one.Ended() || pending) {
			return one.Currency
		}
	}
	return ""
}

// everHad tells whether a customer's currency comes from what the sandbox knows, and not from an account file alone.
func (c *call) everHad(customer, code string) bool {
	for _, one := range c.tx.Store.Schedules.Of(customer) {
		if one.Phases[0].Currency == code {
			return true
		}
	}
	for _, one := range c.tx.Store.Subscriptions.Of(customer) {
		if one.Currency == code {
			return true
		}
	}
	return false
}
