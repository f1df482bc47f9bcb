// Package object holds the objects of Stripe's API, version 2023-10-16, as Go data in the API's own JSON shape. An
// object marshals to exactly what a response holds. Fields the sandbox does not imitate are of type Null.
package object

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// APIVersion is the version of Stripe's API the objects are of.
const APIVersion = "2023-10-16"

// Null is a field that is always null here. Reading anything else into it is an error: keeping quiet about a value that
// will have no effect misleads.
type Null struct{}

// MarshalJSON writes null.
func (Null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// UnmarshalJSON refuses a value.
func (Null) UnmarshalJSON(b []byte) error {
	if string(b) != "null" {
		return fmt.Errorf("the sandbox does not imitate this field and found the value %s; leave the field out", b)
	}
	return nil
}

// Text is a text that is null when empty. References to other objects are texts too.
type Text string

// MarshalJSON writes the text or null.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

// Stamp is a time in Unix seconds that is null when zero.
type Stamp int64

// MarshalJSON writes the number or null.
func (s Stamp) MarshalJSON() ([]byte, error) {
	if s == 0 {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(s), 10), nil
}

// PercentUnit is how many units of Percent make one percent.
const PercentUnit = 10_000

// Percent is a percentage in ten-thousandths of a percent: Stripe keeps four decimals of a tax rate, and money must not
// pass through a float.
type Percent int64

// ParsePercent reads a decimal text such as "8.875".
func ParsePercent(text string) (Percent, error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if whole == "" {
		return 0, fmt.Errorf("%q is no percentage", text)
	}
	if len(fraction) > 4 {
		return 0, fmt.Errorf("%s has more than four decimals", text)
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", 4-len(fraction)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is no percentage", text)
	}
	return Percent(n), nil
}

// String writes the percentage without superfluous zeros.
func (p Percent) String() string {
	text := strconv.FormatInt(int64(p)/PercentUnit, 10)
	if rest := int64(p) % PercentUnit; rest != 0 {
		text += "." + strings.TrimRight(fmt.Sprintf("%04d", rest), "0")
	}
	return text
}

// MarshalJSON writes a JSON number.
func (p Percent) MarshalJSON() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalJSON reads a JSON number.
func (p *Percent) UnmarshalJSON(b []byte) error {
	v, err := ParsePercent(string(b))
	*p = v
	return err
}

// Metadata are key-value pairs, sorted by key. A slice takes a third of the memory of a map, which counts with a
// million objects.
type Metadata []Pair

// Pair is one entry of Metadata.
type Pair struct{ Key, Value string }

// Get returns a key's value, "" when there is none.
func (m Metadata) Get(key string) string {
	for _, p := range m {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// With returns the pairs with one key set, or removed when value is empty. The receiver is not changed.
func (m Metadata) With(key, value string) Metadata {
	changed := make(Metadata, 0, len(m)+1)
	for _, p := range m {
		if p.Key != key {
			changed = append(changed, p)
		}
	}
	if value != "" {
		changed = append(changed, Pair{key, value})
		sort.Slice(changed, func(a, b int) bool { return changed[a].Key < changed[b].Key })
	}
	return changed
}

// MarshalJSON writes an object, also when there are no pairs.
func (m Metadata) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, p := range m {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(p.Key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(p.Value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON reads an object of texts. What MarshalJSON wrote is sorted and mostly without escapes, and is read
// without a detour through a map: opening a large sandbox reads millions of pairs.
func (m *Metadata) UnmarshalJSON(b []byte) error {
	rest, plain := strings.CutPrefix(string(b), "{")
	plain = plain && !strings.ContainsAny(rest, "\\\n\t\r ")
	var sorted Metadata
	for plain && rest != "}" && rest != "" {
		var p Pair
		if p.Key, rest, plain = quoted(rest, ":"); plain {
			p.Value, rest, plain = quoted(rest, ",}")
		}
		plain = plain && (len(sorted) == 0 || sorted[len(sorted)-1].Key < p.Key)
		sorted = append(sorted, p)
	}
	if plain {
		*m = sorted
		return nil
	}
	var pairs map[string]string
	if err := json.Unmarshal(b, &pairs); err != nil {
		return err
	}
	*m = nil
	for key, value := range pairs {
		*m = append(*m, Pair{key, value})
	}
	sort.Slice(*m, func(a, c int) bool { return (*m)[a].Key < (*m)[c].Key })
	return nil
}

// quoted reads "…" and one of the characters behind it.
func quoted(text, behind string) (value, rest string, ok bool) {
	if len(text) < 3 || text[0] != '"' {
		return "", "", false
	}
	value, rest, ok = strings.Cut(text[1:], `"`)
	if !ok || rest == "" || !strings.Contains(behind, rest[:1]) {
		return "", "", false
	}
	return value, rest[1:], true
}

// Array is a list that marshals as [] when empty, never as null.
type Array[T any] []T

// MarshalJSON writes the list.
func (a Array[T]) MarshalJSON() ([]byte, error) {
	if len(a) == 0 {
		return []byte("[]"), nil
	}
	return json.Marshal([]T(a))
}

// List is a page of objects, or the objects inside another one.
type List[T any] struct {
	Object  string   `json:"object"`
	Data    Array[T] `json:"data"`
	HasMore bool     `json:"has_more"`
	URL     string   `json:"url"`
}

// Deleted is the answer to a delete.
type Deleted struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Deleted bool   `json:"deleted"`
}
