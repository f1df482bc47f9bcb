package connect

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-oauth2/oauth2/v4"
	"github.com/go-oauth2/oauth2/v4/server"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/store"
)

// cookie ties Stripe's answer to the browser that was sent to Stripe. The session's own cookie cannot: it is not sent
// along when another site, here Stripe, sends the browser back.
const cookie = "subferry_connect"

// asked is a request of the app, on its way through this service and Stripe.
type asked struct {
	Redirect  string      `json:"redirect"`
	State     string      `json:"state"` // the app's, to be given back
	Challenge string      `json:"challenge"`
	Browser   string      `json:"browser,omitempty"` // the hash of the cookie
	Person    string      `json:"person,omitempty"`
	Role      access.Role `json:"role,omitempty"`
}

// Pages returns the handler of /oauth/authorize, /oauth/connect and /oauth/stripe/callback, which a person goes
// through. The second must know by its context who has signed in; all of them are GET.
func (p *Provider) Pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /oauth/authorize", p.authorize)
	mux.HandleFunc("GET /oauth/connect", p.connect)
	mux.HandleFunc("GET /oauth/stripe/callback", p.callback)
	return mux
}

var isChallenge = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`) // of S256: 32 bytes in base64url

// authorize takes the app's request. Somebody who comes from another site has no session here yet: the page's link,
// which this site's own page follows, has one.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for _, name := range []string{"client_id", "redirect_uri", "response_type", "code_challenge", "code_challenge_method", "state"} {
		if len(q[name]) != 1 {
			p.say(w, r, http.StatusBadRequest, "The app's request lacks its "+name+", or has it twice.", "")
			return
		}
	}
	if _, err := (clients{p.ClientID}).GetByID(r.Context(), q.Get("client_id")); err != nil || !slices.Contains(p.Redirect, q.Get("redirect_uri")) {
		p.say(w, r, http.StatusBadRequest, "This request does not come from the app that this service knows. Nothing was connected.", "") // and nobody is sent there
		return
	}
	a := asked{Redirect: q.Get("redirect_uri"), State: q.Get("state"), Challenge: q.Get("code_challenge")}
	if _, err := p.server.ValidationAuthorizeRequest(r); err != nil || !isChallenge.MatchString(a.Challenge) {
		code := "invalid_request"
		if err != nil {
			code = err.Error()
		}
		p.back(w, r, a, url.Values{"error": {code}, "error_description": {"response_type=code, and a code_challenge with code_challenge_method=S256, were expected"}})
		return
	}
	secret, err := p.keep(r.Context(), kindRequest, a)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.say(w, r, http.StatusOK, "Stripe's Dashboard asks to connect an account to this service. Stripe will ask which account it is, and whether you agree.",
		"/oauth/connect?"+url.Values{"request": {secret}}.Encode())
}

// connect sends somebody who has signed in, and may change something, to Stripe.
func (p *Provider) connect(w http.ResponseWriter, r *http.Request) {
	person := access.From(r.Context())
	if person.Role == access.Nobody {
		http.Redirect(w, r, "/login?"+url.Values{"next": {r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
		return
	}
	if !person.May(access.Operator) {
		p.say(w, r, http.StatusForbidden, "You may look at migrations here, and not connect an account: that needs the role of an operator.", "")
		return
	}
	a, err := p.take(r.Context(), kindRequest, r.URL.Query().Get("request"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	browser := rand.Text()
	a.Browser, a.Person, a.Role = digest(browser), person.ID, person.Role
	state, err := p.keep(r.Context(), kindState, a)
	if err != nil {
		p.fail(w, r, err)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: browser, Path: "/oauth/", MaxAge: int(requestLife.Seconds()), HttpOnly: true,
		Secure: strings.HasPrefix(p.Public, "https://"), SameSite: http.SameSiteLaxMode, // Lax: Stripe sends the browser back
	})
	http.Redirect(w, r, p.Stripe.authorize(state, p.Public+"/oauth/stripe/callback"), http.StatusSeeOther)
}

// callback takes Stripe's answer, records the account and sends the browser back to the Dashboard with a code for the
// app.
func (p *Provider) callback(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a, err := p.take(r.Context(), kindState, q.Get("state"))
	if err != nil {
		p.fail(w, r, err)
		return
	}
	sent, err := r.Cookie(cookie)
	if err != nil || subtle.ConstantTimeCompare([]byte(digest(sent.Value)), []byte(a.Browser)) != 1 {
		p.say(w, r, http.StatusForbidden, "Stripe's answer belongs to another browser. Nothing was connected: begin again in the Dashboard.", "")
		return
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Path: "/oauth/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	if refused := q.Get("error"); refused != "" {
		p.back(w, r, a, url.Values{"error": {"access_denied"}, "error_description": {"Stripe: " + q.Get("error_description") + " (" + refused + ")"}})
		return
	}
	proof, err := p.Stripe.prove(r.Context(), p.HTTP, q.Get("code"))
	if err != nil {
		p.Log.WarnContext(r.Context(), "an account was not connected", "person", a.Person, "error", err)
		p.back(w, r, a, url.Values{"error": {"access_denied"}, "error_description": {err.Error()}})
		return
	}
	entry, err := store.NewEntry(a.Person, "connect account", map[string]any{"account": proof.Account, "livemode": proof.Livemode})
	if err != nil {
		p.fail(w, r, err)
		return
	}
	ctx := store.WithAudit(r.Context(), entry)
	if err := p.Store.Connect(ctx, store.Connected{Account: proof.Account, Livemode: proof.Livemode, By: a.Person}); err != nil {
		p.fail(w, r, err)
		return
	}
	p.Log.InfoContext(ctx, "an account was connected", "account", proof.Account, "livemode", proof.Livemode, "person", a.Person)
	grant := Grant{Person: a.Person, Role: a.Role, Account: proof.Account, Livemode: proof.Livemode}
	info, err := p.server.GetAuthorizeToken(ctx, &server.AuthorizeRequest{
		ResponseType: oauth2.Code, ClientID: p.ClientID, RedirectURI: a.Redirect, UserID: a.Person, CodeChallenge: a.Challenge,
		CodeChallengeMethod: oauth2.CodeChallengeS256, Request: r.WithContext(context.WithValue(ctx, grantKey{}, grant)),
	})
	if err != nil {
		p.fail(w, r, err)
		return
	}
	p.back(w, r, a, url.Values{"code": {info.GetCode()}})
}

// back sends the browser to the Dashboard with the app's own state.
func (p *Provider) back(w http.ResponseWriter, r *http.Request, a asked, with url.Values) {
	with.Set("state", a.State)
	http.Redirect(w, r, a.Redirect+"?"+with.Encode(), http.StatusSeeOther)
}

func (p *Provider) keep(ctx context.Context, kind string, a asked) (string, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	secret := rand.Text()
	return secret, p.Store.KeepTicket(ctx, store.Ticket{Kind: kind, Secret: secret, Until: p.Clock.Now().Add(requestLife), Body: string(body)})
}

func (p *Provider) take(ctx context.Context, kind, secret string) (a asked, err error) {
	body, err := p.Store.TakeTicket(ctx, kind, secret)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal([]byte(body), &a)
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// fail answers with what went wrong: a request that is none any more, or a database that is away.
func (p *Provider) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrUsed) {
		p.say(w, r, http.StatusBadRequest, "This address was used already, or is older than 15 minutes. Nothing was connected by it: begin again in the Dashboard.", "")
		return
	}
	p.Log.ErrorContext(r.Context(), "connecting an account failed", "error", err)
	p.say(w, r, http.StatusServiceUnavailable, "The service cannot do this at the moment. Nothing was lost: begin again in the Dashboard in a minute.", "")
}

var notice = template.Must(template.New("notice").Parse(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Connect a Stripe account</title><link rel="stylesheet" href="/static/style.css"></head>
<body><main><h1>Connect a Stripe account</h1><p>{{.Text}}</p>{{with .Next}}<p><a href="{{.}}">Continue to Stripe</a></p>{{end}}</main></body>
</html>
`))

// say answers with a page of a sentence, and a link that leads on.
func (p *Provider) say(w http.ResponseWriter, r *http.Request, status int, text, next string) {
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Cache-Control", "no-store")
	head.Set("Referrer-Policy", "no-referrer") // the address has a ticket
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	if err := notice.Execute(w, struct{ Text, Next string }{text, next}); err != nil {
		p.Log.DebugContext(r.Context(), "a page could not be sent", "error", err)
	}
}
