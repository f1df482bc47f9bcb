package sandbox

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
)

// Reasons of Stripe-Rate-Limited-Reason.
const (
	reasonGlobal   = "global-rate"
	reasonEndpoint = "endpoint-rate"
)

// limiter counts requests against Limits. It reads the handed-in clock, so that a simulation's time governs it; a stopped
// clock never refills it.
type limiter struct {
	global    *rate.Limiter
	endpoints map[string]*rate.Limiter
}

func newLimiter() limiter { return limiter{endpoints: map[string]*rate.Limiter{}} }

// allows takes one request from a bucket of one second's worth of requests, which is made when there is none yet. No
// limit, 0, allows everything.
func allows(bucket **rate.Limiter, perSecond int, now time.Time) bool {
	if perSecond <= 0 {
		return true
	}
	if *bucket == nil {
		*bucket = rate.NewLimiter(rate.Limit(perSecond), perSecond)
	}
	return (*bucket).AllowN(now, 1)
}

// overLimit returns the reason why a request is over the limit, "" when it is not.
func (s *Server) overLimit(req *request, route *api.Route) string {
	endpoint := req.method
	if route != nil {
		endpoint = route.Name
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	if !allows(&s.limiter.global, s.opts.Limits.Global, now) {
		return reasonGlobal
	}
	one := s.limiter.endpoints[endpoint]
	allowed := allows(&one, s.opts.Limits.PerEndpoint, now)
	s.limiter.endpoints[endpoint] = one
	if !allowed {
		return reasonEndpoint
	}
	if req.fault.Kind == RateLimit {
		return reasonGlobal
	}
	return ""
}
