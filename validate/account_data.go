package validate

import "github.com/subferry/subferry/validate/account"

// accountData says which parts of an account are known, or needed.
type accountData uint8

const (
	dataPrices accountData = 1 << iota
	dataProducts
	dataCoupons
	dataTaxRates
	dataCustomers
)

func knownOf(a *account.Account) accountData {
	var f accountData
	if a == nil {
		return f
	}
	if a.Prices != nil {
		f |= dataPrices
	}
	if a.Products != nil {
		f |= dataProducts
	}
	if a.Coupons != nil {
		f |= dataCoupons
	}
	if a.TaxRates != nil {
		f |= dataTaxRates
	}
	if a.Customers != nil {
		f |= dataCustomers
	}
	return f
}

func has[T any](objects map[string]T, id string) bool {
	_, ok := objects[id]
	return ok
}

// lacksEmail tells whether the customer is known to lack what sending invoices needs.
func (c *Check) lacksEmail() bool {
	customer, ok := c.Account().Customers[c.Row.Customer]
	return ok && !customer.HasEmail && c.Row.CollectionMethod == "send_invoice"
}

// lacksPaymentMethod tells whether the customer is known to lack what automatic charges need.
func (c *Check) lacksPaymentMethod() bool {
	customer, ok := c.Account().Customers[c.Row.Customer]
	m := c.Row.CollectionMethod
	return ok && !customer.HasPaymentMethod && (m == "" || m == "charge_automatically")
}

// knowsCustomer tells whether the account is known to have the row's customer, so that no look at the ID says more.
// Customers of older accounts have IDs that their makers chose.
func (c *Check) knowsCustomer() bool {
	return c.v.known&dataCustomers != 0 && has(c.Account().Customers, c.Row.Customer)
}
