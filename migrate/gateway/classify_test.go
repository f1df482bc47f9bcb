package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/schedule"
)

// serve returns a gateway to a server on this machine, over a real connection.
func serve(t *testing.T, handler http.HandlerFunc) *gateway.Gateway {
	t.Helper()
	return newGateway(t, gateway.Config{BaseURL: httpServer(t, handler), HTTP: &http.Transport{}, Timeout: 5 * time.Second})
}

// httpServer returns the URL of a server on this machine.
func httpServer(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// create sends the request that matters most and returns how it failed.
func create(t *testing.T, ctx context.Context, g *gateway.Gateway) *migrate.StripeError {
	t.Helper()
	_, err := g.CreateSchedule(ctx, someSchedule(), "key")
	var failed *migrate.StripeError
	require.ErrorAs(t, err, &failed)
	return failed
}

func someSchedule() schedule.Schedule {
	return schedule.Schedule{
		Customer: "cus_1", StartDate: 1907280000, EndBehavior: schedule.EndRelease,
		Phase: schedule.Phase{Items: []schedule.Item{{Price: "price_1"}}, Iterations: 1},
	}
}

const createdJSON = `{"id": "sub_sched_1", "object": "subscription_schedule", "customer": "cus_1", "status": "not_started",
	"created": 5, "metadata": {"subferry": "m1"}, "phases": [{"start_date": 1907280000}], "subscription": null}`

// TestAnswersAreClassified: what Stripe says, word for word, and what it means for the next attempt.
func TestAnswersAreClassified(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   migrate.StripeError
	}{
		"400 without a code": {400, nil, `{"error": {"type": "invalid_request_error", "message": "Invalid “timestamp”: 'x'"}}`,
			migrate.StripeError{Outcome: migrate.Refused, Type: "invalid_request_error", Message: "Invalid “timestamp”: 'x'"}},
		"400 with code and param": {400, nil, `{"error": {"type": "invalid_request_error", "code": "resource_missing", "param": "phases[0][coupon]", "message": "No such coupon"}}`,
			migrate.StripeError{Outcome: migrate.Refused, Type: "invalid_request_error", Code: "resource_missing", Param: "phases[0][coupon]", Message: "No such coupon"}},
		"400 idempotency_error": {400, nil, `{"error": {"type": "idempotency_error", "message": "Keys for idempotent requests can only be used with the same parameters"}}`,
			migrate.StripeError{Outcome: migrate.Refused, Type: "idempotency_error", Message: "Keys for idempotent requests can only be used with the same parameters"}},
		"401": {401, nil, `{"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}`,
			migrate.StripeError{Outcome: migrate.Refused, Type: "invalid_request_error", Message: "Invalid API Key"}},
		"402": {402, nil, `{"error": {"type": "card_error", "code": "card_declined", "message": "Declined"}}`,
			migrate.StripeError{Outcome: migrate.Refused, Type: "card_error", Code: "card_declined", Message: "Declined"}},
		"403": {403, nil, `{"error": {"type": "invalid_request_error", "message": "The provided key does not have the required permissions"}}`,
			migrate.StripeError{Outcome: migrate.Refused, Type: "invalid_request_error", Message: "The provided key does not have the required permissions"}},
		"404": {404, nil, `{"error": {"type": "invalid_request_error", "code": "resource_missing", "param": "customer", "message": "No such customer"}}`,
			migrate.StripeError{Outcome: migrate.Refused, Type: "invalid_request_error", Code: "resource_missing", Param: "customer", Message: "No such customer"}},
		"409 key in use": {409, nil, `{"error": {"type": "idempotency_error", "code": "idempotency_key_in_use", "message": "in use"}}`,
			migrate.StripeError{Outcome: migrate.Retryable, Type: "idempotency_error", Code: "idempotency_key_in_use", Message: "in use"}},
		"429 rate_limit with reason": {429, map[string]string{"Stripe-Rate-Limited-Reason": "endpoint-rate"}, `{"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "slow down"}}`,
			migrate.StripeError{Outcome: migrate.Retryable, Type: "invalid_request_error", Code: "rate_limit", Message: "slow down", RateLimitReason: "endpoint-rate"}},
		"429 lock_timeout": {429, nil, `{"error": {"type": "invalid_request_error", "code": "lock_timeout", "message": "locked"}}`,
			migrate.StripeError{Outcome: migrate.Retryable, Type: "invalid_request_error", Code: "lock_timeout", Message: "locked"}},
		"400 lock_timeout": {400, nil, `{"error": {"type": "invalid_request_error", "code": "lock_timeout", "message": "locked"}}`,
			migrate.StripeError{Outcome: migrate.Retryable, Type: "invalid_request_error", Code: "lock_timeout", Message: "locked"}},
		"429 with Retry-After": {429, map[string]string{"Retry-After": "7"}, `{"error": {"message": "slow down"}}`,
			migrate.StripeError{Outcome: migrate.Retryable, Message: "slow down", RetryAfter: 7 * time.Second}},
		"429 with Retry-After as a date": {429, map[string]string{"Date": "Mon, 10 Jun 2030 00:00:00 GMT", "Retry-After": "Mon, 10 Jun 2030 00:01:30 GMT"}, `{"error": {"message": "slow down"}}`,
			migrate.StripeError{Outcome: migrate.Retryable, Message: "slow down", RetryAfter: 90 * time.Second}},
		"429 with Retry-After in words": {429, map[string]string{"Retry-After": "soon"}, `{"error": {"message": "slow down"}}`,
			migrate.StripeError{Outcome: migrate.Retryable, Message: "slow down"}},
		"500": {500, nil, `{"error": {"type": "api_error", "message": "oops"}}`,
			migrate.StripeError{Outcome: migrate.Unknown, Type: "api_error", Message: "oops"}},
		"500 stored and replayed": {500, map[string]string{"Idempotent-Replayed": "true"}, `{"error": {"type": "api_error", "message": "oops"}}`,
			migrate.StripeError{Outcome: migrate.Unknown, Type: "api_error", Message: "oops", Replayed: true}},
		"502": {502, nil, `{"error": {"type": "api_error", "message": "oops"}}`,
			migrate.StripeError{Outcome: migrate.Unknown, Type: "api_error", Message: "oops"}},
		"503": {503, nil, `{"error": {"type": "api_error", "message": "maintenance"}}`,
			migrate.StripeError{Outcome: migrate.Retryable, Type: "api_error", Message: "maintenance"}},
		"503 stored and replayed": {503, map[string]string{"Idempotent-Replayed": "true"}, `{"error": {"type": "api_error", "message": "maintenance"}}`,
			migrate.StripeError{Outcome: migrate.Unknown, Type: "api_error", Message: "maintenance", Replayed: true}},
	} {
		t.Run(name, func(t *testing.T) {
			g := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Request-Id", "req_1")
				for key, value := range tc.header {
					w.Header().Set(key, value)
				}
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			tc.want.Status, tc.want.RequestID = tc.status, "req_1"
			require.Equal(t, &tc.want, create(t, t.Context(), g))
		})
	}
}

