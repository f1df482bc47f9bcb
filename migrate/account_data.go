package migrate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate/account"
)

// loadAccount reads from the account what the file names, and from the ledger what was migrated into it. It returns all
// migrations that the ledger has, newest first.
func (m *Migrator) loadAccount(ctx context.Context, r *Review, ids ObjectIDs) (all []ledger.Migration, err error) {
	q := m.newRequester(nil)
	r.Account, err = send(ctx, q, reading, func() (Account, error) { return m.gateway.Account(ctx) })
	if err != nil {
		return nil, fmt.Errorf("the account cannot be read: %w", err)
	}
	if r.AccountData, err = m.loadObjects(ctx, q, ids); err != nil {
		return nil, fmt.Errorf("what the file names cannot be looked up: %w", err)
	}
	r.AccountData.ID, r.AccountData.Livemode = r.Account.ID, r.Account.Livemode
	if all, err = m.ledger.Migrations(ctx); err != nil {
		return nil, err
	}
	for _, mig := range all {
		if mig.Account == r.Account.ID && mig.Livemode == r.Account.Livemode && r.contentID().moves(mig) {
			r.Earlier = append(r.Earlier, mig)
		}
	}
	return all, nil
}

// loadObjects looks up objects, a few at a time and each at the account's pace: each price, product, coupon and tax
// rate with a request of its own, and all customers together, which a gateway pages through.
func (m *Migrator) loadObjects(ctx context.Context, q *requester, ids ObjectIDs) (*account.Account, error) {
	all := &account.Account{
		Prices: map[string]account.Price{}, Products: map[string]account.Product{},
		Coupons: map[string]account.Coupon{}, TaxRates: map[string]account.TaxRate{},
	}
	var mu sync.Mutex
	pool := workers.New(min(m.workers, 8), m.seed, nil, func(one ObjectIDs) error {
		some, err := m.lookUp(ctx, q, one)
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
	if len(ids.Customers) > 0 {
		_ = pool.Submit("", ObjectIDs{Customers: ids.Customers}) // wait returns what halts the pool
	}
	for _, k := range []struct {
		ids []string
		one func(id []string) ObjectIDs
	}{
		{ids.Prices, func(id []string) ObjectIDs { return ObjectIDs{Prices: id} }},
		{ids.Products, func(id []string) ObjectIDs { return ObjectIDs{Products: id} }},
		{ids.Coupons, func(id []string) ObjectIDs { return ObjectIDs{Coupons: id} }},
		{ids.TaxRates, func(id []string) ObjectIDs { return ObjectIDs{TaxRates: id} }},
	} {
		for id := range slices.Chunk(k.ids, 1) {
			if pool.Submit(id[0], k.one(id)) != nil {
				break
			}
		}
	}
	return all, pool.Wait()
}

// lookUp asks until there is an answer. The customers that were found before an error are not asked for again, so that
// the account's limit delays a long list of them and does not send it back to its beginning until patience ends.
func (m *Migrator) lookUp(ctx context.Context, q *requester, ids ObjectIDs) (account.Account, error) {
	customers, asked := map[string]account.Customer{}, len(ids.Customers) > 0
	for {
		before := len(customers)
		found, err := send(ctx, q, reading, func() (account.Account, error) {
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
