package pace

import "time"

// The search. Its figures are a trade: a faster rise finds a high limit sooner, and runs further past a low one before
// the first 429 comes back. The test drives them against strict and lenient servers.
const (
	leastRate = 0.5   // never slower than this
	rise      = 1.15  // each step up, while no limit has been met
	fall      = 0.8   // the first step down
	again     = 0.88  // a step down when the last one was not enough
	trim      = 0.97  // a step down when a probe met the limit
	trimAgain = 0.94  // and when that was not enough: a server that allows bursts has let several probes pass
	regain    = 1.02  // each step up after the first fall, which went too deep
	probe     = 1.015 // each step up later on

	shortStep = 40 * time.Millisecond
	latencies = 5                // a step up waits for this many round trips, so that their verdicts are in
	mostTrims = 3                // behind so many small falls comes a large one again
	tooSoon   = 2 * time.Second  // a 429 so soon after a fall means that the fall was not enough
	hold      = 14 * time.Second // after a trim, before looking for more
	shortHold = 3 * time.Second  // after a large fall, which went too deep
)

// WriteRate is where a search begins that knows nothing.
const WriteRate = 8

// ReadRate is where reading may begin: a little below the 25 requests a second that Stripe documents as the default
// limit of an endpoint and of a sandbox. It is a place to begin the search, not a limit.
const ReadRate = 22

// Search is how far the search for an account's limit has come. It is data: the time is handed in, and whoever keeps it
// sees to it that one at a time uses it.
type Search struct {
	Rate    float64       // permissions a second, before anybody's cap
	Stepped time.Time     // from when on the rate is as it is
	Fell    time.Time     // from when on the last fall holds
	Falls   int           // how often it fell
	Trims   int           // how many small falls, after a probe, have followed each other
	Waited  bool          // somebody had to wait since the last step: the pace is what holds things up
	Latency time.Duration // smoothed
	Room    int           // how many may be in flight; 0 is no limit
}

// Begin returns a search that begins at first requests a second.
func Begin(now time.Time, first float64) Search { return Search{Rate: first, Stepped: now} }

// At returns the rate below a user's cap; 0 is no cap.
func (s *Search) At(most float64) float64 {
	if most > 0 {
		return min(s.Rate, most)
	}
	return s.Rate
}

// Due tells whether it is time for a step up, and the rate is what holds things up.
func (s *Search) Due(now time.Time) bool {
	wait := max(shortStep, latencies*s.Latency)
	if s.Falls > 0 {
		wait = max(wait, time.Second)
	}
	return s.Waited && now.Sub(s.Stepped) >= wait && (s.Falls < 2 || now.Sub(s.Fell) >= hold || s.Trims == 0 && now.Sub(s.Fell) >= shortHold)
}

// Rise takes a step up that holds from a moment on. A user's cap is not searched beyond.
func (s *Search) Rise(from time.Time, most float64) {
	factor := rise
	switch {
	case s.Falls == 1:
		factor = regain
	case s.Falls > 1:
		factor = probe
	}
	if most == 0 || s.Rate < most {
		s.Rate *= factor
	}
	s.Stepped, s.Waited = from, false
}

// TooFast takes note of a 429 that came for a permission of a moment, and lowers the rate from another moment on: once for
// all permissions of the time before it was lowered. It tells whether it did.
func (s *Search) TooFast(permitted, from time.Time, most float64) bool {
	if s.Falls > 0 && permitted.Before(s.Fell) {
		return false
	}
	factor, soon := trim, permitted.Sub(s.Fell) < tooSoon
	switch {
	case s.Falls == 0:
		factor, s.Trims = fall, -1
	case soon && (s.Trims == 0 || s.Trims >= mostTrims):
		factor, s.Trims = again, -1
	case soon:
		factor = trimAgain
	default:
		s.Trims = 0
	}
	s.Trims++
	s.Falls++
	s.Rate = max(leastRate, s.At(most)*factor)
	s.Fell, s.Stepped, s.Waited = from, from, false
	return true
}

// TooMany takes note of a 429 that was due to how many requests were under way.
func (s *Search) TooMany(now time.Time, inFlight int) {
	s.Room, s.Fell = max(1, inFlight*3/4), now
}

// Crowded gives room for one more request in flight, when the room has been used up and no limit was met for a while.
func (s *Search) Crowded(now time.Time) {
	if s.Room > 0 && now.Sub(s.Fell) > hold {
		s.Room++
	}
}

// Took takes note of how long an answer took.
func (s *Search) Took(d time.Duration) { s.Latency += (d - s.Latency) / 8 }
