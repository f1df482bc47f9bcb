// Package exporttest is a server of lists for tests and benchmarks of package export: newest first, filtered by
// created, with cursors, and with the habits of the real one that an export has to survive: limits, latency, objects
// that are shown late, cursors that are deleted.
package exporttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate"
)

// Object is one object of a list.
type Object struct {
	ID      string
	Created int64
	JSON    string // "" is what Server.Render makes of it
}

// Server serves lists. The zero Server of a Clock is one without limits. Fields are set before it is used.
type Server struct {
	Clock   migrate.Clock
	Rate    float64       // requests a second; 0 is no limit
	Burst   float64       // how many at once after a pause; 0 is 1
	Latency time.Duration // of each answer
	Delay   time.Duration // an object is shown so long after its creation
	Render  func(Object) string
	Before  func(path string, q url.Values, n int64) error // called before the n-th request is answered; its error is the answer

	// EmptyInFullSecond: a cursor whose second has more objects than a page brings an empty page.
	EmptyInFullSecond bool
	// Unfiltered: created is ignored.
	Unfiltered bool

	mu       sync.Mutex
	lists    map[string][]Object // newest first; of one second, the last one added first
	tokens   float64
	last     time.Time
	requests int64
	refused  int64
	accepted []time.Time
}

// Put adds objects to the list of a path.
func (s *Server) Put(path string, objects ...Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil {
		s.lists = map[string][]Object{}
	}
	list := s.lists[path]
	for _, o := range slices.Backward(objects) {
		list = append(list, o)
	}
	old := len(s.lists[path])
	// New ones first among those of one second.
	list = append(slices.Clone(list[old:]), list[:old]...)
	slices.SortStableFunc(list, func(a, b Object) int { return int(b.Created - a.Created) })
	s.lists[path] = list
}

// Delete removes objects from the list of a path.
func (s *Server) Delete(path string, ids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lists[path] = slices.DeleteFunc(s.lists[path], func(o Object) bool { return slices.Contains(ids, o.ID) })
}

// Replace replaces an object in the list of a path by one with the same ID.
func (s *Server) Replace(path string, o Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.lists[path] {
		if s.lists[path][i].ID == o.ID {
			s.lists[path][i] = o
		}
	}
}

// IDs returns the IDs of a list, newest first.
func (s *Server) IDs(path string) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.lists[path] {
		ids = append(ids, o.ID)
	}
	return ids
}

// Requests returns how many requests there were, and how many of them were answered 429.
func (s *Server) Requests() (all, refused int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests, s.refused
}

// Accepted returns when requests were accepted.
func (s *Server) Accepted() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted)
}

// Read answers a GET as export.Source.
func (s *Server) Read(ctx context.Context, path string, q url.Values) (json.RawMessage, error) {
	if err := s.Clock.Sleep(ctx, s.Latency/2); err != nil {
		return nil, err
	}
	text, err := s.answer(path, q)
	if slept := s.Clock.Sleep(ctx, s.Latency-s.Latency/2); slept != nil {
		return nil, slept
	}
	return text, err
}

// ServeHTTP answers a GET over HTTP.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := s.Read(r.Context(), r.URL.Path, r.URL.Query())
	w.Header().Set("Content-Type", "application/json")
	if failure, ok := err.(*migrate.StripeError); ok { //nolint:errorlint // of this package's own
		w.WriteHeader(failure.Status)
		text, _ = json.Marshal(map[string]any{"error": map[string]string{"type": failure.Type, "code": failure.Code, "param": failure.Param, "message": failure.Message}})
	}
	_, _ = w.Write(text) // a client that has gone needs no answer
}

// Refusal returns an error of Stripe's that a request brings again and again.
func Refusal(status int, code, param, message string) *migrate.StripeError {
	outcome := migrate.Refused
	switch {
	case status == http.StatusTooManyRequests:
		outcome = migrate.Retryable
	case status >= http.StatusInternalServerError:
		outcome = migrate.Unknown
	}
	return &migrate.StripeError{Outcome: outcome, Status: status, Type: "invalid_request_error", Code: code, Param: param, Message: message}
}

