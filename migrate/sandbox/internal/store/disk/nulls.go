package disk

import (
	"bytes"
	"encoding/json"
)

// encode returns a value as it is stored: its JSON without nulls.
func encode(value any) ([]byte, error) {
	full, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return dropNulls(full), nil
}

// dropNulls removes the members of JSON objects whose value is null. Reading them back gives the same Go data; half of
// a schedule is nulls.
func dropNulls(b []byte) []byte {
	null := []byte(":null")
	out := make([]byte, 0, len(b))
	start := 0
	inText := false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && inText:
			i++
		case b[i] == '"':
			inText = !inText
		case b[i] == ':' && !inText && bytes.HasPrefix(b[i:], null):
			out = append(out, b[start:i]...)
			out = out[:keyStart(out)]
			i += len(null) - 1
			start = i + 1
			if start < len(b) && b[start] == ',' && out[len(out)-1] == '{' {
				start++
			} else if out[len(out)-1] == ',' {
				out = out[:len(out)-1]
			}
		}
	}
	return append(out, b[start:]...)
}

// keyStart is where the quoted key at the end of b begins. Keys of members that can be null are field names and hold no
// escapes.
func keyStart(b []byte) int {
	return bytes.LastIndexByte(b[:len(b)-1], '"')
}
