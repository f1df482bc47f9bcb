package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/billing"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// phaseItems reads the recurring items and returns the interval they share, and whether the currency was chosen. A
// phase is in the currency that is sent with it, or in had, which a schedule that is updated has already; its prices
// may have that one among several. Otherwise it is in the default currency of its prices, which then must be the same.
func (c *call) phaseItems(o *object.Phase, p *form.Node, had string) (shared billing.Interval, chosen bool, err error) {
	sent := p.List("items")
	if len(sent) > mostItems {
		return shared, false, apierr.Invalid(p.PathOf("items"), "A subscription can have at most %d items; this phase has %d.", mostItems, len(sent))
	}
	if chosen = p.Has("currency"); chosen {
		if o.Currency, err = currency(p, "currency"); err != nil {
			return shared, false, err
		}
	}
	for _, one := range sent {
		item, price, err := c.phaseItem(one)
		if err != nil {
			return shared, false, err
		}
		if shared.Unit == "" {
			shared = engine.IntervalOf(price)
		}
		switch {
		case o.Currency != "":
		case priceHas(price, had):
			o.Currency, chosen = had, true
		default:
			o.Currency = price.Currency
		}
		if err := sameCycle(price, shared, one.Path); err != nil {
			return shared, false, err
		}
		if err := sameCurrency(price, o.Currency, chosen, one.Path); err != nil {
			return shared, false, err
		}
		if err := payable(price, o.Currency, item.Quantity, one.PathOf("quantity")); err != nil {
			return shared, false, err
		}
		if slices.ContainsFunc(o.Items, func(other object.PhaseItem) bool { return other.Price == item.Price }) {
			return shared, false, apierr.Invalid(one.PathOf("price"), "Cannot add multiple subscription items with the same plan: %s", item.Price)
		}
		o.Items = append(o.Items, *item)
	}
	return shared, chosen, nil
}

func sameCycle(price *object.Price, shared billing.Interval, path string) error {
	if engine.IntervalOf(price) != shared {
		return apierr.Invalid(path, "Currency and interval fields must match across all plans/prices on this subscription. Found mismatch in interval field.")
	}
	return nil
}

// sameCurrency refuses a price that is not in a currency. The currencies a price has besides its default one count only
// where the currency was chosen.
func sameCurrency(price *object.Price, code string, chosen bool, path string) error {
	switch {
	case price.Currency == code, chosen && priceHas(price, code):
		return nil
	case priceHas(price, code):
		return apierr.Invalid(path, "The price specified is in `%s`, its default currency, and the others on this subscription are in `%s`. Pass `currency` to choose one that all of them have.", price.Currency, code)
	}
	return apierr.Invalid(path, "The price specified only supports `%s`. This doesn't match the expected currency: `%s`.", price.Currency, code)
}

// priceHas tells whether a price can be charged in a currency.
func priceHas(price *object.Price, code string) bool {
	_, option := price.CurrencyOptions[code]
	return option || price.Currency == code
}

func (c *call) phaseItem(p *form.Node) (*object.PhaseItem, *object.Price, error) {
	price, err := c.itemPrice(p, "recurring")
	if err != nil {
		return nil, nil, err
	}
	item := &object.PhaseItem{Price: price.ID}
	if item.Quantity, err = itemQuantity(p, price); err != nil {
		return nil, nil, err
	}
	if item.TaxRates, err = c.taxRateList(p, "tax_rates"); err != nil {
		return nil, nil, err
	}
	item.Metadata, err = metadata(nil, p, "metadata")
	return item, price, err
}

func itemQuantity(p *form.Node, price *object.Price) (*int64, error) {
	quantity := number(p, "quantity")
	if price.Recurring != nil && price.Recurring.UsageType == "metered" {
		if quantity != nil {
			return nil, apierr.Invalid(p.PathOf("quantity"), "Quantity should not be specified where usage_type is `metered`. Remove quantity from `%s`", p.Path)
		}
		return nil, nil
	}
	if quantity == nil {
		one := int64(1)
		quantity = &one
	}
	return quantity, limited(p, "quantity", 0, mostQuantity)
}

