package gateway

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Key is a secret key of Stripe's API that shows itself to nobody: printed in any way, logged or marshalled it is
// its prefix and an ellipsis. The zero Key is no key.
type Key struct {
	// A function and not a string, because printers that follow unexported fields (fmt's %v of a struct that holds
	// a Key, go-spew in a failed test) bypass the methods below.
	reveal func() string
	prefix string
}

// The faults of a key. None of their texts contains any of it.
var (
	ErrNoKey          = errors.New("no Stripe key: set STRIPE_API_KEY to a secret or restricted key (sk_test_…, rk_test_…, sk_live_…, rk_live_…)")
	ErrPublishableKey = errors.New("the Stripe key is a publishable one (pk_…), which cannot create schedules: use a secret or restricted key (sk_… or rk_…)")
	ErrMalformedKey   = errors.New("the Stripe key is not one: it must begin with sk_test_, rk_test_, sk_live_ or rk_live_ and contain no spaces or line breaks")
)

// NewKey returns the secret key, or ErrNoKey, ErrPublishableKey or ErrMalformedKey.
func NewKey(secret string) (Key, error) {
	switch {
	case secret == "":
		return Key{}, ErrNoKey
	case strings.HasPrefix(secret, "pk_"):
		return Key{}, ErrPublishableKey
	case strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }):
		return Key{}, ErrMalformedKey
	}
	for _, prefix := range [...]string{"sk_test_", "rk_test_", "sk_live_", "rk_live_"} {
		if strings.HasPrefix(secret, prefix) && len(secret) > len(prefix) {
			return Key{reveal: func() string { return secret }, prefix: prefix}, nil
		}
	}
	return Key{}, ErrMalformedKey
}

// Livemode tells whether the key moves real money. The key's prefix says so: no request is needed, and none can
// say otherwise.
func (k Key) Livemode() bool { return strings.HasSuffix(k.prefix, "_live_") }

// IsZero tells whether there is no key.
func (k Key) IsZero() bool { return k.reveal == nil }

// String returns the key's prefix and an ellipsis: sk_test_…
func (k Key) String() string {
	if k.IsZero() {
		return "no key"
	}
	return k.prefix + "…"
}

// Format writes String, whatever the verb: a verb that fits no string would otherwise print the fields.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// GoString returns String.
func (k Key) GoString() string { return k.String() }

// MarshalText returns String; encoding/json uses it too.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// LogValue returns String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// secret returns the key itself.
func (k Key) secret() string {
	if k.IsZero() {
		return ""
	}
	return k.reveal()
}

// redact replaces the key in a text that came from outside: a server that repeats the request's header in its
// error message must not bring the key into ours.
func (k Key) redact(text string) string {
	if k.IsZero() || !strings.Contains(text, k.secret()) {
		return text
	}
	return strings.ReplaceAll(text, k.secret(), k.String())
}

// Same tells whether two keys are one.
func (k Key) Same(other Key) bool {
	return k.IsZero() == other.IsZero() && (k.IsZero() || subtle.ConstantTimeCompare([]byte(k.reveal()), []byte(other.reveal())) == 1)
}
