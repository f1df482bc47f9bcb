// Package crashtest lets a process die at a chosen point, and draws what goes wrong on its way to Stripe, for tests of what
// must happen exactly once.
//
//	c := &crashtest.Crash{At: 20}
//	run(crashtest.Ledger(store, c), crashtest.Transport(transport, c)) // ends at its 20th point
package crashtest

import (
	"errors"
	"net/http"
	"sync"
)

// ErrDead is what everything returns after the death of the process.
var ErrDead = errors.New("the process is dead")

// Crash comes at a point; 0 is never. A point lies before and after each write to the ledger and each request.
type Crash struct {
	At int

	mu     sync.Mutex
	points int
	dead   bool
}

// Step counts a point, and returns ErrDead when the process has died.
func (c *Crash) Step() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.points++; c.points == c.At {
		c.dead = true
	}
	if c.dead {
		return ErrDead
	}
	return nil
}

// Around lets the process die before or after what is done.
func (c *Crash) Around(do func() error) error {
	if err := c.Step(); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return c.Step()
}

// Die lets the process die now.
func (c *Crash) Die() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
}

// Dead tells whether the process has died.
func (c *Crash) Dead() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dead
}

// Transport dies before each request and after each response.
func Transport(base http.RoundTripper, c *Crash) http.RoundTripper { return transport{base, c} }

type transport struct {
	base http.RoundTripper
	c    *Crash
}

func (t transport) RoundTrip(r *http.Request) (response *http.Response, err error) {
	err = t.c.Around(func() error {
		response, err = t.base.RoundTrip(r)
		return err
	})
	if err != nil && response != nil {
		response.Body.Close()
		response = nil
	}
	return response, err
}
