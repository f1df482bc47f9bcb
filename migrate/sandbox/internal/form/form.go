// Package form reads the form encoding of Stripe's API: keys with nested brackets such as
// phases[0][items][0][price]=price_1. It knows the syntax and judges nothing.
package form

import (
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// Node is one parameter: either a text, or the parameters below it.
type Node struct {
	// Name is the last bracket of the key; a list element's is its index.
	Name string
	// Path is the whole key as Stripe prints it: phases[0][items].
	Path string
	// Text is the value when the parameter has no parameters below it.
	Text string
	// Fields are the parameters below, in the order they were sent.
	Fields []*Node
}

// Parse reads a body or a query string.
func Parse(encoded string) (*Node, error) {
	root := &Node{}
	for encoded != "" {
		var pair string
		pair, encoded, _ = strings.Cut(encoded, "&")
		if pair == "" {
			continue
		}
		if err := root.add(pair); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func (n *Node) add(pair string) error {
	rawKey, rawValue, _ := strings.Cut(pair, "=")
	key, err := url.QueryUnescape(rawKey)
	if err != nil {
		return err
	}
	value, err := url.QueryUnescape(rawValue)
	if err != nil {
		return err
	}
	// Without the copy one kept value would keep the whole body in memory.
	n.at(key).Text = strings.Clone(value)
	return nil
}

// at returns the node a key names and makes the ones on the way.
func (n *Node) at(key string) *Node {
	open := strings.IndexByte(key, '[')
	if open <= 0 || !strings.HasSuffix(key, "]") {
		return n.child(key)
	}
	node := n.child(key[:open])
	rest := key[open+1 : len(key)-1]
	for {
		name, more, found := strings.Cut(rest, "][")
		node = node.child(name)
		if !found {
			return node
		}
		rest = more
	}
}

// child returns the field of that name; an empty name appends a list element.
func (n *Node) child(name string) *Node {
	if name == "" && n.Path != "" {
		name = strconv.Itoa(len(n.Fields))
	}
	if c := n.Get(name); c != nil {
		return c
	}
	path := name
	if n.Path != "" {
		path = n.Path + "[" + name + "]"
	}
	c := &Node{Name: name, Path: path}
	n.Fields = append(n.Fields, c)
	return c
}

// Get returns the field of that name, or nil. It is safe on a nil node.
func (n *Node) Get(name string) *Node {
	if n == nil {
		return nil
	}
	for _, f := range n.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Elements returns the fields as a list in index order; ok is false when a field's name is no index.
func (n *Node) Elements() (list []*Node, ok bool) {
	if n == nil {
		return nil, true
	}
	if n.inOrder() {
		return n.Fields, true
	}
	list = append(list, n.Fields...)
	index := make(map[*Node]int, len(list))
	for _, f := range list {
		i, err := strconv.Atoi(f.Name)
		if err != nil || i < 0 {
			return nil, false
		}
		index[f] = i
	}
	sort.SliceStable(list, func(a, b int) bool { return index[list[a]] < index[list[b]] })
	return list, true
}

func (n *Node) inOrder() bool {
	for i, f := range n.Fields {
		if f.Name != strconv.Itoa(i) {
			return false
		}
	}
	return true
}
