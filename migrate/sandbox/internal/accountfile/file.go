// Package accountfile reads account files into a sandbox, held to what the API holds its callers to.
package accountfile

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// File is the format of Load.
type File struct {
	Account struct {
		ID string `json:"id"`
	} `json:"account"`
	TaxSettings struct {
		Defaults struct {
			TaxBehavior string `json:"tax_behavior"`
			TaxCode     string `json:"tax_code"`
		} `json:"defaults"`
	} `json:"tax_settings"`
	Customers []json.RawMessage `json:"customers"`
	Products  []json.RawMessage `json:"products"`
	Prices    []json.RawMessage `json:"prices"`
	Coupons   []json.RawMessage `json:"coupons"`
	TaxRates  []json.RawMessage `json:"tax_rates"`

	Subscriptions []json.RawMessage `json:"subscriptions"`
	Meters        []json.RawMessage `json:"meters"`
}

// explained says what an account file has at its top.
func explained(err error) error {
	const lists = "account, tax_settings, customers, products, prices, coupons, tax_rates, meters and subscriptions"
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	name, unknown := strings.CutPrefix(err.Error(), "json: unknown field ")
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("%s: found a JSON %s; expected %s. An account file is an object with %s", cmp.Or(wrong.Field, "the file"), wrong.Value, jsonName(wrong.Type), lists)
	case errors.As(err, &syntax):
		return fmt.Errorf("it is no valid JSON at byte %d: %w", syntax.Offset, err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("it ends before its JSON does: %w", err)
	case unknown:
		return fmt.Errorf("unknown field %s; an account file has %s", name, lists)
	}
	return err
}

func decodeStrictly(r io.Reader, into any) error {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// Read reads an account file.
func Read(r io.Reader) (*File, error) {
	var file File
	if err := decodeStrictly(r, &file); err != nil {
		return nil, fmt.Errorf("sandbox data: %w", explained(err))
	}
	return &file, nil
}

// Load puts the objects of an account file into a transaction. The error names the list, the position and the ID of
// each object that is refused.
func (f *File) Load(t *store.Tx) error {
	if err := (loader{t}).all(f); err != nil {
		return fmt.Errorf("sandbox data: %w", err)
	}
	return nil
}

// loader reads the objects of an account file into a transaction.
type loader struct{ tx *store.Tx }

// all reads the lists in the order in which they name each other.
func (l loader) all(file *File) error {
	failed := l.account(file)
	for _, list := range [][]error{
		load(l.tx, "products", file.Products, &l.tx.Products, object.NewProduct, l.product),
		load(l.tx, "meters", file.Meters, &l.tx.Meters, object.NewMeter, l.meter),
		load(l.tx, "prices", file.Prices, &l.tx.Prices, loadedPrice, l.price),
		load(l.tx, "coupons", file.Coupons, &l.tx.Coupons, object.NewCoupon, l.coupon),
		load(l.tx, "customers", file.Customers, &l.tx.Customers, object.NewCustomer, l.customer),
		load(l.tx, "tax_rates", file.TaxRates, &l.tx.TaxRates, loadedTaxRate, l.taxRate),
		load(l.tx, "subscriptions", l.withPrices(file.Subscriptions), &l.tx.Subscriptions, loadedSubscription, l.subscription),
	} {
		failed = append(failed, list...)
	}
	if rest := len(failed) - shownErrors; rest > 0 {
		failed = append(failed[:shownErrors:shownErrors], fmt.Errorf("and %d more errors, %d in all; the first %d are shown", rest, len(failed), shownErrors))
	}
	return errors.Join(failed...)
}

// shownErrors is how many errors of an account file are named: one habit of whoever wrote it makes thousands of them.
const shownErrors = 20

// account gives the sandbox's account the ID and the tax settings of the file, if there are any.
func (l loader) account(file *File) (failed []error) {
	renamed := l.tx.Store.AccountRecord
	if id := file.Account.ID; id != "" {
		if !strings.HasPrefix(id, "acct_") {
			failed = append(failed, fmt.Errorf("account: the id %q is no account ID; those begin with acct_", id))
		}
		renamed.ID = id
	}
	if behavior := file.TaxSettings.Defaults.TaxBehavior; behavior != "" {
		if err := oneOf("tax_settings: defaults.tax_behavior", behavior, "exclusive", "inclusive", "inferred_by_currency"); err != nil {
			failed = append(failed, err)
		}
		renamed.TaxBehavior = behavior
	}
	if renamed != l.tx.Store.AccountRecord {
		l.tx.Account = &renamed
	}
	return failed
}

// load reads one list. A field the JSON leaves out keeps the value a new object has. Of a live mode object only the ID
// is kept: the sandbox is test mode, and answers that the ID exists on the other side.
func load[O any](t *store.Tx, list string, sent []json.RawMessage, v *store.View[O], fresh func(string, int64) *O, check func(*O) error) []error {
	var failed []error
	for i, raw := range sent {
		var head struct {
			ID       string `json:"id"`
			Livemode bool   `json:"livemode"`
		}
		// A wrong type is named below, with its field.
		_ = json.Unmarshal(raw, &head)
		var err error
		if head.ID == "" {
			err = errors.New("the id is missing")
		}
		if err == nil && head.Livemode {
			t.Live.Put(&store.Marked{ID: head.ID})
			continue
		}
		o := fresh(head.ID, t.Now)
		if err == nil {
			err = decodeObject(raw, o)
		}
		if err == nil {
			err = check(o)
		}
		if err != nil {
			for _, one := range apart(err) {
				failed = append(failed, fmt.Errorf("%s[%d] (%s): %w", list, i, head.ID, one))
			}
			continue
		}
		v.Put(o)
	}
	return failed
}

// apart are the errors that were joined, each by itself: each is told with its place.
func apart(err error) (all []error) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	for _, one := range joined.Unwrap() {
		all = append(all, apart(one)...)
	}
	return all
}

