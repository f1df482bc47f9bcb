package sandbox

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"

	"github.com/subferry/subferry/migrate/sandbox/internal/shape"
)

// TestWhatStripeMockRefusesTheSandboxRefuses sends each endpoint one request for every mistake that can be made in the
// shape of each of its parameters, to stripe-mock and to the sandbox.
func TestWhatStripeMockRefusesTheSandboxRefuses(t *testing.T) {
	mock := stripeMock(t)
	b := open4test(t, Options{}).stock()
	b.check = nil
	described := endpoints(t)
	refused := 0
	for name, params := range described {
		method, path, _ := strings.Cut(name, " ")
		path = strings.NewReplacer("{", "", "}", "").Replace(path)
		for _, pairs := range mistakes(params) {
			if !refuses(mock, b.request(method, path, pairs...)) {
				continue
			}
			refused++
			require.True(t, refuses(b, b.request(method, path, pairs...)), "%s %v", name, pairs)
			body := b.do(method, path, pairs...)
			require.Contains(t, []string{"parameter_unknown", "parameter_missing", "parameter_invalid_integer", "parameter_invalid_empty", ""},
				errorCode(body), "%s %v is refused for its shape: %s", name, pairs, body.raw)
		}
	}
	require.Greater(t, refused, 300, "stripe-mock must have refused something")
}

func errorCode(r *reply) string {
	code, _ := r.body["error"].(map[string]any)["code"].(string)
	return code
}

func refuses(h http.Handler, r *http.Request) bool {
	w := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.ServeHTTP(w, r)
	return w.Code == http.StatusBadRequest
}

// stripeMock is Stripe's own stateless stand-in, which prints every request.
func stripeMock(t *testing.T) http.Handler {
	t.Helper()
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	require.NoError(t, err)
	spec, err := server.LoadSpec(embedded.OpenAPISpec, "")
	require.NoError(t, err)
	stub, err := server.NewStubServer(fixtures, spec, false, false)
	require.NoError(t, err)
	stdout := os.Stdout
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	os.Stdout = null
	t.Cleanup(func() { os.Stdout = stdout; require.NoError(t, null.Close()) })
	return http.HandlerFunc(stub.HandleRequest)
}

// mistakes are requests that are wrong in one place each.
func mistakes(p *shape.Param) [][]string {
	found := [][]string{{}, {"surprise=1"}}
	for _, field := range p.Fields {
		found = append(found, mistakesIn(field, field.Name)...)
	}
	return found
}

func mistakesIn(p *shape.Param, key string) [][]string {
	if p.Skipped {
		return nil
	}
	if p.List {
		key += "[0]"
	}
	found := [][]string{{key + "="}}
	switch p.Kind {
	case shape.Enum, shape.Integer, shape.Time, shape.Boolean, shape.Number, shape.Decimal, shape.Range:
		found = append(found, []string{key + "=surprise"}, []string{key + "[a]=b"})
	case shape.Text:
		found = append(found, []string{key + "[a]=b"}, []string{key + "=" + strings.Repeat("x", 6000)})
	case shape.Map:
		found = append(found, []string{key + "=surprise"})
	case shape.Object:
		found = append(found, []string{key + "=surprise"}, []string{key + "[surprise]=1"})
		for _, field := range p.Fields {
			found = append(found, mistakesIn(field, key+"["+field.Name+"]")...)
		}
	}
	return found
}
