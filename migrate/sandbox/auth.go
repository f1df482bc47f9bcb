package sandbox

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
)

// authenticate accepts any test key in an Authorization header. A live key is refused: whoever sends one to a sandbox
// has mixed up two configurations.
func authenticate(authorization string) error {
	scheme, key, _ := strings.Cut(authorization, " ")
	key = strings.TrimSpace(key)
	switch strings.ToLower(scheme) {
	case "bearer":
	case "basic":
		pair, err := base64.StdEncoding.DecodeString(key)
		if err != nil {
			pair = nil
		}
		key, _, _ = strings.Cut(string(pair), ":")
	default:
		key = ""
	}
	message := "Invalid API Key provided: "
	switch {
	case key == "":
		message = "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY') or HTTP Basic auth with the key as the user name."
	case strings.HasPrefix(key, "sk_live_"), strings.HasPrefix(key, "rk_live_"):
		message = "This is the subferry sandbox, not Stripe, and the key is a live mode key. Use a test mode key (sk_test_…); any will do."
	case len(key) > len("sk_test_") && (strings.HasPrefix(key, "sk_test_") || strings.HasPrefix(key, "rk_test_")):
		return nil
	case len(key) < 12:
		message += strings.Repeat("*", len(key))
	default: // what kind of key it was, and nothing else of it
		message += key[:3] + strings.Repeat("*", len(key)-3)
	}
	return &apierr.Error{Status: http.StatusUnauthorized, Type: apierr.TypeInvalidRequest, Message: message}
}
