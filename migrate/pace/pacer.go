package pace

import (
	"context"
	"sync"
	"time"
)

// slack is by how much a timer may oversleep without losing a turn.
const slack = 5 * time.Millisecond

// Pacer is the Limiter of a process that has an account to itself.
type Pacer struct {
	clock Clock
	max   float64 // cap of the user; 0 is none

	head chan struct{} // held by the one whose turn is next

	mu     sync.Mutex
	search Search
	next   time.Time // when the next permission is due
	gate   gate
}

// New returns a Pacer that never exceeds max requests a second; 0 means that only the account limits it.
func New(clock Clock, max float64) *Pacer { return NewFrom(clock, WriteRate, max) }

// NewFrom is New for a search that begins at first requests a second instead of slowly.
func NewFrom(clock Clock, first, max float64) *Pacer {
	now := clock.Now()
	return &Pacer{clock: clock, max: max, head: make(chan struct{}, 1), search: Begin(now, first), next: now, gate: newGate()}
}

// Rate returns the present rate in requests a second, and whether it is the account's limit as far as that is known.
func (p *Pacer) Rate() (perSecond float64, found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.search.At(p.max), p.search.Falls > 0
}

// Wait waits until a request may be sent, or the context ends. The caller calls answered when it knows what came back.
//
// One request at a time waits for its moment, and none reserves a moment further ahead, so that a fall of the rate holds
// for all who wait. Then it waits until there is room for one more in flight.
func (p *Pacer) Wait(ctx context.Context) (answered func(Verdict), err error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case p.head <- struct{}{}:
	}
	for err == nil {
		delay := p.take()
		if delay <= 0 {
			err = ctx.Err()
			break
		}
		err = p.clock.Sleep(ctx, delay)
	}
	<-p.head
	if err == nil {
		err = p.gate.wait(ctx, &p.mu)
	}
	if err != nil {
		return nil, err
	}
	sent := p.clock.Now()
	return func(v Verdict) { p.answered(v, sent) }, nil
}

// take takes the present moment if one is due, and otherwise returns how long it is until then. Moments that nobody
// used are lost, but for those of the last few milliseconds, in which a timer may have overslept.
func (p *Pacer) take() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if p.search.Due(now) {
		p.search.Rise(now, p.max)
	}
	if delay := p.next.Sub(now); delay > 0 {
		p.search.Waited = true
		return delay
	}
	if oldest := now.Add(-slack); p.next.Before(oldest) {
		p.next = oldest
	}
	p.next = p.next.Add(gapOf(p.search.At(p.max)))
	return 0
}

func (p *Pacer) answered(v Verdict, sent time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gate.leave()
	now := p.clock.Now()
	switch v {
	case Fine:
		p.search.Took(now.Sub(sent))
		if p.gate.full() {
			p.search.Crowded(now)
		}
	case TooMany:
		p.search.TooMany(now, p.gate.inFlight)
	case TooFast:
		if p.search.TooFast(sent, now, p.max) {
			p.next = now.Add(gapOf(p.search.At(p.max)))
		}
	}
	p.gate.room = p.search.Room
}

// gapOf is the time between two permissions.
func gapOf(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }

// gate counts the requests in flight, under its owner's lock.
type gate struct {
	inFlight int
	room     int // how many may be in flight; 0 is no limit
	freed    chan struct{}
}

func newGate() gate { return gate{freed: make(chan struct{}, 1)} }

// wait waits until there is room for one more, and counts it.
func (g *gate) wait(ctx context.Context, mu *sync.Mutex) error {
	for {
		mu.Lock()
		if g.room == 0 || g.inFlight < g.room {
			g.inFlight++
			g.wake()
			mu.Unlock()
			return nil
		}
		mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-g.freed:
		}
	}
}

// leave counts one less.
func (g *gate) leave() {
	g.inFlight--
	g.wake()
}

// full tells whether the room is as good as used up by the others, when one has left.
func (g *gate) full() bool { return g.room > 0 && g.inFlight >= g.room-1 }

// wake lets one waiter look again; when there is room for more, that one wakes the next.
func (g *gate) wake() {
	if g.room > 0 && g.inFlight >= g.room {
		return
	}
	select {
	case g.freed <- struct{}{}:
	default:
	}
}