// TestUnreadableAnswersAreUnknown: an answer that is not Stripe's does not say what happened to the request,
// unless its status does.
func TestUnreadableAnswersAreUnknown(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		body   string
		cut    bool // the connection ends before the body does
		want   migrate.Outcome
	}{
		"200 cut off":                   {200, createdJSON, true, migrate.Unknown},
		"200 truncated JSON":            {200, createdJSON[:60], false, migrate.Unknown},
		"200 HTML":                      {200, "<html>Please sign in to the hotel's network</html>", false, migrate.Unknown},
		"200 empty":                     {200, "", false, migrate.Unknown},
		"200 JSON of something else":    {200, `{"status": "ok"}`, false, migrate.Unknown},
		"200 another object":            {200, `{"id": "cus_1", "object": "customer"}`, false, migrate.Unknown},
		"302":                           {302, "", false, migrate.Unknown},
		"302 with a schedule":           {302, createdJSON, false, migrate.Unknown},
		"400 HTML":                      {400, "<html>bad request</html>", false, migrate.Unknown},
		"403 HTML of a firewall":        {403, "<html>blocked</html>", false, migrate.Unknown},
		"403 JSON without an error":     {403, `{"reason": "blocked"}`, false, migrate.Unknown},
		"404 cut off":                   {404, `{"error": {"message": "No such customer"}}`, true, migrate.Unknown},
		"429 HTML":                      {429, "<html>slow down</html>", false, migrate.Retryable},
		"500 empty":                     {500, "", false, migrate.Unknown},
		"502 HTML":                      {502, "<html>bad gateway</html>", false, migrate.Unknown},
		"503 HTML of a load balancer":   {503, "<html>unavailable</html>", false, migrate.Retryable},
		"504 HTML, upstream timed out":  {504, "<html>gateway time-out</html>", false, migrate.Unknown},
		"500 JSON of another program":   {500, `{"message": "oops"}`, false, migrate.Unknown},
		"500 Stripe's, but cut in two":  {500, `{"error": {"type": "api_er`, false, migrate.Unknown},
		"400 Stripe's, but cut in two":  {400, `{"error": {"type": "api_er`, false, migrate.Unknown},
		"409 HTML":                      {409, "<html>conflict</html>", false, migrate.Retryable},
		"200 array, as no object looks": {200, "[]", false, migrate.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			var requests atomic.Int32
			g := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.Header().Set("Location", "/elsewhere")
				w.Header().Set("Request-Id", "req_1")
				if tc.cut {
					w.Header().Set("Content-Length", "100000")
				}
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			})
			failed := create(t, t.Context(), g)
			require.Equal(t, tc.want, failed.Outcome)
			require.Equal(t, tc.status, failed.Status)
			require.Equal(t, "req_1", failed.RequestID)
			require.Error(t, failed.Err)
			require.NotContains(t, failed.Error(), "cus_1", "an answer may hold a customer's data")
			require.EqualValues(t, 1, requests.Load())
			if tc.cut {
				require.ErrorIs(t, failed, io.ErrUnexpectedEOF)
			}
		})
	}
}

