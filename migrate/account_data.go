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
	if want := r.Options.Account; want != "" && want != r.Account.ID {
		return nil, &UnexpectedAccountError{Want: want, Got: r.Account}
	}
	m.tellEstimate(1 + ids.requests()) // with the one that told the account
	if r.AccountData, err = m.loadObjects(ctx, q, ids); err != nil {
		return nil, fmt.Errorf("what the file names cannot be looked up: %w", err)
	}
	r.AccountData.ID, r.AccountData.Livemode = r.Account.ID, r.Account.Livemode
	if missing := ids.without(r.AccountData); r.Options.SourceIDs != nil && missing.requests() > 0 {
		if r.AccountData.SourceIDs, err = r.Options.SourceIDs(ctx, missing); err != nil {
			return nil, err
		}
	}
	if r.Options.Unlike != nil {
		if r.AccountData.Unlike, err = r.Options.Unlike(ctx, r.AccountData); err != nil {
			return nil, err
		}
	}
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

// loadObjects looks up objects, a few at a time and each at the account's pace: each with a request of its own, but for
// customers when they are many, whose list is walked.
func (m *Migrator) loadObjects(ctx context.Context, q *requester, ids ObjectIDs) (*account.Account, error) {
	all := &account.Account{
		Prices: map[string]account.Price{}, Products: map[string]account.Product{},
		Coupons: map[string]account.Coupon{}, TaxRates: map[string]account.TaxRate{},
	}
	rest := ids.Customers
	if len(rest) > 0 {
		all.Customers = map[string]account.Customer{}
	}
	if len(rest) > fewCustomers {
		var err error
		if rest, err = m.walkCustomers(ctx, q, rest, all.Customers); err != nil {
			return nil, err
		}
	}
	var mu sync.Mutex
	pool := workers.New(min(m.workers, 8), m.seed, nil, func(one ObjectIDs) error {
		some, err := send(ctx, q, reading, func() (account.Account, error) { return m.gateway.AccountData(ctx, one) })
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		maps.Copy(all.Prices, some.Prices)
		maps.Copy(all.Products, some.Products)
		maps.Copy(all.Coupons, some.Coupons)
		maps.Copy(all.TaxRates, some.TaxRates)
		maps.Copy(all.Customers, some.Customers)
		return nil
	})
	for _, k := range []struct {
		ids []string
		one func(id []string) ObjectIDs
	}{
		{ids.Prices, func(id []string) ObjectIDs { return ObjectIDs{Prices: id} }},
		{ids.Products, func(id []string) ObjectIDs { return ObjectIDs{Products: id} }},
		{ids.Coupons, func(id []string) ObjectIDs { return ObjectIDs{Coupons: id} }},
		{ids.TaxRates, func(id []string) ObjectIDs { return ObjectIDs{TaxRates: id} }},
		{rest, func(id []string) ObjectIDs { return ObjectIDs{Customers: id} }},
	} {
		for id := range slices.Chunk(k.ids, 1) {
			if pool.Submit(id[0], k.one(id)) != nil {
				break
			}
		}
	}
	if err := pool.Wait(); err != nil {
		return all, err
	}
	for id, c := range all.Customers {
		if c.Current > int64(len(c.Subscriptions)) { // more than come with a customer
			var err error
			if all.Customers[id], err = m.countSubscriptions(ctx, q, c); err != nil {
				return all, err
			}
		}
	}
	return all, nil
}
