package serve_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/store"
)

// provider is an OpenID Connect provider at which everybody is who he says.
type provider struct {
	*oidctest.Server
	web    *httptest.Server
	key    *rsa.PrivateKey
	mu     sync.Mutex
	codes  map[string]url.Values // what was asked for, by code
	claims map[string]any        // of the next ID token, beside those that it must have
	info   map[string]any        // what the userinfo endpoint says; nil has none
	alter  func(map[string]any)
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p := &provider{key: key, codes: map[string]url.Values{}, Server: &oidctest.Server{
		PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: oidc.RS256}},
	}}
	p.web = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.web.Close)
	p.SetIssuer(p.web.URL)
	return p
}

func (p *provider) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		w.Header().Set("Content-Type", "application/json")
		doc := map[string]any{"issuer": p.web.URL, "authorization_endpoint": p.web.URL + "/auth", "token_endpoint": p.web.URL + "/token",
			"jwks_uri": p.web.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}}
		if p.info != nil {
			doc["userinfo_endpoint"] = p.web.URL + "/info"
		}
		json.NewEncoder(w).Encode(doc)
	case "/info":
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(p.info)
	case "/token":
		r.ParseForm()
		asked, known := p.codes[r.Form.Get("code")]
		delete(p.codes, r.Form.Get("code"))
		sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
		if !known || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || asked.Get("code_challenge_method") != "S256" {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		claims := map[string]any{"iss": p.web.URL, "aud": asked.Get("client_id"), "nonce": asked.Get("nonce"), "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix()}
		for name, value := range p.claims {
			claims[name] = value
		}
		if p.alter != nil {
			p.alter(claims)
		}
		text, _ := json.Marshal(claims)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"a","token_type":"Bearer","id_token":%q}`, oidctest.SignIDToken(p.key, "k", oidc.RS256, string(text)))
	default:
		p.Server.ServeHTTP(w, r)
	}
}

// agree answers a request for authorization as if somebody had typed his password, and returns where the browser is led.
func (p *provider) agree(t *testing.T, address string, claims map[string]any) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	require.Equal(t, p.web.URL+"/auth", u.Scheme+"://"+u.Host+u.Path)
	p.mu.Lock()
	defer p.mu.Unlock()
	code := rand.Text()
	p.codes[code], p.claims = u.Query(), claims
	back, err := url.Parse(u.Query().Get("redirect_uri"))
	require.NoError(t, err)
	return back.Path + "?" + url.Values{"code": {code}, "state": {u.Query().Get("state")}}.Encode()
}

// openWithRoles starts a service at which people sign in.
func openWithRoles(t *testing.T, p *provider) *rig {
	t.Helper()
	return open(t, func(c *serve.Config) {
		found, err := access.Discover(t.Context(), access.ProviderConfig{
			Issuer: p.web.URL, ClientID: "subferry", Secret: "s3cret-of-the-client", Callback: "http://" + c.Hosts[0] + "/login/callback", Claim: "realm.groups",
			Roles: map[string]access.Role{"finance": access.Viewer, "billing": access.Operator, "controllers": access.Approver}, Now: time.Now,
		})
		require.NoError(t, err)
		c.Provider = found
	})
}

func as(id string, groups ...string) map[string]any {
	return map[string]any{"sub": id, "name": strings.ToUpper(id[:1]) + id[1:], "realm": map[string]any{"groups": groups}}
}

// signIn returns somebody who has signed in.
func (r *rig) signIn(p *provider, id string, groups ...string) *visitor {
	r.t.Helper()
	v := r.visit()
	resp, _ := v.browser().do("GET", "/login?next=/audit", "", nil)
	require.Equal(r.t, http.StatusSeeOther, resp.StatusCode)
	resp, text := v.browser().do("GET", p.agree(r.t, resp.Header.Get("Location"), as(id, groups...)), "", nil)
	require.Equal(r.t, http.StatusOK, resp.StatusCode, text)
	require.Contains(r.t, text, `content="0; url=/audit"`)
	v.api = description(r.t)
	return v
}

func TestRoles(t *testing.T) {
	p := newProvider(t)
	r := openWithRoles(t, p)
	viewer, operator := r.signIn(p, "vera", "finance", "chess"), r.signIn(p, "otto", "billing")
	approver, both := r.signIn(p, "anna", "controllers"), r.signIn(p, "bea", "controllers", "billing")

	status, _ := viewer.send("subs.csv", strings.NewReader("customer\n"))
	require.Equal(t, http.StatusForbidden, status, "a viewer uploads nothing")
	m := operator.upload("basic.csv")
	path := "/moves/" + m.ID
	require.Empty(t, decode[move](t, second(viewer.get(path))).Actions)
	status, text := viewer.post(path+"/start", "account", m.Account)
	require.Equal(t, http.StatusForbidden, status, "a viewer starts nothing: %s", text)
	for _, action := range []string{"options", "approve", "withdraw", "pause", "continue", "cancel", "again", "acts/verify"} {
		status, text = viewer.post(path+"/"+action, "sure", "yes")
		require.Equal(t, http.StatusForbidden, status, "%s: %s", action, text)
	}
	status, _ = viewer.browser().get("/new")
	require.Equal(t, http.StatusForbidden, status)

	status, text = operator.post(path+"/start", "account", m.Account)
	require.Equal(t, http.StatusOK, status, text)
	require.Equal(t, store.AwaitingApproval, decode[move](t, text).State, "nobody starts alone")
	status, text = operator.post(path + "/approve")
	require.Equal(t, http.StatusForbidden, status, text)
	status, text = operator.post(path + "/withdraw")
	require.Equal(t, http.StatusOK, status, text)
	status, text = both.post(path+"/start", "account", m.Account)
	require.Equal(t, http.StatusOK, status, text)
	require.NotContains(t, decode[move](t, text).Actions, "approve")
	status, text = both.post(path + "/approve")
	require.Equal(t, http.StatusForbidden, status, "an approver does not approve what he has started: %s", text)
	require.Contains(t, text, "own_work")
	_, page := approver.browser().get(path)
	require.Contains(t, page, "Bea wants to start it.")
	status, text = approver.post(path + "/approve")
	require.Equal(t, http.StatusOK, status, text)
	approver.until(m.ID, store.Scheduled)

	// What an approver has uploaded himself somebody else approves, also when a third person has started it.
	m = approver.upload("multi-item.csv")
	status, text = operator.post("/moves/"+m.ID+"/start", "account", m.Account)
	require.Equal(t, http.StatusOK, status, text)
	status, text = approver.post("/moves/" + m.ID + "/approve")
	require.Equal(t, http.StatusForbidden, status, text)
	status, text = both.post("/moves/" + m.ID + "/approve")
	require.Equal(t, http.StatusOK, status, text)

	// The log knows people by their IDs, and shows their names.
	_, text = viewer.get("/audit")
	require.Contains(t, text, `{"id":"otto","name":"Otto"},"action":"upload"`)
	require.Contains(t, text, `"approve refused"`)
	require.NotContains(t, r.log.String(), "s3cret")
}

func second[A, B any](_ A, b B) B { return b }

// A provider's answer counts once, for the browser that has asked, and for the attempt that it belongs to.
func TestForgedAnswersOfTheProviderAreRefused(t *testing.T) {
	p := newProvider(t)
	r := openWithRoles(t, p)
	begin := func() (*visitor, string) {
		v := r.visit().browser()
		resp, _ := v.do("GET", "/login", "", nil)
		cookies := resp.Header["Set-Cookie"]
		require.True(t, slices.ContainsFunc(cookies, func(c string) bool {
			return strings.Contains(c, "_login=") && strings.Contains(c, "HttpOnly") && strings.Contains(c, "SameSite=Lax")
		}), cookies)
		return v, resp.Header.Get("Location")
	}
	refused := func(v *visitor, back string) {
		t.Helper()
		status, text := v.get(back)
		require.Equal(t, http.StatusForbidden, status, text)
		status, _ = v.get("/audit")
		require.NotEqual(t, http.StatusOK, status)
	}
	v, address := begin()
	good := p.agree(t, address, as("vera", "finance"))
	refused(r.visit().browser(), good) // another browser has no cookie of the attempt
	other, _ := begin()
	refused(other, good) // or one of another attempt
	status, _ := v.get(good)
	require.Equal(t, http.StatusOK, status)
	v, _ = begin()
	refused(v, good) // it counts once

	for name, alter := range map[string]func(map[string]any){
		"nonce of another attempt": func(c map[string]any) { c["nonce"] = "another" },
		"no nonce":                 func(c map[string]any) { delete(c, "nonce") },
		"for another client":       func(c map[string]any) { c["aud"] = "another" },
		"of another provider":      func(c map[string]any) { c["iss"] = "https://evil.example" },
		"expired":                  func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
	} {
		v, address := begin()
		back := p.agree(t, address, as("vera", "finance"))
		p.alter = alter
		refused(v, back)
		p.alter = nil
		require.Contains(t, r.log.String(), "signing in has failed", name)
	}

	v, address = begin()
	back := p.agree(t, address, as("nemo", "chess"))
	refused(v, back) // known to the provider, and without a role
	v, address = begin()
	u, err := url.Parse(address)
	require.NoError(t, err)
	refused(v, "/login/callback?error=access_denied&error_description=no&state="+u.Query().Get("state"))
}

// Some providers tell of groups only where they are asked who somebody is.
func TestRolesFromUserInfo(t *testing.T) {
	p := newProvider(t)
	p.info = map[string]any{"sub": "vera", "realm": map[string]any{"groups": "billing"}}
	r := openWithRoles(t, p)
	v := r.signIn(p, "vera")
	status, text := v.browser().get("/new")
	require.Equal(t, http.StatusOK, status, text)
	require.Contains(t, text, "operator")
	p.info["sub"] = "somebody else"
	other := r.visit().browser()
	resp, _ := other.do("GET", "/login", "", nil)
	status, _ = other.get(p.agree(t, resp.Header.Get("Location"), as("vera")))
	require.Equal(t, http.StatusForbidden, status, "what is said of somebody else does not count")
}

func TestLocalPath(t *testing.T) {
	for next, want := range map[string]string{
		"/moves/mov_1?page=2": "/moves/mov_1?page=2", "/": "/", "": "/", "//evil.example": "/", "/\\evil.example": "/", "https://evil.example/": "/", "javascript:alert(1)": "/",
		"/login?token=x": "/", "moves": "/", "/a\r\nSet-Cookie: x": "/", "///evil.example": "/", "http:/evil": "/", "\t//evil": "/",
	} {
		require.Equal(t, want, access.LocalPath(next), "%q", next)
	}
}
