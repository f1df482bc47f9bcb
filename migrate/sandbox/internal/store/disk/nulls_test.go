package disk

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDropNulls(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":null}`:                        `{}`,
		`{"a":1,"b":null}`:                  `{"a":1}`,
		`{"a":null,"b":1}`:                  `{"b":1}`,
		`{"a":null,"b":null}`:               `{}`,
		`{"a":null,"b":null,"c":1}`:         `{"c":1}`,
		`{"a":0,"b":null,"c":1}`:            `{"a":0,"c":1}`,
		`{"a":":null,","b":"\":null"}`:      `{"a":":null,","b":"\":null"}`,
		`{"a":{"b":null},"c":[{"d":null}]}`: `{"a":{},"c":[{}]}`,
		`{"a":[null]}`:                      `{"a":[null]}`,
	} {
		require.Equal(t, want, string(dropNulls([]byte(in))), in)
		require.True(t, json.Valid(dropNulls([]byte(in))))
	}
}

// FuzzDropNulls checks that nothing but nulls disappears.
func FuzzDropNulls(f *testing.F) {
	for _, seed := range []string{`{"a":null,"b":[{"c":null,"d":":null"}],"e":"\\\":null"}`, `{}`, `{"a":{"b":null}}`, `[null,{"a":null}]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			t.Skip("no JSON")
		}
		plain, err := json.Marshal(value)
		if err != nil || strings.Contains(string(plain), `\":`) {
			t.Skip("the keys of what is stored need no escapes")
		}
		var got any
		if err := json.Unmarshal(dropNulls(plain), &got); err != nil {
			t.Fatalf("%s became %s: %v", plain, dropNulls(plain), err)
		}
		if !reflect.DeepEqual(withoutNulls(value), withoutNulls(got)) {
			t.Fatalf("%s became %s", plain, dropNulls(plain))
		}
	})
}

func withoutNulls(value any) any {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if inner == nil {
				delete(v, key)
			} else {
				v[key] = withoutNulls(inner)
			}
		}
	case []any:
		for i, inner := range v {
			v[i] = withoutNulls(inner)
		}
	}
	return value
}
