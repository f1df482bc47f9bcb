package validate

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
)

// currencyTables returns the currencies Stripe supports, each with the step of its amounts (csvspec.Step), and with a
// number from 1 that fits a dedupe.Entry.
func currencyTables() (steps map[string]int64, numbers map[string]uint8) {
	steps, numbers = map[string]int64{}, map[string]uint8{}
	for i, code := range csvspec.Currencies() {
		steps[code], numbers[code] = csvspec.Step(code), uint8(i+1)
	}
	return steps, numbers
}

// currencyOf is the currency with the number.
func currencyOf(number uint8) string { return csvspec.Currencies()[number-1] }

// charged returns the currency in which the row is charged: what its currency column says, or else the default
// currency of its first price that is known, or else that of the amounts it states. It is "" when nothing says it, and
// for a currency that Stripe does not support, which is reported as that.
//
// Source: pricing models guide, multi-currency prices: they take effect only when the currency is passed.
func (c *Check) charged() string {
	code := c.Row.Currency
	if code == "" {
		code = c.defaultCurrency()
	}
	if code == "" {
		code = c.statedCurrency()
	}
	if code = strings.ToLower(code); code != "" && !c.supported(code) {
		return ""
	}
	return code
}

// sameCurrency tells whether the row states only a currency that an earlier row had, which is supported and in lower
// case. Most rows of a file do.
func (c *Check) sameCurrency() bool {
	return c.Row.Currency == c.currency && c.currency != "" && len(c.Row.AdhocItems) == 0 && len(c.Row.AddInvoiceItems) == 0
}

// defaultCurrency returns the default currency of the row's first price that is known; "" without one.
func (c *Check) defaultCurrency() string {
	if c.v.known&dataPrices == 0 {
		return ""
	}
	prices := c.Account().Prices
	if code := prices[c.Row.Price].Currency; code != "" {
		return code
	}
	for i := range c.Row.Items {
		if code := prices[c.Row.Items[i].Price].Currency; code != "" {
			return code
		}
	}
	return ""
}

// statedCurrency returns the first currency that an amount of the row has; "" without amounts.
func (c *Check) statedCurrency() string {
	for i := range c.Row.AdhocItems {
		if code := c.Row.AdhocItems[i].Currency; code != "" {
			return code
		}
	}
	for i := range c.Row.AddInvoiceItems {
		if code := c.Row.AddInvoiceItems[i].Currency; code != "" {
			return code
		}
	}
	return ""
}

// sharedCurrency returns the number of the currency that the row shares with the other rows of its customer; 0 when
// it is not known, or when the account says which one the customer has: each row is compared with that then.
func (c *Check) sharedCurrency() uint8 {
	if c.v.known&dataCustomers != 0 && c.Account().Customers[c.Row.Customer].Currency != "" {
		return 0
	}
	if code := c.Row.Currency; code != "" && code == c.numbered {
		return c.number // as the row before
	}
	if code := c.charged(); code != c.numbered {
		c.numbered, c.number = strings.Clone(code), c.v.numbers[code]
	}
	return c.number
}
