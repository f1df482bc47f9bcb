package pace

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"
)

const (
	leaseWithin   = 10 * time.Second       // a lease that takes longer is as good as lost
	leasePatience = 30 * time.Second       // for so long, a request waits for leases that cannot be had
	firstRetry    = 100 * time.Millisecond // after a lease that failed, and twice as long each time
	longRetry     = 2 * time.Second
	leaseAhead    = 40 * time.Millisecond // before its windows end, a sender asks for the next one
	overslept     = 20 * time.Millisecond // slack, for the timers of a busy machine: the window is a small part of the time
)

// Shared is the Limiter of one of several processes that send to an account. It sends nothing for which it has no
// permission of their common Source: when that cannot be reached, Wait waits, and then says so.
type Shared struct {
	clock  Clock
	source Source
	tell   Report // what is the same in all reports

	head    chan struct{} // held by the one whose turn is next
	changed chan struct{} // told of each lease, and of each failure

	mu      sync.Mutex
	gate    gate
	windows []window
	waiting int    // for permission
	taken   int    // since the last lease was asked for
	report  Report // what was learned since then
	asking  bool   // a lease is being asked for
	latest  Grant  // the last one; its window is in windows
	latency time.Duration
	trip    time.Duration
	failing time.Time // since when no lease can be had; zero is when they can
	failure error
}

// NewShared returns a Limiter whose search begins at first requests a second when nothing is known of the account, 0 being
// the usual beginning, and which lets no more than max leave from all senders together; 0 means that only the account limits them.
func NewShared(clock Clock, source Source, first, max float64) *Shared {
	return &Shared{
		clock: clock, source: source, tell: Report{Sender: rand.Text(), First: first, Max: max},
		head: make(chan struct{}, 1), changed: make(chan struct{}, 1), gate: newGate(),
	}
}

// window is a Grant on this machine's clock.
type window struct {
	received  time.Time     // the moments of the window are counted from then on
	next, end time.Duration // when the next permission is due, and when the window ends
	gap       time.Duration
	given     time.Time // of received, on the source's clock
}

// elapsed is how long ago a window was received. A process that was stopped, or a machine that slept, has a clock that shows
// it, the one or the other.
func (w *window) elapsed(now time.Time) time.Duration {
	return max(now.Sub(w.received), now.Round(0).Sub(w.received.Round(0)))
}

// Rate implements Limiter. The rate is that of all senders together.
func (s *Shared) Rate() (perSecond float64, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.latest.Rate, s.latest.Found
}

// Wait implements Limiter. When no lease can be had for half a minute, the error says why.
func (s *Shared) Wait(ctx context.Context) (answered func(Verdict), err error) {
	s.mu.Lock()
	s.waiting++
	s.mu.Unlock()
	permitted, err := s.permission(ctx)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waiting--
		return nil, err
	}
	sent := s.clock.Now()
	return func(v Verdict) { s.answered(v, permitted, sent) }, nil
}

// permission waits for a permission, and returns the moment that it is for. There is room for one more in flight then: a
// permission that had to wait for room would die.
func (s *Shared) permission(ctx context.Context) (permitted time.Time, err error) {
	select {
	case <-ctx.Done():
		return permitted, s.ended(ctx)
	case s.head <- struct{}{}:
	}
	defer func() { <-s.head }()
	if err := s.gate.wait(ctx, &s.mu); err != nil {
		return permitted, err
	}
	defer func() {
		if err != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.gate.leave()
		}
	}()
	for since := s.clock.Now(); ; {
		if ctx.Err() != nil {
			return permitted, s.ended(ctx)
		}
		permitted, delay, err := s.take(since)
		switch {
		case err != nil:
			return permitted, err
		case !permitted.IsZero():
			return permitted, nil
		case delay > 0:
			if s.clock.Sleep(ctx, delay) != nil {
				return permitted, s.ended(ctx)
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.changed:
		}
	}
}

// take takes a permission that is due. Otherwise it returns how long it is until one is, or 0 when a lease is being asked for, or
// why none can be had since then.
func (s *Shared) take(since time.Time) (permitted time.Time, delay time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	for len(s.windows) > 0 {
		w := &s.windows[0]
		at := w.elapsed(now)
		if late := min(at-overslept, w.end) - w.next; late > 0 {
			w.next += late
			s.report.Lost += late
		}
		if w.next < w.end && w.next > at {
			s.report.Waited = true
			return permitted, w.next - at, nil
		}
		if w.next < w.end {
			permitted = w.given.Add(w.next)
			w.next += w.gap
			s.taken++
			s.waiting--
			s.ask(now)
			return permitted, 0, nil
		}
		if len(s.windows) == 1 && at < w.end { // used up before its time, because the rate has fallen, or as the last one
			break
		}
		s.windows = s.windows[1:]
		if len(s.windows) > 0 { // the distance is kept also from one window to the next
			next := &s.windows[0]
			next.next = max(next.next, w.next-next.received.Sub(w.received))
		}
	}
	if s.failure != nil && now.Sub(later(s.failing, since)) > leasePatience {
		return permitted, 0, fmt.Errorf("nothing may be sent, because the rate that all processes share cannot be had: %w", s.failure)
	}
	s.ask(now)
	if !s.asking {
		return permitted, s.covered(now) - s.ahead(), nil
	}
	return permitted, 0, nil
}

