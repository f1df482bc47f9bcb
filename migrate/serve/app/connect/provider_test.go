package connect_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/app/connect"
	"github.com/subferry/subferry/migrate/serve/store"
)

const (
	platformKey    = "sk_test_thePlatformsOwnKey"
	connectedToken = "sk_test_aTokenOfTheConnectedAccount"
	appID          = "com.example.subferry"
	redirect       = "https://dashboard.stripe.com/test/apps-oauth/" + appID
	verifier       = "the-verifier-that-the-dashboard-has-made-up-0123456789"
)

func challenge(of string) string {
	sum := sha256.Sum256([]byte(of))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

type hands struct{ now time.Time }

func (h *hands) Now() time.Time                             { return h.now }
func (h *hands) Sleep(context.Context, time.Duration) error { return nil }

// bench is a provider with a store, a Stripe that answers as Stripe's OAuth does, and a browser.
type bench struct {
	t        *testing.T
	dir      string
	store    *store.Store
	clock    *hands
	provider *connect.Provider
	stripe   *httptest.Server
	log      *bytes.Buffer
	person   access.Person
	cookies  []*http.Cookie

	answer func(form url.Values) (int, map[string]any) // of Stripe's token endpoint
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, dir: t.TempDir(), clock: &hands{now: time.Now()}, log: &bytes.Buffer{}, person: access.Person{ID: "ada", Role: access.Operator}}
	b.answer = func(form url.Values) (int, map[string]any) {
		if form.Get("code") != "ac_good" || form.Get("client_secret") != platformKey || form.Get("grant_type") != "authorization_code" {
			return 400, map[string]any{"error": "invalid_grant", "error_description": "Authorization code does not exist: " + form.Get("code")}
		}
		return 200, map[string]any{"stripe_user_id": "acct_1", "livemode": false, "scope": "read_write", "token_type": "bearer",
			"access_token": connectedToken, "refresh_token": "rt_secret"}
	}
	b.stripe = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path != "/oauth/token" || r.ParseForm() != nil {
			w.WriteHeader(404)
			return
		}
		status, body := b.answer(r.PostForm)
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(body)
	}))
	t.Cleanup(b.stripe.Close)
	var err error
	b.store, err = store.OpenAt(context.Background(), b.dir, b.clock)
	require.NoError(t, err)
	t.Cleanup(func() { b.store.Close() })
	b.provider, err = connect.New(b.config())
	require.NoError(t, err)
	return b
}

func (b *bench) config() connect.Config {
	return connect.Config{
		Store: b.store, ClientID: "subferry-app", Redirect: connect.Redirects(appID), Public: "https://subferry.example.com", Clock: b.clock,
		Stripe: connect.Stripe{ClientID: "ca_test", Key: func() (string, error) { return platformKey, nil }, Base: b.stripe.URL},
		HTTP:   &http.Client{Timeout: 5 * time.Second}, Log: slog.New(slog.NewTextHandler(b.log, nil)),
	}
}

// get asks one of the pages as the browser would, with its cookies and whoever has signed in.
func (b *bench) get(address string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, address, nil)
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.provider.Pages().ServeHTTP(w, r.WithContext(access.With(r.Context(), b.person)))
	if set := w.Result().Cookies(); len(set) > 0 {
		b.cookies = set // there is one
	}
	return w.Result()
}

func authorize(change ...string) string {
	q := url.Values{"response_type": {"code"}, "client_id": {"subferry-app"}, "redirect_uri": {redirect}, "state": {"the-app's-state"},
		"code_challenge": {challenge(verifier)}, "code_challenge_method": {"S256"}}
	for i := 0; i < len(change); i += 2 {
		if q.Set(change[i], change[i+1]); change[i+1] == "" {
			q.Del(change[i])
		}
	}
	return "/oauth/authorize?" + q.Encode()
}

// toStripe goes as far as Stripe and returns the state that Stripe gets.
func (b *bench) toStripe() string {
	page := b.get(authorize())
	body := new(bytes.Buffer)
	body.ReadFrom(page.Body)
	require.Equal(b.t, 200, page.StatusCode, body)
	_, link, found := strings.Cut(body.String(), `<a href="`)
	require.True(b.t, found, body)
	link, _, _ = strings.Cut(link, `"`)
	sent := b.get(link)
	require.Equal(b.t, http.StatusSeeOther, sent.StatusCode)
	to, err := sent.Location()
	require.NoError(b.t, err)
	require.Equal(b.t, b.stripe.URL, to.Scheme+"://"+to.Host)
	require.Equal(b.t, "https://subferry.example.com/oauth/stripe/callback", to.Query().Get("redirect_uri"))
	require.Equal(b.t, "read_write", to.Query().Get("scope"))
	return to.Query().Get("state")
}

