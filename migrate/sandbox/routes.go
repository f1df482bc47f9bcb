package sandbox

import (
	"embed"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/shape"
)

//go:embed params/*.txt
var paramFiles embed.FS

// handler executes one request inside its transaction. What it returns is
// the body; an *apierr.Error is answered as such.
type handler func(*call) (any, error)

// route is one endpoint.
type route struct {
	name     string // "POST /v1/customers/{customer}"
	segments []string
	params   *shape.Param
	handle   handler
}

// routes are the endpoints by method.
type routes map[string][]*route

// newRoutes joins every endpoint's description with its handler. A
// description without handler, or the reverse, is an error.
func newRoutes() (routes, error) {
	described, err := readParams()
	if err != nil {
		return nil, err
	}
	table := routes{}
	for name, handle := range handlers() {
		params := described[name]
		if params == nil {
			return nil, fmt.Errorf("sandbox: %s has no description in params/", name)
		}
		delete(described, name)
		method, path, _ := strings.Cut(name, " ")
		table[method] = append(table[method], &route{name: name, segments: segments(path), params: params, handle: handle})
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

// match finds the endpoint of a path and the ID in it. A literal segment wins
// over a placeholder: /v1/invoices/upcoming is no invoice. Nor are the words
// that Stripe has where an ID could stand, and the sandbox has not: to answer
// that there is no customer "search" would mislead.
func (r routes) match(method, path string) (*route, string) {
	parts := segments(path)
	if n := len(parts); method == "GET" && n > 2 && (parts[n-1] == "search" || parts[n-2] == "upcoming") {
		return nil, ""
	}
	var best *route
	id := ""
	for _, one := range r[method] {
		if found, ok := one.match(parts); ok && (best == nil || found == "") {
			best, id = one, found
		}
	}
	return best, id
}

func (r *route) match(parts []string) (id string, ok bool) {
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
