package shape

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/subferry/subferry/migrate/sandbox/internal/apierr"
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
)

// Check returns what is wrong with a request's shape, or nil. Unknown parameters come first, as Stripe reports them,
// then the values in order.
func (p *Param) Check(sent *form.Node) *apierr.Error {
	var unknown []string
	p.unknown(sent, &unknown)
	if len(unknown) > 0 {
		return apierr.Unknown(unknown)
	}
	return p.fields(sent)
}

func (p *Param) unknown(sent *form.Node, found *[]string) {
	for _, f := range sent.Fields {
		q := p.Field(f.Name)
		switch {
		case q == nil:
			*found = append(*found, f.Path)
		case q.Skipped || q.Kind != Object:
		case q.List:
			for _, element := range f.Fields {
				q.unknown(element, found)
			}
		default:
			q.unknown(f, found)
		}
	}
}

func (p *Param) fields(sent *form.Node) *apierr.Error {
	for _, f := range sent.Fields {
		if err := p.Field(f.Name).value(f); err != nil {
			return err
		}
	}
	for _, q := range p.Fields {
		if q.Required && !sent.Has(q.Name) {
			return apierr.Missing(sent.PathOf(q.Name))
		}
	}
	return nil
}

func (p *Param) value(sent *form.Node) *apierr.Error {
	if p.Skipped {
		return apierr.NotImitated(sent.Path)
	}
	if len(sent.Fields) == 0 && sent.Text == "" {
		return p.empty(sent)
	}
	if !p.List {
		return p.single(sent)
	}
	elements, ok := sent.Elements()
	if !ok || len(sent.Fields) == 0 {
		return apierr.Invalid(sent.Path, "Invalid array")
	}
	for _, element := range elements {
		if err := p.single(element); err != nil {
			return err
		}
	}
	return nil
}

func (p *Param) empty(sent *form.Node) *apierr.Error {
	if p.Unset || (p.Kind == Enum && slices.Contains(p.Words, "")) {
		return nil
	}
	return apierr.Coded("parameter_invalid_empty", sent.Path,
		"You passed an empty string for '%[1]s'. We assume empty values are an attempt to unset a field; however '%[1]s' cannot be unset. You should remove '%[1]s' from your request or supply a non-empty value.", sent.Path)
}

func (p *Param) single(sent *form.Node) *apierr.Error {
	switch p.Kind {
	case Object:
		if len(sent.Fields) == 0 {
			return apierr.Invalid(sent.Path, "Invalid object")
		}
		return p.fields(sent)
	case Map:
		if len(sent.Fields) == 0 {
			return apierr.Invalid(sent.Path, "Invalid hash")
		}
		return nil
	case Range:
		if len(sent.Fields) == 0 {
			return integer(sent.Path, sent.Text)
		}
		var unknown []string
		for _, f := range sent.Fields {
			if !slices.Contains([]string{"gt", "gte", "lt", "lte"}, f.Name) {
				unknown = append(unknown, f.Path)
			} else if err := integer(f.Path, f.Text); err != nil {
				return err
			}
		}
		if len(unknown) > 0 {
			return apierr.Unknown(unknown)
		}
		return nil
	}
	if len(sent.Fields) > 0 {
		noun := map[Kind]string{Integer: "integer", Time: "integer", Boolean: "boolean", Number: "decimal", Decimal: "decimal"}[p.Kind]
		return apierr.Invalid(sent.Path, "Invalid %s: %s must be a single value", cmp.Or(noun, "string"), sent.Path)
	}
	return p.text(sent.Path, sent.Text)
}

func (p *Param) text(path, text string) *apierr.Error {
	if p.Kind != Enum && slices.Contains(p.Words, text) {
		return nil
	}
	switch p.Kind {
	case Enum:
		if !slices.Contains(p.Words, text) {
			return apierr.Invalid(path, "Invalid %s: must be %s", lastName(path), oneOf(p.Words))
		}
	case Integer:
		return integer(path, text)
	case Time:
		return timestamp(path, text)
	case Boolean:
		if text != "true" && text != "false" {
			return apierr.Invalid(path, "Invalid boolean: %s", text)
		}
	case Number, Decimal:
		whole, fraction, dotted := strings.Cut(strings.TrimPrefix(text, "-"), ".")
		if !digits(whole) || dotted && !digits(fraction) {
			return apierr.Invalid(path, "Invalid decimal: %s", text)
		}
	case Text:
		most := cmp.Or(p.Max, 5000)
		runes := []rune(text)
		if len(runes) > most {
			if len(runes) > 20 { // shortened as Stripe does
				text = string(runes[:10]) + "..." + string(runes[len(runes)-4:])
			}
			return apierr.Invalid(path, "Invalid string: %s; must be at most %d characters", text, most)
		}
	}
	return nil
}

// lastSecond is the end of the year 9999, a time no schedule needs.
const lastSecond = 253_402_300_799

func timestamp(path, text string) *apierr.Error {
	if err := integer(path, text); err != nil {
		return err
	}
	if at, _ := strconv.ParseInt(text, 10, 64); at < 0 || at > lastSecond {
		return apierr.Invalid(path, "Invalid timestamp: %s is not a Unix time in seconds", text)
	}
	return nil
}

// mostDigits is what Stripe allows an integer to have.
const mostDigits = 12

func integer(path, text string) *apierr.Error {
	if _, err := strconv.ParseInt(text, 10, 64); err != nil || len(strings.TrimPrefix(text, "-")) > mostDigits {
		return apierr.Coded("parameter_invalid_integer", path, "Invalid integer: %s", text)
	}
	return nil
}

func digits(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return text != ""
}

// oneOf writes a choice as Stripe does: "one of a, b, or c".
func oneOf(words []string) string {
	var named []string
	for _, w := range words {
		if w != "" {
			named = append(named, w)
		}
	}
	switch n := len(named); n {
	case 0:
		return "empty"
	case 1:
		return named[0]
	case 2:
		return "one of " + named[0] + " or " + named[1]
	default:
		return "one of " + strings.Join(named[:n-1], ", ") + ", or " + named[n-1]
	}
}

// lastName is the innermost bracket of a path that is not an index.
func lastName(path string) string {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '[' || r == ']' })
	for i := len(parts) - 1; i > 0; i-- {
		if !digits(parts[i]) {
			return parts[i]
		}
	}
	return parts[0]
}
