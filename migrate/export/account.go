package export

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
)

// Names are the objects of an account that files name.
type Names struct{ Customers, Products, Prices, Coupons, TaxRates map[string]bool }

// ReadNames adds what the rows of a file in the toolkit's format name: CSV, or a workbook, of which sheet names the
// worksheet; blank is the one that has a header of the format.
func (n *Names) ReadNames(r io.Reader, sheet string) error {
	rows, file, err := xlsx.Rows(r, xlsx.Options{Sheet: sheet, Read: csvspec.ReadOptions{Unit: csvspec.UnitMinor}})
	if err != nil {
		return err
	}
	defer file.Close()
	if !slices.ContainsFunc(rows.Header().Columns, func(c csvspec.Column) bool { return c.Field == csvspec.FieldCustomer }) {
		return fmt.Errorf("it has no column customer: expected a file of the toolkit's format")
	}
	add := func(to *map[string]bool, id string) {
		if *to == nil {
			*to = map[string]bool{}
		}
		if id != "" {
			(*to)[id] = true
		}
	}
	for row, err := range rows.All() {
		if err != nil {
			return err
		}
		add(&n.Customers, row.Customer)
		add(&n.Prices, row.Price)
		add(&n.Coupons, row.Coupon)
		add(&n.TaxRates, row.DefaultTaxRate)
		for _, i := range row.Items {
			add(&n.Prices, i.Price)
		}
		for _, i := range row.AdhocItems {
			add(&n.Products, i.Product)
		}
		for _, i := range row.AddInvoiceItems {
			add(&n.Products, i.Product)
		}
	}
	return nil
}

// Personal says what of a customer's personal data an account file gets.
type Personal int

// LeftOut puts something made up in the place of e-mail and postal code where there is one, because whether there is
// one decides what Stripe accepts, and drops names, telephones, addresses, descriptions and metadata. Included keeps
// them.
const (
	LeftOut Personal = iota
	Included
)

// AccountFile is what --sandbox-data reads.
type AccountFile struct {
	Account struct {
		ID string `json:"id"`
	} `json:"account"`
	TaxSettings json.RawMessage   `json:"tax_settings,omitempty"`
	Products    []json.RawMessage `json:"products"`
	Prices      []json.RawMessage `json:"prices"`
	Coupons     []json.RawMessage `json:"coupons"`
	TaxRates    []json.RawMessage `json:"tax_rates"`
	Customers   []json.RawMessage `json:"customers"`

	Missing []string `json:"-"` // what files name and the account does not have: kind and ID
	Notes   []string `json:"-"` // what could not be read, and why
}

