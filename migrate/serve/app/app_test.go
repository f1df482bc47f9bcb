package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/app/connect"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/serve/webhooks"
)

type hands struct{ now time.Time }

func (h *hands) Now() time.Time                             { return h.now }
func (h *hands) Sleep(context.Context, time.Duration) error { return nil }

// bench is the handler with a store of its own, in which two accounts have migrations.
type bench struct {
	t        *testing.T
	clock    *hands
	store    *store.Store
	config   Config
	handler  http.Handler
	log      *bytes.Buffer
	moves    map[string]store.Move // by file
	canceled []string
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, clock: &hands{now: time.Now().Truncate(time.Second)}, log: &bytes.Buffer{}, moves: map[string]store.Move{}}
	s, err := store.OpenAt(context.Background(), t.TempDir(), b.clock)
	require.NoError(t, err)
	b.store = s
	t.Cleanup(func() { b.store.Close() })
	file, _, err := b.store.PutBlob(context.Background(), strings.NewReader("customer_id,start_date\n"), 1<<10)
	require.NoError(t, err)
	for _, m := range []store.Move{
		{File: "mine.csv", Account: "acct_1", State: store.Running, Review: json.RawMessage(`{"rows":3,"ready":2,"invalid":1,"errors":1,
			"codes":[{"code":"email_invalid","severity":"error","title":"E-mail","count":1}],"findings":[],"refused":"one row is invalid"}`)},
		{File: "live.csv", Account: "acct_1", State: store.Running, Livemode: true},
		{File: "new.csv", Account: "acct_1", State: store.Reviewing},
		{File: "others.csv", Account: "acct_2", State: store.Running},
	} {
		m.ID, m.Upload = store.NewID("mov"), file
		b.moves[m.File], err = b.store.CreateMove(context.Background(), m)
		require.NoError(t, err)
	}
	b.config = Config{
		Secrets: func() ([]string, error) { return []string{newSecret, oldSecret}, nil },
		Store:   b.store, Clock: b.clock, Log: slog.New(slog.NewTextHandler(b.log, nil)),
		StripeRoles: map[string]access.Role{"admin": access.Operator},
		Progress: func(context.Context, store.Move) (jobs.Progress, error) {
			return jobs.Progress{Total: 3, Done: 2, Failed: 1, Rate: 40, Deadline: b.clock.now.Add(90 * time.Second)}, nil
		},
		Cancel: func(ctx context.Context, m store.Move, by access.Person, detail map[string]any) (store.Move, error) {
			b.canceled = append(b.canceled, fmt.Sprint(m.File, " by ", by.ID, " as ", detail["stripe_user"]))
			return b.store.UpdateMove(ctx, m.ID, func(m *store.Move) error {
				m.State, m.Stop, m.CanceledBy = store.Canceling, true, by.ID
				return nil
			})
		},
	}
	b.handler = New(b.config)
	return b
}

// body is what the view signs, with some of it changed.
func (b *bench) body(action, file string, change map[string]any) string {
	all := map[string]any{"action": action, "livemode": false, "nonce": rand.Text(), "user_id": "usr_1", "account_id": "acct_1"}
	if m, ok := b.moves[file]; ok {
		all["migration"], all["sha256"] = m.ID, m.Upload
	}
	maps.Copy(all, change)
	text, err := json.Marshal(all)
	require.NoError(b.t, err)
	return string(text)
}

// post sends a body with a signature.
func (b *bench) post(path, body, signature string, more ...string) (int, map[string]any) {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Origin", "null")
	r.Header.Set("Stripe-Signature", signature)
	for i := 0; i < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	require.Equal(b.t, "*", w.Header().Get("Access-Control-Allow-Origin"), "the view must be able to read errors too")
	require.Empty(b.t, w.Header().Get("Access-Control-Allow-Credentials"))
	require.Empty(b.t, w.Header().Get("Set-Cookie"))
	var answer map[string]any
	require.NoError(b.t, json.Unmarshal(w.Body.Bytes(), &answer), "%d %s", w.Code, w.Body)
	return w.Code, answer
}

// ask does what the view does: signs, and sends.
func (b *bench) ask(action, file string, change map[string]any) (int, map[string]any) {
	body := b.body(action, file, change)
	return b.post("/app/"+action, body, sign(body, b.clock.now, newSecret))
}

func code(answer map[string]any) any {
	e, _ := answer["error"].(map[string]any)
	return e["code"]
}

