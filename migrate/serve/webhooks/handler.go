package webhooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Path is where events are sent to, with the account's ID behind it.
const Path = "/webhooks/stripe/"

// maxBody is the most that an event may have. Stripe's have some kilobytes.
const maxBody = 1 << 20

// Config is what a handler works with. All but Connected is required.
type Config struct {
	Store *store.Store
	Clock migrate.Clock
	Log   *slog.Logger

	// Endpoints returns what signs an account's events; none means that the account is not known. The account is what the
	// request names, whoever has sent it.
	Endpoints func(account string) ([]Endpoint, error)
	// Connected tells whether a connected account, of which a platform's endpoint tells, is one that is worked for. nil is never.
	Connected func(ctx context.Context, of store.EventAccount) (bool, error)
	// Wake has a job apply an account's events, see Applier. That it fails does not matter: the events are stored.
	Wake func(ctx context.Context, a store.EventAccount) error
}

// New returns the handler of POST /webhooks/stripe/ACCOUNT. It answers 200 as soon as the event is stored, or was before;
// with 4xx what is not Stripe's; and with 500 what Stripe is to send again.
func New(c Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+Path+"{account}", func(w http.ResponseWriter, r *http.Request) {
		status, answer := c.take(w, r)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer) // Stripe looks at the status
	})
	return mux
}

// answer is what the handler says; Stripe shows it in the Dashboard.
type answer struct {
	Received bool     `json:"received"`
	Event    string   `json:"event,omitempty"`
	New      bool     `json:"new"` // false: it was stored before
	Note     string   `json:"note,omitempty"`
	Error    *problem `json:"error,omitempty"`
}

type problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"`
}

// refused is the error of a request that is not stored.
type refused struct {
	status int
	problem
	cause error // of what failed here, which may name a file or the database, and is logged only
}

func (r *refused) Error() string { return r.Message }

func refuse(status int, code, message, fix string) error {
	return &refused{status: status, problem: problem{code, message, fix}}
}

func failed(what string, err error) error {
	return &refused{http.StatusInternalServerError, problem{"not_stored", what, "Stripe sends it again"}, err}
}

// take stores the event of a request.
func (c Config) take(w http.ResponseWriter, r *http.Request) (int, answer) {
	log, account := c.Log, r.PathValue("account")
	e, raw, err := c.accept(w, r, account)
	if store.IsAccount(account) {
		log = log.With("account", account)
	}
	ours := false
	if err == nil {
		account, ours, err = c.owner(r.Context(), account, e)
	}
	from, fresh := store.EventAccount{Account: account, Livemode: e.Livemode}, false
	if err == nil && ours {
		stored := store.Event{EventAccount: from, ID: e.ID, Type: e.Type, APIVersion: e.APIVersion, Created: e.Created, Raw: raw}
		if fresh, err = c.Store.PutEvent(r.Context(), stored); err != nil {
			err = failed("the event could not be stored", err)
		}
	}
	if no := (*refused)(nil); errors.As(err, &no) {
		if no.cause != nil {
			log.Error("webhook not stored", "what", no.Message, "error", no.cause)
		} else {
			log.Warn("webhook refused", "status", no.status, "code", no.Code, "message", no.Message)
		}
		return no.status, answer{Error: &no.problem}
	}
	if !ours { // of another account of the platform's, which nobody has asked us to look at
		log.Info("webhook of an account that is not connected", "event", e.ID, "type", e.Type, "of", account)
		return http.StatusOK, answer{Received: true, Event: e.ID, Note: account + " is not connected here: nothing was stored"}
	}
	if err := c.Wake(context.WithoutCancel(r.Context()), from); err != nil {
		log.Warn("no job was queued for the event yet", "event", e.ID, "error", err)
	}
	log.Info("webhook stored", "event", e.ID, "type", e.Type, "api_version", e.APIVersion, "new", fresh)
	return http.StatusOK, answer{Received: true, Event: e.ID, New: fresh}
}

// accept returns the event of a request that Stripe has signed for an account's endpoint, and its body.
func (c Config) accept(w http.ResponseWriter, r *http.Request, account string) (e Event, raw []byte, err error) {
	if !store.IsAccount(account) {
		return e, nil, refuse(http.StatusNotFound, "unknown_account", "the address ends with no account", "the endpoint's address is "+Path+"acct_…")
	}
	endpoints, err := c.Endpoints(account)
	if err != nil {
		return e, nil, failed("the signing secrets cannot be read", err)
	}
	if len(endpoints) == 0 {
		return e, nil, refuse(http.StatusNotFound, "unknown_account", "no signing secret is known for "+account, "put the endpoint's secret (whsec_…) where the service reads it")
	}
	raw, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return e, nil, refuse(http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("an event has at most %d bytes", large.Limit), "")
	}
	if err != nil {
		return e, nil, refuse(http.StatusBadRequest, "incomplete", "the request ended before its body did", "")
	}
	signer, err := c.signer(endpoints, raw, r.Header.Get("Stripe-Signature"))
	if err != nil {
		return e, nil, refuse(http.StatusBadRequest, "signature", err.Error(), "compare the secret that the service has with the endpoint's in the Dashboard, and the clocks")
	}
	if e, err = Read(raw); err != nil {
		return e, nil, refuse(http.StatusBadRequest, "not_an_event", err.Error(), "")
	}
	// A platform's live endpoint is told of connected accounts' tests as well.
	if own := e.Account == "" || e.Account == account; own && e.Livemode != signer.Livemode {
		return e, nil, refuse(http.StatusBadRequest, "wrong_mode", fmt.Sprintf("the event has livemode %t, and the secret is one of an endpoint with livemode %t", e.Livemode, signer.Livemode),
			"name the secret's file after the mode: ACCOUNT.test.whsec or ACCOUNT.live.whsec")
	}
	return e, raw, nil
}

// owner returns the account that an event is of, and whether it is worked for.
func (c Config) owner(ctx context.Context, account string, e Event) (string, bool, error) {
	if e.Account == "" || e.Account == account {
		return account, true, nil
	}
	if c.Connected == nil {
		return e.Account, false, nil
	}
	ours, err := c.Connected(ctx, store.EventAccount{Account: e.Account, Livemode: e.Livemode})
	if err != nil {
		err = failed("the connected accounts cannot be read", err)
	}
	return e.Account, ours, err
}

// signer returns the endpoint that has signed, or why none has.
func (c Config) signer(endpoints []Endpoint, raw []byte, header string) (Endpoint, error) {
	var err error
	for _, one := range endpoints {
		if err = Verify(raw, header, one.Secrets, c.Clock.Now()); err == nil {
			return one, nil
		}
	}
	return Endpoint{}, err
}
