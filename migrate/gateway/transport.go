package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// oneShot is a transport that sends each request once and writes down what it sees.
type oneShot struct {
	base     http.RoundTripper
	dials    bool // base is net/http's transport, which tells when it has a connection
	logger   *slog.Logger
	answered func()
	key      Key // only to keep it out of the log
}

func newOneShot(cfg Config) *oneShot {
	_, dials := cfg.HTTP.(*http.Transport)
	return &oneShot{base: cfg.HTTP, dials: dials, logger: cfg.Logger, answered: cfg.Answered, key: cfg.Key}
}

// RoundTrip implements http.RoundTripper.
func (t *oneShot) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	seen := exchangeOf(ctx)
	if t.dials {
		ctx = seen.watchConnection(ctx)
	} else {
		seen.unsent = false // it may send at once
	}
	start := time.Now()
	res, err := t.base.RoundTrip(sendOnce(ctx, req))
	if err == nil {
		seen.observe(res)
		t.answered()
	}
	t.log(req, seen, time.Since(start), err)
	return res, err
}

// sendOnce returns the request in a form that net/http does not repeat: it takes an Idempotency-Key as leave to
// send a POST again when a kept-alive connection breaks, as long as it can read the body a second time.
func sendOnce(ctx context.Context, req *http.Request) *http.Request {
	once := req.WithContext(ctx)
	once.GetBody = nil
	return once
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
