package serve_test

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/app"
	"github.com/subferry/subferry/migrate/serve/app/connect"
	"github.com/subferry/subferry/migrate/serve/store"
)

const appSecret = "absec_0123456789abcdef0123"

// view is the Stripe App in somebody's Dashboard.
type view struct {
	*rig
	handler       http.Handler
	user, account string
	roles         []any
}

// dashboard adds the app to a service.
func (r *rig) dashboard(account string, p *connect.Provider) *view {
	r.server.Dashboard(app.Config{Provider: p, Secrets: func() ([]string, error) { return []string{appSecret}, nil },
		StripeRoles: map[string]access.Role{"admin": access.Operator}})
	return &view{rig: r, handler: r.server.Handler(), user: "usr_1", account: account, roles: []any{map[string]any{"type": "builtIn", "id": "admin"}}}
}

func (v *view) ask(action string, m move, sha string) (int, map[string]any) {
	v.t.Helper()
	body, err := json.Marshal(map[string]any{"action": action, "migration": m.ID, "sha256": sha, "livemode": false, "nonce": rand.Text(),
		"stripe_roles": v.roles, "user_id": v.user, "account_id": v.account})
	require.NoError(v.t, err)
	sum := hmac.New(sha256.New, []byte(appSecret))
	now := time.Now().Unix()
	fmt.Fprintf(sum, "%d.%s", now, body)
	req := httptest.NewRequest(http.MethodPost, "http://"+v.host+"/app/"+action, strings.NewReader(string(body)))
	req.Header.Set("Origin", "null")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	req.Header.Set("Stripe-Signature", fmt.Sprintf("t=%d,v1=%x", now, sum.Sum(nil)))
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, req)
	require.Equal(v.t, "*", w.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(v.t, "cross-origin", w.Header().Get("Cross-Origin-Resource-Policy"))
	return w.Code, decode[map[string]any](v.t, w.Body.String())
}

// What is started on the page is watched and canceled in the Dashboard, by the same rules.
func TestTheDashboardCancelsAsThePageDoes(t *testing.T) {
	page := open(t, nil).enter()
	m := page.upload("basic.csv")
	v := page.dashboard(m.Account, nil)
	sha := func() string {
		kept, err := v.store.Move(t.Context(), m.ID)
		require.NoError(t, err)
		return kept.Upload
	}()
	status, answer := v.ask("cancel", m, sha)
	require.Equal(t, http.StatusConflict, status, answer)
	_, answer = v.ask("findings", m, sha)
	require.EqualValues(t, 12, answer["ready"])

	status, text := page.post("/moves/"+m.ID+"/start", "account", m.Account)
	require.Equal(t, http.StatusOK, status, text)
	page.until(m.ID, store.Scheduled)
	_, answer = v.ask("progress", m, sha)
	require.Equal(t, []any{12.0, 12.0}, []any{answer["total"], answer["done"]})
	_, answer = v.ask("deadline", m, sha)
	require.Equal(t, true, answer["open"])
	require.NotNil(t, answer["deadline"])

	other := *v
	other.account = "acct_another"
	status, _ = other.ask("cancel", m, sha)
	require.Equal(t, http.StatusNotFound, status)
	viewer := *v
	viewer.roles = []any{}
	status, _ = viewer.ask("cancel", m, sha)
	require.Equal(t, http.StatusForbidden, status)

	status, answer = v.ask("cancel", m, sha)
	require.Equal(t, []any{http.StatusOK, "canceling"}, []any{status, answer["state"]})
	m = page.until(m.ID, store.Canceled)
	require.EqualValues(t, 12, m.Summary.Canceled)
	log, err := v.store.AuditLog(t.Context(), store.AuditFilter{Move: m.ID})
	require.NoError(t, err)
	var who string
	for _, e := range log {
		if e.Action == "cancel" {
			who = e.Actor + " " + string(e.Detail)
		}
	}
	require.Equal(t, `stripe:usr_1 {"by":"stripe app","stripe_user":"usr_1"}`, who)
}

// The pages of the OAuth provider stand beside the service's own: only one of them asks for a session.
func TestConnectingThroughTheService(t *testing.T) {
	r := open(t, nil)
	stripe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"stripe_user_id":"acct_theirs","livemode":false,"scope":"read_write"}`)
	}))
	defer stripe.Close()
	p, err := connect.New(connect.Config{Store: r.store, ClientID: "subferry-app", Redirect: connect.Redirects("com.example.app"), Public: r.url,
		HTTP: &http.Client{Timeout: 5 * time.Second}, Log: slog.New(slog.DiscardHandler),
		Stripe: connect.Stripe{ClientID: "ca_1", Key: func() (string, error) { return "sk_test_1", nil }, Base: stripe.URL}})
	require.NoError(t, err)
	v := r.dashboard("acct_theirs", p)
	get := func(address string, cookies ...*http.Cookie) *http.Response {
		req := httptest.NewRequest(http.MethodGet, address, nil)
		req.Host = r.host
		req.Header.Set("Accept", "text/html")
		for _, c := range cookies {
			req.AddCookie(c)
		}
		w := httptest.NewRecorder()
		v.handler.ServeHTTP(w, req)
		return w.Result()
	}
	text := func(resp *http.Response) string {
		var b strings.Builder
		require.NoError(t, resp.Write(&b))
		return b.String()
	}
	sum := sha256.Sum256([]byte("verifier-0123456789-0123456789-0123456789-01"))
	begin := "/oauth/authorize?" + url.Values{"response_type": {"code"}, "client_id": {"subferry-app"}, "redirect_uri": connect.Redirects("com.example.app")[:1],
		"state": {"s"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}.Encode()
	first := text(get(begin))
	_, style, found := strings.Cut(first, `rel="stylesheet" href="`)
	require.True(t, found)
	style, _, _ = strings.Cut(style, `"`)
	require.Equal(t, http.StatusOK, get(style).StatusCode, style)
	_, link, found := strings.Cut(first, `<a href="`)
	require.True(t, found)
	link, _, _ = strings.Cut(link, `"`)
	require.Equal(t, http.StatusUnauthorized, get(link).StatusCode, "nobody has signed in")
	session := get("/login?token=" + r.token.String()).Cookies()
	require.NotEmpty(t, session)
	sent := get(link, session...)
	require.Equal(t, http.StatusSeeOther, sent.StatusCode, text(sent))
	at, err := sent.Location()
	require.NoError(t, err)
	// Stripe sends the browser back: the strict cookie of the session stays away, the one of the connection comes along.
	var own []*http.Cookie
	for _, c := range sent.Cookies() {
		if c.Name == "subferry_connect" {
			own = append(own, c)
		}
	}
	back := get("/oauth/stripe/callback?code=ac_1&state="+at.Query().Get("state"), own...)
	require.Equal(t, http.StatusSeeOther, back.StatusCode)
	require.Contains(t, back.Header.Get("Location"), "https://dashboard.stripe.com/test/apps-oauth/com.example.app?code=")
	connected, err := r.store.ConnectedAccounts(context.Background())
	require.NoError(t, err)
	require.Len(t, connected, 1)
	require.Equal(t, []string{"acct_theirs", access.Local}, []string{connected[0].Account, connected[0].By})
}
