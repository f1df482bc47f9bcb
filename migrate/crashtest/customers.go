package crashtest

import (
	"context"
	"sync"
)

// Customers keeps workers of a test from working on the same customer at once, as a shared ledger does with processes. The zero
// value is ready to be used.
type Customers struct {
	mu    sync.Mutex
	held  map[string]chan struct{} // closed when it is released
	turns int
}

// LockCustomer implements migrate.CustomerLocker.
func (c *Customers) LockCustomer(ctx context.Context, account, customer string) (release func(), err error) {
	key := account + " " + customer
	for {
		c.mu.Lock()
		other := c.held[key]
		if other == nil {
			break
		}
		c.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-other:
		}
	}
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = map[string]chan struct{}{}
	}
	released := make(chan struct{})
	c.held[key] = released
	c.turns++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		close(released)
		delete(c.held, key)
	}, nil
}

// Held returns how many customers are being worked on, and whether this one is.
func (c *Customers) Held(account, customer string) (all int, this bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.held), c.held[account+" "+customer] != nil
}

// Turns returns how often somebody has had a customer.
func (c *Customers) Turns() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.turns
}
