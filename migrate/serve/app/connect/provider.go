// Package connect connects a Stripe account to the service. To the Stripe App it is an OAuth provider with PKCE, for
// the SDK's createOAuthState; to Stripe it is a platform that asks the person to prove, by Stripe's own OAuth, that he
// controls the account:
//
//	the app's view -> /oauth/authorize -> /oauth/connect -> Stripe -> /oauth/stripe/callback -> the Dashboard -> the app's view
//
// What remains is that the account is connected, by whom and when. The tokens that Stripe answers with are thrown away:
// requests for the account are made with the platform's own key and the header Stripe-Account.
//
// The protocol's rules are those of github.com/go-oauth2/oauth2. ory/fosite, which would keep hashes by itself, has had
// no release since 2024 and brings 54 modules; zitadel/oidc is a whole OpenID provider, with keys and ID tokens that
// nobody here reads, and 19 modules; this one brings two. What it leaves to its user is done here: redirect addresses
// are compared as a whole, codes and tokens are kept as hashes, expire and are good for one use.
package connect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-oauth2/oauth2/v4"
	oautherrors "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/manage"
	"github.com/go-oauth2/oauth2/v4/models"
	"github.com/go-oauth2/oauth2/v4/server"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/store"
)

const (
	requestLife = 15 * time.Minute // from the view to Stripe and back, with a person who reads
	codeLife    = time.Minute
	tokenLife   = 10 * time.Minute
)

// Store is what the provider keeps; *store.Store is one.
type Store interface {
	KeepTicket(ctx context.Context, t store.Ticket) error
	TakeTicket(ctx context.Context, kind, secret string) (string, error)
	Connect(ctx context.Context, c store.Connected) error
}

// Config is what a Provider needs.
type Config struct {
	Store    Store
	ClientID string   // of the app at this provider; it is public
	Redirect []string // where the Dashboard takes the code: see Redirects
	Public   string   // the service's own address, https://…, without a path
	Stripe   Stripe
	HTTP     *http.Client  // for the request to Stripe; it must have a timeout
	Clock    migrate.Clock // nil is the machine's
	Log      *slog.Logger
}

// Provider connects accounts. It is safe for concurrent use, by many machines with one store.
type Provider struct {
	Config
	server *server.Server
}

// Redirects returns the addresses at which the Dashboard takes the codes of an app, in test mode and live.
func Redirects(appID string) []string {
	return []string{"https://dashboard.stripe.com/test/apps-oauth/" + appID, "https://dashboard.stripe.com/apps-oauth/" + appID}
}

// New returns a provider, or says what of the configuration is wrong.
func New(c Config) (*Provider, error) {
	if c.Clock == nil {
		c.Clock = migrate.SystemClock{}
	}
	if err := c.Stripe.check(); err != nil {
		return nil, err
	}
	switch {
	case c.ClientID == "" || len(c.Redirect) == 0:
		return nil, errors.New("connecting accounts needs the app's client ID and where its codes go")
	case !strings.HasPrefix(c.Public, "https://") && !strings.HasPrefix(c.Public, "http://127.0.0.1") && !strings.HasPrefix(c.Public, "http://localhost"):
		return nil, fmt.Errorf("connecting accounts needs the service's public address: https://… was expected, %q found", c.Public)
	case c.HTTP == nil || c.HTTP.Timeout == 0:
		return nil, errors.New("the client that asks Stripe needs a timeout")
	}
	p := &Provider{Config: c}
	p.Public = strings.TrimSuffix(p.Public, "/")
	manager := manage.NewManager()
	manager.SetAuthorizeCodeExp(codeLife)
	manager.SetAuthorizeCodeTokenCfg(&manage.Config{AccessTokenExp: tokenLife})
	manager.MapAuthorizeGenerate(random{})
	manager.MapAccessGenerate(accessTokens{})
	manager.MapTokenStorage(tickets{p})
	manager.MapClientStorage(clients{c.ClientID})
	manager.SetValidateURIHandler(func(_, redirect string) error {
		if !slices.Contains(c.Redirect, redirect) {
			return oautherrors.ErrInvalidGrant
		}
		return nil
	})
	manager.SetExtractExtensionHandler(func(r *oauth2.TokenGenerateRequest, info oauth2.ExtendableTokenInfo) {
		if g, ok := r.Request.Context().Value(grantKey{}).(Grant); ok {
			info.SetExtension(g.values())
		}
	})
	p.server = server.NewServer(&server.Config{
		TokenType:                   "Bearer",
		AllowedResponseTypes:        []oauth2.ResponseType{oauth2.Code},
		AllowedGrantTypes:           []oauth2.GrantType{oauth2.AuthorizationCode},
		AllowedCodeChallengeMethods: []oauth2.CodeChallengeMethod{oauth2.CodeChallengeS256},
		ForcePKCE:                   true,
	}, manager)
	p.server.ClientInfoHandler = func(r *http.Request) (string, string, error) { return r.PostForm.Get("client_id"), "", nil }
	p.server.ResponseErrorHandler = func(e *oautherrors.Response) {
		if e.Error == oautherrors.ErrInvalidGrant {
			e.StatusCode = http.StatusBadRequest // RFC 6749, 5.2
		}
	}
	p.server.InternalErrorHandler = func(err error) *oautherrors.Response {
		p.Log.Error("the OAuth provider failed", "error", err)
		return nil
	}
	return p, nil
}

// Take uses an access token that Token has given, and returns what it stands for. It returns store.ErrNotFound when it
// is none, has expired, or was used before.
func (p *Provider) Take(ctx context.Context, token string) (Grant, error) {
	info, err := p.server.Manager.LoadAccessToken(ctx, token)
	if errors.Is(err, oautherrors.ErrInvalidAccessToken) || errors.Is(err, oautherrors.ErrExpiredAccessToken) {
		return Grant{}, store.ErrNotFound
	}
	if err != nil {
		return Grant{}, err
	}
	return grantOf(info.(*models.Token).Extension)
}

// Token is the endpoint at which the view exchanges a code and its verifier for an access token. It has no cookies, and
// any origin may ask: whoever has code and verifier is whom they were made for.
func (p *Provider) Token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	err := r.ParseForm()
	if r.URL.RawQuery != "" || err != nil { // a code in an address would be in every log on the way
		http.Error(w, `{"error":"invalid_request","error_description":"a form was expected in the body, and nothing in the address"}`, http.StatusBadRequest)
		return
	}
	if err := p.server.HandleTokenRequest(w, r); err != nil {
		p.Log.ErrorContext(r.Context(), "a token could not be answered", "error", err)
	}
}

// Grant is what somebody has obtained: he is this person, and he has proved that he controls the account.
type Grant struct {
	Person   string
	Role     access.Role
	Account  string
	Livemode bool
}
