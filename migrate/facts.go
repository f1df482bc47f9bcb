package migrate

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/subferry/subferry/validate/account"
)

// ask reads from the account what the file names.
func (m *Migrator) ask(ctx context.Context, r *Review, ids ObjectIDs) (err error) {
	s := &sender{Migrator: m, counts: &counters{}}
	r.Account, err = send(ctx, s, reading, func() (Account, error) { return m.gateway.Account(ctx) })
	if err != nil {
		return fmt.Errorf("the account cannot be read: %w", err)
	}
	if r.AccountData, err = m.facts(ctx, s, ids); err != nil {
		return fmt.Errorf("what the file names cannot be looked up: %w", err)
	}
	r.AccountData.ID, r.AccountData.Livemode = r.Account.ID, r.Account.Livemode
	r.Earlier, err = m.earlier(ctx, r.Account, r.content())
	return err
}

// facts looks up objects, a few at a time and each at the account's pace.
func (m *Migrator) facts(ctx context.Context, s *sender, ids ObjectIDs) (*account.Account, error) {
	all := &account.Account{
		Prices: map[string]account.Price{}, Products: map[string]account.Product{},
		Coupons: map[string]account.Coupon{}, TaxRates: map[string]account.TaxRate{},
	}
	var mu sync.Mutex
	crew := newCrew(min(m.workers, 8), m.seed, nil, func(one ObjectIDs) error {
		some, err := m.lookUp(ctx, s, one)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		maps.Copy(all.Prices, some.Prices)
		maps.Copy(all.Products, some.Products)
		maps.Copy(all.Coupons, some.Coupons)
		maps.Copy(all.TaxRates, some.TaxRates)
		if some.Customers != nil {
			all.Customers = some.Customers
		}
		return nil
	})
	for id, one := range ids.singly() {
		if crew.give(id, one) != nil {
			break
		}
	}
	return all, crew.finish()
}

// lookUp asks until there is an answer. The customers that were found before an error are not asked for again, so that the
// account's limit delays a long list of them and does not send it back to its beginning until patience ends.
func (m *Migrator) lookUp(ctx context.Context, s *sender, ids ObjectIDs) (account.Account, error) {
	customers, asked := map[string]account.Customer{}, len(ids.Customers) > 0
	for {
		before := len(customers)
		found, err := send(ctx, s, reading, func() (account.Account, error) {
			some, err := m.gateway.AccountData(ctx, ids)
			maps.Copy(customers, some.Customers)
			ids.Customers = slices.DeleteFunc(slices.Clone(ids.Customers), func(id string) bool {
				_, found := customers[id]
				return found
			})
			if asked {
				some.Customers = customers
			}
			return some, err
		})
		if failure := asStripeError(err); failure == nil || !repeatable(failure, reading) || ctx.Err() != nil || len(customers) == before {
			return found, err
		}
	}
}

// singly yields a question for each object, so that each is one request, and one for all customers, which a gateway
// pages through.
func (ids ObjectIDs) singly() iter.Seq2[string, ObjectIDs] {
	return func(yield func(string, ObjectIDs) bool) {
		if len(ids.Customers) > 0 && !yield("", ObjectIDs{Customers: ids.Customers}) {
			return
		}
		for _, k := range []struct {
			ids []string
			ask func(id []string) ObjectIDs
		}{
			{ids.Prices, func(id []string) ObjectIDs { return ObjectIDs{Prices: id} }},
			{ids.Products, func(id []string) ObjectIDs { return ObjectIDs{Products: id} }},
			{ids.Coupons, func(id []string) ObjectIDs { return ObjectIDs{Coupons: id} }},
			{ids.TaxRates, func(id []string) ObjectIDs { return ObjectIDs{TaxRates: id} }},
		} {
			for id := range slices.Chunk(k.ids, 1) {
				if !yield(id[0], k.ask(id)) {
					return
				}
			}
		}
	}
}
