package api

import (
	"bytes"
	"encoding/json"
)

// Fields that Stripe leaves out of an answer unless they are expanded: tiers and currency_options of a price, also the
// tiers of each currency, and applies_to and currency_options of a coupon.

// hiddenMark begins the name of a field that is left out unless expand names it. No field of Stripe's is spelled like
// that.
const hiddenMark = "\x00"

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

// hiddenFields are how the fields that are left out begin in an encoded answer. Nothing else can look like that:
// metadata have texts as values, and inside a text the quotes are escaped.
var hiddenFields = [][]byte{[]byte(`"tiers":[`), []byte(`"currency_options":{`), []byte(`"applies_to":{`)}

// Encode is an answer without what Stripe leaves out. It cuts the text, which takes a small part of the time that
// decoding it would: invoices of tiered prices come by the million.
func Encode(result any) ([]byte, error) {
	body, err := json.Marshal(result)
	if err != nil {
		return nil, err
	}
	return withoutHidden(body), nil
}

func withoutHidden(body []byte) []byte {
	at, field := nextHidden(body)
	if at < 0 {
		return body
	}
	kept := make([]byte, 0, len(body))
	for ; at >= 0; at, field = nextHidden(body) {
		kept = append(kept, body[:at]...)
		body = body[at+field-1:]
		body = body[valueEnd(body):]
		switch {
		case len(kept) > 0 && kept[len(kept)-1] == ',':
			kept = kept[:len(kept)-1]
		case body[0] == ',':
			body = body[1:]
		}
	}
	return append(kept, body...)
}

// nextHidden is where the first field to leave out begins, and how long its beginning is; -1 when there is none.
func nextHidden(body []byte) (at, length int) {
	at = -1
	for _, field := range hiddenFields {
		if found := bytes.Index(body, field); found >= 0 && (at < 0 || found < at) {
			at, length = found, len(field)
		}
	}
	return at, length
}

// valueEnd is where the list or object ends with which a text begins.
func valueEnd(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

func decodedTree(body []byte) (any, error) {
	var tree any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	err := decoder.Decode(&tree)
	return tree, err
}
