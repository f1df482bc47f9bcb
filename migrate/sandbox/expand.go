package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/apierr"
	"github.com/subferry/subferry/migrate/sandbox/form"
)

// expandDepth is Stripe's limit.
const expandDepth = 4

// expand replaces the IDs that expand[] names by their objects. It works on
// the encoded answer: expanding is rare and must not slow the rest down.
func (t *tx) expand(body []byte, paths []*form.Node) ([]byte, error) {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		return nil, err
	}
	for _, p := range paths {
		steps := strings.Split(p.Text, ".")
		if len(steps) > expandDepth {
			return nil, apierr.Invalid("expand", "You cannot expand more than %d levels of a property. Property: %s", expandDepth, p.Text)
		}
		if err := t.expandPath(tree, steps, p.Text); err != nil {
			return nil, err
		}
	}
	return json.Marshal(tree)
}

func (t *tx) expandPath(tree any, steps []string, whole string) error {
	if list, ok := tree.([]any); ok {
		for _, element := range list {
			if err := t.expandPath(element, steps, whole); err != nil {
				return err
			}
		}
		return nil
	}
	node, ok := tree.(map[string]any)
	if !ok || len(steps) == 0 {
		return nil
	}
	name := steps[0]
	if name == "tax" && node["object"] == "customer" {
		node[name] = taxOf(t.customers.get(fmt.Sprint(node["id"])))
	}
	value, known := node[name]
	if !known {
		if node["object"] != "list" && t.expandable(name) || includable(node["object"], name) {
			return nil
		}
		return apierr.Invalid("expand", "This property cannot be expanded (%s). You may want to try expanding 'data.%s' when listing objects.", whole, whole)
	}
	if id, isText := value.(string); isText {
		object, err := t.referenced(name, id, whole)
		if err != nil {
			return err
		}
		node[name] = object
		value = object
	}
	return t.expandPath(value, steps[1:], whole)
}

// includable tells whether a field of an object is one that Stripe leaves out unless somebody asks for it.
func includable(object any, field string) bool {
	switch object {
	case "price":
		return field == "currency_options" || field == "tiers"
	case "coupon":
		return field == "currency_options" || field == "applies_to"
	case "list":
		return field == "total_count"
	}
	return false
}

// expandable tells whether a field of that name can hold a reference.
func (t *tx) expandable(name string) bool {
	_, ok := t.references()[name]
	return ok
}

// referenced returns the object behind an ID as a JSON tree.
func (t *tx) referenced(field, id, whole string) (any, error) {
	get, ok := t.references()[field]
	if !ok {
		return nil, apierr.Invalid("expand", "This property cannot be expanded (%s).", whole)
	}
	encoded, err := json.Marshal(get(id))
	if err != nil {
		return nil, err
	}
	if string(encoded) == "null" {
		return id, nil
	}
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	return tree, decoder.Decode(&tree)
}

// references are the fields that hold an ID, with the table it is looked up in.
func (t *tx) references() map[string]func(string) any {
	customer := func(id string) any { return t.customers.get(id) }
	subscription := func(id string) any { return t.subscriptions.get(id) }
	return map[string]func(string) any{
		"customer":               customer,
		"product":                func(id string) any { return t.products.get(id) },
		"price":                  func(id string) any { return t.prices.get(id) },
		"default_price":          func(id string) any { return t.prices.get(id) },
		"coupon":                 func(id string) any { return t.coupons.get(id) },
		"default_payment_method": func(id string) any { return t.paymentMethod(id) },
		"payment_method":         func(id string) any { return t.paymentMethod(id) },
		"latest_invoice":         func(id string) any { return t.invoices.get(id) },
		"invoice":                func(id string) any { return t.invoices.get(id) },
		"test_clock":             func(id string) any { return t.clocks.get(id) },
		"released_subscription":  subscription,
		"schedule":               func(id string) any { return t.schedules.get(id) },
		"subscription":           subscription,
	}
}
