package health

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
)

// Recorder remembers the status of an answer.
type Recorder struct {
	http.ResponseWriter
	Status int // 0 until something is answered
}

// WriteHeader implements http.ResponseWriter.
func (r *Recorder) WriteHeader(status int) {
	if status >= http.StatusOK { // 1xx announce the answer
		r.answered(status)
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *Recorder) Write(p []byte) (int, error) {
	r.answered(http.StatusOK) // what is sent without a status
	return r.ResponseWriter.Write(p)
}

// FlushError implements what http.ResponseController looks for.
func (r *Recorder) FlushError() error {
	r.answered(http.StatusOK)
	return http.NewResponseController(r.ResponseWriter).Flush()
}

func (r *Recorder) answered(status int) {
	if r.Status == 0 {
		r.Status = status
	}
}

// Unwrap lets http.ResponseController through.
func (r *Recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// pattern is where a mux inside can leave which pattern a path fits: those in between hand on copies of the request.
type pattern struct{ text string }

type patternKey struct{}

// Routed leaves the pattern of a request, by which Metrics.HTTP counts it: for handlers behind something that copies
// requests.
func Routed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if p, ok := r.Context().Value(patternKey{}).(*pattern); ok && p.text == "" && r.Pattern != "" { // the innermost mux knows best
			p.text = r.Pattern
		}
	})
}

func (p *pattern) of(r *http.Request) string {
	switch {
	case p.text != "":
		return p.text
	case r.Pattern != "":
		return r.Pattern
	}
	return "other"
}

type attrsKey struct{}

// With returns a context whose log lines have these attributes: request, migration.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	known, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return context.WithValue(ctx, attrsKey{}, append(slices.Clip(known), attrs...))
}

// Logs returns a slog handler that adds the attributes that a line's context has.
func Logs(inner slog.Handler) slog.Handler { return contextual{inner} }

type contextual struct{ slog.Handler }

// Handle implements slog.Handler.
func (c contextual) Handle(ctx context.Context, line slog.Record) error {
	if attrs, ok := ctx.Value(attrsKey{}).([]slog.Attr); ok {
		line = line.Clone()
		line.AddAttrs(attrs...)
	}
	return c.Handler.Handle(ctx, line)
}

// WithAttrs implements slog.Handler.
func (c contextual) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextual{c.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (c contextual) WithGroup(name string) slog.Handler { return contextual{c.Handler.WithGroup(name)} }