// hijack takes the connection over from the server and ends it after what write has written.
func hijack(t *testing.T, w http.ResponseWriter, write string) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(connection, write)
	_ = connection.Close()
}

// TestLostConnectionsAreUnknown: the request was sent, and no answer came.
func TestLostConnectionsAreUnknown(t *testing.T) {
	for name, written := range map[string]string{
		"before the answer":        "",
		"in the status line":       "HTTP/1.1 20",
		"in the headers":           "HTTP/1.1 200 OK\r\nRequest-Id: req_1\r\nContent-Le",
		"something else than HTTP": "SSH-2.0-OpenSSH_9.6\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			g := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				hijack(t, w, written)
			})
			failed := create(t, t.Context(), g)
			require.Equal(t, migrate.Unknown, failed.Outcome)
			require.Zero(t, failed.Status)
			require.ErrorContains(t, failed, "no answer from Stripe")
		})
	}
}

// TestNoHiddenRepeats: net/http sends a POST with an idempotency key again when a kept-alive connection breaks.
// The gateway does not let it.
func TestNoHiddenRepeats(t *testing.T) {
	var requests atomic.Int32
	g := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if requests.Add(1) == 1 {
			_, _ = io.WriteString(w, createdJSON)
			return
		}
		hijack(t, w, "")
	})
	_, err := g.CreateSchedule(t.Context(), someSchedule(), "key 1")
	require.NoError(t, err)
	require.Equal(t, migrate.Unknown, create(t, t.Context(), g).Outcome)
	require.EqualValues(t, 2, requests.Load())
}

