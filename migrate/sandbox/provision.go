package sandbox

import (
	"fmt"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Wanted are the IDs a migration names.
type Wanted struct {
	Customers []string
	Products  []string
	Coupons   []string
	TaxRates  []string
	Prices    []WantedPrice
}

// WantedPrice is a price a migration names. Currency is usd when empty and
// Interval is month.
type WantedPrice struct {
	ID       string
	Currency string
	Interval string
}

// Provisioned are the IDs that were created, in the order they were wanted.
type Provisioned struct {
	Customers []string
	Products  []string
	Coupons   []string
	TaxRates  []string
	Prices    []string
}

// Count is how many objects were created.
func (p Provisioned) Count() int {
	return len(p.Customers) + len(p.Products) + len(p.Coupons) + len(p.TaxRates) + len(p.Prices)
}

// The amounts of what Provision makes up, in minor units and percent.
const (
	provisionedAmount  = 10_00
	provisionedPercent = 10 * object.PercentUnit
)

// Provision creates what is wanted and missing: customers with a card, an
// e-mail and an address, active products, prices of 10.00 a month in usd
// unless the wish says otherwise, to which tax is added, coupons of 10 % forever, exclusive tax rates
// of 10 %. An ID that exists, or that exists in live mode, is left alone.
func (s *Server) Provision(w Wanted) (made Provisioned, err error) {
	err = s.store.Do(func() error {
		t := s.store.Begin(s.store.Now())
		made = Provisioned{
			Products: provision(t, &t.Products, w.Products, func(id string) *object.Product { return object.NewProduct(id, t.Now) }),
			Coupons:  provision(t, &t.Coupons, w.Coupons, func(id string) *object.Coupon { return provisionedCoupon(id, t.Now) }),
			TaxRates: provision(t, &t.TaxRates, w.TaxRates, func(id string) *object.TaxRate { return object.NewTaxRate(id, provisionedPercent, t.Now) }),
		}
		if made.Prices, err = provisionPrices(t, w.Prices); err != nil {
			made = Provisioned{}
			return err
		}
		if err := s.store.Commit(t, store.Fingerprint{}, nil); err != nil {
			made = Provisioned{}
			return err
		}
		for ids := range slices.Chunk(w.Customers, provisionChunk) {
			t := s.store.Begin(s.store.Now())
			made.Customers = append(made.Customers, provision(t, &t.Customers, ids, func(id string) *object.Customer { return provisionedCustomer(id, t.Now) })...)
			if err := s.store.Commit(t, store.Fingerprint{}, nil); err != nil {
				return err
			}
		}
		return s.store.Settle()
	})
	return made, err
}

// provisionChunk bounds the size of a transaction.
const provisionChunk = 1000

func provision[O any](t *store.Tx, v *store.View[O], wanted []string, create func(id string) *O) []string {
	var made []string
	for _, id := range wanted {
		if t.Store.Live.Get(id) != nil || v.Has(id) {
			continue
		}
		v.Put(create(id))
		made = append(made, id)
	}
	return made
}

func provisionedCustomer(id string, now int64) *object.Customer {
	o := object.NewCustomer(id, now)
	o.Name = object.Text("Customer " + id)
	o.Email = object.Text(id + "@example.com")
	o.Address = provisionedAddress()
	o.InvoiceSettings.DefaultPaymentMethod = object.Text("pm_" + id)
	return o
}

func provisionedAddress() *object.Address {
	return &object.Address{Line1: "1 Example Street", City: "San Francisco", State: "CA", PostalCode: "94103", Country: "US"}
}

func provisionedCoupon(id string, now int64) *object.Coupon {
	o := object.NewCoupon(id, now)
	percent := object.Percent(provisionedPercent)
	o.Duration, o.PercentOff = "forever", &percent
	return o
}

func provisionPrices(t *store.Tx, wanted []WantedPrice) ([]string, error) {
	var made []string
	for _, one := range wanted {
		if t.Store.Live.Get(one.ID) != nil || t.Prices.Has(one.ID) {
			continue
		}
		o, err := provisionPrice(t, one)
		if err != nil {
			return nil, err
		}
		t.Prices.Put(o)
		made = append(made, one.ID)
	}
	return made, nil
}

// provisionPrice makes a price and the product it is for.
func provisionPrice(t *store.Tx, one WantedPrice) (*object.Price, error) {
	code, interval := "usd", "month"
	if one.Currency != "" {
		code = strings.ToLower(one.Currency)
	}
	if one.Interval != "" {
		interval = one.Interval
	}
	if !engine.KnownCurrency(code) {
		return nil, fmt.Errorf("sandbox: provision price %s: %q is no currency of Stripe's", one.ID, one.Currency)
	}
	product := object.NewProduct("prod_"+one.ID, t.Now)
	if t.Products.Get(product.ID) == nil {
		t.Products.Put(product)
	}
	o := object.NewPrice(one.ID, code, t.Now)
	amount := int64(provisionedAmount)
	o.UnitAmount, o.UnitAmountDecimal = &amount, "1000"
	o.Product, o.Type = product.ID, "recurring"
	o.TaxBehavior = "exclusive" // rows with automatic tax need one
	o.Recurring = &object.Recurring{Interval: interval, IntervalCount: 1, UsageType: "licensed"}
	if err := api.CheckInterval(o.Recurring, "interval"); err != nil {
		return nil, fmt.Errorf("sandbox: provision price %s: the interval %q is none of day, week, month, year", one.ID, one.Interval)
	}
	return o, nil
}
