package gateway

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"time"
)

// oneShot is a transport that sends each request once and writes down what it sees.
type oneShot struct {
	base     http.RoundTripper
	dials    bool // base is net/http's transport, which tells when it has a connection
	logger   *slog.Logger
	answered func()
	key      Key    // only to keep it out of the log
	account  string // a connected one; "" is the key's own
}

// RoundTrip implements http.RoundTripper.
func (t *oneShot) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	seen := exchangeOf(ctx)
	if t.dials {
		// The hook is called in this goroutine, so that no lock is needed.
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { seen.unsent = false }})
	} else {
		seen.unsent = false // it may send at once
	}
	// net/http takes an Idempotency-Key as leave to send a POST again when a kept-alive connection breaks, as long as
	// it can read the body a second time.
	once := req.WithContext(ctx)
	once.GetBody = nil
	if t.account != "" {
		once.Header = once.Header.Clone()
		once.Header.Set("Stripe-Account", t.account)
	}
	start := time.Now()
	res, err := t.base.RoundTrip(once)
	if err == nil {
		seen.observe(res)
		t.answered()
	}
	t.log(req, seen, time.Since(start), err)
	return res, err
}

func (t *oneShot) log(req *http.Request, seen *exchange, took time.Duration, err error) {
	if !t.logger.Enabled(req.Context(), slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", req.Method),
		slog.String("path", req.URL.Path), // without the query, IDs only
		slog.Int("status", seen.status),
		slog.Duration("took", took),
		slog.String("request_id", t.key.redact(seen.header.Get(headerRequestID))),
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", t.key.redact(err.Error())))
	}
	t.logger.LogAttrs(req.Context(), slog.LevelDebug, "stripe request", attrs...)
}

// exchange is what was seen of one request on its way: more than stripe-go hands on, which forgets status and
// headers when the body is not the JSON it expects.
type exchange struct {
	status int         // 0 until an answer began
	header http.Header // of the answer
	cut    bool        // the answer's body could not be read to its end
	unsent bool        // the request did not come as far as a connection
}

type exchangeKey struct{}

// withExchange returns a context in which the transport writes down what it sees.
func withExchange(ctx context.Context) (context.Context, *exchange) {
	seen := &exchange{unsent: true}
	return context.WithValue(ctx, exchangeKey{}, seen), seen
}

func exchangeOf(ctx context.Context) *exchange {
	if seen, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return seen
	}
	return &exchange{}
}

// observe takes note of an answer and of how reading its body ends.
func (e *exchange) observe(res *http.Response) {
	e.status, e.header = res.StatusCode, res.Header
	res.Body = &observedBody{ReadCloser: res.Body, seen: e}
}

type observedBody struct {
	io.ReadCloser
	seen *exchange
}

func (b *observedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.seen.cut = true
	}
	return n, err
}
