package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var priceRoutes = map[string]handler{
	"GET /v1/prices":          listPrices,
	"POST /v1/prices":         createPrice,
	"GET /v1/prices/{price}":  retrievePrice,
	"POST /v1/prices/{price}": updatePrice,
}

func listPrices(c *call) (any, error) {
	keys := texts(c.params, "lookup_keys")
	return page(c, c.tx.Store.Prices, "price", "", func(o *object.Price) bool {
		p, r := c.params, c.params.Get("recurring")
		return sameBool(p, "active", o.Active) && same(p, "currency", o.Currency) && same(p, "product", o.Product) &&
			same(p, "type", o.Type) && within(p, "created", o.Created) && (r == nil || o.Recurring != nil && same(r, "interval", o.Recurring.Interval) && same(r, "usage_type", o.Recurring.UsageType)) &&
			(len(keys) == 0 || slices.Contains(keys, string(o.LookupKey)))
	})
}

func createPrice(c *call) (any, error) {
	p := c.params
	code, err := currency(p, "currency")
	if err != nil {
		return nil, err
	}
	o := object.NewPrice(c.tx.Store.IDs.Next("price"), code, c.tx.Now)
	if o.Product, err = c.priceProduct(); err != nil {
		return nil, err
	}
	if err := setAmounts(o, p); err != nil {
		return nil, err
	}
	if options := p.Get("currency_options"); options != nil {
		if err := setCurrencyOptions(o, options); err != nil {
			return nil, err
		}
	}
	if err := c.setRecurring(o, p.Get("recurring")); err != nil {
		return nil, err
	}
	if p.Has("tax_behavior") {
		o.TaxBehavior = text(p, "tax_behavior")
	}
	setBool(&o.Active, p, "active")
	if err := c.labelPrice(o, p); err != nil {
		return nil, err
	}
	c.tx.Prices.Put(o)
	store.Emit(c.tx, "price.created", o)
	return o, nil
}

// priceProduct is the product a new price is for, created when product_data says so.
func (c *call) priceProduct() (string, error) {
	p := c.params
	data := p.Get("product_data")
	if data == nil && !p.Has("product") {
		return "", apierr.Missing("product")
	}
	if data == nil {
		_, err := lookup(c, &c.tx.Products, "product", p.String("product"), "product")
		return p.String("product"), err
	}
	if p.Has("product") {
		return "", apierr.Coded("parameters_exclusive", "product", "You may only specify one of these parameters: product, product_data.")
	}
	id := data.String("id")
	if id == "" {
		id = c.tx.Store.IDs.Short("prod")
	}
	o := object.NewProduct(id, c.tx.Now)
	if err := c.setProduct(o, data); err != nil {
		return "", err
	}
	c.tx.Products.Put(o)
	return id, nil
}

func (c *call) setRecurring(o *object.Price, p *form.Node) error {
	if p == nil {
		return nil
	}
	o.Type = "recurring"
	o.Recurring = &object.Recurring{
		AggregateUsage: text(p, "aggregate_usage"),
		Interval:       p.String("interval"),
		IntervalCount:  p.IntOr("interval_count", 1),
		UsageType:      "licensed",
	}
	if p.Has("usage_type") {
		o.Recurring.UsageType = p.String("usage_type")
	}
	if p.Has("meter") {
		if err := c.setMeter(o.Recurring, p); err != nil {
			return err
		}
	} else if o.Recurring.UsageType == "metered" && o.Recurring.AggregateUsage == "" {
		o.Recurring.AggregateUsage = "sum"
	}
	return CheckInterval(o.Recurring, p.PathOf("interval_count"))
}

// setMeter gives a price the meter whose usage it charges.
func (c *call) setMeter(r *object.Recurring, p *form.Node) error {
	if r.UsageType != "metered" || p.Has("aggregate_usage") {
		return apierr.Invalid(p.PathOf("meter"), "A meter goes with usage_type=metered, and without aggregate_usage.")
	}
	meter, err := lookup(c, &c.tx.Meters, "meter", p.String("meter"), p.PathOf("meter"))
	if err == nil && meter.Status != object.MeterActive {
		return apierr.Invalid(p.PathOf("meter"), "The meter %s is inactive.", meter.ID)
	}
	r.Meter = object.Text(p.String("meter"))
	return err
}

// CheckInterval refuses a period longer than three years, as Stripe does at this API version.
func CheckInterval(r *object.Recurring, param string) error {
	most := map[string]int64{"day": 1095, "week": 156, "month": 36, "year": 3}[r.Interval]
	if r.IntervalCount < 1 || r.IntervalCount > most {
		return apierr.Invalid(param, "Invalid interval_count: must be from 1 to %d for an interval of %s.", most, r.Interval)
	}
	return nil
}

func retrievePrice(c *call) (any, error) { return retrieved(c, &c.tx.Prices, "price", "price") }

func updatePrice(c *call) (any, error) {
	before, err := retrieved(c, &c.tx.Prices, "price", "price")
	if err != nil {
		return nil, err
	}
	behavior := c.params.String("tax_behavior")
	if behavior != "" && before.TaxBehavior != "unspecified" && behavior != string(before.TaxBehavior) {
		return nil, apierr.Invalid("tax_behavior", "The tax behavior of a price cannot be changed once it is inclusive or exclusive.")
	}
	o := c.tx.Prices.Edit(c.id)
	setText(&o.TaxBehavior, c.params, "tax_behavior")
	setBool(&o.Active, c.params, "active")
	if err := c.labelPrice(o, c.params); err != nil {
		return nil, err
	}
	return o, nil
}

// labelPrice sets what has no influence on what is charged.
func (c *call) labelPrice(o *object.Price, p *form.Node) error {
	setText(&o.Nickname, p, "nickname")
	setText(&o.LookupKey, p, "lookup_key")
	var err error
	o.Metadata, err = metadata(o.Metadata, p, "metadata")
	return err
}
