package form

import (
	"sort"
	"strconv"
	"strings"
)

// Has tells whether a parameter was sent, empty or not.
func (n *Node) Has(name string) bool { return n.Get(name) != nil }

// String returns a parameter's text, "" when it was not sent.
func (n *Node) String(name string) string {
	if f := n.Get(name); f != nil {
		return f.Text
	}
	return ""
}

// Int returns a whole number; ok is false when it was not sent or is none.
func (n *Node) Int(name string) (value int64, ok bool) {
	f := n.Get(name)
	if f == nil {
		return 0, false
	}
	value, err := strconv.ParseInt(f.Text, 10, 64)
	return value, err == nil
}

// IntOr returns a whole number, or other when it was not sent.
func (n *Node) IntOr(name string, other int64) int64 {
	if v, ok := n.Int(name); ok {
		return v
	}
	return other
}

// Bool tells whether a parameter says true.
func (n *Node) Bool(name string) bool { return n.String(name) == "true" }

// BoolOr returns a truth value, or other when it was not sent.
func (n *Node) BoolOr(name string, other bool) bool {
	if !n.Has(name) {
		return other
	}
	return n.Bool(name)
}

// List returns the elements of a list parameter.
func (n *Node) List(name string) []*Node {
	list, _ := n.Get(name).Elements()
	return list
}

// PathOf is the path a field has or would have if it had been sent.
func (n *Node) PathOf(name string) string {
	if n == nil || n.Path == "" {
		return name
	}
	return n.Path + "[" + name + "]"
}

// Canonical writes the parameters sorted by key, so that two bodies that mean the same compare as equal.
func (n *Node) Canonical() string {
	var lines []string
	n.collect(&lines)
	sort.Strings(lines)
	return strings.Join(lines, "\n")
}

func (n *Node) collect(lines *[]string) {
	if len(n.Fields) == 0 {
		*lines = append(*lines, strconv.Quote(n.Path)+"="+strconv.Quote(n.Text))
		return
	}
	for _, f := range n.Fields {
		f.collect(lines)
	}
}
