package sandbox

import (
	"fmt"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
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
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.caught(&err)
	if s.broken != nil {
		return Provisioned{}, s.broken
	}
	t := s.state.begin(s.now())
	made = Provisioned{
		Products: provision(t, &t.products, w.Products, func(id string) *object.Product { return newProduct(id, t.now) }),
		Coupons:  provision(t, &t.coupons, w.Coupons, t.provisionCoupon),
		TaxRates: provision(t, &t.taxRates, w.TaxRates, func(id string) *object.TaxRate { return newTaxRate(id, provisionedPercent, t.now) }),
	}
	if made.Prices, err = t.provisionPrices(w.Prices); err != nil {
		return Provisioned{}, err
	}
	if err := s.commit(t, fingerprint{}, nil); err != nil {
		return Provisioned{}, err
	}
	if made.Customers, err = s.provisionCustomers(w.Customers); err != nil {
		return made, err
	}
	return made, s.settle()
}

// provisionChunk bounds the size of a transaction.
const provisionChunk = 1000

func (s *Server) provisionCustomers(wanted []string) ([]string, error) {
	var made []string
	for ids := range slices.Chunk(wanted, provisionChunk) {
		t := s.state.begin(s.now())
		made = append(made, provision(t, &t.customers, ids, t.provisionCustomer)...)
		if err := s.commit(t, fingerprint{}, nil); err != nil {
			return made, err
		}
	}
	return made, nil
}

func provision[O any](t *tx, v *view[O], wanted []string, create func(id string) *O) []string {
	var made []string
	for _, id := range wanted {
		if t.state.live.get(id) != nil || v.has(id) {
			continue
		}
		v.put(create(id))
		made = append(made, id)
	}
	return made
}

func (t *tx) provisionCustomer(id string) *object.Customer {
	o := newCustomer(id, t.now)
	o.Name = object.Text("Customer " + id)
	o.Email = object.Text(id + "@example.com")
	o.Address = provisionedAddress()
	o.InvoiceSettings.DefaultPaymentMethod = object.Text("pm_" + id)
	return o
}

func provisionedAddress() *object.Address {
	return &object.Address{Line1: "1 Example Street", City: "San Francisco", State: "CA", PostalCode: "94103", Country: "US"}
}

func (t *tx) provisionCoupon(id string) *object.Coupon {
	o := newCoupon(id, t.now)
	percent := object.Percent(provisionedPercent)
	o.Duration, o.PercentOff = "forever", &percent
	return o
}

func (t *tx) provisionPrices(wanted []WantedPrice) ([]string, error) {
	var made []string
	for _, one := range wanted {
		if t.state.live.get(one.ID) != nil || t.prices.has(one.ID) {
			continue
		}
		o, err := t.provisionPrice(one)
		if err != nil {
			return nil, err
		}
		t.prices.put(o)
		made = append(made, one.ID)
	}
	return made, nil
}

// provisionPrice makes a price and the product it is for.
func (t *tx) provisionPrice(one WantedPrice) (*object.Price, error) {
	code, interval := "usd", "month"
	if one.Currency != "" {
		code = lower(one.Currency)
	}
	if one.Interval != "" {
		interval = one.Interval
	}
	if !knownCurrency(code) {
		return nil, fmt.Errorf("sandbox: provision price %s: %q is no currency of Stripe's", one.ID, one.Currency)
	}
	product := newProduct("prod_"+one.ID, t.now)
	if t.products.get(product.ID) == nil {
		t.products.put(product)
	}
	o := newPrice(one.ID, code, t.now)
	amount := int64(provisionedAmount)
	o.UnitAmount, o.UnitAmountDecimal = &amount, "1000"
	o.Product, o.Type = product.ID, "recurring"
	o.TaxBehavior = "exclusive" // rows with automatic tax need one
	o.Recurring = &object.Recurring{Interval: interval, IntervalCount: 1, UsageType: "licensed"}
	if err := checkInterval(o.Recurring, "interval"); err != nil {
		return nil, fmt.Errorf("sandbox: provision price %s: the interval %q is none of day, week, month, year", one.ID, one.Interval)
	}
	return o, nil
}
