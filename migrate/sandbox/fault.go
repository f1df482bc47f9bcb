package sandbox

import (
	"net/http"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
)

// Fault is what goes wrong with one request on purpose. The zero value is nothing.
type Fault struct {
	Kind FaultKind
	// When is AfterExecuting to let the request execute first: its effect is there although the answer says otherwise,
	// or never arrives.
	When Moment
	// Delay is waited after executing and before answering.
	Delay time.Duration
}

// FaultKind is the way a request fails.
type FaultKind string

// The kinds of fault. ServerError answers 500 and is remembered under the idempotency key, as Stripe does once
// execution began; Unavailable (503), LockTimeout and RateLimit (429) never execute and are not remembered; Drop closes
// the connection without an answer.
const (
	NoFault     FaultKind = ""
	ServerError FaultKind = "server_error"
	Unavailable FaultKind = "unavailable"
	LockTimeout FaultKind = "lock_timeout"
	RateLimit   FaultKind = "rate_limit"
	Drop        FaultKind = "drop"
)

// Moment tells when a fault strikes.
type Moment string

// BeforeExecuting leaves no effect; AfterExecuting leaves the request's effect and loses its answer.
const (
	BeforeExecuting Moment = ""
	AfterExecuting  Moment = "after"
)

// refusal is the error of the faults that never execute, nil for the others.
func (f Fault) refusal() error {
	switch f.Kind {
	case Unavailable:
		return &apierr.Error{Status: http.StatusServiceUnavailable, Type: apierr.TypeAPI,
			Message: "The service is temporarily unavailable. Please try again."}
	case LockTimeout:
		return &apierr.Error{Status: http.StatusTooManyRequests, Type: apierr.TypeInvalidRequest, Code: "lock_timeout",
			Message: "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request."}
	case RateLimit:
		return rateLimited()
	}
	return nil
}

func serverError() *apierr.Error {
	return &apierr.Error{Status: http.StatusInternalServerError, Type: apierr.TypeAPI,
		Message: "An unknown error occurred. (The sandbox was told to fail this request.)"}
}

func rateLimited() *apierr.Error {
	return &apierr.Error{Status: http.StatusTooManyRequests, Type: apierr.TypeInvalidRequest, Code: "rate_limit",
		Message: "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."}
}
