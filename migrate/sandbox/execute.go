package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// claim is an idempotency key a request holds while it executes.
type claim struct {
	key, request fingerprint
	at           int64
}

// claim takes the key, or returns what to answer instead of executing.
func (s *Server) claim(c *claim, text string) (refused *response) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unread error
	defer func() {
		if unread != nil {
			failed := failure(unread)
			refused = &failed
		}
	}()
	defer s.caught(&unread)
	c.at = s.now()
	stored, err := s.answers.begin(c.key, c.request, text, c.at)
	if err != nil {
		return refuse(err)
	}
	if stored == nil {
		return nil
	}
	replay := stored.response()
	return &replay
}

func (s *Server) release(c *claim) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers.end(c.key)
}

func (a *answer) response() response {
	body := a.body
	if a.result != nil {
		var err error
		if body, err = encoded(a.result); err != nil {
			return failure(err)
		}
	}
	return response{status: a.status, body: body, replayed: true}
}

// execute runs the handler in a transaction. The answer leaves only after
// what it changed is written, and what was changed before it: the request may
// have seen that.
func (s *Server) execute(req *request, route *route, id string, params *form.Node, held *claim) response {
	if err := route.params.Check(params); err != nil {
		return failure(err)
	}
	answer, until := s.executed(req, route, id, params, held)
	if err := s.wait(until); err != nil {
		return failure(err)
	}
	return answer
}

// wait returns when a transaction is written.
func (s *Server) wait(until uint64) error {
	if until == 0 {
		return nil
	}
	err := s.store.Wait(until)
	if err != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.broken == nil {
			s.broken = err
		}
	}
	return err
}

// executed returns an answer and the transaction after which it may leave.
func (s *Server) executed(req *request, route *route, id string, params *form.Node, held *claim) (answer response, until uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unread error
	defer func() {
		if unread != nil {
			answer = failure(unread)
		}
	}()
	defer s.caught(&unread)
	answer = s.handle(req, route, id, params, held)
	return answer, s.queued
}

// handle answers a request, under the lock.
func (s *Server) handle(req *request, route *route, id string, params *form.Node, held *claim) response {
	if s.broken != nil {
		return failure(s.broken)
	}
	if err := s.catchUp(); err != nil {
		return failure(err)
	}
	t := s.state.begin(s.now())
	t.request = object.EventRequest{ID: object.Text(req.id), IdempotencyKey: object.Text(req.key)}
	if req.fault.Kind == ServerError && req.fault.When == BeforeExecuting {
		return s.finish(t, held, failure(serverError()), nil)
	}
	result, err := route.handle(&call{server: s, tx: t, id: id, path: req.path, params: params})
	if err != nil {
		return s.failed(t, held, err)
	}
	answer, err := s.render(t, result, params)
	if err != nil {
		return failure(err)
	}
	if req.fault.Kind == ServerError {
		answer, result = failure(serverError()), nil
	}
	return s.finish(t, held, answer, result)
}

// failed answers an error. Only a declined card is one that Stripe remembers:
// everything else is found before execution begins.
func (s *Server) failed(t *tx, held *claim, err error) response {
	var known *apierr.Error
	if errors.As(err, &known) && known.Status == http.StatusPaymentRequired {
		return s.finish(s.state.begin(t.now), held, failure(err), nil)
	}
	return failure(err)
}

// finish commits and stores the answer under the key the request holds.
func (s *Server) finish(t *tx, held *claim, answer response, result any) response {
	var err error
	if held == nil {
		err = s.commit(t, fingerprint{}, nil)
	} else {
		err = s.commit(t, held.key, held.answer(t, answer, result))
	}
	if err != nil {
		return failure(err)
	}
	return answer
}

// answer is what the memory keeps: the object when the body is nothing but
// the object, and the body otherwise.
func (c *claim) answer(t *tx, sent response, result any) *answer {
	kept := &answer{request: c.request, at: c.at, status: sent.status}
	if kind, id := identify(result); id != "" && t.wrote(kind, id) != nil && !sent.expanded {
		kept.result, kept.sent = result, sent.full
	} else {
		kept.body = sent.body
	}
	return kept
}

// render encodes a result and expands what was asked for.
func (s *Server) render(t *tx, result any, params *form.Node) (response, error) {
	body, err := json.Marshal(result)
	if err != nil {
		return response{}, err
	}
	paths := params.List("expand")
	if len(paths) == 0 {
		return response{status: http.StatusOK, body: withoutHidden(body), full: body}, nil
	}
	body, err = t.expand(body, paths)
	return response{status: http.StatusOK, body: body, expanded: true}, err
}
