package plan

import (
	"bytes"
	"encoding/json"
	"reflect"
)

// asWritten tells whether a file says what a plan's own file says, and nothing twice: Go reads the last of two fields
// with one name, and fields whose names differ in case, and a person or another program may read the other one. White
// space and the order of fields mean nothing.
func (p *Plan) asWritten(text []byte) bool {
	var own bytes.Buffer
	var theirs, mine any
	if p.Write(&own) != nil || json.Unmarshal(text, &theirs) != nil || json.Unmarshal(own.Bytes(), &mine) != nil {
		return false
	}
	return reflect.DeepEqual(theirs, mine) && !repeats(json.NewDecoder(bytes.NewReader(text)))
}

// repeats tells whether an object in the next value has two fields of one name. The value is known to be right JSON.
func repeats(d *json.Decoder) bool {
	token, err := d.Token()
	if err != nil {
		return false
	}
	switch token {
	case json.Delim('{'):
		seen := map[json.Token]bool{}
		for d.More() {
			key, err := d.Token()
			if err != nil || seen[key] || repeats(d) {
				return true
			}
			seen[key] = true
		}
	case json.Delim('['):
		for d.More() {
			if repeats(d) {
				return true
			}
		}
	default:
		return false
	}
	_, err = d.Token() // the end
	return err != nil
}
