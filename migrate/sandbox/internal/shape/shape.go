// Package shape describes which parameters an endpoint takes and checks a request against the description, at every
// depth.
//
// The descriptions are text, one parameter a line, indented below its parent:
//
//	POST /v1/prices
//	  currency* text
//	  metadata? map
//	  tiers[] object
//	    up_to* integer|inf
//	  -product_data
//
// "*" marks a required parameter, "?" one that an empty value unsets, "[]" a list, and a leading "-" one that Stripe
// knows and the sandbox does not imitate. Types: text, text(40) with its greatest length, integer, number, boolean,
// decimal, time, range (a time or gt/gte/lt/lte), enum(a,b), map, object. "integer|inf" also takes the word.
package shape

import (
	"bufio"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Param is one parameter, or the whole parameter set of an endpoint.
type Param struct {
	Name     string
	Kind     Kind
	Max      int
	Words    []string // the values of an enum, or words a number may also be
	List     bool
	Required bool
	Unset    bool
	Skipped  bool // known to Stripe, not imitated here
	Fields   []*Param
}

// Kind is a parameter's type.
type Kind string

// The kinds; the package comment says what each takes.
const (
	Text    Kind = "text"
	Integer Kind = "integer"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	Decimal Kind = "decimal"
	Time    Kind = "time"
	Range   Kind = "range"
	Enum    Kind = "enum"
	Map     Kind = "map"
	Object  Kind = "object"
)

// Field returns the parameter of that name, or nil.
func (p *Param) Field(name string) *Param {
	for _, f := range p.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Parse reads descriptions into endpoints by "METHOD /path".
func Parse(text string) (map[string]*Param, error) {
	all := map[string]*Param{}
	var stack []*Param
	lines := bufio.NewScanner(strings.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimRight(lines.Text(), " ")
		word := strings.TrimLeft(line, " ")
		depth := (len(line) - len(word)) / 2
		if word == "" || word[0] == '#' {
			continue
		}
		if depth == 0 {
			stack = []*Param{{Name: word, Kind: Object}}
			all[word] = stack[0]
			continue
		}
		p, err := parseParam(word)
		if err != nil || depth > len(stack) {
			return nil, fmt.Errorf("line %d: %q is no parameter: %v", n, word, err)
		}
		parent := stack[depth-1]
		parent.Fields = append(parent.Fields, p)
		stack = append(stack[:depth], p)
	}
	return all, lines.Err()
}

func parseParam(word string) (*Param, error) {
	if name, skipped := strings.CutPrefix(word, "-"); skipped {
		return &Param{Name: name, Skipped: true}, nil
	}
	name, kind, found := strings.Cut(word, " ")
	if !found {
		return nil, fmt.Errorf("the type is missing")
	}
	p := &Param{}
	name, p.Unset = strings.CutSuffix(name, "?")
	name, p.Required = strings.CutSuffix(name, "*")
	p.Name, p.List = strings.CutSuffix(name, "[]")
	base, inner, hasInner := strings.Cut(strings.TrimSuffix(kind, ")"), "(")
	base, words, hasWords := strings.Cut(base, "|")
	p.Kind = Kind(base)
	if hasWords {
		p.Words = strings.Split(words, "|")
	}
	var err error
	switch {
	case p.Kind == Enum:
		p.Words = strings.Split(inner, ",")
	case hasInner:
		p.Max, err = strconv.Atoi(inner)
	case !slices.Contains([]Kind{Text, Integer, Number, Boolean, Decimal, Time, Range, Map, Object}, p.Kind):
		err = fmt.Errorf("the type %q is unknown", kind)
	}
	return p, err
}
