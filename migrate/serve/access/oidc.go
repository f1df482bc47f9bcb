package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// ProviderConfig names an OpenID Connect provider, and says what its claims mean here.
type ProviderConfig struct {
	Issuer   string
	ClientID string
	Secret   string            // of the client; "" for a public one, which PKCE alone protects
	Callback string            // the address of /login/callback, as the provider has it
	Claim    string            // whose values name roles: groups, or a path as realm_access.roles
	Roles    map[string]Role   // by value of the claim; of several the highest counts
	Scopes   []string          // besides openid, profile and email
	Now      func() time.Time  // when tokens expire
	HTTP     http.RoundTripper // nil is the usual one
}

// Provider lets people sign in with OpenID Connect: the code flow with PKCE, state and nonce.
type Provider struct {
	ProviderConfig
	provider *oidc.Provider
	oauth    oauth2.Config
	client   *http.Client
}

// requestTimeout bounds a request to the provider.
const requestTimeout = 15 * time.Second

// Discover reads the provider's configuration. The error says what is wrong with it, or that the provider does not answer.
func Discover(ctx context.Context, c ProviderConfig) (*Provider, error) {
	client := &http.Client{Transport: c.HTTP, Timeout: requestTimeout}
	// The provider's keys are fetched again when they change: that outlives this call.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), client), c.Issuer)
	if err != nil {
		return nil, fmt.Errorf("the OpenID Connect provider %s cannot be used: %w", c.Issuer, err)
	}
	return &Provider{
		ProviderConfig: c, provider: provider, client: client,
		oauth: oauth2.Config{
			ClientID: c.ClientID, ClientSecret: c.Secret, Endpoint: provider.Endpoint(), RedirectURL: c.Callback,
			Scopes: append([]string{oidc.ScopeOpenID, "profile", "email"}, c.Scopes...),
		},
	}, nil
}

// attempt is one attempt to sign in. Its cookie binds the provider's answer to the browser that has asked.
type attempt struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Next     string `json:"next"`
}

const attemptAge = 10 * time.Minute

// attemptCookie is one that is sent when the provider leads back, which is another site: it is not strict as the session's is.
func (d *Door) attemptCookie(value string, age time.Duration) *http.Cookie {
	name := d.Cookie + "_login"
	if d.Secure {
		name = "__Host-" + name
	}
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, Secure: d.Secure, SameSite: http.SameSiteLaxMode,
	}
}

// begin leads to the provider.
func (d *Door) begin(w http.ResponseWriter, r *http.Request) {
	a := attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: LocalPath(r.URL.Query().Get("next"))}
	text, err := json.Marshal(a)
	if err != nil || len(text) > 2048 { // of a path that long no cookie is made
		a.Next = "/"
		text, _ = json.Marshal(a)
	}
	http.SetCookie(w, d.attemptCookie(base64.RawURLEncoding.EncodeToString(text), attemptAge))
	http.Redirect(w, r, d.Provider.oauth.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), http.StatusSeeOther)
}

// callback takes the provider's answer.
func (d *Door) callback(w http.ResponseWriter, r *http.Request) {
	var a attempt
	if c, err := r.Cookie(d.attemptCookie("", 0).Name); err == nil {
		if text, err := base64.RawURLEncoding.DecodeString(c.Value); err == nil {
			_ = json.Unmarshal(text, &a) // what cannot be read has no state, and is refused for that
		}
	}
	gone := d.attemptCookie("", 0)
	gone.MaxAge = -1
	http.SetCookie(w, gone)
	p, err := d.Provider.person(r, a)
	switch {
	case err != nil:
		d.Log.WarnContext(r.Context(), "signing in has failed", "error", err)
		d.Show(w, r, http.StatusForbidden, ProviderNo, LocalPath(a.Next))
	case p.Role == Nobody:
		d.Log.WarnContext(r.Context(), "somebody without a role has tried to sign in", "person", p.ID)
		d.Show(w, r, http.StatusForbidden, NoRole, "/")
	default:
		d.admit(w, r, p, a.Next)
	}
}

// person returns who has signed in at the provider, with the role that the claims give him; Nobody when they give none.
func (p *Provider) person(r *http.Request, a attempt) (Person, error) {
	q := r.URL.Query()
	state := q.Get("state")
	switch {
	case a.State == "" || subtle.ConstantTimeCompare([]byte(a.State), []byte(state)) != 1:
		return Person{}, errors.New("the answer belongs to no attempt of this browser: state differs, or the attempt is too old")
	case q.Get("error") != "":
		return Person{}, fmt.Errorf("the provider says %q: %s", q.Get("error"), q.Get("error_description"))
	}
	ctx := oidc.ClientContext(r.Context(), p.client)
	token, err := p.oauth.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Person{}, fmt.Errorf("the code was not taken: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Person{}, errors.New("the provider has sent no ID token")
	}
	id, err := p.provider.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID, Now: p.Now}).Verify(ctx, raw)
	if err != nil {
		return Person{}, fmt.Errorf("the ID token is not right: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 {
		return Person{}, errors.New("the ID token has another nonce: it was made for another attempt")
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return Person{}, err
	}
	if p.roleOf(claims) == Nobody && p.provider.UserInfoEndpoint() != "" { // some providers tell of groups only there
		info, err := p.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err == nil && info.Subject == id.Subject {
			_ = info.Claims(&claims) // without them there is no role
		}
	}
	return Person{ID: id.Subject, Name: nameIn(claims, id.Subject), Role: p.roleOf(claims)}, nil
}

// nameIn returns the name to be shown.
func nameIn(claims map[string]any, otherwise string) string {
	for _, key := range []string{"name", "preferred_username", "email"} {
		if name, ok := claims[key].(string); ok && strings.TrimSpace(name) != "" {
			return name
		}
	}
	return otherwise
}

// roleOf returns the highest role that the values of the claim have. A claim is found by its whole name first: some have
// dots in it.
func (p *Provider) roleOf(claims map[string]any) Role {
	value, found := claims[p.Claim]
	for rest, at := p.Claim, any(claims); !found; {
		key, more, deeper := strings.Cut(rest, ".")
		object, ok := at.(map[string]any)
		if !ok {
			break
		}
		if at, ok = object[key]; !ok {
			break
		}
		if !deeper {
			value, found = at, true
		}
		rest = more
	}
	role := Nobody
	take := func(v any) {
		if text, ok := v.(string); ok {
			role = max(role, p.Roles[text])
		}
	}
	switch v := value.(type) {
	case string:
		take(v)
	case []any:
		for _, one := range v {
			take(one)
		}
	}
	return role
}