// code goes all the way and returns the code that the Dashboard gets.
func (b *bench) code() string {
	q := b.dashboard(b.get("/oauth/stripe/callback?code=ac_good&state=" + b.toStripe()))
	require.Empty(b.t, q.Get("error"), q.Get("error_description"))
	require.NotEmpty(b.t, q.Get("code"))
	return q.Get("code")
}

// dashboard returns what the Dashboard is told.
func (b *bench) dashboard(answer *http.Response) url.Values {
	require.Equal(b.t, http.StatusSeeOther, answer.StatusCode)
	require.True(b.t, strings.HasPrefix(answer.Header.Get("Location"), redirect+"?"), answer.Header.Get("Location"))
	to, err := answer.Location()
	require.NoError(b.t, err)
	require.Equal(b.t, "the-app's-state", to.Query().Get("state"))
	return to.Query()
}

// exchange asks for a token as the view does.
func (b *bench) exchange(code string, change ...string) (int, map[string]any) {
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {"subferry-app"}, "code": {code}, "code_verifier": {verifier}, "redirect_uri": {redirect}}
	for i := 0; i < len(change); i += 2 {
		form.Set(change[i], change[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/app/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.provider.Token(w, r)
	var body map[string]any
	require.NoError(b.t, json.Unmarshal(w.Body.Bytes(), &body), w.Body)
	return w.Code, body
}

func TestAnAccountIsConnected(t *testing.T) {
	b := newBench(t)
	code := b.code()
	status, body := b.exchange(code)
	require.Equal(t, 200, status, body)
	require.EqualValues(t, 600, body["expires_in"])
	token := body["access_token"].(string)

	grant, err := b.provider.Take(context.Background(), token)
	require.NoError(t, err)
	require.Equal(t, connect.Grant{Person: "ada", Role: access.Operator, Account: "acct_1"}, grant)
	_, err = b.provider.Take(context.Background(), token)
	require.ErrorIs(t, err, store.ErrNotFound, "a token is good for one use")
	_, err = b.provider.Take(context.Background(), code)
	require.ErrorIs(t, err, store.ErrNotFound, "a code is no token")
	_, err = b.provider.Take(context.Background(), "")
	require.ErrorIs(t, err, store.ErrNotFound)

	connected, err := b.store.ConnectedAccounts(context.Background())
	require.NoError(t, err)
	require.Len(t, connected, 1)
	require.Equal(t, []any{"acct_1", false, "ada"}, []any{connected[0].Account, connected[0].Livemode, connected[0].By})
	log, err := b.store.AuditLog(context.Background(), store.AuditFilter{})
	require.NoError(t, err)
	require.Len(t, log, 1)
	require.Equal(t, "connect account", log[0].Action)
	require.JSONEq(t, `{"account":"acct_1","livemode":false}`, string(log[0].Detail))

	// Nothing that opens anything is left anywhere.
	require.NoError(t, b.store.Close())
	files, err := filepath.Glob(filepath.Join(b.dir, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	kept := b.log.Bytes()
	for _, name := range files {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		kept = append(kept, content...)
	}
	for what, secret := range map[string]string{"the platform's key": platformKey, "the account's token": connectedToken, "the refresh token": "rt_secret",
		"the code": code, "our token": token, "Stripe's code": "ac_good", "the verifier": verifier} {
		require.NotContains(t, string(kept), secret, what)
	}
}

// Each of these is refused, and nobody is sent to an address that is not the app's.
func TestRequestsThatAreNotTheApps(t *testing.T) {
	b := newBench(t)
	for name, address := range map[string]string{
		"another redirect":       authorize("redirect_uri", "https://evil.example.com/"),
		"a longer redirect":      authorize("redirect_uri", redirect+".evil.example.com"),
		"a redirect's beginning": authorize("redirect_uri", "https://dashboard.stripe.com/"),
		"a redirect with more":   authorize("redirect_uri", redirect+"?x=1"),
		"no redirect":            authorize("redirect_uri", ""),
		"another client":         authorize("client_id", "other"),
		"no client":              authorize("client_id", ""),
		"no state":               authorize("state", ""),
		"no challenge":           authorize("code_challenge", ""),
		"no method":              authorize("code_challenge_method", ""),
		"two redirects":          authorize() + "&redirect_uri=https%3A%2F%2Fevil.example.com",
	} {
		answer := b.get(address)
		require.Equal(t, 400, answer.StatusCode, name)
		require.Empty(t, answer.Header.Get("Location"), name)
	}
	for name, address := range map[string]string{
		"plain":             authorize("code_challenge_method", "plain", "code_challenge", verifier),
		"unknown method":    authorize("code_challenge_method", "S512"),
		"method lower case": authorize("code_challenge_method", "s256"),
		"short challenge":   authorize("code_challenge", "short"),
		"long challenge":    authorize("code_challenge", strings.Repeat("x", 44)),
		"a token at once":   authorize("response_type", "token"),
	} {
		require.NotEmpty(t, b.dashboard(b.get(address)).Get("error"), name)
	}
}

func TestCodesThatAreWorthNothing(t *testing.T) {
	refused := func(t *testing.T, status int, body map[string]any) {
		require.Equal(t, 400, status, body)
		require.Equal(t, "invalid_grant", body["error"])
		require.NotContains(t, body, "access_token")
	}
	t.Run("wrong verifier, and no second guess", func(t *testing.T) {
		b := newBench(t)
		code := b.code()
		status, body := b.exchange(code, "code_verifier", verifier+"x")
		refused(t, status, body)
		status, body = b.exchange(code)
		refused(t, status, body)
	})
	t.Run("the challenge is no verifier", func(t *testing.T) {
		b := newBench(t)
		status, body := b.exchange(b.code(), "code_verifier", challenge(verifier))
		refused(t, status, body)
	})
	t.Run("no verifier", func(t *testing.T) {
		b := newBench(t)
		status, body := b.exchange(b.code(), "code_verifier", "")
		require.Equal(t, []any{400, "invalid_request"}, []any{status, body["error"]})
	})
	t.Run("used twice: the first token is void as well", func(t *testing.T) {
		b := newBench(t)
		code := b.code()
		_, first := b.exchange(code)
		status, body := b.exchange(code)
		refused(t, status, body)
		_, err := b.provider.Take(context.Background(), first["access_token"].(string))
		require.ErrorIs(t, err, store.ErrNotFound)
	})
	t.Run("expired", func(t *testing.T) {
		b := newBench(t)
		code := b.code()
		b.clock.now = b.clock.now.Add(time.Minute)
		status, body := b.exchange(code)
		refused(t, status, body)
	})
	t.Run("another redirect", func(t *testing.T) {
		b := newBench(t)
		status, body := b.exchange(b.code(), "redirect_uri", "https://dashboard.stripe.com/apps-oauth/"+appID)
		refused(t, status, body)
		status, body = b.exchange(b.code(), "redirect_uri", "https://evil.example.com/")
		refused(t, status, body)
	})
	t.Run("another client", func(t *testing.T) {
		b := newBench(t)
		status, body := b.exchange(b.code(), "client_id", "other")
		require.Equal(t, []any{401, "invalid_client"}, []any{status, body["error"]})
	})
	t.Run("other grants", func(t *testing.T) {
		b := newBench(t)
		for _, grant := range []string{"password", "client_credentials", "refresh_token", "implicit", ""} {
			status, body := b.exchange(b.code(), "grant_type", grant, "username", "a", "password", "b", "refresh_token", "c")
			require.GreaterOrEqual(t, status, 400, grant)
			require.NotContains(t, body, "access_token", grant)
		}
	})
	t.Run("in the address", func(t *testing.T) {
		b := newBench(t)
		w := httptest.NewRecorder()
		b.provider.Token(w, httptest.NewRequest(http.MethodPost, "/app/token?code="+b.code(), nil))
		require.Equal(t, 400, w.Code)
	})
	t.Run("a token that has expired", func(t *testing.T) {
		b := newBench(t)
		_, body := b.exchange(b.code())
		b.clock.now = b.clock.now.Add(10 * time.Minute)
		_, err := b.provider.Take(context.Background(), body["access_token"].(string))
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}

// Stripe's answer counts for the browser that was sent to Stripe, once, and only when Stripe itself names the account.
func TestAnswersOfStripe(t *testing.T) {
	nothing := func(b *bench) {
		found, err := b.store.ConnectedAccounts(context.Background())
		require.NoError(b.t, err)
		require.Empty(b.t, found)
	}
	t.Run("another browser", func(t *testing.T) {
		b := newBench(t)
		state := b.toStripe()
		b.cookies = nil
		require.Equal(t, 403, b.get("/oauth/stripe/callback?code=ac_good&state="+state).StatusCode)
		nothing(b)
	})
	t.Run("another session's state", func(t *testing.T) {
		b := newBench(t)
		state := b.toStripe()
		b.cookies = []*http.Cookie{{Name: "subferry_connect", Value: "somebody else's"}}
		require.Equal(t, 403, b.get("/oauth/stripe/callback?code=ac_good&state="+state).StatusCode)
		nothing(b)
	})
	t.Run("twice", func(t *testing.T) {
		b := newBench(t)
		state, kept := b.toStripe(), b.cookies
		b.dashboard(b.get("/oauth/stripe/callback?code=ac_good&state=" + state))
		b.cookies = kept
		require.Equal(t, 400, b.get("/oauth/stripe/callback?code=ac_good&state="+state).StatusCode)
	})
	t.Run("made up", func(t *testing.T) {
		b := newBench(t)
		b.toStripe()
		require.Equal(t, 400, b.get("/oauth/stripe/callback?code=ac_good&state=made-up").StatusCode)
		require.Equal(t, 400, b.get("/oauth/stripe/callback?code=ac_good").StatusCode)
		nothing(b)
	})
	t.Run("too late", func(t *testing.T) {
		b := newBench(t)
		state := b.toStripe()
		b.clock.now = b.clock.now.Add(15 * time.Minute)
		require.Equal(t, 400, b.get("/oauth/stripe/callback?code=ac_good&state="+state).StatusCode)
		nothing(b)
	})
	t.Run("the person declines", func(t *testing.T) {
		b := newBench(t)
		q := b.dashboard(b.get("/oauth/stripe/callback?error=access_denied&error_description=The+user+denied+your+request&state=" + b.toStripe()))
		require.Equal(t, "access_denied", q.Get("error"))
		require.Contains(t, q.Get("error_description"), "The user denied your request")
		nothing(b)
	})
	for name, test := range map[string]struct {
		status int
		body   map[string]any
		says   string
	}{
		"Stripe's own words":  {400, map[string]any{"error": "invalid_grant", "error_description": "Authorization code expired"}, "Authorization code expired"},
		"only to be read":     {200, map[string]any{"stripe_user_id": "acct_1", "scope": "read_only"}, "read_only"},
		"no account":          {200, map[string]any{"scope": "read_write"}, "names no account"},
		"something else":      {200, map[string]any{"stripe_user_id": "../acct_1", "scope": "read_write"}, "names no account"},
		"an error with a 200": {200, map[string]any{"error": "server_error", "stripe_user_id": "acct_1", "scope": "read_write"}, "server_error"},
		"out of order":        {500, map[string]any{"stripe_user_id": "acct_1", "scope": "read_write"}, "500"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.answer = func(url.Values) (int, map[string]any) { return test.status, test.body }
			q := b.dashboard(b.get("/oauth/stripe/callback?code=ac_good&state=" + b.toStripe()))
			require.Equal(t, "access_denied", q.Get("error"))
			require.Contains(t, q.Get("error_description"), test.says)
			require.Empty(t, q.Get("code"))
			require.NotContains(t, q.Encode()+b.log.String(), platformKey)
			nothing(b)
		})
	}
	t.Run("Stripe is away", func(t *testing.T) {
		b := newBench(t)
		b.stripe.Close()
		q := b.dashboard(b.get("/oauth/stripe/callback?code=ac_good&state=" + b.toStripe()))
		require.Contains(t, q.Get("error_description"), "Stripe could not be asked")
		nothing(b)
	})
}

func TestWhoMayConnect(t *testing.T) {
	b := newBench(t)
	link := func() string {
		body := new(bytes.Buffer)
		body.ReadFrom(b.get(authorize()).Body)
		_, link, _ := strings.Cut(body.String(), `<a href="`)
		link, _, _ = strings.Cut(link, `"`)
		return link
	}
	b.person = access.Person{}
	to := link()
	answer := b.get(to)
	require.Equal(t, http.StatusSeeOther, answer.StatusCode)
	login, err := answer.Location()
	require.NoError(t, err)
	require.Equal(t, []string{"/login", to}, []string{login.Path, login.Query().Get("next")}, "and the way back leads to where it was left")
	b.person = access.Person{ID: "eve", Role: access.Viewer}
	require.Equal(t, 403, b.get(to).StatusCode)
	b.person = access.Person{ID: "ada", Role: access.Operator}
	require.Equal(t, http.StatusSeeOther, b.get(to).StatusCode, "a refusal does not use the request up")
	require.Equal(t, 400, b.get(to).StatusCode, "going on does")
	require.Equal(t, 405, post(b, "/oauth/connect"))
}

func post(b *bench, address string) int {
	w := httptest.NewRecorder()
	b.provider.Pages().ServeHTTP(w, httptest.NewRequest(http.MethodPost, address, nil))
	return w.Code
}

func TestConfigurationsThatAreRefused(t *testing.T) {
	b := newBench(t)
	for says, change := range map[string]func(c *connect.Config){
		"client ID":      func(c *connect.Config) { c.Stripe.ClientID = "sk_test_x" },
		"secret key":     func(c *connect.Config) { c.Stripe.Key = nil },
		"codes go":       func(c *connect.Config) { c.Redirect = nil },
		"public address": func(c *connect.Config) { c.Public = "http://subferry.example.com" },
		"timeout":        func(c *connect.Config) { c.HTTP = http.DefaultClient },
	} {
		c := b.config()
		change(&c)
		_, err := connect.New(c)
		require.ErrorContains(t, err, says)
		require.NotContains(t, fmt.Sprint(err), "sk_test")
	}
}
