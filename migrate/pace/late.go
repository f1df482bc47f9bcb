package pace

import (
	"context"
	"sync"
)

// Late is the Limiter of an account of which it is not known yet which one it is. Its first requests find that out.
type Late struct {
	mu      sync.Mutex
	limiter Limiter
	bound   bool
}

// unboundRate is how many requests a second leave until the account is known: one asks for it, and is repeated when it fails.
const unboundRate = 2

// NewLate returns a Limiter that lets two requests a second leave until it is bound.
func NewLate(clock Clock) *Late { return &Late{limiter: NewFrom(clock, unboundRate, unboundRate)} }

// Bind has all further requests wait for the Limiter of the account, which is made when this is the first call.
func (l *Late) Bind(limiter func() Limiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.bound {
		l.limiter, l.bound = limiter(), true
	}
}

// Wait implements Limiter.
func (l *Late) Wait(ctx context.Context) (answered func(Verdict), err error) {
	return l.present().Wait(ctx)
}

// Rate implements Limiter.
func (l *Late) Rate() (perSecond float64, found bool) { return l.present().Rate() }

func (l *Late) present() Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limiter
}
