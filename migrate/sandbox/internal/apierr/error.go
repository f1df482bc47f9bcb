// Package apierr is the error object of Stripe's API: what a refused request is answered with. Only the wording lives
// here; who refuses decides when.
package apierr

import (
	"fmt"
	"net/http"
	"strings"
)

// Error is one refusal. Status is the HTTP status and is not part of the body.
type Error struct {
	Status      int    `json:"-"`
	Code        string `json:"code,omitempty"`
	DeclineCode string `json:"decline_code,omitempty"`
	DocURL      string `json:"doc_url,omitempty"`
	Message     string `json:"message"`
	Param       string `json:"param,omitempty"`
	Type        string `json:"type"`
}

// Error returns the message word for word.
func (e *Error) Error() string { return e.Message }

// The values Error.Type takes.
const (
	TypeInvalidRequest = "invalid_request_error"
	TypeIdempotency    = "idempotency_error"
	TypeCard           = "card_error"
	TypeAPI            = "api_error"
)

// Invalid is a 400 about one parameter that carries no code.
func Invalid(param, format string, args ...any) *Error {
	return Coded("", param, format, args...)
}

// Coded is a 400 about one parameter with one of Stripe's error codes.
func Coded(code, param, format string, args ...any) *Error {
	e := &Error{
		Status:  http.StatusBadRequest,
		Type:    TypeInvalidRequest,
		Code:    code,
		Param:   param,
		Message: fmt.Sprintf(format, args...),
	}
	if code != "" {
		e.DocURL = docURL(code)
	}
	return e
}

// Unknown is parameter_unknown for one or several parameters.
func Unknown(params []string) *Error {
	noun := "parameter"
	if len(params) > 1 {
		noun = "parameters"
	}
	return Coded("parameter_unknown", params[0], "Received unknown %s: %s", noun, strings.Join(params, ", "))
}

// Missing is parameter_missing.
func Missing(param string) *Error {
	return Coded("parameter_missing", param, "Missing required param: %s.", param)
}

// NotImitated says that Stripe knows the parameter and the sandbox does not act on it. Ignoring it would produce an
// answer that only looks right.
func NotImitated(param string) *Error {
	return Invalid(param, "The sandbox does not imitate the parameter %s (Stripe knows it; see migrate/sandbox/LIMITS.md). Leave it out.", param)
}

// NoSuch is resource_missing: noun is Stripe's word for the kind, "customer".
func NoSuch(noun, id, param string) *Error {
	return Coded("resource_missing", param, "No such %s: '%s'", noun, id)
}

// OtherMode is resource_missing for an ID that exists in live mode only.
func OtherMode(noun, id, param string) *Error {
	e := NoSuch(noun, id, param)
	e.Message += "; a similar object exists in live mode, but a test mode key was used to make this request."
	return e
}

// NotFound turns an error about a body parameter into the 404 that the same ID gets in a path.
func (e *Error) NotFound() *Error {
	found := *e
	found.Status = http.StatusNotFound
	return &found
}

// Declined is a refused card, a 402.
func Declined(declineCode, message string) *Error {
	return &Error{
		Status:      http.StatusPaymentRequired,
		Type:        TypeCard,
		Code:        "card_declined",
		DeclineCode: declineCode,
		Message:     message,
		DocURL:      docURL("card_declined"),
	}
}

func docURL(code string) string {
	return "https://stripe.com/docs/error-codes/" + strings.ReplaceAll(code, "_", "-")
}
