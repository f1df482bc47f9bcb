package api

import (
	"strings"

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

// currency returns a currency parameter in lower case, or an error when it
// is none of Stripe's.
func currency(p *form.Node, name string) (string, error) {
	code := strings.ToLower(p.String(name))
	if !engine.KnownCurrency(code) {
		return "", apierr.Invalid(p.PathOf(name), "Invalid currency: %s. It is none that Stripe supports (docs.stripe.com/currencies).", code)
	}
	return code, nil
}
