package migrate

import (
	"fmt"
	"time"
)

// Outcome says what is known of a request that did not succeed.
type Outcome string

// The outcomes. Only Refused and Retryable mean that nothing was created.
const (
	Refused   Outcome = "refused"   // Stripe read the request and said no; sending it again changes nothing
	Retryable Outcome = "retryable" // Stripe did not execute it (429, 409, lock timeout); it may be sent again with the same key
	Unknown   Outcome = "unknown"   // it may or may not have been executed: time-out, lost connection, 5xx
)

// StripeError is a request that did not succeed. Message is Stripe's own, word for word.
type StripeError struct {
	Outcome         Outcome
	Status          int    // HTTP status; 0 when no answer arrived
	Type            string // Stripe's error type: invalid_request_error …
	Code            string // Stripe's error code; often empty
	Param           string
	Message         string
	RequestID       string
	RateLimitReason string        // Stripe-Rate-Limited-Reason of a 429
	RetryAfter      time.Duration // when the answer named one
	Replayed        bool          // a stored answer: Stripe brought it again for the same idempotency key
	Err             error         // the cause when no answer arrived, or none that could be read
}

// Error tells what Stripe said, with all that support asks for.
func (e *StripeError) Error() string {
	switch {
	case e.Status == 0 && e.Err == nil: // not sent, for a reason of our own
		return e.Message
	case e.Status == 0:
		return fmt.Sprintf("no answer from Stripe: %v", e.Err)
	}
	s := fmt.Sprintf("Stripe answered %d: %s", e.Status, e.Message)
	if e.Err != nil {
		s = fmt.Sprintf("the answer (%d) could not be read: %v", e.Status, e.Err)
	}
	for _, detail := range [...]struct{ name, value string }{
		{"code", e.Code}, {"param", e.Param}, {"request", e.RequestID},
	} {
		if detail.value != "" {
			s += fmt.Sprintf(" (%s %s)", detail.name, detail.value)
		}
	}
	return s
}

// Unwrap returns the cause of a missing or unreadable answer.
func (e *StripeError) Unwrap() error { return e.Err }

// missing tells whether Stripe has no such object. An ended subscription counts as none where one is to be ended.
func (e *StripeError) missing() bool { return e.Outcome == Refused && e.Code == "resource_missing" }

// keyRefused tells whether the key is not accepted, or may not do this: every other request would fare the same.
func (e *StripeError) keyRefused() bool { return e.Status == 401 || e.Status == 403 }

// usedOtherwise tells whether the idempotency key was used before, for another endpoint or with other parameters. Nothing
// was executed, and what was executed then, or is being executed, is not what this request has asked for.
func (e *StripeError) usedOtherwise() bool {
	return e.Outcome == Refused && e.Type == "idempotency_error"
}
