package propose

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/convert"
)

// entry is an object of a catalog, by what it can be compared with others.
type entry struct {
	id       string
	name     string // of the product, the coupon or the tax rate
	nickname string
	lookup   string
	metadata map[string]string
	unusable string // why it cannot be used for something new, "" when it can
	terms    []term
	about    string // in words
}

// term is one of the terms on which something is sold.
type term struct{ name, value string }

// unknown is the value of a term that was not read: it is equal to nothing.
const unknown = "?"

// ref is a reference to an object, which may be expanded.
type ref string

// UnmarshalJSON reads an ID, an object, or null.
func (r *ref) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return json.Unmarshal(text, (*string)(r))
	}
	var o struct{ ID string }
	err := json.Unmarshal(text, &o)
	*r = ref(o.ID)
	return err
}

// head is what all kinds of objects have, and some of what only some have.
type head struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Active   *bool             `json:"active"` // nil in account files that do not say so, and that means true
	Valid    *bool             `json:"valid"`
	Metadata map[string]string `json:"metadata"`
	Product  ref               `json:"product"`
}

func (h head) entry(kind convert.Kind) entry {
	e := entry{id: h.ID, name: h.Name, metadata: h.Metadata}
	switch {
	case h.Active != nil && !*h.Active:
		e.unusable = "it is archived"
	case kind == convert.KindCoupon && h.Valid != nil && !*h.Valid:
		e.unusable = "it is not valid any more"
	}
	return e
}

// amounts are what a price costs in one currency.
type amounts struct {
	Unit     *int64          `json:"unit_amount"`
	Decimal  string          `json:"unit_amount_decimal"`
	Behavior string          `json:"tax_behavior"`
	Tiers    json.RawMessage `json:"tiers"`
}

// amount returns the amount of a unit in minor units, as text: some have fractions.
func (a amounts) amount() string {
	if a.Unit != nil {
		return fmt.Sprint(*a.Unit)
	}
	return a.Decimal
}

// money writes an amount for reading.
func (a amounts) money(currency string) string {
	if a.Unit != nil {
		return csvspec.Money{Minor: *a.Unit, Currency: currency}.String()
	}
	return a.Decimal + " minor units " + strings.ToUpper(currency)
}

// readPrice reads a price; products are those of its account.
func readPrice(raw []byte, products map[string]string) (entry, error) {
	var p struct {
		head
		amounts
		Currency  string             `json:"currency"`
		Options   map[string]amounts `json:"currency_options"`
		Scheme    string             `json:"billing_scheme"`
		Mode      string             `json:"tiers_mode"`
		Lookup    string             `json:"lookup_key"`
		Nickname  string             `json:"nickname"`
		Transform json.RawMessage    `json:"transform_quantity"`
		Recurring *struct {
			Interval  string `json:"interval"`
			Count     int64  `json:"interval_count"`
			Usage     string `json:"usage_type"`
			Aggregate string `json:"aggregate_usage"`
		} `json:"recurring"`
	}
	err := json.Unmarshal(raw, &p)
	e := p.head.entry(convert.KindPrice)
	e.name, e.nickname, e.lookup = products[string(p.Product)], p.Nickname, p.Lookup
	cycle, usage := "once", ""
	if r := p.Recurring; r != nil {
		cycle, usage = account.Every(r.Interval, r.Count), cmp.Or(r.Usage, "licensed")
		if usage == "metered" {
			usage += ", " + cmp.Or(r.Aggregate, "sum")
		}
	}
	amount, tiers := p.amount(), ""
	if p.Scheme == "tiered" {
		amount, tiers = "", cmp.Or(canonical(p.Tiers), unknown)
	}
	behavior := cmp.Or(p.Behavior, "unspecified")
	e.terms = []term{{"currency", p.Currency}, {"amount", amount}, {"interval", cycle}, {"usage", usage}, {"tiers", tiers}, {"tiers mode", p.Mode},
		{"tax behavior", behavior}, {"division of quantities", canonical(p.Transform)}}
	for _, code := range slices.Sorted(maps.Keys(p.Options)) {
		if o := p.Options[code]; code != p.Currency {
			e.terms = append(e.terms, term{"price in " + strings.ToUpper(code), o.amount() + canonical(o.Tiers) + " " + cmp.Or(o.Behavior, "unspecified")})
		}
	}
	what := p.money(p.Currency)
	if p.Scheme == "tiered" {
		what = "tiers (" + cmp.Or(p.Mode, "graduated") + ") in " + strings.ToUpper(p.Currency)
	}
	e.about = strings.Join(nonBlank(what+" "+cycle, strings.TrimPrefix(usage, "licensed"), "tax "+behavior, e.name, p.Nickname), ", ")
	return e, err
}

