package api

import (
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/shape"
	"github.com/subferry/subferry/migrate/sandbox/internal/store"
)

//go:embed params/*.txt
var paramFiles embed.FS

// handler executes one request inside its transaction. What it returns is the body; an *apierr.Error is answered as
// such.
type handler func(*call) (any, error)

// Route is one endpoint.
type Route struct {
	Name     string // "POST /v1/customers/{customer}"
	segments []string
	Params   *shape.Param
	handle   handler
}

// Routes are the endpoints by method.
type Routes map[string][]*Route

// NewRoutes joins every endpoint's description with its handler. A description without handler, or the reverse, is an
// error.
func NewRoutes() (Routes, error) {
	described, err := readParams()
	if err != nil {
		return nil, err
	}
	all := map[string]handler{}
	for _, resource := range []map[string]handler{
		accountRoutes, customerRoutes, productRoutes, priceRoutes, couponRoutes, taxRateRoutes, scheduleRoutes, subscriptionRoutes,
		subscriptionItemRoutes, paymentMethodRoutes, invoiceRoutes, invoiceItemRoutes, eventRoutes, testClockRoutes, meterRoutes,
	} {
		maps.Copy(all, resource)
	}
	table := Routes{}
	for name, handle := range all {
		params := described[name]
		if params == nil {
			return nil, fmt.Errorf("sandbox: %s has no description in params/", name)
		}
		delete(described, name)
		method, path, _ := strings.Cut(name, " ")
		table[method] = append(table[method], &Route{Name: name, segments: segments(path), Params: params, handle: handle})
	}
	for name := range described {
		return nil, fmt.Errorf("sandbox: %s is described in params/ and has no handler", name)
	}
	return table, nil
}

func readParams() (map[string]*shape.Param, error) {
	all := map[string]*shape.Param{}
	files, err := paramFiles.ReadDir("params")
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		text, err := paramFiles.ReadFile("params/" + f.Name())
		if err != nil {
			return nil, err
		}
		one, err := shape.Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("sandbox: params/%s: %w", f.Name(), err)
		}
		for name, p := range one {
			all[name] = p
		}
	}
	return all, nil
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// Match finds the endpoint of a path and the ID in it. A literal segment wins over a placeholder: /v1/invoices/upcoming
// is no invoice. Nor are the words that Stripe has where an ID could stand, and the sandbox has not: to answer that
// there is no customer "search" would mislead.
func (r Routes) Match(method, path string) (*Route, string) {
	parts := segments(path)
	if n := len(parts); method == "GET" && n > 2 && (parts[n-1] == "search" || parts[n-2] == "upcoming") {
		return nil, ""
	}
	var best *Route
	id := ""
	for _, one := range r[method] {
		if found, ok := one.match(parts); ok && (best == nil || found == "") {
			best, id = one, found
		}
	}
	return best, id
}

func (r *Route) match(parts []string) (id string, ok bool) {
	if len(parts) != len(r.segments) {
		return "", false
	}
	for i, want := range r.segments {
		if want[0] == '{' {
			id = parts[i]
		} else if want != parts[i] {
			return "", false
		}
	}
	return id, true
}

// Answer is what a request is answered: an object, and it encoded.
type Answer struct {
	Result   any
	Body     []byte
	Full     []byte // the object, also what the body leaves out; nil when it was expanded
	Expanded bool   // the body holds more than the object
}

// Execute runs the handler in a transaction, which is committed by the caller, and encodes what it returns with what
// the parameters ask to be expanded.
func (r *Route) Execute(t *store.Tx, id, path string, params *form.Node) (*Answer, error) {
	c := &call{tx: t, id: id, path: path, params: params}
	result, err := r.handle(c)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(result)
	if err != nil {
		return nil, err
	}
	paths := params.List("expand")
	if len(paths) == 0 {
		return &Answer{Result: result, Body: withoutHidden(body), Full: body}, nil
	}
	body, err = c.expand(body, paths)
	return &Answer{Result: result, Body: body, Expanded: true}, err
}