func TestTheViewIsAnswered(t *testing.T) {
	b := newBench(t)
	status, list := b.ask("list", "", nil)
	require.Equal(t, 200, status, list)
	require.Equal(t, []any{"viewer", false}, []any{list["role"], list["linked"]})
	var files []any
	for _, m := range list["moves"].([]any) {
		files = append(files, m.(map[string]any)["file"])
	}
	require.Equal(t, []any{"new.csv", "mine.csv"}, files, "the account's own, of the mode that is shown, the newest first")
	_, live := b.ask("list", "", map[string]any{"livemode": true})
	require.Len(t, live["moves"], 1)

	_, findings := b.ask("findings", "mine.csv", nil)
	require.Equal(t, []any{true, 3.0, 1.0, "one row is invalid"}, []any{findings["reviewed"], findings["rows"], findings["errors"], findings["refused"]})
	_, findings = b.ask("findings", "new.csv", nil)
	require.Equal(t, []any{false, []any{}}, []any{findings["reviewed"], findings["findings"]})
	_, progress := b.ask("progress", "mine.csv", nil)
	require.Equal(t, []any{3.0, 2.0, 1.0, 40.0}, []any{progress["total"], progress["done"], progress["failed"], progress["rate"]})
	_, deadline := b.ask("deadline", "mine.csv", nil)
	require.Equal(t, []any{90.0, true}, []any{deadline["seconds"], deadline["open"]})
	_, deadline = b.ask("deadline", "new.csv", nil)
	require.Equal(t, false, deadline["open"], "nothing to cancel")
}

func TestMoreMigrationsThanAListHas(t *testing.T) {
	b := newBench(t)
	for i := range 120 {
		_, err := b.store.CreateMove(context.Background(), store.Move{ID: store.NewID("mov"), File: fmt.Sprint(i), Upload: b.moves["mine.csv"].Upload, Account: "acct_1", Livemode: i >= 20})
		require.NoError(t, err)
	}
	_, list := b.ask("list", "", nil)
	require.Len(t, list["moves"], 22, "those of the other mode do not hide them")
	_, list = b.ask("list", "", map[string]any{"livemode": true})
	require.Len(t, list["moves"], mostListed)
}

func TestThePreflight(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{"/app/list", "/app/cancel", "/app/token"} {
		r := httptest.NewRequest(http.MethodOptions, path, nil)
		r.Header.Set("Origin", "null")
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "content-type,stripe-signature")
		w := httptest.NewRecorder()
		b.handler.ServeHTTP(w, r)
		require.Equal(t, http.StatusNoContent, w.Code)
		require.Equal(t, "*", w.Header().Get("Access-Control-Allow-Origin"))
		require.Equal(t, "POST", w.Header().Get("Access-Control-Allow-Methods"))
		require.Contains(t, w.Header().Get("Access-Control-Allow-Headers"), "Stripe-Signature")
	}
	r := httptest.NewRequest(http.MethodGet, "/app/list", nil)
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	require.Equal(t, http.StatusNotFound, w.Code)
}

// None of these is answered with anything of a migration.
func TestRequestsThatNobodyHasSigned(t *testing.T) {
	b := newBench(t)
	body := b.body("cancel", "mine.csv", map[string]any{"stripe_roles": []any{map[string]any{"type": "builtIn", "id": "admin"}}})
	good := sign(body, b.clock.now, newSecret)
	for name, test := range map[string]struct {
		path, body, signature string
		status                int
		code                  string
	}{
		"no signature":               {"/app/cancel", body, "", 401, "signature_invalid"},
		"another app's secret":       {"/app/cancel", body, sign(body, b.clock.now, "absec_somebodyElses00000"), 401, "signature_invalid"},
		"another body":               {"/app/cancel", strings.Replace(body, "acct_1", "acct_2", 1), good, 401, "signature_invalid"},
		"a space more":               {"/app/cancel", body + " ", good, 401, "signature_invalid"},
		"six minutes old":            {"/app/cancel", body, sign(body, b.clock.now.Add(-6*time.Minute), newSecret), 401, "signature_invalid"},
		"six minutes in the future":  {"/app/cancel", body, sign(body, b.clock.now.Add(6*time.Minute), newSecret), 401, "signature_invalid"},
		"signed for another action":  {"/app/list", body, good, 400, "action_mismatch"},
		"the signed text of no keys": {"/app/list", `{"user_id":"usr_1","account_id":"acct_1"}`, sign(`{"user_id":"usr_1","account_id":"acct_1"}`, b.clock.now, newSecret), 400, "body_invalid"},
		"17 KiB":                     {"/app/cancel", strings.Repeat(" ", 17<<10), good, 413, "body_too_large"},
	} {
		status, answer := b.post(test.path, test.body, test.signature)
		require.Equal(t, []any{test.status, test.code}, []any{status, code(answer)}, name)
	}
	require.Empty(t, b.canceled)
	require.NotContains(t, b.log.String(), "absec_")
}

