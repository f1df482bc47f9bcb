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
	Connected func(ctx context.Context, account string) (bool, error)
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

// take stores the event of a request.
func (c Config) take(w http.ResponseWriter, r *http.Request) (int, answer) {
	account, log := r.PathValue("account"), c.Log.With("account", r.PathValue("account"))
	refuse := func(status int, code, message, fix string) (int, answer) {
		log.Warn("webhook refused", "status", status, "code", code, "message", message)
		return status, answer{Error: &problem{code, message, fix}}
	}
	fail := func(what string, err error) (int, answer) { // the error may name a file or the database
		log.Error("webhook not stored", "what", what, "error", err)
		return http.StatusInternalServerError, answer{Error: &problem{"not_stored", what, "Stripe sends it again"}}
	}
	if !accountName.MatchString(account) {
		log = c.Log
		return refuse(http.StatusNotFound, "unknown_account", "the address ends with no account", "the endpoint's address is "+Path+"acct_…")
	}
	endpoints, err := c.Endpoints(account)
	if err != nil {
		return fail("the signing secrets cannot be read", err)
	}
	if len(endpoints) == 0 {
		return refuse(http.StatusNotFound, "unknown_account", "no signing secret is known for "+account, "put the endpoint's secret (whsec_…) where the service reads it")
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return refuse(http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("an event has at most %d bytes", large.Limit), "")
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "incomplete", "the request ended before its body did", "")
	}
	signer, err := c.signer(endpoints, raw, r.Header.Get("Stripe-Signature"))
	if err != nil {
		return refuse(http.StatusBadRequest, "signature", err.Error(), "compare the secret that the service has with the endpoint's in the Dashboard, and the clocks")
	}
	event, err := Read(raw)
	if err != nil {
		return refuse(http.StatusBadRequest, "not_an_event", err.Error(), "")
	}
	if event.Account != "" && event.Account != account {
		ours := false
		if c.Connected != nil {
			if ours, err = c.Connected(r.Context(), event.Account); err != nil {
				return fail("the connected accounts cannot be read", err)
			}
		}
		if !ours { // of another account of the platform's, which nobody has asked us to look at
			log.Info("webhook of an account that is not connected", "event", event.ID, "type", event.Type, "of", event.Account)
			return http.StatusOK, answer{Received: true, Event: event.ID, Note: event.Account + " is not connected here: nothing was stored"}
		}
		account = event.Account
	} else if event.Livemode != signer.Livemode { // a platform's live endpoint is told of connected accounts' tests as well
		return refuse(http.StatusBadRequest, "wrong_mode", fmt.Sprintf("the event has livemode %t, and the secret is one of an endpoint with livemode %t", event.Livemode, signer.Livemode),
			"name the secret's file after the mode: ACCOUNT.test.whsec or ACCOUNT.live.whsec")
	}
	from := store.EventAccount{Account: account, Livemode: event.Livemode}
	fresh, err := c.Store.PutEvent(r.Context(), store.Event{EventAccount: from, ID: event.ID, Type: event.Type, APIVersion: event.APIVersion, Created: event.Created, Raw: raw})
	if err != nil {
		return fail("the event could not be stored", err)
	}
	if err := c.Wake(context.WithoutCancel(r.Context()), from); err != nil {
		log.Warn("no job was queued for the event yet", "event", event.ID, "error", err)
	}
	log.Info("webhook stored", "event", event.ID, "type", event.Type, "api_version", event.APIVersion, "new", fresh)
	return http.StatusOK, answer{Received: true, Event: event.ID, New: fresh}
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
