package connect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/subferry/subferry/migrate/serve/store"
)

// Stripe is the platform at Stripe that accounts are connected to.
type Stripe struct {
	ClientID string                 // ca_…, of the platform, in the mode of its key
	Key      func() (string, error) // the platform's secret key; read when it is needed, never kept
	Base     string                 // "" is https://connect.stripe.com
}

func (s Stripe) check() error {
	if !strings.HasPrefix(s.ClientID, "ca_") || s.Key == nil {
		return errors.New("connecting accounts needs the platform's client ID, ca_…, and its secret key")
	}
	return nil
}

// proved is what Stripe says about who has agreed. The access token that it sends along is not even read.
type proved struct {
	Account  string `json:"stripe_user_id"`
	Livemode bool   `json:"livemode"`
	Scope    string `json:"scope"`

	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// authorize returns the address at which the person proves that he controls an account.
func (s Stripe) authorize(state, back string) string {
	return cmp.Or(s.Base, "https://connect.stripe.com") + "/oauth/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {s.ClientID}, "scope": {"read_write"}, "state": {state}, "redirect_uri": {back},
	}.Encode()
}

// prove exchanges Stripe's code for the account that it stands for. Its errors carry Stripe's words, and never a key or
// a code.
func (s Stripe) prove(ctx context.Context, client *http.Client, code string) (proved, error) {
	key, err := s.Key()
	if err != nil {
		return proved{}, fmt.Errorf("the platform's key: %w", err)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_secret": {key}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, cmp.Or(s.Base, "https://connect.stripe.com")+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		return proved{}, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := client.Do(request)
	if err != nil {
		return proved{}, fmt.Errorf("Stripe could not be asked: %w", err)
	}
	defer answer.Body.Close()
	var p proved
	if err := json.NewDecoder(io.LimitReader(answer.Body, 64<<10)).Decode(&p); err != nil {
		return proved{}, fmt.Errorf("Stripe answered %s, and no JSON", answer.Status)
	}
	switch {
	case answer.StatusCode != http.StatusOK || p.Error != "":
		return proved{}, fmt.Errorf("Stripe refuses: %s (%s, %s)", cmp.Or(p.Description, "no reason given"), cmp.Or(p.Error, "no code"), answer.Status)
	case !store.IsAccount(p.Account):
		return proved{}, errors.New("the answer of Stripe names no account")
	case p.Scope != "read_write":
		return proved{}, fmt.Errorf("the account %s was connected for %q: read_write is needed to create schedules in it", p.Account, p.Scope)
	}
	return p, nil
}