// While a secret is replaced, Stripe signs with both, and views that were opened before with the old one.
func TestTwoSecretsDuringARotation(t *testing.T) {
	b := newBench(t)
	for _, secrets := range [][]string{{oldSecret}, {newSecret}, {oldSecret, newSecret}, {"absec_somebodyElses00000", newSecret}} {
		body := b.body("list", "", nil)
		status, _ := b.post("/app/list", body, sign(body, b.clock.now, secrets...))
		require.Equal(t, 200, status, secrets)
	}
	b.config.Secrets = func() ([]string, error) { return []string{newSecret}, nil }
	b.handler = New(b.config)
	body := b.body("list", "", nil)
	status, answer := b.post("/app/list", body, sign(body, b.clock.now, oldSecret))
	require.Equal(t, []any{401, "signature_invalid"}, []any{status, code(answer)}, "it is over")
	for _, b.config.Secrets = range []func() ([]string, error){
		func() ([]string, error) { return nil, nil }, func() ([]string, error) { return []string{""}, nil },
	} {
		b.handler = New(b.config)
		status, answer := b.post("/app/list", body, sign(body, b.clock.now, ""))
		require.Equal(t, []any{401, "signature_invalid"}, []any{status, code(answer)}, "no secret opens nothing")
	}
}

func TestASignedRequestIsAnsweredOnce(t *testing.T) {
	b := newBench(t)
	there := New(b.config) // another machine with the same database
	body := b.body("list", "", nil)
	signature := sign(body, b.clock.now, newSecret, oldSecret)
	status, _ := b.post("/app/list", body, signature)
	require.Equal(t, 200, status)
	for name, again := range map[string]string{
		"as it was": signature, "with one signature of two": sign(body, b.clock.now, newSecret), "with the other": sign(body, b.clock.now, oldSecret),
		"with more": signature + ",v0=00", "upper case": strings.Replace(signature, "v1="+signature[len(signature)-64:], "v1="+strings.ToUpper(signature[len(signature)-64:]), 1),
	} {
		for _, b.handler = range []http.Handler{b.handler, there} {
			status, answer := b.post("/app/list", body, again)
			require.Equal(t, []any{401, "signature_used"}, []any{status, code(answer)}, name)
		}
	}
	status, _ = b.ask("list", "", nil)
	require.Equal(t, 200, status, "another request of the same second")

	b.clock.now = b.clock.now.Add(webhooks.Tolerance + time.Second)
	status, answer := b.post("/app/list", body, signature)
	require.Equal(t, []any{401, "signature_invalid"}, []any{status, code(answer)}, "when it is forgotten it is too old")

	ahead := b.body("list", "", nil)
	signature = sign(ahead, b.clock.now.Add(webhooks.Tolerance), newSecret) // the other clock is five minutes fast
	status, _ = b.post("/app/list", ahead, signature)
	require.Equal(t, 200, status)
	b.clock.now = b.clock.now.Add(2 * webhooks.Tolerance)
	status, answer = b.post("/app/list", ahead, signature)
	require.Equal(t, []any{401, "signature_used"}, []any{status, code(answer)}, "it is remembered as long as it is good")
}

func TestUsersOfAnotherAccountSeeNothing(t *testing.T) {
	b := newBench(t)
	admin := []any{map[string]any{"type": "builtIn", "id": "admin"}}
	made := map[string]any{"migration": "mov_ofnobody", "sha256": strings.Repeat("ab", 32), "stripe_roles": admin}
	for _, action := range []string{"findings", "progress", "deadline", "cancel"} {
		_, unknown := b.ask(action, "", made)
		for name, file := range map[string]string{"another account": "others.csv", "another mode": "live.csv"} {
			status, answer := b.ask(action, file, map[string]any{"stripe_roles": admin})
			require.Equal(t, 404, status, name)
			require.Equal(t, unknown, answer, "no word differs from the answer to a migration that does not exist")
		}
		status, answer := b.ask(action, "mine.csv", map[string]any{"sha256": strings.Repeat("cd", 32), "stripe_roles": admin})
		require.Equal(t, []any{409, "file_changed"}, []any{status, code(answer)})
	}
	require.Empty(t, b.canceled)
}

