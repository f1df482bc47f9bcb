package api

import (
	"fmt"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/engine"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// text returns a parameter as a nullable text.
func text(p *form.Node, name string) object.Text { return object.Text(p.String(name)) }

// setText changes a field when its parameter was sent; empty unsets it.
func setText(field *object.Text, p *form.Node, name string) {
	if p.Has(name) {
		*field = text(p, name)
	}
}

// setBool changes a field when its parameter was sent.
func setBool(field *bool, p *form.Node, name string) {
	if p.Has(name) {
		*field = p.Bool(name)
	}
}

// number returns a parameter as a nullable whole number.
func number(p *form.Node, name string) *int64 {
	if v, ok := p.Int(name); ok {
		return &v
	}
	return nil
}

// texts returns a list parameter's values.
func texts(p *form.Node, name string) []string {
	var values []string
	for _, element := range p.List(name) {
		values = append(values, element.Text)
	}
	return values
}

// currency returns a currency parameter in lower case, or an error when it is none of Stripe's, with those that are
// spelled nearly like it.
func currency(p *form.Node, name string) (string, error) {
	code := strings.ToLower(p.String(name))
	if engine.KnownCurrency(code) {
		return code, nil
	}
	var near []string
	for _, known := range csvspec.Currencies() {
		known = strings.ToLower(known)
		same := 0
		for i := range min(len(known), len(code)) {
			if known[i] == code[i] {
				same++
			}
		}
		if len(code) == len(known) && same == len(code)-1 || len(code) == len(known)+1 && strings.HasPrefix(code, known) {
			near = append(near, known)
		}
	}
	hint := ""
	if len(near) > 0 {
		hint = " Similar ones are " + listed(near) + "."
	}
	return "", apierr.Invalid(p.PathOf(name), "Invalid currency: %s. It is none that Stripe supports (docs.stripe.com/currencies), which are written as three letters such as usd.%s",
		code, hint)
}

// listed names a few currencies and counts the rest: there are 141.
func listed(codes []string) string {
	const most = 5
	if rest := len(codes) - most; rest > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(codes[:most], ", "), rest)
	}
	return strings.Join(codes, ", ")
}