// covered is for how long the windows still last.
func (s *Shared) covered(now time.Time) time.Duration {
	if len(s.windows) == 0 {
		return 0
	}
	w := &s.windows[len(s.windows)-1]
	return w.end - w.elapsed(now)
}

// ahead is how long before the end of its windows the next lease is asked for.
func (s *Shared) ahead() time.Duration { return max(leaseAhead, trips*s.trip) }

// needs tells whether it is time to ask for a window.
func (s *Shared) needs(now time.Time) bool {
	return s.waiting > 0 && len(s.windows) < 2 && s.covered(now) <= s.ahead()
}

// ask asks for a lease when one is needed, or a 429 is to be told, and nobody is asking.
func (s *Shared) ask(now time.Time) {
	if !s.asking && (s.needs(now) || s.urgent()) {
		s.asking = true
		go s.lease()
	}
}

func (s *Shared) urgent() bool { return !s.report.TooFast.IsZero() || s.report.TooMany > 0 }

// lease asks for one lease after the other as long as that is needed.
func (s *Shared) lease() {
	for pause := firstRetry; ; {
		r, needed := s.next()
		if !needed {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), leaseWithin)
		began := s.clock.Now()
		g, err := s.source.Lease(ctx, r)
		cancel()
		again := s.leased(r, g, began, err)
		if err == nil {
			pause = firstRetry
			continue
		}
		if !again || s.clock.Sleep(context.Background(), pause) != nil {
			return
		}
		pause = min(2*pause, longRetry)
	}
}

// next returns what is to be asked for; when it is nothing, the asking has ended.
func (s *Shared) next() (r Report, needed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	needs := s.needs(now)
	if !needs && !s.urgent() {
		s.asking = false
		return r, false
	}
	r = s.report
	r.Sender, r.First, r.Max, r.Trip, r.Latency = s.tell.Sender, s.tell.First, s.tell.Max, s.trip, s.latency
	r.InFlight = max(r.InFlight, s.gate.inFlight)
	if needs {
		r.Want = s.waiting
		if len(s.windows) > 0 { // they do not suffice: it gets more each time
			r.Want += 2 * s.taken
		}
		s.taken = 0
	}
	s.report = Report{}
	return r, true
}

// leased takes note of a lease, or of its failure, and tells whether it is worth trying again.
func (s *Shared) leased(r Report, g Grant, began time.Time, err error) (again bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() {
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}()
	now := s.clock.Now()
	if err != nil {
		s.report.Waited, s.report.Full = s.report.Waited || r.Waited, s.report.Full || r.Full
		s.report.Lost += r.Lost
		s.report.TooMany, s.report.TooFast = max(s.report.TooMany, r.TooMany), later(s.report.TooFast, r.TooFast)
		if s.failure == nil {
			s.failing = now
		}
		s.failure = err
		s.asking = s.waiting > 0
		return s.asking
	}
	s.failing, s.failure = time.Time{}, nil
	s.trip += (now.Sub(began) - s.trip) / 4
	s.latest, s.gate.room = g, g.Room
	if s.report.TooFast.Before(g.Fell) { // what came in since then was about the same rate
		s.report.TooFast = time.Time{}
	}
	s.gate.wake()
	for i := range s.windows { // of before a fall
		s.windows[i].gap = max(s.windows[i].gap, g.Gap)
	}
	if g.Count > 0 {
		start := g.Start.Sub(g.Now)
		s.windows = append(s.windows, window{received: now, given: g.Now, next: start, end: start + time.Duration(g.Count)*g.Gap, gap: g.Gap})
	}
	return true
}

func (s *Shared) answered(v Verdict, permitted, sent time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.report.InFlight = max(s.report.InFlight, s.gate.inFlight)
	s.gate.leave()
	now := s.clock.Now()
	switch v {
	case Fine:
		if s.latency == 0 {
			s.latency = now.Sub(sent)
		}
		s.latency += (now.Sub(sent) - s.latency) / 8
		s.report.Full = s.report.Full || s.gate.full()
	case TooMany:
		s.report.TooMany = max(s.report.TooMany, s.gate.inFlight+1)
	case TooFast:
		if !permitted.Before(s.latest.Fell) { // others are told already
			s.report.TooFast = later(s.report.TooFast, permitted)
		}
	}
	s.ask(now)
}

// ended is the error of a request whose context has ended while it waited.
func (s *Shared) ended(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil {
		return fmt.Errorf("%w while nothing could be sent, because the rate that all processes share cannot be had: %w", ctx.Err(), s.failure)
	}
	return ctx.Err()
}
