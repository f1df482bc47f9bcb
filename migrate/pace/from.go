package pace

// ReadRate is where reading may begin: a little below the 25 requests a second that Stripe documents as the default
// limit of an endpoint and of a sandbox. It is a place to begin the search, not a limit.
const ReadRate = 22

// NewFrom is New for a search that begins at first requests a second instead of slowly.
func NewFrom(clock Clock, first, max float64) *Pacer {
	p := New(clock, max)
	p.rate = p.capped(first)
	return p
}
