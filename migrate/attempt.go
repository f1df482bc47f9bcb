package migrate

import "time"

// Attempt is one try at a request. Config.Attempts is told of it twice: when it leaves, and when it is over.
type Attempt struct {
	Request int64        // the same for all tries at one request
	Number  int          // 1 is the first try
	Over    bool         // it was answered, or has failed
	Err     *StripeError // why Stripe did not execute it; nil when it did, and while it is under way
	Next    time.Time    // when the request is tried again; zero when it is not
	Until   time.Time    // no try leaves after this moment
}

// attempts is the report on the tries at one request.
type attempts struct {
	sender *sender
	last   Attempt
	began  time.Time
}

func (s *sender) attempts() *attempts {
	began := s.clock.Now()
	return &attempts{sender: s, began: began, last: Attempt{Request: s.requests.Add(1), Until: began.Add(s.patience(nil))}}
}

// leaves reports that the next try leaves.
func (a *attempts) leaves() {
	a.last = Attempt{Request: a.last.Request, Number: a.last.Number + 1, Until: a.last.Until}
	a.sender.watch(a.last)
}

// over reports how a try has ended. A wait of 0 says that there is no other.
func (a *attempts) over(failure *StripeError, wait time.Duration) {
	if failure == nil || failure.Status > 0 {
		a.sender.reached.Store(true)
	}
	a.last.Over, a.last.Err, a.last.Until = true, failure, a.began.Add(a.sender.patience(failure))
	if wait > 0 {
		a.last.Next = a.sender.clock.Now().Add(wait)
	}
	a.sender.watch(a.last)
}

// patience is for how long a request is tried. Where no connection is had and nothing has ever answered, the address or
// the network is likelier to be wrong than Stripe to be away.
func (m *Migrator) patience(failure *StripeError) time.Duration {
	if failure != nil && failure.Status == 0 && failure.Outcome == Retryable && !m.reached.Load() {
		return firstPatience
	}
	return patience
}
