package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/form"

	"github.com/subferry/subferry/migrate"
)

// request is one call of the API.
type request struct {
	method string
	path   string
	key    string // idempotency key; "" for reads
	params any    // a params struct of stripe-go; nil for none
}

// send makes the one HTTP request of a call and decodes its answer into v. The error is a *migrate.StripeError.
func (g *Gateway) send(ctx context.Context, r request, v answer) error {
	ctx, seen := withExchange(ctx)
	params := &stripe.Params{Context: ctx}
	if r.key != "" {
		params.IdempotencyKey = &r.key
	}
	var values *form.Values
	if r.params != nil {
		values = &form.Values{}
		form.AppendTo(values, r.params)
	}
	err := g.api.CallRaw(r.method, r.path, g.key.secret(), values, params, v)
	if err == nil && v.complete() && seen.status < http.StatusMultipleChoices {
		return nil
	}
	return g.classify(err, seen)
}

// The headers of an answer that matter beyond its body.
const (
	headerRequestID       = "Request-Id"
	headerRateLimitReason = "Stripe-Rate-Limited-Reason"
	headerRetryAfter      = "Retry-After"
	headerReplayed        = "Idempotent-Replayed"
)

// errNotUnderstood stands for what stripe-go says of an answer that it cannot decode: its text quotes the answer,
// which may hold a customer's data.
var errNotUnderstood = errors.New("the answer is not the JSON that Stripe sends")

// classify turns stripe-go's error, nil for a success that is none, into ours. Nothing of it contains the key,
// whatever the other side sent back.
func (g *Gateway) classify(err error, seen *exchange) error {
	e := &migrate.StripeError{
		Status:          seen.status,
		RequestID:       g.key.redact(seen.header.Get(headerRequestID)),
		RateLimitReason: g.key.redact(seen.header.Get(headerRateLimitReason)),
		RetryAfter:      retryAfter(seen.header),
		Replayed:        isReplayed(seen.header),
	}
	var said *stripe.Error
	switch {
	case errors.As(err, &said):
		e.Type, e.Code = g.key.redact(string(said.Type)), g.key.redact(string(said.Code))
		e.Param, e.Message = g.key.redact(said.Param), g.key.redact(said.Msg)
	case seen.status == 0 || seen.cut:
		e.Err = err
		if text := g.key.redact(err.Error()); text != err.Error() {
			e.Err = errors.New(text)
		}
	default:
		e.Err = errNotUnderstood
	}
	e.Outcome = outcome(e, seen)
	return e
}

// outcome says what is known of the request.
//
//   - 429 of every kind, 409 and a lock time-out: Stripe did not execute it.
//   - 503: likewise, unless it is a stored answer, which the same key would bring again for ever.
//   - other 4xx that Stripe itself explains: Stripe said no. One without Stripe's explanation came from something
//     on the way, and nothing is known.
//   - no connection was had: nothing was sent.
//   - all the rest: it may have been executed.
func outcome(e *migrate.StripeError, seen *exchange) migrate.Outcome {
	var op *net.OpError // for transports that do not tell whether a connection was made
	dialed := errors.As(e.Err, &op) && op.Op == "dial"
	switch {
	case e.Status == 0 && (seen.unsent || dialed):
		return migrate.Retryable
	case e.Status == http.StatusTooManyRequests, e.Status == http.StatusConflict,
		e.Code == string(stripe.ErrorCodeLockTimeout),
		e.Status == http.StatusServiceUnavailable && !e.Replayed:
		return migrate.Retryable
	case e.Status >= 400 && e.Status < 500 && e.Err == nil:
		return migrate.Refused
	}
	return migrate.Unknown
}

func isReplayed(h http.Header) bool { return h.Get(headerReplayed) == "true" }

// retryAfter reads the two forms of Retry-After: seconds, or a date, which is taken relative to the answer's own.
func retryAfter(h http.Header) time.Duration {
	value := h.Get(headerRetryAfter)
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	sent, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(0, until.Sub(sent))
}
