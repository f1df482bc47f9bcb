package export

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
)

// nestedLists completes lists inside of objects, which Stripe cuts off (items of a subscription, lines of an invoice).
type nestedLists struct {
	client   *client
	followed atomic.Int64
}

// complete returns the object with each list of its own read to the end; one that needs nothing is returned as it is.
func (n *nestedLists) complete(ctx context.Context, raw []byte) ([]byte, error) {
	if !bytes.Contains(raw, []byte(`"has_more":true`)) {
		return raw, nil
	}
	fields, err := fieldsOf(raw)
	if err != nil {
		return nil, err
	}
	for i := len(fields) - 1; i >= 0; i-- { // from behind, so that the places before stay what they are
		f := fields[i]
		var list struct {
			Object string            `json:"object"`
			Data   []json.RawMessage `json:"data"`
			More   bool              `json:"has_more"`
			URL    string            `json:"url"`
		}
		if f.text(raw)[0] != '{' || json.Unmarshal(f.text(raw), &list) != nil || list.Object != "list" || !list.More {
			continue
		}
		data, err := n.rest(ctx, list.URL, list.Data)
		if err != nil {
			return nil, fmt.Errorf("its %s could not be read to the end: %w", f.name, err)
		}
		whole, err := replaced(f.text(raw), data)
		if err != nil {
			return nil, err
		}
		raw = bytes.Join([][]byte{raw[:f.from], whole, raw[f.to:]}, nil)
		n.followed.Add(1)
	}
	return raw, nil
}

// rest reads a nested list from behind its last object on.
func (n *nestedLists) rest(ctx context.Context, address string, data []json.RawMessage) ([]json.RawMessage, error) {
	path, query, _ := strings.Cut(address, "?")
	if !strings.HasPrefix(path, "/v1/") {
		return nil, fmt.Errorf("it names no list of Stripe's: %q", address)
	}
	params, err := url.ParseQuery(query)
	if err != nil {
		return nil, fmt.Errorf("it names no list of Stripe's: %q", address)
	}
	params.Set("limit", fmt.Sprint(pageSize))
	seen := map[string]bool{}
	for _, one := range data {
		var head struct{ ID string }
		if err := json.Unmarshal(one, &head); err != nil {
			return nil, err
		}
		seen[head.ID] = true
		params.Set("starting_after", head.ID)
	}
	for more := true; more; {
		raw, err := n.client.get(ctx, path, params)
		if err != nil {
			return nil, err
		}
		got, err := readPage(Kind{Path: path}, raw)
		if err != nil {
			return nil, err
		}
		for _, o := range got.objects {
			if !seen[o.id] {
				seen[o.id] = true
				data = append(data, o.raw)
			}
			params.Set("starting_after", o.id)
		}
		if more = got.more; more && len(got.objects) == 0 {
			return nil, fmt.Errorf("GET %s promised more and brought nothing", path)
		}
	}
	return data, nil
}

// replaced returns a list with other data and nothing left to read; every other field stays as it is.
func replaced(list []byte, data []json.RawMessage) ([]byte, error) {
	fields, err := fieldsOf(list)
	if err != nil {
		return nil, err
	}
	for i := len(fields) - 1; i >= 0; i-- {
		value := []byte("false")
		switch fields[i].name {
		case "data":
			value = append(append([]byte("["), bytes.Join(rawTexts(data), []byte(","))...), ']')
		case "has_more":
		default:
			continue
		}
		list = bytes.Join([][]byte{list[:fields[i].from], value, list[fields[i].to:]}, nil)
	}
	return list, nil
}

func rawTexts(data []json.RawMessage) [][]byte {
	texts := make([][]byte, len(data))
	for i := range data {
		texts[i] = data[i]
	}
	return texts
}

// field is a field of a JSON object and where its value stands.
type field struct {
	name     string
	from, to int
}

func (f field) text(object []byte) []byte { return object[f.from:f.to] }

// fieldsOf returns the fields of a JSON object in their order.
func fieldsOf(raw []byte) (fields []field, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err = d.Token(); err != nil {
		return nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		to := int(d.InputOffset())
		fields = append(fields, field{fmt.Sprint(name), to - len(value), to})
	}
	return fields, nil
}
