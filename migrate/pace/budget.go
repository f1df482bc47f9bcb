package pace

import (
	"cmp"
	"context"
	"math"
	"time"
)

// Account is whose requests share a rate.
type Account struct {
	ID       string
	Livemode bool
	Limit    string // which of the account's limits; "" is the one of all requests that have none of their own
}

// Source gives out permissions that several senders share. The time in what it returns is its own.
type Source interface {
	Lease(ctx context.Context, r Report) (Grant, error)
}

// Report is what a sender wants, and what it has learned since its last lease.
type Report struct {
	Sender string        // differs between all senders
	First  float64       // requests a second to begin with, when nothing is known of the account
	Max    float64       // the sender's user wants no more than this from all senders together; 0 is no cap
	Want   int           // how many permissions it can use soon; 0 only reports
	Trip   time.Duration // how long it takes to get a lease

	Waited   bool          // the pace is what holds it up
	Lost     time.Duration // of its windows, for so long it had nothing to send
	Latency  time.Duration // of an answer, smoothed; 0 is not known
	InFlight int           // most requests that were under way at once
	Full     bool          // so many were under way as may be
	TooMany  int           // how many were under way when that was answered with a 429; 0 is never
	TooFast  time.Time     // for which moment the last permission was that was answered with a 429; zero is none
}

// Grant is a window of permissions that nobody else has: the first for the moment Start, one each Gap from then on. They
// die with the window.
type Grant struct {
	Now   time.Time // when it was given
	Start time.Time
	Count int
	Gap   time.Duration // between permissions, also in the windows that the sender has: it may have become longer
	Rate  float64       // of all senders together
	Found bool          // it is the account's limit as far as that is known
	Fell  time.Time     // from when on the last fall of the rate holds
	Room  int           // how many the sender may have under way; 0 is no limit
}

// What a lease is about.
const (
	cycle        = time.Second / 2        // the windows of all senders take about so long, once the limit is known
	shortCycle   = 50 * time.Millisecond  // while it is searched, and soon after a fall: what changes is known to all soon
	longSearch   = 250 * time.Millisecond // the longest then
	unsettled    = 5 * time.Second        // is what soon after a fall means
	trips        = 3                      // a window is at least as long as so many leases take
	stayActive   = 2 * time.Second        // a sender whose window has ended so long ago has nothing to send
	rememberCap  = 30 * time.Second       // and this long, its cap holds
	clockSetBack = time.Minute            // nothing is given out so far ahead
	mostIdle     = 4                      // the rate does not rise when more than a 4th of the time nobody could use it
)

// Budget is what all senders to an account know together: the search for its limit, and up to which moment permissions were
// given out. It is data, kept in one place, and written as JSON.
type Budget struct {
	Search  Search
	Until   time.Time         // up to when permissions were given out
	Idle    time.Duration     // for so long nobody could use the rate since it has changed
	Senders map[string]Sender // those of the last seconds
}

// Sender is what is known of one of them.
type Sender struct {
	Until    time.Time // when its last window ends
	Max      float64
	InFlight int
}

// Lease takes note of what a sender has learned and gives it a window, when it wants one. now is the time of the place
// where the Budget is kept, and no sender's.
//
// The window begins when the last one that was given out ends, so that all senders together never send faster than the
// rate; with n of them it is so short that everybody's turn comes about twice a second. A rate that changes does so at the
// end of what was given out: 429s for permissions from before then are what the change was about.
func (b *Budget) Lease(now time.Time, r Report) Grant {
	b.begin(now, r)
	active, most, inFlight := b.see(now, r)
	from := later(b.Until, now)
	if r.TooMany > 0 && now.Sub(b.Search.Fell) > time.Second { // once for a burst
		b.Search.TooMany(now, inFlight)
	}
	if r.Full {
		b.Search.Crowded(now)
	}
	if r.Latency > 0 {
		b.Search.Latency = cmp.Or(b.Search.Latency, r.Latency)
		b.Search.Took(r.Latency)
	}
	b.Search.Waited = b.Search.Waited || r.Waited
	b.Idle += r.Lost
	switch {
	case !r.TooFast.IsZero() && b.Search.TooFast(r.TooFast, from, most):
		b.Idle = 0
	case r.Want > 0:
		if !b.Until.IsZero() {
			b.Idle += max(0, now.Sub(later(b.Until, b.Search.Stepped)))
		}
		b.rise(now, from, most)
	}
	g := Grant{Now: now, Start: from, Gap: gapOf(b.Search.At(most)), Rate: b.Search.At(most), Found: b.Search.Falls > 0, Fell: b.Search.Fell}
	if b.Search.Room > 0 {
		g.Room = max(1, b.Search.Room/active)
	}
	if r.Want > 0 {
		whole := cycle
		if !g.Found || from.Sub(g.Fell) < unsettled {
			whole = min(max(shortCycle, 2*b.Search.Latency), longSearch)
		}
		length := min(max(whole/time.Duration(active), trips*r.Trip), cycle)
		g.Count = min(r.Want, int(math.Ceil(g.Rate*length.Seconds())))
		b.Until = from.Add(time.Duration(g.Count) * g.Gap)
		s := b.Senders[r.Sender]
		s.Until = b.Until
		b.Senders[r.Sender] = s
	}
	return g
}

// begin begins the search, and takes back what a clock has put into the future that was set back since.
func (b *Budget) begin(now time.Time, r Report) {
	if b.Search.Rate < leastRate {
		*b = Budget{Search: Begin(now, cmp.Or(r.First, WriteRate))}
	}
	if b.Senders == nil {
		b.Senders = map[string]Sender{}
	}
	for _, t := range []*time.Time{&b.Until, &b.Search.Stepped, &b.Search.Fell} {
		if t.Sub(now) > clockSetBack {
			*t = now
		}
	}
}

// see takes note of a sender. It returns how many have something to send, the least of their caps, and how many requests
// they may have under way.
func (b *Budget) see(now time.Time, r Report) (active int, most float64, inFlight int) {
	me := b.Senders[r.Sender]
	me.Max, me.InFlight = r.Max, max(r.InFlight, r.TooMany)
	if me.Until.Before(now) || me.Until.Sub(now) > clockSetBack {
		me.Until = now
	}
	b.Senders[r.Sender] = me
	for id, s := range b.Senders {
		gone := now.Sub(s.Until)
		if gone > rememberCap || -gone > clockSetBack {
			delete(b.Senders, id)
			continue
		}
		if s.Max > 0 && (most == 0 || s.Max < most) {
			most = s.Max
		}
		if gone < stayActive {
			active++
			inFlight += s.InFlight
		}
	}
	return active, most, inFlight
}

// rise takes a step up when it is time for one. A rate that was not used tells nothing: it is watched for longer.
func (b *Budget) rise(now, from time.Time, most float64) {
	if !b.Search.Due(now) {
		return
	}
	if b.Idle > now.Sub(b.Search.Stepped)/mostIdle {
		b.Search.Stepped, b.Search.Waited = from, false
	} else {
		b.Search.Rise(from, most)
	}
	b.Idle = 0
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
