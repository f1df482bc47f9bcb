package api

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

var subscriptionItemRoutes = map[string]handler{
	"GET /v1/subscription_items":           listItems,
	"POST /v1/subscription_items":          createItem,
	"GET /v1/subscription_items/{item}":    retrieveItem,
	"POST /v1/subscription_items/{item}":   updateItem,
	"DELETE /v1/subscription_items/{item}": deleteItem,
}

func listItems(c *call) (any, error) {
	sub, err := lookup(c, &c.tx.Subscriptions, "subscription", c.params.String("subscription"), "subscription")
	if err != nil {
		return nil, err
	}
	own := store.NewTable(func(i *object.SubscriptionItem) string { return i.ID }, nil)
	for _, one := range slices.Backward(sub.Items.Data) { // a page begins with what was put last
		own.Put(one)
	}
	return page(c, own, "subscription item", "", func(*object.SubscriptionItem) bool { return true })
}

// foundItem is the item in the path with its subscription. Items have no table of their own, so this looks through all
// subscriptions.
func (c *call) foundItem() (*object.Subscription, *object.SubscriptionItem, error) {
	for _, sub := range c.tx.Store.Subscriptions.All() {
		for _, item := range sub.Items.Data {
			if item.ID == c.id {
				return sub, item, nil
			}
		}
	}
	return nil, nil, apierr.NoSuch("subscription_item", c.id, "item").NotFound()
}

func retrieveItem(c *call) (any, error) {
	_, item, err := c.foundItem()
	return item, err
}

func createItem(c *call) (any, error) {
	sub, err := lookup(c, &c.tx.Subscriptions, "subscription", c.params.String("subscription"), "subscription")
	if err != nil {
		return nil, err
	}
	before := sub.Items.Data
	if sub, err = c.changeOneItem(sub, nil); err != nil {
		return nil, err
	}
	return engine.ItemsNotIn(sub.Items.Data, before)[0], nil
}

func updateItem(c *call) (any, error) {
	sub, item, err := c.foundItem()
	if err != nil {
		return nil, err
	}
	if sub, err = c.changeOneItem(sub, &form.Node{Name: "id", Path: "id", Text: item.ID}); err != nil {
		return nil, err
	}
	return sub.Items.Data[slices.IndexFunc(sub.Items.Data, func(i *object.SubscriptionItem) bool { return i.ID == item.ID })], nil
}

func deleteItem(c *call) (any, error) {
	sub, item, err := c.foundItem()
	if err != nil {
		return nil, err
	}
	if _, err = c.changeOneItem(sub, &form.Node{Name: "id", Path: "id", Text: item.ID}, &form.Node{Name: "deleted", Path: "deleted", Text: "true"}); err != nil {
		return nil, err
	}
	return deletion("subscription_item", item.ID), nil
}

// changeOneItem changes a subscription as an update of it with one element of items would, which is made of the
// parameters that were sent and more.
func (c *call) changeOneItem(sub *object.Subscription, more ...*form.Node) (*object.Subscription, error) {
	if sub.Ended() {
		return nil, c.noSuch("subscription", sub.ID, "subscription")
	}
	element := &form.Node{Name: "0"} // without a path, so that errors name the parameters as they were sent
	for _, f := range slices.Concat(c.params.Fields, more) {
		if f != nil && f.Name != "expand" && f.Name != "proration_behavior" {
			element.Fields = append(element.Fields, f)
		}
	}
	all := &form.Node{Fields: []*form.Node{{Name: "items", Path: "items", Fields: []*form.Node{element}}}}
	if behavior := c.params.Get("proration_behavior"); behavior != nil {
		all.Fields = append(all.Fields, behavior)
	}
	c.tx.EnterClock(sub.TestClock)
	update := *c
	update.params = all
	sub = c.tx.Subscriptions.Edit(sub.ID)
	if err := update.changeItems(sub); err != nil {
		return nil, err
	}
	if err := checkRates(sub); err != nil {
		return nil, err
	}
	store.Emit(c.tx, "customer.subscription.updated", sub)
	return sub, nil
}
