package sandbox

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
)

// expandDepth is Stripe's limit.
const expandDepth = 4

// expand replaces the IDs that expand[] names by their objects. It works on
// the encoded answer: expanding is rare and must not slow the rest down.
func (t *tx) expand(body []byte, paths []*form.Node) ([]byte, error) {
	tree, err := decodedTree(body)
	if err != nil {
		return nil, err
	}
	hide(tree)
	for _, p := range paths {
		steps := strings.Split(p.Text, ".")
		if len(steps) > expandDepth {
			return nil, apierr.Invalid("expand", "You cannot expand more than %d levels of a property. Property: %s", expandDepth, p.Text)
		}
		if err := t.expandPath(tree, steps, p.Text); err != nil {
			return nil, err
		}
	}
	dropHidden(tree)
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
	show(node, name)
	if name == "currency_options" && len(steps) > 1 {
		return showTiers(node, steps[1:], whole)
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

// showTiers expands what a price costs in one of its currencies. A currency
// that it does not have, and one without tiers, show nothing.
func showTiers(node map[string]any, steps []string, whole string) error {
	if len(steps) != 2 || steps[1] != "tiers" || node["object"] != "price" {
		return apierr.Invalid("expand", "This property cannot be expanded (%s).", whole)
	}
	options, _ := node["currency_options"].(map[string]any)
	if option, ok := options[lower(steps[0])].(map[string]any); ok {
		show(option, "tiers")
	}
	return nil
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
	tree, err := decodedTree(encoded)
	hide(tree)
	return tree, err
}

// references are the fields that hold an ID, with the table it is looked up in.
func (t *tx) references() map[string]func(string) any {
	customer := func(id string) any {
		if t.deleted.has(id) {
			return deletion("customer", id)
		}
		return t.customers.get(id)
	}
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
