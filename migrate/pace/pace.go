// Package pace adapts the rate of requests to the limit of a Stripe account, which nobody knows beforehand.
//
//	answered, err := pacer.Wait(ctx) // until the next request may leave
//	answered(pace.TooFast)           // once, when it is known what came back
//
// The limit is not known in advance: it differs between live and test mode, between endpoints and between accounts.
// A Limiter starts slowly, rises while nobody complains, falls at the first 429 and then stays just below the rate at
// which it fell, looking now and then whether there is more. One serves everything that a process sends to one account.
//
// A Pacer does so for a process that has the account to itself. Processes that share one have a Shared each, and a Source
// that leases permissions to them from a common Budget. The search itself is the same (Search).
package pace

import (
	"context"
	"time"
)

// Clock is the time a Limiter lives in.
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
