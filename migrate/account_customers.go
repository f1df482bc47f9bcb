package migrate

import (
	"context"
	"maps"
	"slices"

	"github.com/subferry/subferry/validate/account"
)

// fewCustomers is up to how many customers are looked up one by one. Beyond it, walking the list may be cheaper.
const fewCustomers = 20

// pageSize is how many objects a page of a list holds at most.
const pageSize = 100

// walkCustomers finds customers with as few requests as it can without knowing how many the account has: it walks the
// list until as many pages had none of them as there are customers left to find, and returns those that are to be asked
// for one by one. That is never more than twice the cheaper of the two ways, and a list of nothing else is walked to its
// end.
func (m *Migrator) walkCustomers(ctx context.Context, q *requester, ids []string, found map[string]account.Customer) (rest []string, err error) {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		wanted[id] = true
	}
	after := ""
	for wasted := 0; wasted < len(wanted); {
		page, err := send(ctx, q, reading, func() (CustomerPage, error) { return m.gateway.Customers(ctx, after) })
		if err != nil {
			return nil, err
		}
		before := len(wanted)
		for _, c := range page.Customers {
			if wanted[c.ID] {
				found[c.ID] = c
				delete(wanted, c.ID)
			}
			after = c.ID
		}
		if !page.More || len(page.Customers) == 0 {
			return m.hiddenCustomers(ctx, q, wanted)
		}
		if len(wanted) == before {
			wasted++
		}
	}
	return slices.Sorted(maps.Keys(wanted)), nil
}

// hiddenCustomers returns the customers that may exist although the list, which was walked to its end, lacks them: in test
// mode, those of a test clock do. A clock has three customers, so that many missing ones are missing.
func (m *Migrator) hiddenCustomers(ctx context.Context, q *requester, missing map[string]bool) ([]string, error) {
	if len(missing) == 0 || len(missing) > 5*fewCustomers {
		return nil, nil
	}
	hide, err := send(ctx, q, reading, func() (bool, error) { return m.gateway.ListsHide(ctx) })
	if err != nil || !hide {
		return nil, err
	}
	return slices.Sorted(maps.Keys(missing)), nil
}

// requests returns how many requests it takes to look the objects up, as far as that can be told before: one for each, and
// one for each page of 100 customers when they are many. An account with many more customers than the file names takes
// more of those, at most twice as many as there are customers.
func (n ObjectIDs) requests() int64 {
	total := int64(len(n.Prices) + len(n.Products) + len(n.Coupons) + len(n.TaxRates))
	customers := int64(len(n.Customers))
	if customers > fewCustomers {
		customers = (customers + pageSize - 1) / pageSize
	}
	return total + customers
}

// without returns the objects, but for customers, that an account lacks.
func (n ObjectIDs) without(a *account.Account) ObjectIDs {
	return ObjectIDs{
		Prices: lacking(n.Prices, a.Prices), Products: lacking(n.Products, a.Products), Coupons: lacking(n.Coupons, a.Coupons),
		TaxRates: lacking(n.TaxRates, a.TaxRates),
	}
}

func lacking[T any](ids []string, found map[string]T) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { _, ok := found[id]; return ok })
}

// countSubscriptions counts what a customer has whose subscriptions are more than come with it: those that have not ended,
// and the schedules that have not started.
func (m *Migrator) countSubscriptions(ctx context.Context, q *requester, c account.Customer) (account.Customer, error) {
	o := &operation{requester: q}
	c.Current = 0
	_, err := o.listSubscriptions(ctx, SubscriptionFilter{Customer: c.ID}, allPages, func(s SubscriptionState) error {
		if s.Status != statusExpired {
			c.Current++
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	_, err = o.listSchedules(ctx, ScheduleFilter{Customer: c.ID, NotStarted: true}, allPages, func(ScheduleState) error { c.Current++; return nil })
	return c, err
}
