package usage

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate/usage"
)

// Gateway is all that sending usage asks of Stripe. Package gateway implements it. Every method makes one request; one that
// fails because Stripe said no, or because its answer did not arrive, returns a *migrate.StripeError.
type Gateway interface {
	// Meters returns one page of at most 100 meters, after the one with this ID.
	Meters(ctx context.Context, after string) (MeterPage, error)

	// SendUsage sends one event and returns the ID of the request.
	SendUsage(ctx context.Context, m Message) (requestID string, err error)

	// CancelUsage cancels an event that was received within the last 24 hours.
	CancelUsage(ctx context.Context, meter, identifier string) (requestID string, err error)

	// Summaries returns one page of at most 100 sums, oldest first.
	Summaries(ctx context.Context, q SummaryQuery) (SummaryPage, error)

	// StreamSession begins a session of the stream.
	StreamSession(ctx context.Context) (Session, error)

	// StreamUsage sends at most BatchSize events in a session and returns the ID of the request. Stripe takes all or none.
	StreamUsage(ctx context.Context, s Session, batch []Message) (requestID string, err error)

	// Read makes a GET request and returns the answer's JSON.
	Read(ctx context.Context, path string, query url.Values) (json.RawMessage, error)
}

// BatchSize is how many events the stream takes in a request.
const BatchSize = 100

// Message is an event as it is sent.
type Message struct {
	Identifier string
	Meter      string // event name
	Timestamp  csvspec.Timestamp
	Payload    []csvspec.KeyValue
}

// MeterPage is one page of a list.
type MeterPage struct {
	Meters []usage.Meter
	More   bool
}

// SummaryQuery asks for what a meter has counted of a customer. Start and End are whole minutes, and whole hours with
// Hourly; Start is included, End is not.
type SummaryQuery struct {
	Meter      string // its ID
	Customer   string
	Start, End csvspec.Timestamp
	Window     string // WindowHour for a sum of each hour that has events, "" for a single sum
	After      string
}

// WindowHour groups sums by the hour.
const WindowHour = "hour"

// MeterSummary is what a meter has counted in a stretch of time.
type MeterSummary struct {
	ID    string
	Start csvspec.Timestamp
	End   csvspec.Timestamp
	Value string // a decimal number, as Stripe wrote it
}

// SummaryPage is one page of a list.
type SummaryPage struct {
	Summaries []MeterSummary
	More      bool
}

// Session lets its holder send to the stream, for a while. It is a secret: printed in any way it shows when it ends.
type Session struct {
	Token   func() string
	Expires time.Time
}

// String says when the session ends.
func (s Session) String() string { return "session until " + s.Expires.UTC().Format(time.RFC3339) }
