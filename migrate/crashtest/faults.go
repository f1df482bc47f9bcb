package crashtest

import (
	"math/rand/v2"

	"github.com/subferry/subferry/migrate/sandbox"
)

// Faults draws what happens to requests: lost ones, lost answers, errors that Stripe stores, storms of 429.
type Faults struct {
	*rand.Rand
	Badness float64 // share of requests with which something goes wrong

	storm int // how many requests are still answered 429
}

// Draw draws what happens to one request. Each of others is as likely as each way in which a request can fail, and is called
// when it is drawn; the request itself is then answered.
func (f *Faults) Draw(others ...func()) sandbox.Fault {
	if f.storm > 0 {
		f.storm--
		return sandbox.Fault{Kind: sandbox.RateLimit}
	}
	if f.Float64() >= f.Badness {
		return sandbox.Fault{}
	}
	when := sandbox.BeforeExecuting
	if f.IntN(2) == 0 {
		when = sandbox.AfterExecuting
	}
	switch drawn := f.IntN(7 + len(others)); drawn {
	case 0, 1: // the request or its answer is lost
		return sandbox.Fault{Kind: sandbox.Drop, When: when}
	case 2, 3: // an error that is stored under the idempotency key
		return sandbox.Fault{Kind: sandbox.ServerError, When: when}
	case 4:
		return sandbox.Fault{Kind: sandbox.Unavailable}
	case 5:
		return sandbox.Fault{Kind: sandbox.LockTimeout}
	case 6:
		f.storm = f.IntN(30)
		return sandbox.Fault{Kind: sandbox.RateLimit}
	default:
		others[drawn-7]()
	}
	return sandbox.Fault{}
}
