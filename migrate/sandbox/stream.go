package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// The stream of meter events: a session with a key, then batches with the session's token. It is the second version of
// Stripe's API, which takes and answers JSON.

const (
	sessionPath = "/v2/billing/meter_event_session"
	streamPath  = "/v2/billing/meter_event_stream"

	sessionFor  = 15 * time.Minute
	streamBatch = 100
	tokenPrefix = "token_sandbox_"
)

// streamBody is what a client sends to the stream.
type streamBody struct {
	Events []struct {
		EventName  string            `json:"event_name"`
		Identifier string            `json:"identifier"`
		Payload    map[string]string `json:"payload"`
		Timestamp  time.Time         `json:"timestamp"`
	} `json:"events"`
}

// respondV2 is respond for the second version of the API.
func (s *Server) respondV2(req *request) response {
	if req.header.Get("Stripe-Version") == "" {
		return failure(&apierr.Error{Status: http.StatusBadRequest, Type: apierr.TypeInvalidRequest, Message: "The header Stripe-Version is required by endpoints of /v2."})
	}
	if err := req.fault.refusal(); err != nil {
		return failure(err)
	}
	switch req.method + " " + req.path {
	case "POST " + sessionPath:
		return s.session(req)
	case "POST " + streamPath:
		return s.takeStream(req)
	}
	return failure(&apierr.Error{Status: http.StatusNotFound, Type: apierr.TypeInvalidRequest,
		Message: fmt.Sprintf("Unrecognized request URL (%s: %s). The sandbox imitates of /v2 the stream of meter events only.", req.method, req.path)})
}

// session begins a session. Its token states when it ends.
func (s *Server) session(req *request) response {
	if err := authenticate(req.header.Get("Authorization")); err != nil {
		return failure(err)
	}
	if !s.opts.Stream {
		return failure(&apierr.Error{Status: http.StatusBadRequest, Type: apierr.TypeInvalidRequest, Code: "testmode_not_supported",
			Message: "The stream of meter events is available in live mode only."})
	}
	now := s.Now()
	ends := now.Add(sessionFor)
	body, err := json.Marshal(map[string]any{
		"object": "v2.billing.meter_event_session", "id": "mes_" + req.id, "livemode": false, "created": now.Format(time.RFC3339),
		"expires_at": ends.Format(time.RFC3339), "authentication_token": fmt.Sprintf("%s%d", tokenPrefix, ends.Unix()),
	})
	if err != nil {
		return failure(err)
	}
	return response{status: http.StatusOK, body: body}
}

// authenticateStream accepts a token until it ends.
func (s *Server) authenticateStream(authorization string) error {
	token, ok := strings.CutPrefix(authorization, "Bearer "+tokenPrefix)
	var ends int64
	if _, err := fmt.Sscan(token, &ends); !ok || err != nil {
		return &apierr.Error{Status: http.StatusUnauthorized, Type: apierr.TypeInvalidRequest, Code: "invalid_token", Message: "The token is none of a meter event session."}
	}
	if s.Now().Unix() >= ends {
		return &apierr.Error{Status: http.StatusUnauthorized, Type: apierr.TypeInvalidRequest, Code: "billing_meter_event_session_expired",
			Message: "The temporary session token has expired. Create a new one."}
	}
	return nil
}

// takeStream takes a batch, all of it or nothing.
func (s *Server) takeStream(req *request) response {
	if err := s.authenticateStream(req.header.Get("Authorization")); err != nil {
		return failure(err)
	}
	var body streamBody
	decoder := json.NewDecoder(bytes.NewReader([]byte(req.form)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&body); err != nil {
		return failure(apierr.Invalid("", "The request body could not be read: %v", err))
	}
	if n := len(body.Events); n == 0 || n > streamBatch {
		return failure(apierr.Invalid("events", "A request takes from 1 to %d events; this one has %d.", streamBatch, n))
	}
	s.mu.Lock()
	allowed := s.limiter.allowsMany(streamPath, s.opts.Limits.StreamEvents, len(body.Events), s.opts.Now()) && req.fault.Kind != RateLimit
	s.mu.Unlock()
	if !allowed {
		answer := failure(&apierr.Error{Status: http.StatusTooManyRequests, Type: apierr.TypeInvalidRequest, Code: "too_many_concurrent_requests",
			Message: "Too many requests in a short time."})
		answer.reason = reasonEndpoint
		return answer
	}
	batch := make([]engine.UsageEvent, len(body.Events))
	for i, e := range body.Events {
		if e.EventName == "" || e.Payload == nil || len(e.Identifier) > 100 {
			return failure(apierr.Invalid(fmt.Sprintf("events[%d]", i), "An event has event_name, payload and an identifier of at most 100 characters."))
		}
		batch[i] = engine.UsageEvent{EventName: e.EventName, Identifier: e.Identifier, Payload: e.Payload, Timestamp: e.Timestamp.Unix()}
	}
	wait(s.opts.Latency)
	return s.commitStream(req, batch)
}

// commitStream takes what was checked in a transaction, and answers when it is written.
func (s *Server) commitStream(req *request, batch []engine.UsageEvent) response {
	answer, until := response{status: http.StatusOK, body: []byte("{}")}, uint64(0)
	failed := req.fault.Kind == ServerError
	err := s.store.Do(func() error {
		now := s.store.Now()
		if err := engine.RunClock(context.Background(), s.store, "", now); err != nil || failed && req.fault.When == BeforeExecuting {
			return err
		}
		t := s.store.Begin(now)
		if err := api.TakeUsage(t, batch); err != nil {
			return err
		}
		err := s.store.Commit(t, store.Fingerprint{}, nil)
		until = s.store.Queued()
		return err
	})
	if err == nil {
		err = s.store.Wait(until)
	}
	if err == nil && failed {
		err = serverError()
	}
	if err != nil {
		answer = failure(err)
	}
	wait(req.fault.Delay)
	return answer
}