// decodeObject reads an object of the file into one with Stripe's defaults.
func decodeObject[O any](raw json.RawMessage, into *O) error {
	err := decodeStrictly(bytes.NewReader(raw), into)
	if err == nil {
		return nil
	}
	// The fields one by one tell which of them it is, which an error of a field's own type does not.
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) == nil {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			alone, _ := json.Marshal(map[string]json.RawMessage{name: fields[name]})
			if wrong := decodeStrictly(bytes.NewReader(alone), new(O)); wrong != nil {
				return fieldError(name, wrong)
			}
		}
	}
	return fieldError("", err)
}

// fieldError says what is wrong with a field in words of JSON.
func fieldError(field string, err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s: found a JSON %s; expected %s", cmp.Or(wrong.Field, field, "the object"), wrong.Value, jsonName(wrong.Type))
	}
	if name, unknown := strings.CutPrefix(err.Error(), "json: unknown field "); unknown {
		where := ""
		if name != strconv.Quote(field) {
			where = field + ": "
		}
		return fmt.Errorf("%sthe field %s is none that Stripe or the sandbox knows here; correct its name or leave it out", where, name)
	}
	if field == "" {
		return err
	}
	return fmt.Errorf("%s: %w", field, err)
}

// jsonName is what JSON calls a value of a Go type.
func jsonName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return jsonName(t.Elem())
	case reflect.Bool:
		return "true or false"
	case reflect.Int64, reflect.Int, reflect.Uint64:
		return "a whole number"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

func loadedPrice(id string, now int64) *object.Price { return object.NewPrice(id, "", now) }

func loadedTaxRate(id string, now int64) *object.TaxRate { return object.NewTaxRate(id, 0, now) }

// customer gives a customer the card its default payment method names: a test card's token, or any other ID, which then
// is a card that can be charged.
func (l loader) customer(o *object.Customer) error {
	if err := errors.Join(checkCustomer(o), l.discount(o)); err != nil {
		return err
	}
	id := string(o.InvoiceSettings.DefaultPaymentMethod)
	if id == "" || engine.PaymentMethod(l.tx, id) != nil {
		return kindIs(o.Object, "customer")
	}
	card, ok := engine.CardByToken(id)
	switch {
	case ok && card.Declined != "":
		return fmt.Errorf("invoice_settings.default_payment_method: the card %s declines being attached, so no customer has it; use pm_card_chargeCustomerFail for one that cannot be charged", id)
	case ok:
		id = l.tx.Store.IDs.Next("pm")
	case engine.LooksLikeTestCard(id):
		return fmt.Errorf("invoice_settings.default_payment_method: %s is none of the test cards that the sandbox knows; migrate/sandbox/LIMITS.md lists them", id)
	default:
		card = engine.TestCards()[0]
	}
	method := card.Method(id, l.tx.Now)
	method.Customer = object.Text(o.ID)
	l.tx.Methods.Put(method)
	o.InvoiceSettings.DefaultPaymentMethod = object.Text(id)
	return kindIs(o.Object, "customer")
}

// discount completes a customer's discount of an account file. Its coupon may be given by its ID alone; it is one of
// the file's coupons, or of those that are there already.
func (l loader) discount(o *object.Customer) error {
	d := o.Discount
	if d == nil {
		return nil
	}
	coupon := l.tx.Coupons.Get(d.Coupon.ID)
	if coupon == nil {
		coupon = &d.Coupon
		if coupon.PercentOff == nil && coupon.AmountOff == nil {
			return fmt.Errorf("discount.coupon: found %q; expected a whole coupon or the ID of one in coupons", coupon.ID)
		}
		if err := checkCoupon(coupon); err != nil {
			return fmt.Errorf("discount.coupon: %w", err)
		}
	}
	coupon.Object = "coupon"
	d.Coupon, d.Object, d.Customer = *coupon, "discount", object.Text(o.ID)
	if d.ID == "" {
		d.ID = l.tx.Store.IDs.Next("di")
	}
	if d.Start == 0 {
		d.Start = l.tx.Now
	}
	if d.End == 0 {
		d.End = engine.DiscountEnd(coupon, d.Start)
	}
	switch {
	case d.Subscription != "":
		return fmt.Errorf("discount.subscription: found %s; expected null, because a customer's own discount belongs to no subscription", d.Subscription)
	case o.Currency != "" && !engine.DiscountsIn(coupon, string(o.Currency)):
		return fmt.Errorf("discount.coupon: found an amount in %s; expected one in the customer's currency, %s", api.ListedCurrencies(coupon), o.Currency)
	}
	return nil
}

func (l loader) product(o *object.Product) error { return kindIs(o.Object, "product") }

func (l loader) coupon(o *object.Coupon) error {
	return errors.Join(checkCoupon(o), kindIs(o.Object, "coupon"))
}

func (l loader) taxRate(o *object.TaxRate) error {
	percent := o.Percentage
	o.EffectivePercentage = &percent
	if percent < 0 || percent > 100*object.PercentUnit {
		return fmt.Errorf("percentage: the percentage %s is not from 0 to 100", percent)
	}
	return kindIs(o.Object, "tax_rate")
}

func kindIs(found, want string) error {
	if found != want {
		return fmt.Errorf("object: found %q, but in this list it must be %q", found, want)
	}
	return nil
}
