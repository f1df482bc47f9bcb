package api

import (
	"slices"
	"strconv"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var invoiceItemRoutes = map[string]handler{
	"GET /v1/invoiceitems":  listInvoiceItems,
	"POST /v1/invoiceitems": createInvoiceItem,
}

// listInvoiceItems lists what waits for an invoice: what an invoice has taken is a line of that invoice, and no item of
// the sandbox any more.
func listInvoiceItems(c *call) (any, error) {
	p := c.params
	var waiting []*object.Pending
	if customer := p.String("customer"); customer != "" {
		waiting = slices.Clone(c.tx.Store.Pending.Of(customer))
		for _, sub := range c.tx.Store.Subscriptions.Of(customer) {
			waiting = append(waiting, c.tx.Store.Pending.Of(sub.ID)...)
		}
	} else {
		waiting = c.tx.Store.Pending.All()
	}
	table := store.NewTable((*object.InvoiceItem).Key, nil)
	for _, one := range waiting {
		if item := c.invoiceItem(one); within(p, "created", item.Date) && (!p.Has("pending") || p.Bool("pending")) {
			table.Put(item)
		}
	}
	return page(c, table, "invoiceitem", "", func(*object.InvoiceItem) bool { return true })
}

// invoiceItem shows a pending line.
func (c *call) invoiceItem(o *object.Pending) *object.InvoiceItem {
	line, customer := o.Line, o.Customer
	if sub := c.tx.Subscriptions.Get(o.Subscription); sub != nil {
		customer = sub.Customer
	}
	item := &object.InvoiceItem{
		ID: line.InvoiceItem, Object: "invoiceitem", Amount: line.Amount, Currency: line.Currency, Customer: customer,
		Date: line.Period.Start, Description: line.Description, Discountable: line.Discountable, Metadata: line.Metadata,
		Period: line.Period, Price: line.Price, Proration: line.Proration, Quantity: max(1, object.Quantity(line.Quantity)),
		Subscription: object.Text(o.Subscription), TaxRates: line.TaxRates,
	}
	if item.Quantity == 1 {
		item.UnitAmount, item.UnitAmountDecimal = &line.Amount, object.Text(strconv.FormatInt(line.Amount, 10))
	}
	return item
}

// createInvoiceItem keeps an amount for the next invoice of a subscription, or of whichever of the customer's
// subscriptions is invoiced first.
func createInvoiceItem(c *call) (any, error) {
	p := c.params
	customer, err := lookup(c, &c.tx.Customers, "customer", p.String("customer"), "customer")
	if err != nil {
		return nil, err
	}
	pending := &object.Pending{Customer: customer.ID}
	code, sub := p.String("currency"), (*object.Subscription)(nil)
	for _, name := range []string{"amount", "currency"} {
		if !p.Has(name) { // Stripe also takes a price instead
			return nil, apierr.Missing(name)
		}
	}
	if p.Has("subscription") {
		if sub, err = lookup(c, &c.tx.Subscriptions, "subscription", p.String("subscription"), "subscription"); err != nil {
			return nil, err
		}
		if sub.Customer != customer.ID || sub.Ended() {
			return nil, apierr.Invalid("subscription", "The subscription %s is none of the customer %s that goes on.", sub.ID, customer.ID)
		}
		pending.Subscription, pending.Customer = sub.ID, ""
	}
	amount := p.IntOr("amount", 0)
	switch {
	case !engine.KnownCurrency(code):
		return nil, apierr.Invalid("currency", "Invalid currency: %s.", code)
	case amount > billing.Most || amount < -billing.Most:
		return nil, apierr.Invalid("amount", "The amount must be at most %d.", int64(billing.Most))
	case sub != nil && sub.Currency != code:
		return nil, apierr.Invalid("currency", "The currency %s is not the subscription's, %s.", code, sub.Currency)
	}
	ids := &c.tx.Store.IDs
	product := object.NewProduct(ids.Next("prod"), c.tx.Now)
	product.Active = false
	price := object.NewPrice(ids.Next("price"), code, c.tx.Now)
	price.Product, price.Active, price.UnitAmount = product.ID, false, &amount
	price.UnitAmountDecimal = object.Text(strconv.FormatInt(amount, 10))
	c.tx.Products.Put(product)
	c.tx.Prices.Put(price)
	one := int64(1)
	line := &object.InvoiceLine{
		ID: ids.Next("il"), Object: "line_item", Amount: amount, Currency: code, Discountable: amount > 0, InvoiceItem: ids.Next("ii"),
		Period: object.Period{Start: c.tx.Now, End: c.tx.Now}, Price: price, Quantity: &one, Subscription: object.Text(pending.Subscription),
		Type: "invoiceitem",
	}
	setText(&line.Description, p, "description")
	if line.Metadata, err = metadata(nil, p, "metadata"); err != nil {
		return nil, err
	}
	pending.ID, pending.Line = line.ID, line
	c.tx.Pending.Put(pending)
	return c.invoiceItem(pending), nil
}
