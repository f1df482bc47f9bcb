package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate/usage"
)

// StreamVersion is the version of Stripe's API of the stream's two requests, which stripe-go v76 does not have: the first
// one with /v2/billing. They are written by hand here, instead of carrying a second SDK for them.
const StreamVersion = "2024-09-30.acacia"

// StreamURL is Stripe's own address for the stream.
const StreamURL = "https://meter-events.stripe.com"

// maxStreamAnswer is far above what the stream answers.
const maxStreamAnswer = 1 << 20

// StreamSession implements usage.Gateway.
func (g *Gateway) StreamSession(ctx context.Context) (usage.Session, error) {
	var answer struct {
		Token   string    `json:"authentication_token"`
		Expires time.Time `json:"expires_at"`
	}
	seen, err := g.postJSON(ctx, g.base+"/v2/billing/meter_event_session", g.key.secret(), struct{}{}, &answer)
	switch {
	case err != nil:
		return usage.Session{}, err
	case answer.Token == "":
		return usage.Session{}, g.classify(nil, seen)
	}
	return usage.Session{Token: func() string { return answer.Token }, Expires: answer.Expires}, nil
}

// streamEvent is an event as the stream takes it.
type streamEvent struct {
	EventName  string            `json:"event_name"`
	Identifier string            `json:"identifier"`
	Payload    map[string]string `json:"payload"`
	Timestamp  string            `json:"timestamp"`
}

// StreamUsage implements usage.Gateway.
func (g *Gateway) StreamUsage(ctx context.Context, s usage.Session, batch []usage.Message) (string, error) {
	body := struct {
		Events []streamEvent `json:"events"`
	}{make([]streamEvent, len(batch))}
	for i, m := range batch {
		body.Events[i] = streamEvent{m.Meter, m.Identifier, payload(m), m.Timestamp.Time().UTC().Format(time.RFC3339)}
	}
	var answer map[string]any
	seen, err := g.postJSON(ctx, g.stream+"/v2/billing/meter_event_stream", s.Token(), body, &answer)
	return seen.header.Get(headerRequestID), err
}

// postJSON makes one request of the second version of the API and decodes its answer. The error is a *migrate.StripeError.
func (g *Gateway) postJSON(ctx context.Context, url, token string, body, answer any) (*exchange, error) {
	ctx, seen := withExchange(ctx)
	text, err := json.Marshal(body)
	if err != nil {
		return seen, g.classify(err, seen)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(text))
	if err != nil {
		return seen, g.classify(err, seen)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Stripe-Version", StreamVersion)
	req.Header.Set("User-Agent", "subferry")
	res, err := g.http.Do(req)
	if err != nil {
		return seen, g.classify(err, seen)
	}
	got, err := io.ReadAll(io.LimitReader(res.Body, maxStreamAnswer))
	if err := closing(err, res.Body); err != nil {
		seen.cut = true
		return seen, g.classify(err, seen)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		var refused struct {
			Error *stripe.Error `json:"error"`
		}
		if json.Unmarshal(got, &refused) == nil && refused.Error != nil && refused.Error.Msg != "" {
			return seen, g.classify(refused.Error, seen)
		}
		return seen, g.classify(fmt.Errorf("%w", errNotUnderstood), seen)
	}
	if len(got) > 0 {
		if err := json.Unmarshal(got, answer); err != nil {
			return seen, g.classify(errNotUnderstood, seen)
		}
	}
	return seen, nil
}

// closing closes a body whose reading has ended with err.
func closing(err error, body io.Closer) error {
	if closed := body.Close(); err == nil {
		return closed
	}
	return err
}
