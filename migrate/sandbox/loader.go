package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/object"
)

// loader reads the objects of an account file into a transaction.
type loader struct{ tx *tx }

func (l loader) all(file *accountFile) error {
	return errors.Join(
		l.account(file.Account.ID),
		load(l.tx, "customers", file.Customers, &l.tx.customers, newCustomer, l.customer),
		load(l.tx, "products", file.Products, &l.tx.products, newProduct, l.product),
		load(l.tx, "prices", file.Prices, &l.tx.prices, loadedPrice, l.price),
		load(l.tx, "coupons", file.Coupons, &l.tx.coupons, newCoupon, l.coupon),
		load(l.tx, "tax_rates", file.TaxRates, &l.tx.taxRates, loadedTaxRate, l.taxRate),
	)
}

// account gives the sandbox's account the ID of the file, if there is one.
func (l loader) account(id string) error {
	if id == "" {
		return nil
	}
	if !strings.HasPrefix(id, "acct_") {
		return fmt.Errorf("account: the id %q is no account ID; those begin with acct_", id)
	}
	renamed := l.tx.state.founded
	renamed.ID = id
	l.tx.account = &renamed
	return nil
}

// load reads one list. A field the JSON leaves out keeps the value a new
// object has. Of a live mode object only the ID is kept: the sandbox is test
// mode, and answers that the ID exists on the other side.
func load[O any](t *tx, list string, sent []json.RawMessage, v *view[O], fresh func(string, int64) *O, check func(*O) error) error {
	var failed []error
	for i, raw := range sent {
		var head struct {
			ID       string `json:"id"`
			Livemode bool   `json:"livemode"`
		}
		err := json.Unmarshal(raw, &head)
		if err == nil && head.ID == "" {
			err = errors.New("the id is missing")
		}
		if err == nil && head.Livemode {
			t.live.put(&mark{ID: head.ID})
			continue
		}
		o := fresh(head.ID, t.now)
		if err == nil {
			err = decodeStrictly(bytes.NewReader(raw), o)
		}
		if err == nil {
			err = check(o)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("%s[%d] (%s): %w", list, i, head.ID, err))
			continue
		}
		v.put(o)
	}
	return errors.Join(failed...)
}

func loadedPrice(id string, now int64) *object.Price { return newPrice(id, "", now) }

func loadedTaxRate(id string, now int64) *object.TaxRate { return newTaxRate(id, 0, now) }

// customer gives a customer the card its default payment method names: a test
// card's token, or any other ID, which then is a card that can be charged.
func (l loader) customer(o *object.Customer) error {
	if err := checkCustomer(o); err != nil {
		return err
	}
	id := string(o.InvoiceSettings.DefaultPaymentMethod)
	if id == "" || l.tx.paymentMethod(id) != nil {
		return kindIs(o.Object, "customer")
	}
	card, ok := cardByToken(id)
	switch {
	case ok && card.declined != "":
		return fmt.Errorf("invoice_settings.default_payment_method: the card %s declines being attached, so no customer has it; use pm_card_chargeCustomerFail for one that cannot be charged", id)
	case ok:
		id = l.tx.state.ids.next("pm")
	case looksLikeTestCard(id):
		return fmt.Errorf("invoice_settings.default_payment_method: %s is none of the test cards that the sandbox knows; migrate/sandbox/LIMITS.md lists them", id)
	default:
		card = testCards()[0]
	}
	method := card.method(id, l.tx.now)
	method.Customer = object.Text(o.ID)
	l.tx.methods.put(method)
	o.InvoiceSettings.DefaultPaymentMethod = object.Text(id)
	return kindIs(o.Object, "customer")
}

func (l loader) product(o *object.Product) error { return kindIs(o.Object, "product") }

func (l loader) coupon(o *object.Coupon) error {
	return errors.Join(checkCoupon(o), kindIs(o.Object, "coupon"))
}

func (l loader) taxRate(o *object.TaxRate) error {
	percent := o.Percentage
	o.EffectivePercentage = &percent
	if percent < 0 || percent > 100*object.PercentUnit {
		return fmt.Errorf("the percentage %s is not from 0 to 100", percent)
	}
	return kindIs(o.Object, "tax_rate")
}

func kindIs(found, want string) error {
	if found != want {
		return fmt.Errorf("its object is %q, but in this list it must be %q", found, want)
	}
	return nil
}