func (s *Server) answer(path string, q url.Values) (json.RawMessage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	now := s.Clock.Now()
	if s.Rate > 0 {
		if s.last.IsZero() {
			s.tokens = max(1, s.Burst)
		}
		s.tokens = min(max(1, s.Burst), s.tokens+now.Sub(s.last).Seconds()*s.Rate)
		s.last = now
		if s.tokens < 1 {
			s.refused++
			return nil, Refusal(http.StatusTooManyRequests, "rate_limit", "", "Request rate limit exceeded.")
		}
		s.tokens--
	}
	s.accepted = append(s.accepted, now)
	if s.Before != nil {
		n := s.requests
		s.mu.Unlock()
		err := s.Before(path, q, n)
		s.mu.Lock()
		if err != nil {
			return nil, err
		}
	}
	if list, ok := s.lists[path]; ok {
		return s.page(path, list, q)
	}
	if cut := strings.LastIndexByte(path, '/'); cut > 0 {
		for _, o := range s.lists[path[:cut]] {
			if o.ID == path[cut+1:] {
				return json.RawMessage(s.text(o)), nil
			}
		}
	}
	return nil, Refusal(http.StatusNotFound, "resource_missing", "id", "No such object: "+path)
}

func (s *Server) text(o Object) string {
	if o.JSON == "" && s.Render != nil {
		return s.Render(o)
	}
	if o.JSON == "" {
		return fmt.Sprintf(`{"id": %q, "created": %d}`, o.ID, o.Created)
	}
	return o.JSON
}

// page is one page of a list.
func (s *Server) page(path string, list []Object, q url.Values) (json.RawMessage, error) {
	limit, from := 10, 0
	if n, err := strconv.Atoi(q.Get("limit")); err == nil {
		limit = n
	}
	if cursor := q.Get("starting_after"); cursor != "" {
		at := slices.IndexFunc(list, func(o Object) bool { return o.ID == cursor })
		if at < 0 {
			return nil, Refusal(http.StatusBadRequest, "resource_missing", "starting_after", "No such object: '"+cursor+"'")
		}
		if s.EmptyInFullSecond && sameSecond(list, at) > 100 {
			return json.RawMessage(`{"object":"list","data":[],"has_more":false}`), nil
		}
		from = at + 1
	} else if until, err := strconv.ParseInt(q.Get("created[lt]"), 10, 64); err == nil && !s.Unfiltered {
		from, _ = slices.BinarySearchFunc(list, until, func(o Object, until int64) int {
			if o.Created >= until {
				return -1
			}
			return 1
		})
	}
	var body bytes.Buffer
	body.WriteString(`{"object": "list", "url": "` + path + `", "data": [`)
	n, more := 0, false
	for _, o := range list[from:] {
		if !s.Unfiltered && o.Created < number(q.Get("created[gte]")) {
			break
		}
		if !s.shown(o, q) {
			continue
		}
		if more = n == limit; more {
			break
		}
		if n++; n > 1 {
			body.WriteString(",\n")
		}
		body.WriteString(s.text(o))
	}
	fmt.Fprintf(&body, `], "has_more": %v}`, more)
	return body.Bytes(), nil
}

func (s *Server) shown(o Object, q url.Values) bool {
	if s.Delay > 0 && s.Clock.Now().Before(time.Unix(o.Created, 0).Add(s.Delay)) {
		return false
	}
	until := number(q.Get("created[lt]"))
	return s.Unfiltered || until == 0 || o.Created < until
}

func number(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// sameSecond returns how many objects of the list were created in the same second as the one at a place.
func sameSecond(list []Object, at int) (n int) {
	for i := at; i >= 0 && list[i].Created == list[at].Created; i-- {
		n++
	}
	for i := at + 1; i < len(list) && list[i].Created == list[at].Created; i++ {
		n++
	}
	return n
}
