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

// limiter counts requests against Limits. It reads the handed-in clock, so
// that a simulation's time governs it; a stopped clock never refills it.
type limiter struct {
	limits    Limits
	global    *rate.Limiter
	endpoints map[string]*rate.Limiter
}

func newLimiter(limits Limits) *limiter {
	return &limiter{limits: limits, global: bucket(limits.Global), endpoints: map[string]*rate.Limiter{}}
}

// bucket holds one second's worth of requests; nil is no limit.
func bucket(perSecond int) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	return rate.NewLimiter(rate.Limit(perSecond), perSecond)
}

// refuse returns the reason a request is over the limit, "" when it is not.
func (l *limiter) refuse(endpoint string, now time.Time) string {
	if l.global != nil && !l.global.AllowN(now, 1) {
		return reasonGlobal
	}
	if l.limits.PerEndpoint <= 0 {
		return ""
	}
	one := l.endpoints[endpoint]
	if one == nil {
		one = bucket(l.limits.PerEndpoint)
		l.endpoints[endpoint] = one
	}
	if !one.AllowN(now, 1) {
		return reasonEndpoint
	}
	return ""
}