// ReadAccount reads what files name, and what that rests on: the products of prices, the coupons of customers'
// discounts.
func (e *Exporter) ReadAccount(ctx context.Context, n Names, personal Personal) (*AccountFile, error) {
	f := &AccountFile{}
	id, _, err := e.account(ctx)
	if err != nil {
		return nil, err
	}
	f.Account.ID = id
	if raw, err := e.client.get(ctx, "/v1/tax/settings", nil); err != nil {
		f.Notes = append(f.Notes, fmt.Sprintf("the tax settings could not be read (%v): prices without a tax behavior of their own have none", err))
	} else if f.TaxSettings, err = taxSettings(raw); err != nil {
		return nil, err
	}
	b := &accountBuilder{Exporter: e, file: f, personal: personal, products: maps.Clone(n.Products), coupons: maps.Clone(n.Coupons)}
	if b.products == nil {
		b.products = map[string]bool{}
	}
	if b.coupons == nil {
		b.coupons = map[string]bool{}
	}
	prices := url.Values{"expand[]": {"currency_options", "tiers"}}
	coupons := url.Values{"expand[]": {"applies_to", "currency_options"}}
	for _, list := range []struct {
		path  string
		ids   map[string]bool
		query url.Values
		into  *[]json.RawMessage
		pick  func(map[string]json.RawMessage) map[string]json.RawMessage
	}{
		{"/v1/prices", n.Prices, prices, &f.Prices, b.price},
		{"/v1/customers", n.Customers, nil, &f.Customers, b.customer},
		{"/v1/coupons", b.coupons, coupons, &f.Coupons, b.coupon},
		{"/v1/products", b.products, nil, &f.Products, product},
		{"/v1/tax_rates", n.TaxRates, nil, &f.TaxRates, taxRate},
	} {
		if *list.into, err = b.read(ctx, list.path, list.ids, list.query, list.pick); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// accountBuilder collects what an account file needs.
type accountBuilder struct {
	*Exporter
	file     *AccountFile
	personal Personal

	mu                sync.Mutex
	products, coupons map[string]bool
}

// manyObjects is beyond how many a list is walked instead of asking for each: a page has a hundred.
const manyObjects = 200

// read reads objects of one list by their IDs, in the order of the IDs.
func (b *accountBuilder) read(ctx context.Context, path string, ids map[string]bool, query url.Values, pick func(map[string]json.RawMessage) map[string]json.RawMessage) ([]json.RawMessage, error) {
	kind, found := Kind{Path: path}, map[string]json.RawMessage{}
	take := func(id string, raw []byte) error {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return err
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		text, err := json.Marshal(pick(fields))
		found[id] = text
		return err
	}
	left := slices.Sorted(maps.Keys(ids))
	if len(left) > manyObjects {
		var err error
		if left, err = b.walk(ctx, kind, left, query, take); err != nil {
			return nil, err
		}
	}
	err := inParallel(ctx, left, func(ctx context.Context, id string) error {
		raw, err := b.client.object(ctx, kind, id, query)
		if err != nil || raw == nil {
			return err
		}
		return take(id, raw)
	})
	if err != nil {
		return nil, err
	}
	all := []json.RawMessage{}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if text, ok := found[id]; ok {
			all = append(all, text)
			continue
		}
		b.file.Missing = append(b.file.Missing, strings.TrimSuffix(path[len("/v1/"):], "s")+" "+id)
	}
	return all, nil
}

// walk reads a list as long as that takes fewer requests than asking for each object that is left, which it returns.
func (b *accountBuilder) walk(ctx context.Context, kind Kind, ids []string, query url.Values, take func(string, []byte) error) ([]string, error) {
	left := map[string]bool{}
	for _, id := range ids {
		left[id] = true
	}
	expand := url.Values{}
	for _, field := range query["expand[]"] {
		expand.Add("expand[]", "data."+field)
	}
	kind.Params = expand
	for cursor, pages := "", 0; len(left) > 0 && pages <= len(left); pages++ {
		raw, err := b.client.get(ctx, kind.Path, kind.query(Span{}, cursor))
		if err != nil {
			return nil, err
		}
		got, err := readPage(kind, raw)
		if err != nil {
			return nil, err
		}
		for _, o := range got.objects {
			cursor = o.id
			if left[o.id] {
				delete(left, o.id)
				if err := take(o.id, o.raw); err != nil {
					return nil, err
				}
			}
		}
		if !got.more {
			break
		}
	}
	return slices.Sorted(maps.Keys(left)), nil
}

// picked returns those of an object that are named and not null.
func picked(from map[string]json.RawMessage, names string) map[string]json.RawMessage {
	some := map[string]json.RawMessage{}
	for name := range strings.FieldsSeq(names) {
		if value, ok := from[name]; ok && string(value) != "null" {
			some[name] = value
		}
	}
	return some
}

// inside picks fields of an object that is a field itself.
func inside(o map[string]json.RawMessage, field, names string) {
	var inner map[string]json.RawMessage
	if json.Unmarshal(o[field], &inner) != nil || inner == nil {
		return
	}
	text, err := json.Marshal(picked(inner, names))
	if err == nil {
		o[field] = text
	}
}

const priceAmounts = "unit_amount unit_amount_decimal tax_behavior tiers"

func (b *accountBuilder) price(from map[string]json.RawMessage) map[string]json.RawMessage {
	p := picked(from, "id active billing_scheme created currency currency_options lookup_key nickname product recurring tiers_mode transform_quantity type "+priceAmounts)
	inside(p, "recurring", "aggregate_usage interval interval_count usage_type")
	inside(p, "transform_quantity", "divide_by round")
	pickTiers(p)
	var options map[string]map[string]json.RawMessage
	if json.Unmarshal(p["currency_options"], &options) == nil && options != nil {
		for code := range options {
			options[code] = picked(options[code], priceAmounts)
			pickTiers(options[code])
		}
		p["currency_options"], _ = json.Marshal(options) // of raw JSON, which cannot fail
	}
	if id := idOf(p["product"]); id != "" {
		b.products[id] = true
		p["product"] = quoted(id)
	}
	return p
}

// pickTiers picks the fields of tiers that say what they cost; the last one keeps its up_to of null.
func pickTiers(o map[string]json.RawMessage) {
	var tiers []map[string]json.RawMessage
	if json.Unmarshal(o["tiers"], &tiers) != nil || tiers == nil {
		return
	}
	for i := range tiers {
		tiers[i] = picked(tiers[i], "flat_amount flat_amount_decimal unit_amount unit_amount_decimal up_to")
	}
	o["tiers"], _ = json.Marshal(tiers) // of raw JSON, which cannot fail
}

func product(from map[string]json.RawMessage) map[string]json.RawMessage {
	return picked(from, "id active created name tax_code unit_label")
}

func (b *accountBuilder) coupon(from map[string]json.RawMessage) map[string]json.RawMessage {
	c := picked(from, "id amount_off applies_to created currency currency_options duration duration_in_months max_redemptions name percent_off redeem_by times_redeemed valid")
	inside(c, "applies_to", "products")
	var options map[string]map[string]json.RawMessage
	if json.Unmarshal(c["currency_options"], &options) == nil && options != nil {
		for code := range options {
			options[code] = picked(options[code], "amount_off")
		}
		c["currency_options"], _ = json.Marshal(options) // of raw JSON, which cannot fail
	}
	return c
}

func taxRate(from map[string]json.RawMessage) map[string]json.RawMessage {
	return picked(from, "id active country created display_name inclusive jurisdiction percentage state tax_type")
}

// customer picks what decides whether billing works and what it comes to. What stands for something personal is made
// up.
func (b *accountBuilder) customer(from map[string]json.RawMessage) map[string]json.RawMessage {
	c := picked(from, "id balance created currency tax_exempt")
	method := idOf(settingsOf(from)["default_payment_method"])
	if method = cmp.Or(method, idOf(from["default_source"])); method != "" {
		c["invoice_settings"], _ = json.Marshal(map[string]string{"default_payment_method": method}) // of texts
	}
	var discount struct {
		Coupon json.RawMessage `json:"coupon"`
		Start  int64           `json:"start"`
		End    *int64          `json:"end"`
	}
	if d := from["discount"]; len(d) > 0 && string(d) != "null" && json.Unmarshal(d, &discount) == nil {
		if id := idOf(discount.Coupon); id != "" {
			b.coupons[id] = true
			c["discount"], _ = json.Marshal(map[string]any{"coupon": id, "start": discount.Start, "end": discount.End}) // of texts and numbers
		}
	}
	if b.personal == Included {
		maps.Copy(c, picked(from, "email name phone description address metadata preferred_locales"))
		inside(c, "address", "city country line1 line2 postal_code state")
		return c
	}
	if text(from["email"]) != "" {
		c["email"] = quoted("left-out@example.com")
	}
	var address struct {
		Country string `json:"country"`
		Postal  string `json:"postal_code"`
	}
	if json.Unmarshal(from["address"], &address) == nil && address.Country != "" {
		where := map[string]string{"country": address.Country}
		if address.Postal != "" {
			where["postal_code"] = "00000"
		}
		c["address"], _ = json.Marshal(where) // of texts
	}
	return c
}

func settingsOf(customer map[string]json.RawMessage) (settings map[string]json.RawMessage) {
	_ = json.Unmarshal(customer["invoice_settings"], &settings) // null has none
	return settings
}

func text(raw json.RawMessage) (s string) {
	_ = json.Unmarshal(raw, &s) // null is none
	return s
}

func quoted(s string) json.RawMessage {
	raw, _ := json.Marshal(s) // of a text, which cannot fail
	return raw
}

// taxSettings picks the default tax behavior of an account.
func taxSettings(raw []byte) (json.RawMessage, error) {
	var settings struct {
		Defaults struct {
			Behavior string `json:"tax_behavior"`
		} `json:"defaults"`
	}
	if err := json.Unmarshal(raw, &settings); err != nil || settings.Defaults.Behavior == "" {
		return nil, err
	}
	return json.Marshal(map[string]any{"defaults": map[string]string{"tax_behavior": settings.Defaults.Behavior}})
}

// Write writes the file.
func (f *AccountFile) Write(w io.Writer) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", " "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = w.Write(out.Bytes())
	return err
}

// Expanding returns the kind with references in its objects replaced by the objects.
func (k Kind) Expanding(fields ...string) Kind {
	params := url.Values{}
	maps.Copy(params, k.Params)
	for _, f := range fields {
		params.Add("expand[]", "data."+f)
	}
	k.Params = params
	return k
}
