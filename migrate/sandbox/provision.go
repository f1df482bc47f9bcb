package sandbox

import (
	"cmp"
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
	Meters    []string // by event name
}

// WantedPrice is a price a migration names. Currency is usd when empty and Interval is month.
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
	Meters    []string // by event name
}

// Count is how many objects were created.
func (p Provisioned) Count() int {
	return len(p.Customers) + len(p.Products) + len(p.Coupons) + len(p.TaxRates) + len(p.Prices) + len(p.Meters)
}

// The amounts of what Provision makes up, in minor units and percent.
const (
	provisionedAmount  = 10_00
	provisionedPercent = 10 * object.PercentUnit
)

// Provision creates what is wanted and missing: customers with a card, an e-mail and an address, active products,
// prices of 10.00 a month in usd unless the wish says otherwise, to which tax is added, coupons of 10 % forever,
// exclusive tax rates of 10 %, meters that sum. An ID that exists, or that exists in live mode, is left alone.
func (s *Server) Provision(w Wanted) (made Provisioned, err error) {
	err = s.store.Do(func() error {
		t := s.store.Begin(s.store.Now())
		some := Provisioned{
			Products: provision(t, &t.Products, w.Products, func(id string) *object.Product { return object.NewProduct(id, t.Now) }),
			Coupons: provision(t, &t.Coupons, w.Coupons, func(id string) *object.Coupon {
				o := object.NewCoupon(id, t.Now)
				percent := object.Percent(provisionedPercent)
				o.Duration, o.PercentOff = "forever", &percent
				return o
			}),
			TaxRates: provision(t, &t.TaxRates, w.TaxRates, func(id string) *object.TaxRate { return object.NewTaxRate(id, provisionedPercent, t.Now) }),
		}
		for _, one := range w.Prices {
			o, err := provisionedPrice(t, one)
			if err != nil {
				return err
			}
			if o != nil {
				t.Prices.Put(o)
				some.Prices = append(some.Prices, one.ID)
			}
		}
		for _, name := range w.Meters {
			if engine.MeterOf(t, name) == nil {
				o := object.NewMeter(t.Store.IDs.Next("mtr"), t.Now)
				o.DisplayName, o.EventName = name, name
				t.Meters.Put(o)
				some.Meters = append(some.Meters, name)
			}
		}
		if err := s.store.Commit(t, store.Fingerprint{}, nil); err != nil {
			return err
		}
		made = some
		for ids := range slices.Chunk(w.Customers, provisionChunk) {
			t := s.store.Begin(s.store.Now())
			made.Customers = append(made.Customers, provision(t, &t.Customers, ids, func(id string) *object.Customer {
				o := object.NewCustomer(id, t.Now)
				o.Name = object.Text("Customer " + id)
				o.Email = object.Text(id + "@example.com")
				o.Address = &object.Address{Line1: "1 Example Street", City: "San Francisco", State: "CA", PostalCode: "94103", Country: "US"}
				o.InvoiceSettings.DefaultPaymentMethod = object.Text("pm_" + id)
				return o
			})...)
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

// provision creates the objects that are missing, and returns their IDs.
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

// provisionedPrice is a price that is wanted, with the product it is for; nil when the ID is taken.
func provisionedPrice(t *store.Tx, one WantedPrice) (*object.Price, error) {
	code, interval := cmp.Or(strings.ToLower(one.Currency), "usd"), cmp.Or(one.Interval, "month")
	if t.Store.Live.Get(one.ID) != nil || t.Prices.Has(one.ID) {
		return nil, nil
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
