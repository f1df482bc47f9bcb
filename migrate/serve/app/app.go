// Package app is the service's side of the Stripe App: what the view in Stripe's Dashboard asks for, as JSON over POST.
//
// Its handler has no cookies, and answers any origin, because the view runs in a frame without one. Who asks, and for
// what, is told by a signature alone: Stripe signs the body, which names the act, the migration, the file's SHA-256 and
// the mode, with the user and the account that it is shown to. A signed request is answered once, on whichever machine,
// and for five minutes.
package app

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/app/connect"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Store is what the app reads and remembers; *store.Store is one.
type Store interface {
	Moves(ctx context.Context, f store.MoveFilter) ([]store.Move, error)
	Move(ctx context.Context, id string) (store.Move, error)
	AppUser(ctx context.Context, account, stripeUser string) (store.AppUser, error)
	LinkAppUser(ctx context.Context, u store.AppUser, until time.Time) error
	RememberSignature(ctx context.Context, digest string, until time.Time) (bool, error)
}

// Config is what the handler is made of.
type Config struct {
	Secrets func() ([]string, error) // the app's signing secrets, see Secrets; asked for every request, so that replacing one needs no restart
	Store   Store
	Clock   migrate.Clock // nil is the machine's
	Log     *slog.Logger

	Progress func(ctx context.Context, m store.Move) (jobs.Progress, error)
	// Cancel cancels a migration as the service's own page does. It may return a *Refusal. The detail becomes part of the
	// audit entry.
	Cancel func(ctx context.Context, m store.Move, by access.Person, detail map[string]any) (store.Move, error)
	// Provider gives and takes the tokens that link a user of the Dashboard to a person; nil offers no linking.
	Provider *connect.Provider
	// StripeRoles says which role a role of Stripe's has here, by Stripe's ID (admin, developer …). Nobody is more than
	// a viewer by it unless it says so.
	StripeRoles map[string]access.Role
}

type handler struct{ Config }

// linkLife is how long a link lasts: then the person signs in again, and his role is asked for anew.
const linkLife = 30 * 24 * time.Hour

// New returns the handler of everything below /app/.
func New(c Config) http.Handler {
	if c.Clock == nil {
		c.Clock = migrate.SystemClock{}
	}
	h := &handler{c}
	mux := http.NewServeMux()
	for action, do := range map[string]act{
		"list": h.list, "findings": h.findings, "progress": h.progress, "deadline": h.deadline, "cancel": h.cancel, "link": h.link,
	} {
		mux.HandleFunc("POST /app/"+action, h.answer(action, do))
	}
	if c.Provider != nil {
		mux.HandleFunc("POST /app/token", c.Provider.Token)
	}
	mux.HandleFunc("/app/", func(w http.ResponseWriter, r *http.Request) {
		h.fail(w, r, refuse(http.StatusNotFound, "not_found", "there is no such endpoint", "POST to /app/list, findings, progress, deadline, cancel or link"))
	})
	return crossOrigin(mux)
}

// crossOrigin answers the browser's question whether the view may ask, and lets it read every answer, also what went
// wrong.
func crossOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Access-Control-Allow-Origin", "*") // the frame's origin is null, and nothing else fits it; there are no cookies to protect
		head.Set("Cross-Origin-Resource-Policy", "cross-origin")
		head.Set("Cache-Control", "no-store")
		head.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodOptions {
			head.Set("Access-Control-Allow-Methods", "POST")
			head.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Stripe-Signature")
			head.Set("Access-Control-Max-Age", "7200")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// asked is a request that is to be answered: what was signed, and who that is here.
type asked struct {
	signed
	person  access.Person
	linked  bool
	request *http.Request
}

type act func(ctx context.Context, a asked) (any, error)

// answer verifies a request, finds out who asks, and answers with what the act returns.
func (h *handler) answer(action string, do act) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := h.read(w, r)
		if err == nil && s.Action != action {
			err = refuse(http.StatusBadRequest, "action_mismatch", "the signed action is another one than the address's", "sign the action that is asked for")
		}
		a := asked{signed: s, request: r}
		if err == nil {
			a.person, a.linked, err = h.who(r.Context(), s)
		}
		var body any
		if err == nil {
			body, err = do(r.Context(), a)
		}
		if err != nil {
			h.fail(w, r, err)
			return
		}
		h.send(w, r, http.StatusOK, body)
	}
}

// who returns the person behind a user of the Dashboard. Who has linked himself is whom he has signed in as; everybody
// else of the account may look, because Stripe lets only its users sign for it, and is what his role at Stripe makes
// him.
func (h *handler) who(ctx context.Context, s signed) (access.Person, bool, error) {
	p := access.Person{ID: "stripe:" + s.User, Name: s.User, Role: max(access.Viewer, s.Roles)}
	u, err := h.Store.AppUser(ctx, s.Account, s.User)
	if errors.Is(err, store.ErrNotFound) {
		return p, false, nil
	}
	if err != nil {
		return access.Person{}, false, err
	}
	role, err := access.ParseRole(u.Role)
	if err != nil {
		return access.Person{}, false, err
	}
	return access.Person{ID: u.Person, Name: u.Person, Role: max(role, p.Role)}, true, nil
}

// Refusal is an answer that says what is wrong, and what to do about it.
type Refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"` // stable, for programs
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

func (r *Refusal) Error() string { return r.Message + ": " + r.Fix }

func refuse(status int, code, message, fix string) error {
	return &Refusal{Status: status, Code: code, Message: message, Fix: fix}
}

// fail answers with an error. One that nobody expected is logged, and not shown.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	known := (*Refusal)(nil)
	switch {
	case errors.As(err, &known):
	case errors.Is(err, store.ErrNotFound):
		known = &Refusal{http.StatusNotFound, "not_found", "this account has no such migration", "reload the list"}
	default:
		h.Log.ErrorContext(r.Context(), "a request of the app has failed", "path", r.URL.Path, "error", err)
		known = &Refusal{http.StatusServiceUnavailable, "unavailable", "the service cannot answer at the moment", "try again in a minute"}
	}
	h.send(w, r, known.Status, map[string]*Refusal{"error": known})
}

func (h *handler) send(w http.ResponseWriter, r *http.Request, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		h.Log.DebugContext(r.Context(), "an answer could not be sent", "error", err)
	}
}
