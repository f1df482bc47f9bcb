package sandbox

import (
	"log/slog"
	"net/http"
	"time"
)

// Options say how a sandbox is opened. The zero value is an in-memory sandbox that follows the machine's clock and
// limits nothing.
type Options struct {
	// Dir is the directory the state survives in, in SQLite's sandbox.db and the checksums beside it. Empty keeps it in
	// memory.
	Dir string
	// Now is the clock the sandbox reads; nil means time.Now.
	Now func() time.Time
	// Limits caps the requests per second, as Stripe does.
	Limits Limits
	// Stream offers the stream of meter events, which Stripe has in live mode only.
	Stream bool
	// Latency is waited before every answer.
	Latency time.Duration
	// Fault decides, request by request, what goes wrong on purpose; nil means nothing does.
	Fault func(*http.Request) Fault
	// Seed makes the account ID and every object ID reproducible. Empty draws a random one. A directory keeps the seed
	// it was created with.
	Seed string
	// Webhook receives the events; without a URL nothing is sent.
	Webhook Webhook
	// Logger receives one line per request; nil discards them.
	Logger *slog.Logger
}

// Limits are requests per second; zero means no limit. A real Stripe sandbox has 25 for the whole account and 25 for
// each endpoint.
type Limits struct {
	Global      int
	PerEndpoint int
	// Events are those of meters: requests of the API's first version, which count towards no other limit, and a customer
	// and meter takes one of them at a time; and events of the stream. Stripe has 1,000 and 10,000 in live mode, and 25 for
	// the first in a sandbox.
	Events       int
	StreamEvents int
}
