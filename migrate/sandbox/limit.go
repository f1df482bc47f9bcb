package sandbox

import (
	"time"

	"golang.org/x/time/rate"
)

// Reasons of Stripe-Rate-Limited-Reason.
const (
	reasonGlobal   = "global-rate"
	reasonEndpoint = "endpoint-rate"
)

// limiter counts requests against Limits. It reads the handed-in clock, so that a simulation's time governs it; a
// stopped clock never refills it.
type limiter struct {
	limits    Limits
	global    *rate.Limiter
	endpoints map[string]*rate.Limiter
}

// overLimit returns the reason why a request is over the limit, "" when it is not. A limit is a bucket that holds one
// second's worth of requests.
func (l *limiter) overLimit(endpoint string, now time.Time) string {
	if limit := l.limits.Global; limit > 0 {
		if l.global == nil {
			l.global = rate.NewLimiter(rate.Limit(limit), limit)
		}
		if !l.global.AllowN(now, 1) {
			return reasonGlobal
		}
	}
	if limit := l.limits.PerEndpoint; limit > 0 {
		if l.endpoints == nil {
			l.endpoints = map[string]*rate.Limiter{}
		}
		one := l.endpoints[endpoint]
		if one == nil {
			one = rate.NewLimiter(rate.Limit(limit), limit)
			l.endpoints[endpoint] = one
		}
		if !one.AllowN(now, 1) {
			return reasonEndpoint
		}
	}
	return ""
}
