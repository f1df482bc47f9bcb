package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/server"
	"github.com/stripe/stripe-mock/spec"
)

// loadSpec reads the OpenAPI description of API 2023-10-16 that stripe-mock embeds; it takes a second, once.
var loadSpec = sync.OnceValues(func() (*spec.Spec, error) { return server.LoadSpec(embedded.OpenAPISpec, "") })

func description(t *testing.T) *spec.Spec {
	t.Helper()
	s, err := loadSpec()
	require.NoError(t, err)
	return s
}

// stripeMock returns a transport to stripe-mock in this process, which refuses another API version than its own.
func stripeMock(t *testing.T) http.RoundTripper {
	t.Helper()
	fixtures, err := server.LoadFixtures(embedded.OpenAPIFixtures, "")
	require.NoError(t, err)
	stub, err := server.NewStubServer(fixtures, description(t), true, false)
	require.NoError(t, err)
	return handlerTransport{http.HandlerFunc(stub.HandleRequest)}
}

// handlerTransport answers requests with a handler, without a network.
type handlerTransport struct{ handler http.Handler }

func (h handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, req)
	return w.Result(), nil
}

// sent is one request as it was on the wire.
type sent struct {
	Method, Path string
	Header       http.Header
	Params       url.Values
}

// recorder keeps what goes through it.
type recorder struct {
	base http.RoundTripper
	mu   sync.Mutex
	all  []sent
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body := ""
	if req.Body != nil {
		text, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		body = string(text)
		req.Body = io.NopCloser(strings.NewReader(body))
	}
	params, err := url.ParseQuery(body)
	if err != nil {
		return nil, err
	}
	for name, values := range req.URL.Query() {
		params[name] = append(params[name], values...)
	}
	r.mu.Lock()
	r.all = append(r.all, sent{req.Method, req.URL.Path, req.Header.Clone(), params})
	r.mu.Unlock()
	return r.base.RoundTrip(req)
}

// unknownParams returns the parameters of a request that the description does not know, at whatever depth.
func unknownParams(t *testing.T, s sent) []string {
	t.Helper()
	operation := operationOf(t, s)
	var unknown []string
	for name := range s.Params {
		parts := strings.Split(strings.ReplaceAll(name, "]", ""), "[")
		if !slices.ContainsFunc(schemasOf(operation, parts[0]), func(schema *spec.Schema) bool { return allows(schema, parts[1:]) }) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// operationOf finds the operation whose path template fits; one without variables wins.
func operationOf(t *testing.T, s sent) *spec.Operation {
	t.Helper()
	var found *spec.Operation
	fewest := 100
	for template, verbs := range description(t).Paths {
		operation := verbs[spec.HTTPVerb(strings.ToLower(s.Method))]
		if variables := strings.Count(string(template), "{"); operation != nil && variables < fewest && fits(string(template), s.Path) {
			found, fewest = operation, variables
		}
	}
	require.NotNil(t, found, "no operation %s %s", s.Method, s.Path)
	return found
}

func fits(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	return len(want) == len(got) && !slices.ContainsFunc(slices.Collect(indexes(want)), func(i int) bool {
		return want[i] != got[i] && !strings.HasPrefix(want[i], "{")
	})
}

func indexes[T any](list []T) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := range list {
			if !yield(i) {
				return
			}
		}
	}
}

// schemasOf returns the schemas of a top-level parameter: of the form's and of the query's.
func schemasOf(operation *spec.Operation, name string) []*spec.Schema {
	var schemas []*spec.Schema
	if operation.RequestBody != nil {
		if form := operation.RequestBody.Content["application/x-www-form-urlencoded"].Schema; form != nil && form.Properties[name] != nil {
			schemas = append(schemas, form.Properties[name])
		}
	}
	for _, parameter := range operation.Parameters {
		if parameter.In == spec.ParameterQuery && parameter.Name == name {
			schemas = append(schemas, parameter.Schema)
		}
	}
	return schemas
}

// allows tells whether a schema has a place for a[b][0][c], given as b, 0, c.
func allows(schema *spec.Schema, parts []string) bool {
	if schema == nil {
		return false
	}
	if len(schema.AnyOf) > 0 {
		return slices.ContainsFunc(schema.AnyOf, func(s *spec.Schema) bool { return allows(s, parts) })
	}
	if len(parts) == 0 {
		return schema.Type != spec.TypeObject && schema.Type != spec.TypeArray
	}
	switch schema.Type {
	case spec.TypeArray:
		_, err := strconv.Atoi(parts[0])
		return (err == nil || parts[0] == "") && allows(schema.Items, parts[1:])
	case spec.TypeObject:
		if property, ok := schema.Properties[parts[0]]; ok {
			return allows(property, parts[1:])
		}
		return allows(schema.AdditionalProperties, parts[1:])
	}
	return false
}

// TestUnknownParamsAreFound: the walk itself can fail.
func TestUnknownParamsAreFound(t *testing.T) {
	s := sent{Method: http.MethodPost, Path: "/v1/subscription_schedules", Params: url.Values{
		"customer": {"cus_1"}, "phases[0][items][0][price]": {"price_1"}, "metadata[any]": {"x"},
		"proration_behavior": {"none"}, "phases[0][start_date]": {"1"}, "phases[x][trial]": {"true"},
		"phases[0][items][0][price_data][recuring][interval]": {"month"}, "customer[id]": {"x"}, "default_settings": {"x"},
	}}
	require.Equal(t, []string{
		"customer[id]", "default_settings", "phases[0][items][0][price_data][recuring][interval]",
		"phases[0][start_date]", "phases[x][trial]", "proration_behavior",
	}, unknownParams(t, s))
}