func TestWhoMayCancel(t *testing.T) {
	refused := func(b *bench, change map[string]any) {
		status, answer := b.ask("cancel", "mine.csv", change)
		require.Equal(b.t, []any{403, "role"}, []any{status, code(answer)})
		require.Empty(b.t, b.canceled)
	}
	link := func(b *bench, u store.AppUser, until time.Duration) {
		require.NoError(b.t, b.store.LinkAppUser(context.Background(), u, b.clock.now.Add(until)))
	}
	t.Run("nobody by himself", func(t *testing.T) {
		b := newBench(t)
		refused(b, nil)
		refused(b, map[string]any{"stripe_roles": []any{map[string]any{"type": "builtIn", "id": "developer"}}})
		refused(b, map[string]any{"stripe_roles": []any{map[string]any{"type": "custom", "id": "admin", "name": "admin"}}})
	})
	t.Run("a linked viewer", func(t *testing.T) {
		b := newBench(t)
		link(b, store.AppUser{Account: "acct_1", StripeUser: "usr_1", Person: "eve", Role: "viewer"}, time.Hour)
		refused(b, nil)
	})
	t.Run("another user's link, and another account's", func(t *testing.T) {
		b := newBench(t)
		link(b, store.AppUser{Account: "acct_1", StripeUser: "usr_2", Person: "ada", Role: "operator"}, time.Hour)
		link(b, store.AppUser{Account: "acct_2", StripeUser: "usr_1", Person: "ada", Role: "operator"}, time.Hour)
		refused(b, nil)
	})
	t.Run("a link that has ended", func(t *testing.T) {
		b := newBench(t)
		link(b, store.AppUser{Account: "acct_1", StripeUser: "usr_1", Person: "ada", Role: "operator"}, time.Hour)
		b.clock.now = b.clock.now.Add(time.Hour)
		refused(b, nil)
	})
	t.Run("a linked operator", func(t *testing.T) {
		b := newBench(t)
		link(b, store.AppUser{Account: "acct_1", StripeUser: "usr_1", Person: "ada", Role: "operator"}, time.Hour)
		_, list := b.ask("list", "", nil)
		require.Equal(t, []any{"operator", true, "ada"}, []any{list["role"], list["linked"], list["person"]})
		status, answer := b.ask("cancel", "mine.csv", nil)
		require.Equal(t, []any{200, "canceling"}, []any{status, answer["state"]})
		require.Equal(t, []string{"mine.csv by ada as usr_1"}, b.canceled)
		status, answer = b.ask("cancel", "mine.csv", nil)
		require.Equal(t, []any{409, "state"}, []any{status, code(answer)}, "once is enough")
		status, answer = b.ask("cancel", "new.csv", nil)
		require.Equal(t, []any{409, "state"}, []any{status, code(answer)}, "nothing was created yet")
	})
	t.Run("an administrator at Stripe, where that was configured", func(t *testing.T) {
		b := newBench(t)
		status, _ := b.ask("cancel", "mine.csv", map[string]any{"stripe_roles": []any{map[string]any{"type": "builtIn", "id": "admin", "name": "Administrator"}}})
		require.Equal(t, 200, status)
		require.Equal(t, []string{"mine.csv by stripe:usr_1 as usr_1"}, b.canceled)
	})
}

func TestWhatIsNotThere(t *testing.T) {
	b := newBench(t)
	b.config.Secrets = func() ([]string, error) { return nil, errors.New("open /run/secrets/app: permission denied") }
	b.handler = New(b.config)
	status, answer := b.ask("list", "", nil)
	require.Equal(t, []any{503, "app_not_configured"}, []any{status, code(answer)})
	require.Contains(t, b.log.String(), "permission denied")
	require.NotContains(t, fmt.Sprint(answer), "permission denied")

	b = newBench(t)
	b.config.Cancel = func(context.Context, store.Move, access.Person, map[string]any) (store.Move, error) {
		return store.Move{}, &Refusal{Status: 409, Code: "window_closed", Message: "too late", Fix: "cancel rows one by one"}
	}
	b.handler = New(b.config)
	status, answer = b.ask("cancel", "mine.csv", map[string]any{"stripe_roles": []any{map[string]any{"type": "builtIn", "id": "admin"}}})
	require.Equal(t, []any{409, "window_closed"}, []any{status, code(answer)})

	status, answer = b.ask("link", "", nil)
	require.Equal(t, []any{404, "no_linking"}, []any{status, code(answer)})

	require.NoError(t, b.store.Close())
	status, answer = b.ask("list", "", nil)
	require.Equal(t, []any{503, "unavailable"}, []any{status, code(answer)}, "without a memory of signatures nothing is answered")
}

