package connect

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/go-oauth2/oauth2/v4"
	oautherrors "github.com/go-oauth2/oauth2/v4/errors"
	"github.com/go-oauth2/oauth2/v4/models"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/store"
)

// The kinds of tickets.
const (
	kindRequest = "request for a connection" // from authorize to connect
	kindState   = "state of Stripe's answer" // from connect to callback
	kindCode    = "authorization code"
	kindToken   = "access token"
)

const parentKey = "parent" // the code that a token was given for, on its way from GetByCode to Create

// random makes codes and tokens of 128 bits and more.
type random struct{}

func (random) Token(context.Context, *oauth2.GenerateBasic) (string, error) { return rand.Text(), nil }

// accessTokens is random with the signature that access tokens have; there are no refresh tokens.
type accessTokens struct{ random }

func (a accessTokens) Token(ctx context.Context, data *oauth2.GenerateBasic, _ bool) (string, string, error) {
	token, err := a.random.Token(ctx, data)
	return token, "", err
}

// clients knows one client, the app: a public one, because what runs in a browser has no secrets.
type clients struct{ id string }

func (c clients) GetByID(_ context.Context, id string) (oauth2.ClientInfo, error) {
	if id != c.id {
		return nil, oautherrors.ErrInvalidClient
	}
	return &models.Client{ID: id, Public: true}, nil
}

// tickets keeps codes and tokens as tickets of the store: a hash, good for one use. Whoever presents a code uses it up,
// with a wrong verifier as well: there is no second guess.
type tickets struct{ p *Provider }

func (t tickets) Create(ctx context.Context, info oauth2.TokenInfo) error {
	token, ok := info.(*models.Token)
	if !ok {
		return fmt.Errorf("a token of an unknown type: %T", info)
	}
	kept := *token
	ticket := store.Ticket{Kind: kindToken, Secret: kept.Access, Parent: kept.Extension.Get(parentKey), Until: t.p.Clock.Now().Add(kept.AccessExpiresIn)}
	if kept.Code != "" {
		ticket = store.Ticket{Kind: kindCode, Secret: kept.Code, Until: t.p.Clock.Now().Add(kept.CodeExpiresIn)}
	}
	kept.Code, kept.Access = "", ""
	kept.Extension = url.Values{}
	for key, values := range token.Extension {
		if key != parentKey {
			kept.Extension[key] = values
		}
	}
	body, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	ticket.Body = string(body)
	return t.p.Store.KeepTicket(ctx, ticket)
}

func (t tickets) GetByCode(ctx context.Context, code string) (oauth2.TokenInfo, error) {
	token, err := t.take(ctx, kindCode, code)
	if err != nil {
		return nil, err
	}
	if token == nil {
		return nil, oautherrors.ErrInvalidAuthorizeCode
	}
	token.Code = code
	token.Extension.Set(parentKey, code)
	return token, nil
}

func (t tickets) GetByAccess(ctx context.Context, token string) (oauth2.TokenInfo, error) {
	found, err := t.take(ctx, kindToken, token)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return nil, oautherrors.ErrInvalidAccessToken
	}
	found.Access = token
	return found, nil
}

// take uses a ticket; it returns nil when it is good for nothing.
func (t tickets) take(ctx context.Context, kind, secret string) (*models.Token, error) {
	body, err := t.p.Store.TakeTicket(ctx, kind, secret)
	if errors.Is(err, store.ErrUsed) {
		t.p.Log.WarnContext(ctx, "somebody has presented a ticket twice: what was given for it is void", "ticket", kind)
	}
	if errors.Is(err, store.ErrUsed) || errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	token := models.NewToken()
	return token, json.Unmarshal([]byte(body), token)
}

// There is nothing to remove: tickets are used up as they are read, and there are no refresh tokens.
func (tickets) RemoveByCode(context.Context, string) error    { return nil }
func (tickets) RemoveByAccess(context.Context, string) error  { return nil }
func (tickets) RemoveByRefresh(context.Context, string) error { return nil }

func (tickets) GetByRefresh(context.Context, string) (oauth2.TokenInfo, error) {
	return nil, oautherrors.ErrInvalidRefreshToken
}

// grantKey is where a request's context carries the grant that a code is made for.
type grantKey struct{}

func (g Grant) values() url.Values {
	return url.Values{"person": {g.Person}, "role": {g.Role.String()}, "account": {g.Account}, "livemode": {strconv.FormatBool(g.Livemode)}}
}

func grantOf(v url.Values) (Grant, error) {
	role, err := access.ParseRole(v.Get("role"))
	return Grant{Person: v.Get("person"), Role: role, Account: v.Get("account"), Livemode: v.Get("livemode") == "true"}, err
}
