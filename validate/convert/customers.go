package convert

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Customers is what a copy of payment data from one account to another says about customers: Stripe calls it a PAN
// copy, and its file has a line for each customer and payment method. The zero Customers knows nothing, and Known tells
// that of no customer.
type Customers struct {
	customers map[string]copied
}

// copied is one customer of a copy.
type copied struct {
	id      string            // in the destination account
	methods map[string]string // the payment methods of both accounts; one that was not copied has a blank destination
}

// CustomersColumns are the columns of a copy's file. Newer ones have v2_account_id_old and v2_account_id_new as well.
func CustomersColumns() []string {
	return []string{"customer_id_old", "source_id_old", "customer_id_new", "source_id_new"}
}

// v2Prefix is how the columns begin that newer files have: the customers' IDs as accounts of Stripe's second API.
const v2Prefix = "v2_account_id_"

// ReadCustomers reads the file of a copy: CSV, or a workbook, with customer_id_old, source_id_old, customer_id_new and source_id_new, in
// any order, and with the v2_account_id_ columns of newer ones. Sources are cards, bank accounts and payment methods; a
// line without any is of a customer who has none. The error names the line.
func ReadCustomers(r io.Reader) (Customers, error) {
	t, err := OpenTable(r, "the file of customers", CustomersColumns()...)
	if err != nil {
		return Customers{}, err
	}
	for _, name := range t.Columns() {
		if name != "" && !slices.Contains(CustomersColumns(), name) && !strings.HasPrefix(name, v2Prefix) {
			return Customers{}, fmt.Errorf("the file of customers has the column %s, which the file of a copy does not: expected %s, and perhaps %sold,%snew; delete that column if it means nothing",
				name, strings.Join(CustomersColumns(), ","), v2Prefix, v2Prefix)
		}
	}
	all := Customers{map[string]copied{}}
	err = t.Each(func() error {
		if err := all.add(t.Cell("customer_id_old"), t.Cell("source_id_old"), t.Cell("customer_id_new"), t.Cell("source_id_new")); err != nil {
			return fmt.Errorf("line %d: %w", t.Line, err)
		}
		return nil
	})
	if err != nil {
		return Customers{}, err
	}
	return all, nil
}

// add takes in a line.
func (c Customers) add(old, oldSource, new, newSource string) error {
	switch {
	case old == "":
		return errors.New("customer_id_old is blank")
	case !strings.HasPrefix(old, "cus_") && strings.HasPrefix(oldSource, "cus_"), new != "" && !strings.HasPrefix(new, "cus_") && strings.HasPrefix(newSource, "cus_"):
		return fmt.Errorf("a customer stands where a source does (%s, %s): is the line shifted by a column?", oldSource, newSource)
	}
	was, known := c.customers[old]
	switch {
	case !known:
		was = copied{id: new, methods: map[string]string{}}
	case was.id != new:
		return fmt.Errorf("customer %s stands for %q already, and cannot stand for %q as well", old, was.id, new)
	}
	if oldSource != "" {
		if had, twice := was.methods[oldSource]; twice && had != newSource {
			return fmt.Errorf("source %s of %s stands for %q already, and cannot stand for %q as well", oldSource, old, had, newSource)
		}
		was.methods[oldSource] = newSource
	}
	c.customers[old] = was
	return nil
}

// Given tells whether a file was read.
func (c Customers) Given() bool { return c.customers != nil }

// Get returns a customer's ID in the destination account, "" for one that was not copied.
func (c Customers) Get(customer string) string { return c.customers[customer].id }

// Method returns a payment method's ID in the destination account, "" for one that was left behind.
func (c Customers) Method(customer, method string) string {
	return c.customers[customer].methods[method]
}

// Methods returns how many payment methods of a customer were copied.
func (c Customers) Methods(customer string) (n int) {
	for _, new := range c.customers[customer].methods {
		if new != "" {
			n++
		}
	}
	return n
}