// itemPrice is the price an item names or describes; kind is the type of price the place takes.
func (c *call) itemPrice(p *form.Node, kind string) (*object.Price, error) {
	data := p.Get("price_data")
	switch {
	case data != nil && p.Has("price"):
		return nil, apierr.Coded("parameters_exclusive", p.PathOf("price"), "You may only specify one of these parameters: price, price_data.")
	case data != nil:
		return c.inlinePrice(data, kind)
	case !p.Has("price"):
		return nil, apierr.Missing(p.PathOf("price"))
	}
	param := p.PathOf("price")
	price, err := lookup(c, &c.tx.Prices, "price", p.String("price"), param)
	if err != nil {
		return nil, err
	}
	if price.Type != kind {
		return nil, apierr.Invalid(param, "The price specified is set to `type=%s` but this field only accepts prices with `type=%s`.", price.Type, kind)
	}
	if !price.Active {
		return nil, apierr.Invalid(param, "The price specified is inactive. This field only accepts active prices.")
	}
	if o := c.tx.Products.Get(price.Product); o != nil && !o.Active {
		return nil, apierr.Coded("product_inactive", param, "Price `%s` is not available to be purchased because its product is not active.", price.ID)
	}
	return price, nil
}

// inlinePrice makes the price a price_data describes. Stripe keeps such prices inactive, so that they serve this item
// only.
func (c *call) inlinePrice(p *form.Node, kind string) (*object.Price, error) {
	code, err := currency(p, "currency")
	if err != nil {
		return nil, err
	}
	product, err := lookup(c, &c.tx.Products, "product", p.String("product"), p.PathOf("product"))
	if err != nil {
		return nil, err
	}
	if !product.Active {
		return nil, apierr.Coded("product_inactive", p.PathOf("product"), "The product `%s` is marked as inactive, so no price can be made for it.", product.ID)
	}
	o := object.NewPrice(c.tx.Store.IDs.Next("price"), code, c.tx.Now)
	o.Product, o.Active = product.ID, false
	if o.UnitAmount, o.UnitAmountDecimal, err = amount(p, "unit_amount"); err != nil {
		return nil, err
	}
	if o.UnitAmountDecimal == "" {
		return nil, apierr.Missing(p.PathOf("unit_amount"))
	}
	if err := Chargeable(o.UnitAmount, code, p.PathOf("unit_amount")); err != nil {
		return nil, err
	}
	if p.Has("tax_behavior") {
		o.TaxBehavior = text(p, "tax_behavior")
	}
	if kind == "recurring" {
		if err := c.setRecurring(o, p.Get("recurring")); err != nil {
			return nil, err
		}
	}
	c.tx.Prices.Put(o)
	return o, nil
}

// phaseInvoiceItems reads the one-offs of a phase's first invoice.
func (c *call) phaseInvoiceItems(o *object.Phase, p *form.Node, chosen bool) error {
	sent := p.List("add_invoice_items")
	if len(sent) > mostInvoiceItems {
		return apierr.Invalid(p.PathOf("add_invoice_items"), "A phase can have at most %d add_invoice_items; this one has %d.", mostInvoiceItems, len(sent))
	}
	for _, one := range sent {
		price, err := c.itemPrice(one, "one_time")
		if err != nil {
			return err
		}
		if err := sameCurrency(price, o.Currency, chosen, one.Path); err != nil {
			return err
		}
		item := object.AddInvoiceItem{Price: price.ID}
		if item.Quantity, err = itemQuantity(one, price); err != nil {
			return err
		}
		if err := payable(price, o.Currency, item.Quantity, one.PathOf("quantity")); err != nil {
			return err
		}
		if item.TaxRates, err = c.taxRateList(one, "tax_rates"); err != nil {
			return err
		}
		if err := ownRates(o, price, item.TaxRates, one.PathOf("tax_rates")); err != nil {
			return err
		}
		if err := matchingBehavior(price, o.Currency, engine.RatesOf(item.TaxRates, o.DefaultTaxRates), p.PathOf("default_tax_rates")); err != nil {
			return err
		}
		if err := c.taxBehaviorKnown(o, price, one.Path); err != nil {
			return err
		}
		o.AddInvoiceItems = append(o.AddInvoiceItems, item)
	}
	return nil
}
