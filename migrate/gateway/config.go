package gateway

import (
	"cmp"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/subferry/subferry/migrate"
)

// APIVersion is the version of Stripe's API that every request pins. Later ones lack phases.coupon (2025-03-31) and
// phases.iterations (2025-09-30).
const APIVersion = stripe.APIVersion

// DefaultBaseURL is Stripe's own address.
const DefaultBaseURL = "https://api.stripe.com"

// DefaultTimeout is how long one request may take; it is stripe-go's own.
const DefaultTimeout = 80 * time.Second

// Config is what a Gateway is made of. Only Key is required.
type Config struct {
	Key     Key
	BaseURL string            // without /v1; https, or http on a loopback address; "" is DefaultBaseURL
	HTTP    http.RoundTripper // nil is a transport of the gateway's own for many connections to one host
	Logger  *slog.Logger      // gets one debug line a request: method, path, status, duration, request ID; nil is none
	Timeout time.Duration     // for one request with its answer; 0 is DefaultTimeout

	// Account is a connected account that the requests are for, sent as Stripe-Account; Key is then the platform's. "" is the
	// account of the key.
	Account string

	// Answered is told that an answer has begun to arrive, whatever it says, from many goroutines: a look-up of many
	// customers takes long, and yet something answers. nil is nobody.
	Answered func()

	// Identified is told whose key it is each time that is asked for. nil is nobody.
	Identified func(migrate.Account)
}

// New returns a gateway, or why the configuration does not allow one. It sends nothing.
func New(cfg Config) (*Gateway, error) {
	if cfg.Key.IsZero() {
		return nil, ErrNoKey
	}
	base, err := checkBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if cfg.HTTP == nil {
		cfg.HTTP = newTransport()
	}
	if cfg.Identified == nil {
		cfg.Identified = func(migrate.Account) {}
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Answered == nil {
		cfg.Answered = func() {}
	}
	_, dials := cfg.HTTP.(*http.Transport)
	once := &oneShot{base: cfg.HTTP, dials: dials, logger: cfg.Logger, answered: cfg.Answered, key: cfg.Key, account: cfg.Account}
	timeout := cmp.Or(cfg.Timeout, DefaultTimeout)
	// All that stripe-go would do by itself is switched off.
	client := &http.Client{Transport: once, Timeout: timeout, CheckRedirect: refuseRedirect}
	api := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		URL:               stripe.String(base),
		HTTPClient:        client,
		LeveledLogger:     &stripe.LeveledLogger{Level: stripe.LevelNull},
		MaxNetworkRetries: stripe.Int64(0),
		EnableTelemetry:   stripe.Bool(false),
	})
	stream := base // a server that stands in for Stripe is one for both
	if base == DefaultBaseURL {
		stream = StreamURL
	}
	return &Gateway{key: cfg.Key, api: api, http: client, base: base, stream: stream, identified: cfg.Identified}, nil
}

// refuseRedirect keeps a redirect from turning a POST into a GET, and the key from travelling elsewhere.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// newTransport returns net/http's default transport, but for more than two idle connections to one host: without
// them a concurrent run would open a connection for nearly every request.
func newTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // a program replaced it
		return http.DefaultTransport
	}
	transport := standard.Clone()
	transport.MaxIdleConns = 256
	transport.MaxIdleConnsPerHost = 256
	return transport
}

// BaseURLError is a base URL to which a secret key must not be sent.
type BaseURLError struct {
	URL    string
	Reason string
}

// Error tells what is wrong and what would be right.
func (e *BaseURLError) Error() string {
	return fmt.Sprintf("API base URL %q: %s; expected https://HOST, or http://127.0.0.1:PORT for a server on this machine", e.URL, e.Reason)
}

// checkBaseURL returns the URL without a slash at its end, or a *BaseURLError.
func checkBaseURL(raw string) (string, error) {
	if raw == "" {
		return DefaultBaseURL, nil
	}
	u, err := url.Parse(raw)
	if err != nil {
		if before, _, found := strings.Cut(raw, "@"); found { // a user name or password is not repeated
			raw = before[:strings.LastIndexByte(before, '/')+1] + "…"
		}
		return "", &BaseURLError{raw, "it cannot be read"}
	}
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	switch {
	case u.User != nil:
		return "", &BaseURLError{u.Redacted(), "it must not carry a user name or password"}
	case u.Scheme != "https" && u.Scheme != "http", u.Hostname() == "":
		return "", &BaseURLError{raw, "it is not an http or https address"}
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", &BaseURLError{raw, "only the host may be given, without /v1 or anything else after it"}
	case u.Scheme == "http" && !loopback:
		return "", &BaseURLError{raw, "the secret key would travel over the network unencrypted"}
	}
	return u.Scheme + "://" + u.Host, nil
}
