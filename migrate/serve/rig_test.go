package serve_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// rig is a service that works in an embedded sandbox and listens on a port of its own.
type rig struct {
	t      *testing.T
	url    string
	host   string
	token  *access.Token
	store  *store.Store
	ledger ledger.Ledger
	log    *lockedBuffer
	server *serve.Server
}

// lockedBuffer takes the log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// open starts a service; change may alter its configuration.
func open(t *testing.T, change func(*serve.Config)) *rig {
	t.Helper()
	dir, ctx := t.TempDir(), t.Context()
	r := &rig{t: t, log: &lockedBuffer{}}
	log := slog.New(slog.NewJSONHandler(r.log, nil))
	box, err := sandbox.Open(sandbox.Options{Dir: filepath.Join(dir, "sandbox")})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	r.ledger, err = sqlite.Open(ctx, dir)
	require.NoError(t, err)
	t.Cleanup(func() { r.ledger.Close() })
	r.store, err = store.Open(ctx, dir)
	require.NoError(t, err)
	t.Cleanup(func() { r.store.Close() })
	all, err := accounts.NewEmbedded(accounts.Config{Ledger: r.ledger, Log: log}, box)
	require.NoError(t, err)
	engine, err := jobs.New(ctx, jobs.Config{Store: r.store, Ledger: r.ledger, Accounts: all, Log: log, Work: true})
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := serve.Config{
		Store: r.store, Ledger: r.ledger, Engine: engine, Accounts: all, Clock: migrate.SystemClock{}, Machine: time.Now, Log: log,
		Hosts: serve.LoopbackHosts(listener.Addr()), Cookie: "subferry_test",
	}
	if change != nil {
		change(&c)
	}
	if c.Provider == nil {
		r.token = access.NewToken()
		c.Token = r.token
	}
	r.host = listener.Addr().String()
	r.url = "http://" + r.host
	r.server, err = serve.New(c)
	require.NoError(t, err)
	require.NoError(t, engine.Start(ctx))
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	ended, handler := make(chan error, 1), r.server.Handler()
	go func() { ended <- serve.Listen(serving, listener, handler, nil, log) }()
	t.Cleanup(func() { // before the stores are closed
		end()
		require.NoError(t, <-ended)
		grace, cancel := context.WithTimeout(serving, 0)
		cancel()
		_ = engine.Stop(context.WithoutCancel(grace))
		require.NotContains(t, r.log.String(), "panicked")
	})
	return r
}

// visitor is a browser, or a program, with cookies of its own.
type visitor struct {
	*rig
	http   *http.Client
	accept string
	api    *api // holds what is answered as JSON against the description; nil holds nothing
}

// visit returns somebody who has not signed in.
func (r *rig) visit() *visitor {
	jar, err := cookiejar.New(nil)
	require.NoError(r.t, err)
	return &visitor{rig: r, accept: "application/json", http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// enter returns somebody who has used the printed address.
func (r *rig) enter() *visitor {
	v := r.visit()
	status, text := v.get("/login?token=" + r.token.String())
	require.Equal(r.t, http.StatusOK, status, text)
	v.api = description(r.t)
	return v
}

// browser returns the visitor as a browser.
func (v *visitor) browser() *visitor {
	as := *v
	as.accept = "text/html"
	return &as
}

func (v *visitor) do(method, path, kind string, body io.Reader, headers ...string) (*http.Response, string) {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.url+path, body)
	require.NoError(v.t, err)
	req.Header.Set("Accept", v.accept)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := v.http.Do(req)
	require.NoError(v.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(v.t, err)
	if v.api != nil && strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		v.api.hold(v.t, method, req.URL.Path, resp.StatusCode, text)
	}
	return resp, string(text)
}

func (v *visitor) get(path string) (int, string) {
	v.t.Helper()
	resp, text := v.do("GET", path, "", nil)
	return resp.StatusCode, text
}

// post sends fields, as a form.
func (v *visitor) post(path string, fields ...string) (int, string) {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	resp, text := v.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	return resp.StatusCode, text
}

// send uploads a file with further fields.
func (v *visitor) send(name string, content io.Reader, fields ...string) (int, string) {
	v.t.Helper()
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	go func() {
		for i := 0; i < len(fields); i += 2 {
			_ = form.WriteField(fields[i], fields[i+1])
		}
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, content)
		}
		if err == nil {
			err = form.Close()
		}
		write.CloseWithError(err)
	}()
	resp, text := v.do("POST", "/moves", form.FormDataContentType(), read)
	return resp.StatusCode, text
}

