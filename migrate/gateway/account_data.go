package gateway

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/validate/account"
)

// lookupConcurrency is how many objects are looked up at once: few enough to stay below the 25 requests/s of one
// endpoint where an answer takes 120 ms or more. Nobody paces these requests, and one that is refused ends the lookup.
const lookupConcurrency = 3

// Account returns the account that the key belongs to, with one request. Whether it is live mode is read from the
// key: the account object itself does not say.
func (g *Gateway) Account(ctx context.Context) (migrate.Account, error) {
	var a accountAnswer
	if err := g.send(ctx, request{method: http.MethodGet, path: "/v1/account"}, &a); err != nil {
		return migrate.Account{}, err
	}
	account := migrate.Account{ID: a.ID, Livemode: g.key.Livemode()}
	g.identified(account)
	return account, nil
}

type accountAnswer struct{ stripe.Account }

func (a *accountAnswer) complete() bool { return a.ID != "" }

// AccountData looks up the objects with these IDs: one request for each, three at a time. For many customers there is
// Customers.
//
// Products also has those of the prices that were found, which come with them. A tiered price in several currencies
// takes a second request.
//
// An object that the account lacks, or that was deleted, is absent from the result. A kind of which no ID is named
// has a nil map. With any other error the result holds what was found until then, so that a caller can ask again
// for the rest.
func (g *Gateway) AccountData(ctx context.Context, ids migrate.ObjectIDs) (account.Account, error) {
	l := newLookup(ctx)
	defer l.cancel()
	prices := find(l, ids.Prices, g.price)
	found := account.Account{
		Livemode: g.key.Livemode(),
		Products: find(l, ids.Products, g.product),
		Coupons:  find(l, ids.Coupons, g.coupon),
		TaxRates: find(l, ids.TaxRates, g.taxRate),

		Customers: find(l, ids.Customers, g.customer),
	}
	err := l.wait()
	addPrices(&found, prices)
	return found, err
}

// addPrices adds prices with their products. prices is nil when none was asked for.
func addPrices(found *account.Account, prices map[string]pricedProduct) {
	if prices == nil {
		return
	}
	found.Prices = make(map[string]account.Price, len(prices))
	for id, one := range prices {
		found.Prices[id] = one.price
		if one.product.Known {
			if found.Products == nil {
				found.Products = map[string]account.Product{}
			}
			found.Products[one.product.ID] = one.product.Product
		}
	}
}

// lookup is a number of requests that run side by side and end together with the first error.
type lookup struct {
	ctx    context.Context
	cancel context.CancelFunc
	slots  chan struct{}
	work   sync.WaitGroup

	mu  sync.Mutex // guards err and the maps that find fills
	err error
}

func newLookup(ctx context.Context) *lookup {
	ctx, cancel := context.WithCancel(ctx)
	return &lookup{ctx: ctx, cancel: cancel, slots: make(chan struct{}, lookupConcurrency)}
}

// find starts to look up the IDs and returns the map that is being filled; it may be read after wait.
func find[T any](l *lookup, ids []string, get func(context.Context, string) (T, bool, error)) map[string]T {
	if len(ids) == 0 {
		return nil
	}
	found := make(map[string]T, len(ids))
	for _, id := range ids {
		select {
		case <-l.ctx.Done(): // the lookup is over
			return found
		case l.slots <- struct{}{}:
		}
		l.work.Go(func() {
			defer func() { <-l.slots }()
			object, ok, err := get(l.ctx, id)
			l.mu.Lock()
			defer l.mu.Unlock()
			if ok {
				found[id] = object
			}
			if err != nil && l.err == nil {
				l.err = err
				l.cancel()
			}
		})
	}
	return found
}

// wait returns when nothing runs any more, with the first error.
func (l *lookup) wait() error {
	l.work.Wait()
	if l.err == nil {
		return l.ctx.Err()
	}
	return l.err
}

// get looks up one object; false without an error means that the account lacks it. A 404 of another kind (a wrong
// base URL answers that too) is an error.
func (g *Gateway) get(ctx context.Context, collection, id string, params any, v answer) (bool, error) {
	if id == "" { // its path would be the collection's
		return false, nil
	}
	err := g.send(ctx, request{method: http.MethodGet, path: objectPath(collection, id), params: params}, v)
	var refused *migrate.StripeError
	if errors.As(err, &refused) && refused.Code == string(stripe.ErrorCodeResourceMissing) {
		return false, nil
	}
	return err == nil, err
}

type (
	productAnswer struct{ stripe.Product }
	couponAnswer  struct{ stripe.Coupon }
	taxRateAnswer struct{ stripe.TaxRate }
)

func (a *productAnswer) complete() bool { return a.ID != "" }
func (a *couponAnswer) complete() bool  { return a.ID != "" }
func (a *taxRateAnswer) complete() bool { return a.ID != "" }

func (g *Gateway) product(ctx context.Context, id string) (account.Product, bool, error) {
	var a productAnswer
	ok, err := g.get(ctx, "products", id, nil, &a)
	if !ok || a.Deleted {
		return account.Product{}, false, err
	}
	return account.Product{ID: a.ID, Active: a.Active}, true, nil
}

func (g *Gateway) taxRate(ctx context.Context, id string) (account.TaxRate, bool, error) {
	var a taxRateAnswer
	ok, err := g.get(ctx, "tax_rates", id, nil, &a)
	if !ok {
		return account.TaxRate{}, false, err
	}
	return account.TaxRate{ID: a.ID, Active: a.Active, Inclusive: a.Inclusive, Percent: percent(a.Percentage)}, true, nil
}
