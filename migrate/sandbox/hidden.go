package sandbox

import (
	"bytes"
	"encoding/json"
)

// Fields that Stripe leaves out of an answer unless they are expanded: tiers
// and currency_options of a price, also the tiers of each currency, and
// applies_to and currency_options of a coupon.

// hiddenMark begins the name of a field that is left out unless expand names
// it. No field of Stripe's is spelled like that.
const hiddenMark = "\x00"

// mayHide tells, without decoding, whether an encoded answer may have fields
// to leave out. Most have none.
func mayHide(body []byte) bool {
	for _, name := range []string{`"tiers":`, `"currency_options":`, `"applies_to":`} {
		if bytes.Contains(body, []byte(name)) {
			return true
		}
	}
	return false
}

// hide marks the fields of a decoded answer that are to be left out.
func hide(value any) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			hide(one)
		}
	case map[string]any:
		for name, one := range v {
			if name != "metadata" {
				hide(one)
			}
		}
		switch v["object"] {
		case "price":
			mark(v, "tiers")
			options, _ := v["currency_options"].(map[string]any)
			for _, option := range options {
				if fields, ok := option.(map[string]any); ok {
					mark(fields, "tiers")
				}
			}
			mark(v, "currency_options")
		case "coupon":
			mark(v, "applies_to")
			mark(v, "currency_options")
		}
	}
}

func mark(node map[string]any, name string) {
	if value, ok := node[name]; ok {
		delete(node, name)
		node[hiddenMark+name] = value
	}
}

// show takes the mark from a field that expand names.
func show(node map[string]any, name string) {
	if value, ok := node[hiddenMark+name]; ok {
		delete(node, hiddenMark+name)
		node[name] = value
	}
}

// dropHidden removes what nobody asked for.
func dropHidden(value any) {
	switch v := value.(type) {
	case []any:
		for _, one := range v {
			dropHidden(one)
		}
	case map[string]any:
		for name, one := range v {
			if name[:min(1, len(name))] == hiddenMark {
				delete(v, name)
				continue
			}
			if name != "metadata" {
				dropHidden(one)
			}
		}
	}
}

// encoded is an answer without what Stripe leaves out.
func encoded(result any) ([]byte, error) {
	body, err := json.Marshal(result)
	if err != nil || !mayHide(body) {
		return body, err
	}
	tree, err := decodedTree(body)
	if err != nil {
		return nil, err
	}
	hide(tree)
	dropHidden(tree)
	return json.Marshal(tree)
}

func decodedTree(body []byte) (any, error) {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	err := decoder.Decode(&tree)
	return tree, err
}
