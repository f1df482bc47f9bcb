package object

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestEmptyValuesAreWhatTheAPIWrites(t *testing.T) {
	type all struct {
		Null     Null          `json:"null"`
		Text     Text          `json:"text"`
		Stamp    Stamp         `json:"stamp"`
		Metadata Metadata      `json:"metadata"`
		Array    Array[string] `json:"array"`
		Percent  *Percent      `json:"percent"`
	}
	empty, err := json.Marshal(all{})
	require.NoError(t, err)
	require.JSONEq(t, `{"null":null,"text":null,"stamp":null,"metadata":{},"array":[],"percent":null}`, string(empty))

	percent := Percent(8_8750)
	full := all{Text: "a\"b", Stamp: 7, Metadata: Metadata{{"k", "v\n"}}, Array: Array[string]{"x"}, Percent: &percent}
	encoded, err := json.Marshal(full)
	require.NoError(t, err)
	require.JSONEq(t, `{"null":null,"text":"a\"b","stamp":7,"metadata":{"k":"v\n"},"array":["x"],"percent":8.875}`, string(encoded))
	var back all
	require.NoError(t, json.Unmarshal(encoded, &back))
	require.Equal(t, full, back)
	require.NoError(t, json.Unmarshal(empty, &back))
	require.ErrorContains(t, json.Unmarshal([]byte(`{"null":1}`), &back), "does not imitate")
}

func TestPercent(t *testing.T) {
	for text, want := range map[string]Percent{"0": 0, "19": 19_0000, "8.875": 8_8750, "0.0001": 1, "100": 100_0000} {
		got, err := ParsePercent(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, text, got.String())
	}
	for _, text := range []string{"", "ten", "1.23456", "1.2.3"} {
		_, err := ParsePercent(text)
		require.Error(t, err, text)
	}
}

func TestMetadataIsASortedMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{}
		var m Metadata
		for range rapid.IntRange(0, 20).Draw(t, "changes") {
			key := rapid.StringMatching(`[a-e]`).Draw(t, "key")
			value := rapid.StringMatching(`[x-z]?`).Draw(t, "value")
			before := m
			kept := append(Metadata(nil), before...)
			m = m.With(key, value)
			require.Equal(t, kept, append(Metadata(nil), before...), "the receiver does not change")
			if want[key] = value; value == "" {
				delete(want, key)
			}
		}
		encoded, err := json.Marshal(m)
		require.NoError(t, err)
		expected, err := json.Marshal(want)
		require.NoError(t, err)
		require.Equal(t, string(expected), string(encoded))
		for key, value := range want {
			require.Equal(t, value, m.Get(key))
		}
	})
}

// TestBothWaysOfReadingMetadataAgree compares the short way with encoding/json.
func TestBothWaysOfReadingMetadataAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "pairs")
		encoded, err := json.Marshal(want)
		require.NoError(t, err)
		var got Metadata
		require.NoError(t, json.Unmarshal(encoded, &got))
		require.Len(t, got, len(want))
		for _, p := range got {
			require.Equal(t, want[p.Key], p.Value)
		}
		again, err := json.Marshal(got)
		require.NoError(t, err)
		require.JSONEq(t, string(encoded), string(again))
	})
	for _, text := range []string{`{"b":"1","a":"2"}`, `{ "a" : "1" }`, `{"a":"x,y:z"}`, `{"a":"}"}`, `{}`, `{"a":""}`} {
		var got Metadata
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		again, err := json.Marshal(got)
		require.NoError(t, err)
		require.JSONEq(t, text, string(again))
	}
	var got Metadata
	require.Error(t, json.Unmarshal([]byte(`{"a":1}`), &got))
}
