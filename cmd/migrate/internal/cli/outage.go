package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
)

// After how long a silence the user is told of it, and how often that is looked at.
const (
	quietLimit = 1500 * time.Millisecond
	lookEvery  = 250 * time.Millisecond
)

// outageMonitor tells the user what is waited for while a server does not answer, or refuses what it is asked. It tells
// of one request at a time, because an outage concerns all of them alike. Its methods are called from many goroutines.
type outageMonitor struct {
	now  func() time.Time
	zone *time.Location
	say  func(text string)
	log  *slog.Logger
	host string

	mu         sync.Mutex
	pending    map[int64]sentRequest
	lastAnswer time.Time // of whatever request
	leader     int64     // the request whose attempts are told; 0 is none
	reported   bool      // that something is amiss, and not yet that it is over
	end        chan struct{}
}

// sentRequest is an attempt that was sent and has no answer yet.
type sentRequest struct {
	migrate.Attempt
	sent     time.Time
	reported bool
}

// monitorOutages starts the monitor of a session, which ends with the session. It is told of attempts by observe and of
// answers by heard.
func (s *session) monitorOutages(log *slog.Logger) *outageMonitor {
	host := s.target.base
	if host == "" {
		host = gateway.DefaultBaseURL
	}
	if u, err := url.Parse(host); err == nil && u.Host != "" {
		host = u.Host
	}
	m := &outageMonitor{
		now: s.env.Now, zone: s.env.Zone, say: s.progress.note, log: log, host: host,
		pending: map[int64]sentRequest{}, lastAnswer: s.env.Now(), end: make(chan struct{}),
	}
	go func() {
		ticker := time.NewTicker(lookEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				m.look()
			case <-m.end:
				return
			}
		}
	}()
	s.closers = append(s.closers, func() error { close(m.end); return nil })
	return m
}

// heard notes that something has answered.
func (m *outageMonitor) heard() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastAnswer = m.now()
}

// observe takes the report of an attempt: that it was sent, or how it ended.
func (m *outageMonitor) observe(a migrate.Attempt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !a.Over {
		m.pending[a.Request] = sentRequest{Attempt: a, sent: m.now()}
		return
	}
	was := m.pending[a.Request]
	delete(m.pending, a.Request)
	switch {
	case a.Err == nil || a.Next.IsZero():
		if m.leader == a.Request {
			m.leader = 0
		}
		if m.reported && a.Err == nil {
			m.reported = false
			m.tell(m.host+" answers again", slog.Int("attempt", a.Number))
		}
	case m.leader == 0 || m.leader == a.Request:
		m.leader = a.Request
		// The first 429s are how the account's limit is found, and are over in a moment.
		if a.Err.Status == 0 || a.Number > 2 || a.Next.Sub(m.now()) > quietLimit || was.reported {
			m.tellFailure(a)
		}
	}
}

// tellFailure says what an attempt has failed with, which is made again.
func (m *outageMonitor) tellFailure(a migrate.Attempt) {
	if a.Err.Status > 0 {
		m.tellRetry(fmt.Sprintf("%s answered %d", m.host, a.Err.Status), a, a.Err.Message)
		return
	}
	what := "no answer from " + m.host
	if a.Err.Outcome == migrate.Retryable {
		what = "no connection to " + m.host
	}
	var why string
	for err := a.Err.Err; err != nil; err = errors.Unwrap(err) { // the innermost error is the system's own
		why = err.Error()
	}
	m.tellRetry(what, a, why)
}

// tellRetry says what is amiss with a request, until when it is tried, and why, unless that is "".
func (m *outageMonitor) tellRetry(what string, a migrate.Attempt, why string) {
	m.reported = true
	form := "15:04"
	if a.Until.Sub(m.now()) < 2*time.Minute {
		form = "15:04:05"
	}
	text := fmt.Sprintf("%s, attempt %d, trying until %s", what, a.Number, a.Until.In(m.zone).Format(form))
	if why != "" {
		text += " (" + why + ")"
	}
	m.tell(text, slog.Int("attempt", a.Number), slog.Time("until", a.Until))
}

func (m *outageMonitor) tell(text string, details ...any) {
	m.say(text)
	m.log.Warn(text, details...)
}

// look tells of the request that has waited longest, when nothing at all has answered for a while.
func (m *outageMonitor) look() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if now.Sub(m.lastAnswer) < quietLimit {
		return
	}
	var oldest *sentRequest
	for _, u := range m.pending {
		if oldest == nil || u.sent.Before(oldest.sent) || u.sent.Equal(oldest.sent) && u.Request < oldest.Request {
			oldest = &u
		}
	}
	if oldest == nil || oldest.reported || now.Sub(oldest.sent) < quietLimit || m.leader != 0 && m.leader != oldest.Request {
		return
	}
	oldest.reported = true
	m.pending[oldest.Request], m.leader = *oldest, oldest.Request
	m.tellRetry("waiting for an answer from "+m.host, oldest.Attempt, "")
}
