package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// expandDepth is Stripe's limit.
const expandDepth = 4

// expand replaces the IDs that expand[] names by their objects. It works on the encoded answer: expanding is rare and
// must not slow the rest down.
func (c *call) expand(body []byte, paths []*form.Node) ([]byte, error) {
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
		if err := c.expandPath(tree, steps, p.Text); err != nil {
			return nil, err
		}
	}
	dropHidden(tree)
	return json.Marshal(tree)
}

func (c *call) expandPath(tree any, steps []string, whole string) error {
	if list, ok := tree.([]any); ok {
		for _, element := range list {
			if err := c.expandPath(element, steps, whole); err != nil {
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
	if node["object"] == "customer" {
		if err := c.showOfCustomer(node, name); err != nil {
			return err
		}
	}
	show(node, name)
	if name == "currency_options" && len(steps) > 1 {
		return showTiers(node, steps[1:], whole)
	}
	value, known := node[name]
	if !known {
		_, reference := c.references()[name]
		if node["object"] != "list" && reference || includable(node["object"], name) {
			return nil
		}
		return apierr.Invalid("expand", "This property cannot be expanded (%s). You may want to try expanding 'data.%s' when listing objects.", whole, whole)
	}
	if id, isText := value.(string); isText {
		object, err := c.referenced(name, id, whole)
		if err != nil {
			return err
		}
		node[name] = object
		value = object
	}
	return c.expandPath(value, steps[1:], whole)
}

// showOfCustomer puts what Stripe leaves out of a customer unless somebody asks for it into it.
func (c *call) showOfCustomer(node map[string]any, name string) error {
	id := fmt.Sprint(node["id"])
	switch name {
	case "tax":
		node[name] = taxOf(c.tx.Customers.Get(id))
	case "subscriptions":
		list := object.List[*object.Subscription]{Object: "list", URL: "/v1/customers/" + id + "/subscriptions"}
		own := c.tx.Store.Subscriptions.Of(id)
		for _, o := range slices.Backward(own) { // newest first
			switch {
			case o.Ended():
			case len(list.Data) == pageDefault:
				list.HasMore = true
			default:
				list.Data = append(list.Data, o)
			}
		}
		encoded, err := json.Marshal(&list)
		if err != nil {
			return err
		}
		if node[name], err = decodedTree(encoded); err != nil {
			return err
		}
		hide(node[name])
	}
	return nil
}

// showTiers expands what a price costs in one of its currencies. A currency that it does not have, and one without
// tiers, show nothing.
func showTiers(node map[string]any, steps []string, whole string) error {
	if len(steps) != 2 || steps[1] != "tiers" || node["object"] != "price" {
		return apierr.Invalid("expand", "This property cannot be expanded (%s).", whole)
	}
	options, _ := node["currency_options"].(map[string]any)
	if option, ok := options[strings.ToLower(steps[0])].(map[string]any); ok {
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

// referenced returns the object behind an ID as a JSON tree.
func (c *call) referenced(field, id, whole string) (any, error) {
	get, ok := c.references()[field]
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
func (c *call) references() map[string]func(string) any {
	customer := func(id string) any {
		if c.tx.Deleted.Has(id) {
			return deletion("customer", id)
		}
		return c.tx.Customers.Get(id)
	}
	subscription := func(id string) any { return c.tx.Subscriptions.Get(id) }
	return map[string]func(string) any{
		"customer":               customer,
		"product":                func(id string) any { return c.tx.Products.Get(id) },
		"price":                  func(id string) any { return c.tx.Prices.Get(id) },
		"default_price":          func(id string) any { return c.tx.Prices.Get(id) },
		"coupon":                 func(id string) any { return c.tx.Coupons.Get(id) },
		"default_payment_method": func(id string) any { return engine.PaymentMethod(c.tx, id) },
		"payment_method":         func(id string) any { return engine.PaymentMethod(c.tx, id) },
		"latest_invoice":         func(id string) any { return c.tx.Invoices.Get(id) },
		"invoice":                func(id string) any { return c.tx.Invoices.Get(id) },
		"test_clock":             func(id string) any { return c.tx.Clocks.Get(id) },
		"payment_intent":         func(id string) any { return engine.PaymentIntent(c.tx, id) },
		"released_subscription":  subscription,
		"schedule":               func(id string) any { return c.tx.Schedules.Get(id) },
		"subscription":           subscription,
	}
}
