package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// maxBody is far above what 20 items and 50 metadata pairs need.
const maxBody = 4 << 20

// mostKey is the greatest length of an idempotency key.
const mostKey = 255

// request is what arrives, read completely.
type request struct {
	method, path string
	key          string // the idempotency key
	form         string // the encoded parameters
	header       http.Header
	id           string // Request-Id
	fault        Fault
}

// response is what leaves.
type response struct {
	status   int
	body     []byte
	replayed bool
	reason   string // why it was rate limited
}

// ServeHTTP answers one request of Stripe's API.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	req, err := readRequest(r)
	req.id = s.requestID()
	if err != nil {
		s.write(w, req, failure(apierr.Invalid("", "The request body could not be read: %v", err)))
		return
	}
	req.fault = s.faultFor(r)
	if req.fault.Kind == Drop && req.fault.When == BeforeExecuting {
		panic(http.ErrAbortHandler)
	}
	answer := s.respond(req)
	if req.fault.Kind == Drop {
		panic(http.ErrAbortHandler)
	}
	s.write(w, req, answer)
	s.opts.Logger.Debug("request", "method", req.method, "path", req.path, "status", answer.status, "took", time.Since(start))
}

// restored is a body that was read and can be read again.
type restored struct {
	io.Reader
	io.Closer
}

func readRequest(r *http.Request) (*request, error) {
	req := &request{
		method: r.Method,
		path:   r.URL.Path,
		form:   r.URL.RawQuery,
		header: r.Header,
	}
	if r.Method == http.MethodPost {
		req.key = r.Header.Get("Idempotency-Key")
	}
	if r.Body == nil {
		return req, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	r.Body = restored{bytes.NewReader(body), r.Body} // for Options.Fault
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("it is larger than %d bytes", maxBody)
	}
	switch {
	case len(body) == 0:
	case req.form == "":
		req.form = string(body)
	default:
		req.form += "&" + string(body)
	}
	return req, err
}

// respond does everything between reading and writing.
func (s *Server) respond(req *request) response {
	route, id, params, refused := s.admit(req)
	if refused != nil {
		return *refused
	}
	s.pause(s.opts.Latency)
	if req.key == "" {
		answer := s.execute(req, route, id, params, nil)
		s.pause(req.fault.Delay)
		return answer
	}
	claim := &claim{
		key:     store.FingerprintOf(req.key),
		request: store.FingerprintOf(route.Name + "\n" + id + "\n" + params.Canonical()),
	}
	if stored := s.claim(claim, req.key); stored != nil {
		return *stored
	}
	answer := s.execute(req, route, id, params, claim)
	s.pause(req.fault.Delay)
	_ = s.store.Do(func() error {
		delete(s.inFlight, claim.key)
		return nil
	})
	return answer
}

// admit checks what Stripe checks before it looks at a request's meaning:
// the key, the rate, the path, and that the parameters can be read.
func (s *Server) admit(req *request) (*api.Route, string, *form.Node, *response) {
	if err := authenticate(req.header); err != nil {
		return nil, "", nil, refuse(err)
	}
	route, id := s.routes.Match(req.method, req.path)
	if refused := s.limit(req, route); refused != nil {
		return nil, "", nil, refused
	}
	if err := s.rightAccount(req.header.Get("Stripe-Account")); err != nil {
		return nil, "", nil, refuse(err)
	}
	if err := req.fault.refusal(); err != nil {
		return nil, "", nil, refuse(err)
	}
	if route == nil {
		return nil, "", nil, refuse(unknownURL(req))
	}
	if len(req.key) > mostKey {
		return nil, "", nil, refuse(apierr.Invalid("", "The Idempotency-Key is %d characters long; at most %d are allowed.", len(req.key), mostKey))
	}
	params, err := form.Parse(req.form)
	if err != nil {
		return nil, "", nil, refuse(apierr.Invalid("", "Invalid request: the parameters are not form-encoded: %v", err))
	}
	return route, id, params, nil
}

func (s *Server) limit(req *request, route *api.Route) *response {
	endpoint := req.method
	if route != nil {
		endpoint = route.Name
	}
	s.mu.Lock()
	reason := s.limiter.refuse(endpoint, s.opts.Now())
	s.mu.Unlock()
	if reason == "" && req.fault.Kind == RateLimit {
		reason = reasonGlobal
	}
	if reason == "" {
		return nil
	}
	answer := failure(rateLimited())
	answer.reason = reason
	return &answer
}

func (s *Server) pause(d time.Duration) {
	if d > 0 {
		time.Sleep(d)
	}
}

func unknownURL(req *request) *apierr.Error {
	return &apierr.Error{
		Status: http.StatusNotFound,
		Type:   apierr.TypeInvalidRequest,
		Message: fmt.Sprintf("Unrecognized request URL (%s: %s). If Stripe has it, the sandbox does not imitate it; migrate/sandbox/LIMITS.md lists what it does.",
			req.method, req.path),
	}
}

func refuse(err *apierr.Error) *response {
	answer := failure(err)
	return &answer
}

// failure is the response an error makes. Anything but an *apierr.Error is
// the sandbox's own fault.
func failure(err error) response {
	var known *apierr.Error
	if !errors.As(err, &known) {
		known = &apierr.Error{Status: http.StatusInternalServerError, Type: apierr.TypeAPI, Message: "The sandbox failed: " + err.Error()}
	}
	body, err := json.Marshal(map[string]any{"error": known})
	if err != nil {
		body = []byte(`{"error":{"type":"api_error","message":"The sandbox failed."}}`)
	}
	return response{status: known.Status, body: body}
}

// write sends a response with the headers every answer has.
func (s *Server) write(w http.ResponseWriter, req *request, answer response) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Request-Id", req.id)
	h.Set("Stripe-Version", object.APIVersion)
	if req.key != "" {
		h.Set("Idempotency-Key", req.key)
	}
	if answer.replayed {
		h.Set("Idempotent-Replayed", "true")
	}
	if answer.reason != "" {
		h.Set("Stripe-Rate-Limited-Reason", answer.reason)
	}
	w.WriteHeader(answer.status)
	// A client that went away is not the sandbox's failure.
	_, _ = w.Write(answer.body)
}

// requestID numbers the requests. The time keeps the IDs of two processes on
// one directory apart.
func (s *Server) requestID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	return s.store.RequestID(uint64(s.opts.Now().UnixNano()) + s.requests)
}