// token goes the way of the view, a person and Stripe, for an account.
func (b *bench) token(account string, person access.Person) string {
	t := b.t
	stripe := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"stripe_user_id":%q,"livemode":false,"scope":"read_write"}`, account)
	}))
	defer stripe.Close()
	var err error
	b.config.Provider, err = connect.New(connect.Config{
		Store: b.store, ClientID: "app", Redirect: connect.Redirects("com.example.app"), Public: "https://subferry.example.com", Clock: b.clock, Log: b.config.Log,
		HTTP: &http.Client{Timeout: time.Second}, Stripe: connect.Stripe{ClientID: "ca_1", Key: func() (string, error) { return "sk_test_1", nil }, Base: stripe.URL},
	})
	require.NoError(t, err)
	b.handler = New(b.config)
	var cookies []*http.Cookie
	get := func(address string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		b.config.Provider.Pages().ServeHTTP(w, r.WithContext(access.With(r.Context(), person)))
		cookies = append(cookies, w.Result().Cookies()...)
		return w.Result()
	}
	sum := sha256.Sum256([]byte("verifier-of-the-dashboard-0123456789-0123456789"))
	redirect := connect.Redirects("com.example.app")[0]
	page := get("/oauth/authorize?" + url.Values{"response_type": {"code"}, "client_id": {"app"}, "redirect_uri": {redirect}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}.Encode())
	text := new(bytes.Buffer)
	text.ReadFrom(page.Body)
	_, next, _ := strings.Cut(text.String(), `<a href="`)
	next, _, _ = strings.Cut(next, `"`)
	at, err := get(next).Location()
	require.NoError(t, err)
	back, err := get("/oauth/stripe/callback?code=ac_1&state=" + at.Query().Get("state")).Location()
	require.NoError(t, err)
	form := url.Values{"grant_type": {"authorization_code"}, "client_id": {"app"}, "code": {back.Query().Get("code")}, "redirect_uri": {redirect},
		"code_verifier": {"verifier-of-the-dashboard-0123456789-0123456789"}}
	status, answer := b.post("/app/token", form.Encode(), "", "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, 200, status, answer)
	return answer["access_token"].(string)
}

func TestAUserOfTheDashboardIsLinked(t *testing.T) {
	ada := access.Person{ID: "ada", Name: "Ada", Role: access.Operator}
	ask := func(b *bench, token string, change map[string]any) (int, map[string]any) {
		body := b.body("link", "", change)
		return b.post("/app/link", body, sign(body, b.clock.now, newSecret), "Authorization", "Bearer "+token)
	}
	b := newBench(t)
	token := b.token("acct_1", ada)
	status, answer := ask(b, token, nil)
	require.Equal(t, []any{200, "operator", "ada"}, []any{status, answer["role"], answer["person"]}, answer)
	status, _ = b.ask("cancel", "mine.csv", nil)
	require.Equal(t, 200, status)
	status, answer = ask(b, token, map[string]any{"user_id": "usr_2"})
	require.Equal(t, []any{403, "token_invalid"}, []any{status, code(answer)}, "a token links one user")

	b = newBench(t)
	token = b.token("acct_2", ada)
	status, answer = ask(b, token, nil)
	require.Equal(t, []any{403, "token_invalid"}, []any{status, code(answer)}, "he has proved that he controls another account")
	status, answer = ask(b, b.token("acct_1", ada), map[string]any{"livemode": true})
	require.Equal(t, []any{403, "token_invalid"}, []any{status, code(answer)}, "and not its other mode")
	status, answer = ask(b, "made up", nil)
	require.Equal(t, []any{403, "token_invalid"}, []any{status, code(answer)})
	body := b.body("link", "", nil)
	status, answer = b.post("/app/link", body, sign(body, b.clock.now, newSecret))
	require.Equal(t, []any{401, "token_missing"}, []any{status, code(answer)})
	status, answer = b.ask("cancel", "mine.csv", nil)
	require.Equal(t, []any{403, "role"}, []any{status, code(answer)})
}
