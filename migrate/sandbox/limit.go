package sandbox

import (
	"time"

	"golang.org/x/time/rate"
)

// Reasons of Stripe-Rate-Limited-Reason.
const (
	reasonGlobal   = "global-rate"
	reasonEndpoint = "endpoint-rate"
	reasonResource = "resource-specific"
)

// limiter counts requests against Limits: a bucket for each endpoint, and one called "" for all together. It reads the
// handed-in clock, so that a simulation's time governs it; a stopped clock never refills it.
type limiter map[string]*rate.Limiter

// allows takes a request from a bucket, which holds one second's worth of requests. A limit of 0 allows everything.
func (l limiter) allows(bucket string, perSecond int, now time.Time) bool {
	return l.allowsMany(bucket, perSecond, 1, now)
}

// allowsMany takes n requests at once.
func (l limiter) allowsMany(bucket string, perSecond, n int, now time.Time) bool {
	if perSecond <= 0 {
		return true
	}
	if l[bucket] == nil {
		l[bucket] = rate.NewLimiter(rate.Limit(perSecond), perSecond)
	}
	return l[bucket].AllowN(now, n)
}