// TestNoRetriesOfStripeGo: not even when the answer asks for one.
func TestNoRetriesOfStripeGo(t *testing.T) {
	for _, status := range []int{409, 429, 500, 503} {
		var requests atomic.Int32
		g := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			requests.Add(1)
			w.Header().Set("Stripe-Should-Retry", "true")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"error": {"message": "again"}}`)
		})
		create(t, t.Context(), g)
		_, err := g.Account(t.Context())
		require.Error(t, err)
		require.EqualValues(t, 2, requests.Load(), status)
	}
}

// TestNothingSentIsRetryable: without a connection there was no request.
func TestNothingSentIsRetryable(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tc := range map[string]struct {
		ctx context.Context
		cfg gateway.Config
	}{
		"connection refused":           {t.Context(), gateway.Config{BaseURL: closed.URL, HTTP: &http.Transport{}}},
		"default transport":            {t.Context(), gateway.Config{BaseURL: closed.URL}},
		"transport of another kind":    {t.Context(), gateway.Config{BaseURL: closed.URL, HTTP: &recorder{base: &http.Transport{}}}},
		"no TLS on the other side":     {t.Context(), gateway.Config{BaseURL: "https" + plain.URL[len("http"):], HTTP: &http.Transport{}}},
		"name that cannot be resolved": {t.Context(), gateway.Config{BaseURL: "https://api.stripe.invalid", HTTP: &http.Transport{DialContext: unresolvable}}},
		"canceled before":              {canceled, gateway.Config{BaseURL: plain.URL, HTTP: &http.Transport{}}},
	} {
		t.Run(name, func(t *testing.T) {
			failed := create(t, tc.ctx, newGateway(t, tc.cfg))
			require.Equal(t, migrate.Retryable, failed.Outcome, failed)
			require.Zero(t, failed.Status)
			require.Equal(t, tc.ctx.Err() != nil, errors.Is(failed, context.Canceled))
		})
	}
}

// TestRequestThatCannotBeMadeIsNotSent: stripe-go refuses a key of more than 255 characters by itself.
func TestRequestThatCannotBeMadeIsNotSent(t *testing.T) {
	g := newGateway(t, gateway.Config{HTTP: roundTripper(func(*http.Request) (*http.Response, error) {
		t.Error("sent")
		return nil, io.ErrUnexpectedEOF
	})})
	_, err := g.CreateSchedule(t.Context(), someSchedule(), strings.Repeat("k", 256))
	requireOutcome(t, err, migrate.Retryable, 0)
	require.ErrorContains(t, err, "255")
}

func unresolvable(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "api.stripe.invalid", IsNotFound: true}}
}

// stall answers nothing until the test is over.
func stall(t *testing.T) (handler http.HandlerFunc, arrived <-chan struct{}) {
	over, got := make(chan struct{}), make(chan struct{}, 1)
	t.Cleanup(func() { close(over) })
	return func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got <- struct{}{}
		<-over
	}, got
}

func TestTimeOutIsUnknown(t *testing.T) {
	handler, _ := stall(t)
	server := httptest.NewServer(handler)
	t.Cleanup(server.CloseClientConnections)
	g := newGateway(t, gateway.Config{BaseURL: server.URL, HTTP: &http.Transport{}, Timeout: 50 * time.Millisecond})
	failed := create(t, t.Context(), g)
	require.Equal(t, migrate.Unknown, failed.Outcome)
	require.ErrorIs(t, failed, context.DeadlineExceeded)
}

// TestTimeOutInTheBodyIsUnknown: the status alone is no success.
func TestTimeOutInTheBodyIsUnknown(t *testing.T) {
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, createdJSON[:50])
		w.(http.Flusher).Flush()
		<-over
	}))
	t.Cleanup(func() { close(over); server.Close() })
	g := newGateway(t, gateway.Config{BaseURL: server.URL, HTTP: &http.Transport{}, Timeout: 100 * time.Millisecond})
	failed := create(t, t.Context(), g)
	require.Equal(t, migrate.Unknown, failed.Outcome)
	require.Equal(t, 200, failed.Status)
	require.ErrorIs(t, failed, context.DeadlineExceeded)
}

// TestCancelReturnsPromptly: a canceled context ends the call, and the outcome of the request is open.
func TestCancelReturnsPromptly(t *testing.T) {
	handler, arrived := stall(t)
	g := serveUntilCleanup(t, handler)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	start := time.Now()
	failed := create(t, ctx, g)
	require.Less(t, time.Since(start), 2*time.Second)
	require.Equal(t, migrate.Unknown, failed.Outcome)
	require.ErrorIs(t, failed, context.Canceled)
}

// serveUntilCleanup is serve for handlers that only end with the test: cleanups run last first.
func serveUntilCleanup(t *testing.T, handler http.HandlerFunc) *gateway.Gateway {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.CloseClientConnections)
	return newGateway(t, gateway.Config{BaseURL: server.URL, HTTP: &http.Transport{}})
}

// TestReplayedSuccessIsVisible: a stored answer may be older than the schedule it describes.
func TestReplayedSuccessIsVisible(t *testing.T) {
	g := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Request-Id", "req_2")
		w.Header().Set("Idempotent-Replayed", fmt.Sprint(r.Header.Get("Idempotency-Key") == "used"))
		_, _ = io.WriteString(w, createdJSON)
	})
	fresh, err := g.CreateSchedule(t.Context(), someSchedule(), "fresh")
	require.NoError(t, err)
	require.Equal(t, migrate.ScheduleState{
		ID: "sub_sched_1", Customer: "cus_1", Status: migrate.StatusNotStarted, StartDate: 1907280000, Created: 5,
		Metadata: map[string]string{"subferry": "m1"}, RequestID: "req_2",
	}, fresh)
	replayed, err := g.CreateSchedule(t.Context(), someSchedule(), "used")
	require.NoError(t, err)
	require.True(t, replayed.Replayed)
}
