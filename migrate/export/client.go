package export

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/pace"
)

// Source reads from an account. *gateway.Gateway is one. Its errors are *migrate.StripeError.
type Source interface {
	Read(ctx context.Context, path string, query url.Values) (json.RawMessage, error)
}

// How long a request is tried again: shorter where nothing has ever answered, because then the address is likelier to
// be wrong than Stripe to be away.
const (
	patience      = 5 * time.Minute
	errorPatience = time.Minute // with an endpoint that answers 500 or 501, which others do not
	firstPatience = 10 * time.Second
	firstPause    = 250 * time.Millisecond
	longestPause  = 16 * time.Second
)

// client sends requests at the account's pace, and again when Stripe did not answer them.
type client struct {
	source Source
	pacer  pace.Limiter
	clock  migrate.Clock
	tell   func(migrate.Attempt)

	mu       sync.Mutex
	reached  bool
	latency  time.Duration // smoothed
	parsing  chan struct{} // bounds the pages that are taken apart at the same time, which takes several times their memory
	requests int64         // every one that was sent
	retries  int64
	numbered int64 // tries are told of by the number of their request
}

// get returns the answer to one request. The error is the context's, or Stripe's last one.
func (c *client) get(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	began, pause := c.clock.Now(), firstPause
	c.mu.Lock()
	c.numbered++
	try := migrate.Attempt{Request: c.numbered, Until: began.Add(patience)}
	c.mu.Unlock()
	for {
		answered, err := c.pacer.Wait(ctx)
		if err != nil {
			return nil, err
		}
		sent := c.clock.Now()
		try = migrate.Attempt{Request: try.Request, Number: try.Number + 1, Until: try.Until}
		c.tell(try)
		raw, err := c.source.Read(ctx, path, query)
		answered(verdict(err))
		limit := c.note(err, c.clock.Now().Sub(sent))
		try.Over, try.Until = true, began.Add(limit)
		failure := (*migrate.StripeError)(nil)
		if !errors.As(err, &failure) || refusal(err) != nil || ctx.Err() != nil || c.clock.Now().Sub(began) >= limit {
			try.Err = failure
			c.tell(try)
			if err != nil && ctx.Err() != nil {
				err = ctx.Err()
			}
			return raw, err
		}
		try.Err, try.Next = failure, c.clock.Now().Add(max(pause, failure.RetryAfter))
		c.tell(try)
		if err := c.clock.Sleep(ctx, max(pause, failure.RetryAfter)); err != nil {
			return nil, err
		}
		if failure.Status != http.StatusTooManyRequests { // of which the pacer takes care
			pause = min(2*pause, longestPause)
		}
		c.mu.Lock()
		c.retries++
		c.mu.Unlock()
	}
}

// parse waits for its turn, and returns how to end it.
func (c *client) parse() (end func()) {
	c.parsing <- struct{}{}
	return func() { <-c.parsing }
}

// refusal returns the error of a request that was answered with a no: sent again, a reading request gets the same.
// Unlike one that changes something, it is that also without Stripe's explanation.
func refusal(err error) *migrate.StripeError {
	failure := (*migrate.StripeError)(nil)
	if !errors.As(err, &failure) || failure.Status < 400 || failure.Status >= 500 {
		return nil
	}
	switch failure.Status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooEarly, http.StatusTooManyRequests:
		return nil
	}
	if failure.Code == "lock_timeout" {
		return nil
	}
	return failure
}

// skippable returns the refusal of one list, which says nothing about the others: a key that is not accepted is none.
func skippable(err error) *migrate.StripeError {
	if r := refusal(err); r != nil && r.Status != http.StatusUnauthorized {
		return r
	}
	return nil
}

// note takes note of an answer, and returns for how long a request may be tried.
func (c *client) note(err error, took time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	failure := (*migrate.StripeError)(nil)
	if !errors.As(err, &failure) || failure.Status > 0 {
		c.reached = true
		if c.latency == 0 {
			c.latency = took
		}
		c.latency += (took - c.latency) / 8
	}
	switch {
	case !c.reached:
		return firstPatience
	case failure != nil && (failure.Status == http.StatusInternalServerError || failure.Status == http.StatusNotImplemented):
		return errorPatience
	}
	return patience
}

// verdict says what an answer means for the pace.
func verdict(err error) pace.Verdict {
	failure := (*migrate.StripeError)(nil)
	switch {
	case err == nil:
		return pace.Fine
	case !errors.As(err, &failure), failure.Status == 0:
		return pace.NotAnswered
	case failure.Status != http.StatusTooManyRequests, failure.Code == "lock_timeout":
		return pace.Fine
	case strings.HasSuffix(failure.RateLimitReason, "concurrency"):
		return pace.TooMany
	}
	return pace.TooFast
}

// wanted returns how many requests have to be under way to use the account's pace up.
func (c *client) wanted() int {
	rate, _ := c.pacer.Rate()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latency == 0 {
		return 1
	}
	return min(2+int(1.3*rate*c.latency.Seconds()), mostWorkers)
}

func (c *client) roundTrip() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latency
}

func (c *client) counts() (requests, retries int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.requests, c.retries
}
