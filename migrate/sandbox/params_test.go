package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox/internal/shape"
)

// TestParamsMatchStripe compares every description in params/ with Stripe's: no parameter is missing or invented, at
// any depth, and each has Stripe's type, choices, and obligations. So what stripe-mock refuses for its shape, the
// sandbox refuses too.
func TestParamsMatchStripe(t *testing.T) {
	described := endpoints(t)
	for name, params := range described {
		method, path, _ := strings.Cut(name, " ")
		if undescribed(path) {
			continue
		}
		op := stripeSpec().Paths[path][strings.ToLower(method)]
		require.NotNil(t, op, "%s is no endpoint of Stripe's", name)
		require.Empty(t, compareFields(params, op.params(), name))
	}
}

// undescribed tells whether a path is one of the meters', which the description of stripe-mock v0.183.0 does not have.
func undescribed(path string) bool { return strings.HasPrefix(path, "/v1/billing/") }

// params is an operation's query or body as one object schema.
func (o *operation) params() *schema {
	all := &schema{Type: "object", Properties: map[string]*schema{}}
	for _, p := range o.Parameters {
		if p.In != "query" {
			continue
		}
		all.Properties[p.Name] = p.Schema
		if p.Required {
			all.Required = append(all.Required, p.Name)
		}
	}
	if body := o.RequestBody.Content["application/x-www-form-urlencoded"].Schema; body != nil {
		for name, s := range body.Properties {
			all.Properties[name] = s
		}
		all.Required = append(all.Required, body.Required...)
	}
	return all
}

func compareFields(have *shape.Param, want *schema, at string) []string {
	var found []string
	for name := range want.Properties {
		if have.Field(name) == nil {
			found = append(found, at+": "+name+" is not described")
		}
	}
	for _, p := range have.Fields {
		s := want.Properties[p.Name]
		if s == nil && p.Name == "meter" && strings.HasSuffix(at, "recurring") {
			continue // as new as the meters
		}
		if s == nil {
			found = append(found, at+": "+p.Name+" is unknown to Stripe")
			continue
		}
		if p.Skipped {
			continue
		}
		if p.Required != slices.Contains(want.Required, p.Name) {
			found = append(found, at+": "+p.Name+": required differs")
		}
		found = append(found, compareParam(p, s, at+" "+p.Name)...)
	}
	return found
}

func compareParam(p *shape.Param, s *schema, at string) []string {
	got := typeLine(p)
	var object *schema
	want := schemaSignature(s, &object)
	if got != want {
		return []string{fmt.Sprintf("%s: described as %s, Stripe says %s", at, got, want)}
	}
	if object == nil || p.Kind == shape.Map {
		return nil
	}
	return compareFields(p, object, at)
}

// typeLine is a parameter's type on one line: kind, list, unset, choices.
func typeLine(p *shape.Param) string {
	return fmt.Sprintf("%s list=%t unset=%t max=%d %v", p.Kind, p.List, p.Unset, p.Max, sorted(p.Words))
}

func sorted(words []string) []string {
	return slices.Sorted(slices.Values(words))
}

// schemaSignature is the same for an OpenAPI schema; it also hands out the object to descend into.
func schemaSignature(s *schema, object **schema) string {
	p := &shape.Param{}
	describeSchema(s, p, object)
	return typeLine(p)
}

func describeSchema(s *schema, p *shape.Param, object **schema) {
	if len(s.AnyOf) > 0 {
		describeUnion(s.AnyOf, p, object)
		return
	}
	switch {
	case s.Type == "array":
		p.List = true
		describeSchema(s.Items, p, object)
	case len(s.Enum) > 0:
		p.Kind = shape.Enum
		for _, word := range s.Enum {
			p.Words = append(p.Words, word.(string))
		}
	case s.Type == "object" && s.Properties != nil:
		p.Kind, *object = shape.Object, s
	case s.Type == "object":
		p.Kind = shape.Map
	case s.Format == "unix-time":
		p.Kind = shape.Time
	case s.Format == "decimal":
		p.Kind = shape.Decimal
	case s.Type == "string":
		p.Kind = shape.Text
		if s.MaxLength != 5000 {
			p.Max = s.MaxLength
		}
	default:
		p.Kind = shape.Kind(s.Type)
	}
}

func describeUnion(alternatives []*schema, p *shape.Param, object **schema) {
	merged := mergeObjects(alternatives)
	for _, one := range alternatives {
		switch {
		case merged != nil && one.Type == "object":
			p.Kind, *object = shape.Object, merged
		case len(one.Enum) == 1 && one.Enum[0] == "":
			p.Unset = true
		case len(one.Enum) > 0:
			for _, word := range one.Enum {
				p.Words = append(p.Words, word.(string))
			}
		case one.Properties["gte"] != nil:
			p.Kind = shape.Range
			return
		default:
			words := p.Words
			describeSchema(one, p, object)
			p.Words = words
		}
	}
}

// mergeObjects joins alternatives that are all objects, such as a card by its number or by a token: any field may
// occur, and none is required of all.
func mergeObjects(alternatives []*schema) *schema {
	merged := &schema{Type: "object", Properties: map[string]*schema{}}
	for _, one := range alternatives {
		if one.Type != "object" || one.Properties["gte"] != nil {
			return nil
		}
		maps.Copy(merged.Properties, one.Properties)
	}
	return merged
}

// TestEveryEndpointIsUnderContract keeps the list of endpoints and Stripe's in step: an endpoint the sandbox offers
// exists at Stripe.
func TestEveryEndpointIsUnderContract(t *testing.T) {
	for name := range endpoints(t) {
		method, path, _ := strings.Cut(name, " ")
		require.Equal(t, !undescribed(path), stripeSpec().Paths[path][strings.ToLower(method)] != nil, name)
	}
}
