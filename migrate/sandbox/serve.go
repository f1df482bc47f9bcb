package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
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
	req := &request{method: r.Method, path: r.URL.Path, form: r.URL.RawQuery, header: r.Header}
	s.mu.Lock()
	s.requests++
	// The time keeps the IDs of two processes on one directory apart.
	req.id = s.store.RequestID(uint64(s.opts.Now().UnixNano()) + s.requests)
	s.mu.Unlock()
	if r.Method == http.MethodPost {
		req.key = r.Header.Get("Idempotency-Key")
	}
	if err := req.read(r); err != nil {
		s.write(w, req, failure(apierr.Invalid("", "The request body could not be read: %v", err)))
		return
	}
	if s.opts.Fault != nil {
		req.fault = s.opts.Fault(r)
	}
	if req.fault.Kind == Drop && req.fault.When == BeforeExecuting {
		panic(http.ErrAbortHandler)
	}
	answer := response{}
	if strings.HasPrefix(req.path, "/v2/") {
		answer = s.respondV2(req)
	} else {
		answer = s.respond(req)
	}
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

// read adds the parameters of the body to those of the query.
func (req *request) read(r *http.Request) error {
	if r.Body == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	r.Body = restored{bytes.NewReader(body), r.Body} // for Options.Fault
	switch {
	case err != nil:
		return err
	case len(body) > maxBody:
		return fmt.Errorf("it is larger than %d bytes", maxBody)
	case len(body) == 0:
	case req.form == "":
		req.form = string(body)
	default:
		req.form += "&" + string(body)
	}
	return nil
}

// respond does everything between reading and writing. First it checks what Stripe checks before it looks at a
// request's meaning: the key, the rate, the account, the path, and that the parameters can be read.
func (s *Server) respond(req *request) response {
	if err := authenticate(req.header.Get("Authorization")); err != nil {
		return failure(err)
	}
	route, id := s.routes.Match(req.method, req.path)
	endpoint := req.method
	if route != nil {
		endpoint = route.Name
	}
	reason := ""
	s.mu.Lock()
	switch now := s.opts.Now(); {
	case endpoint == api.MeterEventRoute && req.fault.Kind != RateLimit:
		if !s.limiter.allows(endpoint, s.opts.Limits.Events, now) {
			reason = reasonEndpoint
		}
	case !s.limiter.allows("", s.opts.Limits.Global, now):
		reason = reasonGlobal
	case !s.limiter.allows(endpoint, s.opts.Limits.PerEndpoint, now):
		reason = reasonEndpoint
	case req.fault.Kind == RateLimit:
		reason = reasonGlobal
	}
	s.mu.Unlock()
	if reason != "" {
		answer := failure(rateLimited())
		answer.reason = reason
		return answer
	}
	if named := req.header.Get("Stripe-Account"); named != "" && named != s.Account() {
		return failure(&apierr.Error{Status: http.StatusForbidden, Type: apierr.TypeInvalidRequest, Code: "account_invalid",
			Message: "The provided key does not have access to account '" + named + "' (or that account does not exist). Application access may have been revoked."})
	}
	if err := req.fault.refusal(); err != nil {
		return failure(err)
	}
	if route == nil {
		return failure(&apierr.Error{Status: http.StatusNotFound, Type: apierr.TypeInvalidRequest,
			Message: fmt.Sprintf("Unrecognized request URL (%s: %s). If Stripe has it, the sandbox does not imitate it; migrate/sandbox/LIMITS.md lists what it does.", req.method, req.path)})
	}
	if len(req.key) > mostKey {
		return failure(apierr.Invalid("", "The Idempotency-Key is %d characters long; at most %d are allowed.", len(req.key), mostKey))
	}
	params, err := form.Parse(req.form)
	if err != nil {
		return failure(apierr.Invalid("", "Invalid request: the parameters are not form-encoded: %v", err))
	}
	if endpoint == api.MeterEventRoute {
		subject := api.MeterEventSubject(params)
		if !s.meter(subject) {
			answer := failure(rateLimited())
			answer.reason = reasonResource
			return answer
		}
		defer s.metered(subject)
	}
	wait(s.opts.Latency)
	return s.execute(req, route, id, params)
}

// meter begins to take an event of a customer and meter, unless another one is being taken.
func (s *Server) meter(subject string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.metering[subject] {
		return false
	}
	s.metering[subject] = true
	return true
}

func (s *Server) metered(subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.metering, subject)
}

// execute runs the endpoint in a transaction. The answer leaves only after what it changed is written, and what was
// changed before it: the request may have seen that. An idempotency key is held meanwhile.
func (s *Server) execute(req *request, route *api.Route, id string, params *form.Node) response {
	var held *claim
	if req.key != "" {
		held = &claim{key: store.FingerprintOf(req.key), request: store.FingerprintOf(route.Name + "\n" + id + "\n" + params.Canonical())}
		if stored := s.claim(held, req.key); stored != nil {
			return *stored
		}
		defer func() {
			// When nothing can be answered any more, the keys do not matter.
			_ = s.store.Do(func() error {
				delete(s.inFlight, held.key)
				return nil
			})
		}()
	}
	var answer response
	var until uint64
	var err error
	if refused := route.Params.Check(params); refused != nil {
		err = refused
	} else {
		err = s.store.Do(func() error {
			answer = s.handle(req, route, id, params, held)
			until = s.store.Queued()
			return nil
		})
	}
	if err == nil {
		err = s.store.Wait(until)
	}
	if err != nil {
		answer = failure(err)
	}
	wait(req.fault.Delay)
	return answer
}

// failure is the response an error makes. Anything but an *apierr.Error is the sandbox's own fault.
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

// wait lets real time pass, which no clock of the sandbox does.
func wait(d time.Duration) { time.Sleep(d) }