// move is what tests look at of a migration.
type move struct {
	ID      string
	State   store.State
	Account string
	Error   string
	Version int64
	Actions []string
	Review  *jobs.Review
	Summary *migrate.Summary
	Files   []struct{ Name, Path string }
	Acts    []struct{ Kind, State, Artifact, Error string }
}

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}

// upload uploads an example, and waits until it was reviewed.
func (v *visitor) upload(example string, fields ...string) move {
	v.t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "examples", example))
	require.NoError(v.t, err)
	defer f.Close()
	status, text := v.send(example, f, fields...)
	require.Equal(v.t, http.StatusCreated, status, text)
	m := decode[move](v.t, text)
	return v.until(m.ID, store.Reviewed, store.Invalid)
}

// until waits until a migration is in one of the states.
func (v *visitor) until(id string, states ...store.State) move {
	v.t.Helper()
	var m move
	require.Eventually(v.t, func() bool {
		status, text := v.get("/moves/" + id)
		require.Equal(v.t, http.StatusOK, status, text)
		m = decode[move](v.t, text)
		for _, state := range states {
			if m.State == state {
				return true
			}
		}
		require.NotContains(v.t, []store.State{store.Failed}, m.State, m.Error)
		return false
	}, time.Minute, 50*time.Millisecond, "%s is %s: %s", id, m.State, m.Error)
	return m
}

// api is the description of the API.
type api struct {
	paths   map[string]any
	schemas *jsonschema.Compiler
	mu      *sync.Mutex
	held    map[string]bool
}

// description reads openapi.json.
func description(t *testing.T) *api {
	t.Helper()
	f, err := os.Open("openapi.json")
	require.NoError(t, err)
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	require.NoError(t, c.AddResource("https://subferry.dev/openapi.json", doc))
	return &api{paths: doc.(map[string]any)["paths"].(map[string]any), schemas: c, mu: &sync.Mutex{}, held: map[string]bool{}}
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

// hold compares an answer with what the description says of it: the path, the method and the status have to be there.
func (a *api) hold(t *testing.T, method, path string, status int, text []byte) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	template := ""
	for name := range a.paths {
		pattern := "^" + parameter.ReplaceAllString(regexp.QuoteMeta(strings.NewReplacer("{", "\x00", "}", "\x01").Replace(name)), "") + "$"
		pattern = regexp.MustCompile("\x00[a-z]+\x01").ReplaceAllString(pattern, "[^/]+")
		if regexp.MustCompile(pattern).MatchString(path) && (template == "" || strings.Count(name, "{") < strings.Count(template, "{")) {
			template = name
		}
	}
	if template == "" || strings.Contains(template, "/files/") && status == http.StatusOK {
		return // not a path of the API
	}
	operation, _ := a.paths[template].(map[string]any)[strings.ToLower(method)].(map[string]any)
	require.NotNil(t, operation, "openapi.json has no %s %s", method, template)
	responses := operation["responses"].(map[string]any)
	code := http.StatusText(status)
	require.Contains(t, responses, strings.TrimSpace(jsonNumber(status)), "openapi.json does not know that %s %s answers %d %s: %s", method, template, status, code, text)
	escaped := strings.NewReplacer("~", "~0", "/", "~1").Replace(template)
	schema, err := a.schemas.Compile("https://subferry.dev/openapi.json#/paths/" + url.PathEscape(escaped) + "/" + strings.ToLower(method) +
		"/responses/" + jsonNumber(status) + "/content/application~1json/schema")
	require.NoError(t, err)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err, "%s", text)
	require.NoError(t, schema.Validate(value), "%s %s: %.2000s", method, path, text)
	a.held[method+" "+template] = true
}

func jsonNumber(n int) string {
	text, _ := json.Marshal(n)
	return string(text)
}
