package sandbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

// Webhook is an endpoint that events are sent to, signed as Stripe signs.
type Webhook struct {
	// URL receives a POST for each event, in the order they happened.
	URL string
	// Secret is the signing secret, whsec_….
	Secret string
	// Client sends the requests; nil is a client with a time-out of 10 s.
	Client *http.Client
}

// webhookAttempts is how often an event is sent until it is answered with 2xx. Stripe tries for three days.
const webhookAttempts = 3

// sender delivers events in the background, one after the other.
type sender struct {
	hook  Webhook
	now   func() time.Time
	log   *slog.Logger
	mu    sync.Mutex
	queue []*store.Event
	wake  chan struct{}
	stop  context.CancelFunc
	done  chan struct{}
}

// send queues events. It never waits.
func (s *sender) send(events []*store.Event) {
	s.mu.Lock()
	s.queue = append(s.queue, events...)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// close stops delivering; events not sent yet stay in the list of events.
func (s *sender) close() {
	s.stop()
	<-s.done
}

func (s *sender) loop(ctx context.Context) {
	defer close(s.done)
	for {
		for e := s.take(); e != nil && ctx.Err() == nil; e = s.take() {
			if err := s.deliver(ctx, e); err != nil {
				s.log.Warn("webhook not delivered", "event", e.ID, "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
	}
}

func (s *sender) take() *store.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return nil
	}
	e := s.queue[0]
	s.queue = s.queue[1:]
	return e
}

// deliver sends an event until it is answered with 2xx, a few times at most, signed as Stripe signs: Stripe-Signature
// has the time, and the HMAC-SHA256 of "time.body" under the endpoint's secret.
func (s *sender) deliver(ctx context.Context, e *store.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.hook.URL, bytes.NewReader(body))
		if err != nil {
			return err
		}
		stamp := strconv.FormatInt(s.now().Unix(), 10)
		mac := hmac.New(sha256.New, []byte(s.hook.Secret))
		mac.Write([]byte(stamp + "."))
		mac.Write(body)
		r.Header.Set("Content-Type", "application/json; charset=utf-8")
		r.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks; subferry sandbox)")
		r.Header.Set("Stripe-Signature", "t="+stamp+",v1="+hex.EncodeToString(mac.Sum(nil)))
		answer, err := s.hook.Client.Do(r)
		if err == nil {
			err = answer.Body.Close()
		}
		if err == nil && answer.StatusCode/100 != 2 {
			err = fmt.Errorf("the webhook endpoint answered %s", answer.Status)
		}
		if err == nil || attempt == webhookAttempts || ctx.Err() != nil {
			return err
		}
	}
}
