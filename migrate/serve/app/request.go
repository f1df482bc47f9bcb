package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/serve/webhooks"
)

const largestBody = 16 << 10 // bytes; ours have some 300

// signed is what the Dashboard has signed: which act, on what, and who asks. Nothing else of a request is believed.
type signed struct {
	Action   string // the route's name
	Move     string // mov_…, "" with list and link
	SHA256   string // of the file as the person saw it
	Livemode bool
	Nonce    string // makes two requests of one second differ
	User     string // usr_…
	Account  string // acct_…

	Roles access.Role // the best of what Stripe itself says the user is
}

var (
	isUser  = regexp.MustCompile(`^usr_[A-Za-z0-9]{1,64}$`)
	isNonce = regexp.MustCompile(`^[A-Za-z0-9_-]{16,64}$`)
)

// stripeRole is one of the signed key stripe_roles: Stripe signs only when the user has them all.
type stripeRole struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"` // builtIn or custom
}

// read reads the request's body, verifies its signature and returns what was signed.
func (h *handler) read(w http.ResponseWriter, r *http.Request) (signed, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return signed{}, refuse(http.StatusRequestEntityTooLarge, "body_too_large", "the request has more than 16 KiB", "send only the keys that the app signs")
	} else if err != nil {
		return signed{}, refuse(http.StatusBadRequest, "body_unreadable", "the request ended too early", "send it again")
	}
	secrets, err := h.Secrets()
	if err != nil {
		h.Log.ErrorContext(r.Context(), "the app's signing secrets cannot be read", "error", err)
		return signed{}, refuse(http.StatusServiceUnavailable, "app_not_configured", "the service cannot verify signatures", "its operator finds the reason in its log")
	}
	now := h.Clock.Now()
	if err := webhooks.Verify(body, r.Header.Get("Stripe-Signature"), secrets, now); err != nil {
		return signed{}, refuse(http.StatusUnauthorized, "signature_invalid", err.Error(), "reload the page: the Dashboard signs every request anew")
	}
	s, err := decode(body, h.StripeRoles)
	if err != nil {
		return signed{}, refuse(http.StatusBadRequest, "body_invalid", err.Error(), "send what the app signs: action, migration, sha256, livemode, nonce")
	}
	// The nonce makes every body another one. The youngest signature that is good now is good for two windows more.
	fresh, err := h.Store.RememberSignature(r.Context(), fmt.Sprintf("%x", sha256.Sum256(body)), now.Add(2*webhooks.Tolerance))
	if err != nil {
		return signed{}, fmt.Errorf("remembering a signature: %w", err)
	}
	if !fresh {
		return signed{}, refuse(http.StatusUnauthorized, "signature_used", "the signed request was sent before", "reload the page: the Dashboard signs every request anew")
	}
	return s, nil
}

// decode reads a body whose signature is good. Keys count as they are written and once: a reader that takes the last of
// two, or Account_ID for account_id, would read something else than what Stripe has signed as the user's.
func decode(body []byte, roles map[string]access.Role) (signed, error) {
	var s signed
	var stripeRoles []stripeRole
	into := map[string]any{"action": &s.Action, "migration": &s.Move, "sha256": &s.SHA256, "livemode": &s.Livemode, "nonce": &s.Nonce,
		"user_id": &s.User, "account_id": &s.Account, "stripe_roles": &stripeRoles}
	d := json.NewDecoder(bytes.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return signed{}, errors.New("the body is no JSON object")
	}
	for d.More() {
		t, err := d.Token()
		key, _ := t.(string)
		if err != nil {
			return signed{}, errors.New("the body is no JSON object")
		}
		target, ok := into[key]
		if !ok {
			return signed{}, fmt.Errorf("the key %.40q is not expected, or stands twice", key)
		}
		delete(into, key)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil || string(value) == "null" || json.Unmarshal(value, target) != nil {
			return signed{}, fmt.Errorf("the value of %s is of another type than expected", key)
		}
	}
	if _, err := d.Token(); err != nil {
		return signed{}, errors.New("the body is no JSON object")
	}
	if _, err := d.Token(); err != io.EOF {
		return signed{}, errors.New("something follows the JSON object")
	}
	switch _, unknown := into["livemode"]; {
	case unknown:
		return signed{}, errors.New("livemode is missing: true or false was expected")
	case !store.IsAccount(s.Account) || !isUser.MatchString(s.User):
		return signed{}, errors.New("account_id and user_id are missing, which the Dashboard adds")
	case !isNonce.MatchString(s.Nonce):
		return signed{}, errors.New("nonce is missing: 16 to 64 random letters and digits were expected")
	}
	for _, r := range stripeRoles {
		if r.Type == "builtIn" { // anybody can give a role of his own any name
			s.Roles = max(s.Roles, roles[r.ID])
		}
	}
	return s, nil
}
