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

// How soon somebody is told that nothing answers, and how often that is looked at.
const (
	quietLimit = 1500 * time.Millisecond
	lookEvery  = 250 * time.Millisecond
)

// outageMonitor says what is waited for while a server does not answer, or does not do what it is asked: one request at a time,
// for in an outage all of them fare alike. It is told from many goroutines.
type outageMonitor struct {
	now  func() time.Time
	zone *time.Location
	say  func(text string)
	log  *slog.Logger
	host string

	mu       sync.Mutex
	under    map[int64]sentRequest
	answered time.Time // when something answered last
	leader   int64     // the request whose tries are told; 0 is none
	told     bool      // that something is amiss, and not yet that it is over
	end      chan struct{}
}

// sentRequest is a try that has left.
type sentRequest struct {
	migrate.Attempt
	left time.Time
	told bool
}

// lookout returns the lookout of a session, which is told of tries by its observe.
func (s *session) lookout(log *slog.Logger) *outageMonitor {
	l := &outageMonitor{
		now: s.env.Now, zone: s.env.Zone, say: s.progress.note, log: log, host: hostOf(s.target.base),
		under: map[int64]sentRequest{}, answered: s.env.Now(), end: make(chan struct{}),
	}
	go l.watch()
	s.closers = append(s.closers, func() error { close(l.end); return nil })
	return l
}

func hostOf(base string) string {
	if base == "" {
		base = gateway.DefaultBaseURL
	}
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		return u.Host
	}
	return base
}

// heard notes that something has answered.
func (l *outageMonitor) heard() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered = l.now()
}

// observe takes the report of a try.
func (l *outageMonitor) observe(a migrate.Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !a.Over {
		l.under[a.Request] = sentRequest{Attempt: a, left: l.now()}
		return
	}
	was := l.under[a.Request]
	delete(l.under, a.Request)
	switch {
	case a.Err == nil || a.Next.IsZero():
		if l.leader == a.Request {
			l.leader = 0
		}
		if l.told && a.Err == nil {
			l.told = false
			l.tell(l.host+" answers again", slog.Int("attempt", a.Number))
		}
	case l.leader == 0 || l.leader == a.Request:
		l.leader = a.Request
		// A first refusal for haste is the ordinary way in which a limit is found, and is over in a moment.
		if a.Err.Status == 0 || a.Number > 2 || a.Next.Sub(l.now()) > quietLimit || was.told {
			l.trouble(trouble(a.Err, l.host), a, cause(a.Err))
		}
	}
}

// trouble tells what is amiss with a request that is tried again.
func (l *outageMonitor) trouble(what string, a migrate.Attempt, why string) {
	l.told = true
	form := "15:04"
	if a.Until.Sub(l.now()) < 2*time.Minute {
		form = "15:04:05"
	}
	text := fmt.Sprintf("%s, attempt %d, trying until %s", what, a.Number, a.Until.In(l.zone).Format(form))
	if why != "" {
		text += " (" + why + ")"
	}
	l.tell(text, slog.Int("attempt", a.Number), slog.Time("until", a.Until))
}

func (l *outageMonitor) tell(text string, details ...any) {
	l.say(text)
	l.log.Warn(text, details...)
}

// trouble says what a try has failed with.
func trouble(e *migrate.StripeError, host string) string {
	switch {
	case e.Status > 0:
		return fmt.Sprintf("%s answered %d", host, e.Status)
	case e.Outcome == migrate.Retryable:
		return "no connection to " + host
	}
	return "no answer from " + host
}

// cause says why, in the words of whoever knows best.
func cause(e *migrate.StripeError) string {
	if e.Status > 0 {
		return e.Message
	}
	err := e.Err
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// watch tells of requests that are not answered.
func (l *outageMonitor) watch() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.look()
		case <-l.end:
			return
		}
	}
}

// look tells of the request that has waited longest, when nothing at all has answered for a while.
func (l *outageMonitor) look() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Sub(l.answered) < quietLimit {
		return
	}
	var oldest *sentRequest
	for _, u := range l.under {
		if oldest == nil || u.left.Before(oldest.left) || u.left.Equal(oldest.left) && u.Request < oldest.Request {
			oldest = &u
		}
	}
	if oldest == nil || oldest.told || now.Sub(oldest.left) < quietLimit || l.leader != 0 && l.leader != oldest.Request {
		return
	}
	oldest.told = true
	l.under[oldest.Request], l.leader = *oldest, oldest.Request
	l.trouble("waiting for an answer from "+l.host, oldest.Attempt, "")
}
