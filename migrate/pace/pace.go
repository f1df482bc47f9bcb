// Package pace adapts the rate of requests to the limit of a Stripe account, which nobody knows beforehand.
//
//	answered, err := pacer.Wait(ctx) // until the next request may leave
//	answered(pace.TooFast)           // once, when it is known what came back
//
// The limit is not known in advance: it differs between live and test mode, between endpoints and between accounts.
// A Pacer starts slowly, rises while nobody complains, falls at the first 429 and then stays just below the rate at
// which it fell, looking now and then whether there is more. One Pacer serves everything that talks to one account.
package pace

import (
	"context"
	"sync"
	"time"
)

// Clock is the time a Pacer lives in.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// Limiter lets requests leave at the pace of an account. A Pacer is one, of a process by itself. It may be used by many
// goroutines.
type Limiter interface {
	// Wait waits until a request may be sent, or the context ends. The caller calls answered once, when it knows what came
	// back. Another error than the context's says why nothing may be sent at present.
	Wait(ctx context.Context) (answered func(Verdict), err error)
	// Rate returns the present rate in requests a second, and whether it is the account's limit as far as that is known.
	Rate() (perSecond float64, found bool)
}

// Verdict is what the answer to a request says about the pace.
type Verdict int

// The verdicts.
const (
	Fine        Verdict = iota // answered, whatever the answer was
	TooFast                    // 429: too many requests in a second
	TooMany                    // 429: too many requests at the same time
	NotAnswered                // says nothing about the pace
)

// The search. Its figures are a trade: a faster rise finds a high limit sooner, and runs further past a low one before
// the first 429 comes back. The test drives them against strict and lenient servers.
const (
	firstRate = 8.0   // requests a second to begin with
	leastRate = 0.5   // never slower than this
	rise      = 1.15  // each step up, while no limit has been met
	fall      = 0.8   // the first step down
	again     = 0.88  // a step down when the last one was not enough
	trim      = 0.97  // a step down when a probe met the limit
	regain    = 1.02  // each step up after the first fall, which went too deep
	probe     = 1.015 // each step up later on

	slack     = 5 * time.Millisecond // a timer may oversleep by this much without losing a turn
	shortStep = 40 * time.Millisecond
	latencies = 5                // a step up waits for this many round trips, so that their verdicts are in
	tooSoon   = 2 * time.Second  // a 429 so soon after a fall means that the fall was not enough
	hold      = 14 * time.Second // after a trim, before looking for more
)

// Pacer hands out permission to send. It may be used by many goroutines.
type Pacer struct {
	clock Clock
	max   float64 // cap of the user; 0 is none

	head chan struct{} // held by the one whose turn is next

	mu       sync.Mutex
	rate     float64   // permissions a second
	next     time.Time // when the next permission is due
	stepped  time.Time // when the rate changed last
	fell     time.Time // when it fell last
	falls    int
	waited   bool          // somebody had to wait since the last step: the pace is what holds things up
	latency  time.Duration // smoothed
	inFlight int
	room     int // how many may be in flight; 0 is no limit
	freed    chan struct{}
}

// New returns a Pacer that never exceeds max requests a second; 0 means that only the account limits it.
func New(clock Clock, max float64) *Pacer {
	p := &Pacer{clock: clock, max: max, head: make(chan struct{}, 1), freed: make(chan struct{}, 1)}
	p.rate = p.capped(firstRate)
	p.next, p.stepped = clock.Now(), clock.Now()
	return p
}

// Rate returns the present rate in requests a second, and whether it is the account's limit as far as that is known.
func (p *Pacer) Rate() (perSecond float64, found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rate, p.falls > 0
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
	for err == nil && !p.enter() {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-p.freed:
		}
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
	// The rate rises when it is time to, and when the rate is what holds things up.
	wait, factor := max(shortStep, latencies*p.latency), rise
	switch {
	case p.falls == 1:
		wait, factor = max(wait, time.Second), regain
	case p.falls > 1:
		wait, factor = max(wait, time.Second), probe
	}
	if p.waited && now.Sub(p.stepped) >= wait && (p.falls < 2 || now.Sub(p.fell) >= hold) {
		p.rate, p.stepped, p.waited = p.capped(p.rate*factor), now, false
	}
	if delay := p.next.Sub(now); delay > 0 {
		p.waited = true
		return delay
	}
	gap := time.Duration(float64(time.Second) / p.rate)
	if oldest := now.Add(-slack); p.next.Before(oldest) {
		p.next = oldest
	}
	p.next = p.next.Add(gap)
	return 0
}

// enter counts one more request in flight, when there is room for it.
func (p *Pacer) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.room > 0 && p.inFlight >= p.room {
		return false
	}
	p.inFlight++
	p.wake()
	return true
}

// wake lets one waiter look again; when there is room for more, that one wakes the next.
func (p *Pacer) wake() {
	if p.room > 0 && p.inFlight >= p.room {
		return
	}
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

func (p *Pacer) answered(v Verdict, sent time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	p.wake()
	now := p.clock.Now()
	switch v {
	case Fine:
		p.latency += (now.Sub(sent) - p.latency) / 8
		if p.room > 0 && p.inFlight >= p.room-1 && now.Sub(p.fell) > hold {
			p.room++
		}
	case TooMany:
		p.room = max(1, p.inFlight*3/4)
		p.fell = now
	case TooFast:
		p.fallAt(now, sent)
	}
}

// fallAt lowers the rate, once for all requests that were under way when it was lowered.
func (p *Pacer) fallAt(now, sent time.Time) {
	if p.falls > 0 && sent.Before(p.fell) {
		return
	}
	factor := trim
	switch {
	case p.falls == 0:
		factor = fall
	case now.Sub(p.fell) < tooSoon:
		factor = again
	}
	p.falls++
	p.rate = max(leastRate, p.rate*factor)
	p.fell, p.stepped, p.waited = now, now, false
	p.next = now.Add(time.Duration(float64(time.Second) / p.rate))
}

func (p *Pacer) capped(rate float64) float64 {
	if p.max > 0 {
		return min(rate, p.max)
	}
	return rate
}

// ReadRate is where reading may begin: a little below the 25 requests a second that Stripe documents as the default
// limit of an endpoint and of a sandbox. It is a place to begin the search, not a limit.
const ReadRate = 22

// NewFrom is New for a search that begins at first requests a second instead of slowly.
func NewFrom(clock Clock, first, max float64) *Pacer {
	p := New(clock, max)
	p.rate = p.capped(first)
	return p
}