func readCoupon(raw []byte, products map[string]string) (entry, error) {
	var c struct {
		head
		Percent  json.Number                  `json:"percent_off"`
		Amount   *int64                       `json:"amount_off"`
		Currency string                       `json:"currency"`
		Duration string                       `json:"duration"`
		Months   int                          `json:"duration_in_months"`
		Applies  *struct{ Products []string } `json:"applies_to"`
		Options  map[string]struct {
			Amount int64 `json:"amount_off"`
		} `json:"currency_options"`
	}
	err := json.Unmarshal(raw, &c)
	e := c.head.entry(convert.KindCoupon)
	off, lasts := percent(c.Percent)+" off", c.Duration
	if c.Amount != nil {
		off = csvspec.Money{Minor: *c.Amount, Currency: c.Currency}.String() + " off"
	}
	if c.Duration == "repeating" {
		lasts = fmt.Sprintf("for %d months", c.Months)
	}
	e.terms = []term{{"discount", off}, {"duration", lasts}}
	if c.Applies != nil {
		var names []string
		for _, id := range c.Applies.Products {
			names = append(names, cmp.Or(products[id], id))
		}
		slices.Sort(names)
		e.terms = append(e.terms, term{"products it is for", strings.Join(names, ", ")})
	}
	for _, code := range slices.Sorted(maps.Keys(c.Options)) {
		if code != c.Currency {
			e.terms = append(e.terms, term{"amount in " + strings.ToUpper(code), fmt.Sprint(c.Options[code].Amount)})
		}
	}
	e.about = strings.Join(nonBlank(off, lasts, c.Name), ", ")
	return e, err
}

func readTaxRate(raw []byte, _ map[string]string) (entry, error) {
	var t struct {
		head
		DisplayName string      `json:"display_name"`
		Percentage  json.Number `json:"percentage"`
		Inclusive   bool        `json:"inclusive"`
		Country     string      `json:"country"`
		State       string      `json:"state"`
	}
	err := json.Unmarshal(raw, &t)
	e := t.head.entry(convert.KindTaxRate)
	e.name = t.DisplayName
	how := map[bool]string{true: "inclusive", false: "exclusive"}[t.Inclusive]
	e.terms = []term{{"percentage", percent(t.Percentage)}, {"inclusive or exclusive", how}, {"country", t.Country}, {"state", t.State}}
	e.about = strings.Join(nonBlank(percent(t.Percentage)+" "+how, t.DisplayName, t.Country, t.State), ", ")
	return e, err
}

// readProduct reads a product, which has no terms but its name.
func readProduct(raw []byte, _ map[string]string) (entry, error) {
	var p head
	err := json.Unmarshal(raw, &p)
	e := p.entry(convert.KindProduct)
	e.terms, e.about = []term{{"name", strings.ToLower(strings.TrimSpace(p.Name))}}, p.Name
	return e, err
}

// percent writes a percentage without the decimals that say nothing.
func percent(n json.Number) string {
	text := string(n)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + " %"
}

// canonical returns JSON in one spelling, "" for null and for nothing: names in order, without nulls.
func canonical(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil || v == nil {
		return ""
	}
	var drop func(any) any
	drop = func(v any) any {
		switch o := v.(type) {
		case map[string]any:
			maps.DeleteFunc(o, func(name string, v any) bool {
				plain, _, decimal := strings.Cut(name, "_decimal")
				return v == nil || decimal && o[plain] != nil && plain != name // the same amount, as text
			})
		case []any:
			for i := range o {
				o[i] = drop(o[i])
			}
		}
		return v
	}
	text, _ := json.Marshal(drop(v)) // of what was read from JSON, which cannot fail
	return string(text)
}

func nonBlank(all ...string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return strings.Trim(s, ", ") == "" })
}
