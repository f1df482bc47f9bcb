package sandbox

import (
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
)

// authenticate accepts any test key. A live key is refused: whoever sends one
// to a sandbox has mixed up two configurations.
func authenticate(h http.Header) *apierr.Error {
	key := secretKey(h.Get("Authorization"))
	switch {
	case key == "":
		return unauthorized("You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY') or HTTP Basic auth with the key as the user name.")
	case strings.HasPrefix(key, "sk_live_"), strings.HasPrefix(key, "rk_live_"):
		return unauthorized("This is the subferry sandbox, not Stripe, and the key is a live mode key. Use a test mode key (sk_test_…); any will do.")
	case testKey(key, "sk_test_"), testKey(key, "rk_test_"):
		return nil
	default:
		return unauthorized("Invalid API Key provided: " + mask(key))
	}
}

func testKey(key, prefix string) bool {
	return strings.HasPrefix(key, prefix) && len(key) > len(prefix)
}

func secretKey(authorization string) string {
	scheme, value, _ := strings.Cut(authorization, " ")
	value = strings.TrimSpace(value)
	switch strings.ToLower(scheme) {
	case "bearer":
		return value
	case "basic":
		pair, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return ""
		}
		user, _, _ := strings.Cut(string(pair), ":")
		return user
	}
	return ""
}

// mask shows what kind of key it was and nothing else of it.
func mask(key string) string {
	if len(key) < 12 {
		return strings.Repeat("*", len(key))
	}
	return key[:3] + strings.Repeat("*", len(key)-3)
}

func unauthorized(message string) *apierr.Error {
	return &apierr.Error{Status: http.StatusUnauthorized, Type: apierr.TypeInvalidRequest, Message: message}
}

// rightAccount refuses a Stripe-Account header that names another account.
func (s *Server) rightAccount(header string) *apierr.Error {
	if own := s.Account(); header == "" || header == own {
		return nil
	}
	return &apierr.Error{
		Status:  http.StatusForbidden,
		Type:    apierr.TypeInvalidRequest,
		Code:    "account_invalid",
		Message: "The provided key does not have access to account '" + header + "' (or that account does not exist). Application access may have been revoked.",
	}
}
