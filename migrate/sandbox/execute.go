package sandbox

import (
	"context"
	"errors"
	"net/http"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// claim is an idempotency key a request holds while it executes.
type claim struct {
	key, request store.Fingerprint
	at           int64
}

// claim takes the key, or returns what to answer instead of executing.
func (s *Server) claim(c *claim, text string) *response {
	var stored *store.Answer
	err := s.store.Do(func() error {
		c.at = s.store.Now()
		if s.inFlight[c.key] {
			return &apierr.Error{Status: http.StatusConflict, Type: apierr.TypeInvalidRequest, Code: "idempotency_key_in_use",
				Message: "There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): " + text + ". Try again later."}
		}
		switch stored = s.store.Answered(c.key); {
		case stored == nil:
			s.inFlight[c.key] = true
		case stored.Request != c.request:
			return &apierr.Error{Status: http.StatusBadRequest, Type: apierr.TypeIdempotency,
				Message: "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '" + text + "' if you meant to execute a different request."}
		}
		return nil
	})
	if err == nil && stored == nil {
		return nil
	}
	replay := response{replayed: true}
	if err == nil {
		replay.status, replay.body = stored.Status, stored.Body
		if stored.Result != nil {
			replay.body, err = api.Encode(stored.Result)
		}
	}
	if err != nil {
		replay = failure(err)
	}
	return &replay
}

// handle answers a request, under the store's lock.
func (s *Server) handle(req *request, route *api.Route, id string, params *form.Node, held *claim) response {
	now := s.store.Now()
	if err := engine.RunClock(context.Background(), s.store, "", now); err != nil {
		return failure(err)
	}
	t := s.store.Begin(now)
	t.Request = object.EventRequest{ID: object.Text(req.id), IdempotencyKey: object.Text(req.key)}
	if req.fault.Kind == ServerError && req.fault.When == BeforeExecuting {
		return s.finish(t, held, failure(serverError()), nil)
	}
	result, err := route.Execute(t, id, req.path, params)
	if err != nil {
		// Only a declined card is an error that Stripe remembers: everything else is found before execution begins.
		var known *apierr.Error
		if errors.As(err, &known) && known.Status == http.StatusPaymentRequired {
			return s.finish(s.store.Begin(t.Now), held, failure(err), nil)
		}
		return failure(err)
	}
	if req.fault.Kind == ServerError {
		return s.finish(t, held, failure(serverError()), nil)
	}
	return s.finish(t, held, response{status: http.StatusOK, body: result.Body}, result)
}

// finish commits and stores the answer under the key the request holds: the object when the body is nothing but an
// object that the transaction put, and the body otherwise.
func (s *Server) finish(t *store.Tx, held *claim, sent response, result *api.Answer) response {
	var key store.Fingerprint
	var kept *store.Answer
	if held != nil {
		key = held.key
		kept = &store.Answer{Request: held.request, At: held.at, Status: sent.status, Body: sent.body}
		if result != nil && !result.Expanded {
			if kind, id := store.Identify(result.Result); id != "" && t.Wrote(kind, id) != nil {
				kept.Body, kept.Result, kept.Sent = nil, result.Result, result.Full
			}
		}
	}
	if err := s.store.Commit(t, key, kept); err != nil {
		return failure(err)
	}
	return sent
}
