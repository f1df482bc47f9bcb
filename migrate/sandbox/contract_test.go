package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-mock/embedded"

	"github.com/subferry/subferry/migrate/sandbox/internal/api"
	"github.com/subferry/subferry/migrate/sandbox/internal/shape"
)

// The contract: every answer the tests see is checked against the OpenAPI description that Stripe's own stripe-mock
// v0.183.0 embeds.

// schema is what the checker uses of an OpenAPI schema.
type schema struct {
	Ref                  string             `json:"$ref"`
	Type                 string             `json:"type"`
	Format               string             `json:"format"`
	Enum                 []any              `json:"enum"`
	AnyOf                []*schema          `json:"anyOf"`
	Nullable             bool               `json:"nullable"`
	Properties           map[string]*schema `json:"properties"`
	Required             []string           `json:"required"`
	Items                *schema            `json:"items"`
	AdditionalProperties any                `json:"additionalProperties"`
	MaxLength            int                `json:"maxLength"`
}

type operation struct {
	Parameters []struct {
		Name     string  `json:"name"`
		In       string  `json:"in"`
		Required bool    `json:"required"`
		Schema   *schema `json:"schema"`
	} `json:"parameters"`
	RequestBody struct {
		Content map[string]struct {
			Schema *schema `json:"schema"`
		} `json:"content"`
	} `json:"requestBody"`
	Responses map[string]struct {
		Content map[string]struct {
			Schema *schema `json:"schema"`
		} `json:"content"`
	} `json:"responses"`
}

type description struct {
	Paths      map[string]map[string]*operation `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

var stripeSpec = sync.OnceValue(func() *description {
	var d description
	if err := json.Unmarshal(embedded.OpenAPISpec, &d); err != nil {
		panic(err)
	}
	return &d
})

// operation finds the description of an endpoint; a literal path wins.
func (d *description) operation(method, path string) *operation {
	if ops, ok := d.Paths[path]; ok {
		return ops[strings.ToLower(method)]
	}
	for pattern, ops := range d.Paths {
		if samePath(pattern, path) {
			return ops[strings.ToLower(method)]
		}
	}
	return nil
}

// samePath tells whether a path is one of a pattern such as /v1/customers/{customer}.
func samePath(pattern, path string) bool {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	return slices.EqualFunc(want, have, func(a, b string) bool { return a == b || strings.HasPrefix(a, "{") })
}

// endpoints are the parameters of every endpoint of the sandbox, by method and path.
func endpoints(t testing.TB) map[string]*shape.Param {
	t.Helper()
	routes, err := api.NewRoutes()
	require.NoError(t, err)
	described := map[string]*shape.Param{}
	for _, some := range routes {
		for _, one := range some {
			described[one.Name] = one.Params
		}
	}
	return described
}

// checkAnswer reports where an answer departs from its endpoint's schema.
func (d *description) checkAnswer(method, path string, status int, body []byte) []string {
	op := d.operation(method, path)
	if op == nil {
		return []string{method + " " + path + ": Stripe has no such endpoint"}
	}
	name := "200"
	if status != 200 {
		name = "default"
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return []string{err.Error()}
	}
	return d.check(op.Responses[name].Content["application/json"].Schema, value, "body")
}

// check reports where a value departs from a schema. Unknown fields count.
func (d *description) check(s *schema, value any, at string) []string {
	if s.Ref != "" {
		s = d.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]]
	}
	if value == nil {
		if s.Nullable {
			return nil
		}
		return []string{at + " is null"}
	}
	if len(s.AnyOf) > 0 {
		return d.checkAny(s.AnyOf, value, at)
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, value) {
		return []string{fmt.Sprintf("%s is %v, which is none of %v", at, value, s.Enum)}
	}
	switch s.Type {
	case "object":
		return d.checkObject(s, value, at)
	case "array":
		list, ok := value.([]any)
		if !ok {
			return wrong(at, value, "an array")
		}
		var found []string
		for i, element := range list {
			found = append(found, d.check(s.Items, element, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return found
	case "boolean":
		if _, ok := value.(bool); !ok {
			return wrong(at, value, "a boolean")
		}
	case "string":
		text, ok := value.(string)
		if !ok {
			return wrong(at, value, "a string")
		}
		if s.MaxLength > 0 && len(text) > s.MaxLength {
			return []string{at + " is too long"}
		}
	case "integer", "number":
		n, ok := value.(json.Number)
		if !ok || s.Type == "integer" && strings.Contains(n.String(), ".") {
			return wrong(at, value, "a number of type "+s.Type)
		}
	}
	return nil
}

func wrong(at string, value any, want string) []string {
	return []string{fmt.Sprintf("%s is %v (%T), not %s", at, value, value, want)}
}

// checkAny accepts the first alternative that fits, and reports the closest one otherwise: for objects the one whose
// "object" agrees.
func (d *description) checkAny(alternatives []*schema, value any, at string) []string {
	var best []string
	for i, alternative := range alternatives {
		found := d.check(alternative, value, at)
		if len(found) == 0 {
			return nil
		}
		if i == 0 || len(found) < len(best) {
			best = found
		}
	}
	return best
}

func (d *description) checkObject(s *schema, value any, at string) []string {
	object, ok := value.(map[string]any)
	if !ok {
		return wrong(at, value, "an object")
	}
	var found []string
	for _, name := range s.Required {
		if _, ok := object[name]; !ok {
			found = append(found, at+"."+name+" is missing")
		}
	}
	if s.Properties == nil {
		return found
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		property := s.Properties[name]
		if property == nil {
			found = append(found, at+"."+name+" is unknown to Stripe")
			continue
		}
		found = append(found, d.check(property, object[name], at+"."+name)...)
	}
	return found
}

// underContract makes every answer of a bench checked.
func underContract(t testing.TB) func(method, path string, status int, body []byte) {
	return func(method, path string, status int, body []byte) {
		t.Helper()
		require.Empty(t, stripeSpec().checkAnswer(method, path, status, body), "%s %s\n%s", method, path, body)
	}
}

func TestTheContractNoticesDepartures(t *testing.T) {
	d := stripeSpec()
	for body, want := range map[string]string{
		`{"object":"account"}`:                         "body.id is missing",
		`{"id":"acct_1","object":"acount"}`:            "body.object is acount",
		`{"id":7,"object":"account"}`:                  "body.id is 7",
		`{"id":"acct_1","object":"account","x":1}`:     "body.x is unknown",
		`{"id":"acct_1","object":"account","type":""}`: "body.type is ",
	} {
		require.Contains(t, strings.Join(d.checkAnswer("GET", "/v1/account", 200, []byte(body)), "\n"), want, body)
	}
}
