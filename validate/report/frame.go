package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
)

// marshal is json.Marshal, or with an indent json.MarshalIndent, that leaves <, > and & as they are.
func marshal(value any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// writeAround writes the value as indented JSON. hole is an empty array of it, with its name; inside writes what
// belongs into the array, which is too much to be part of the value.
func writeAround(w *bufio.Writer, value any, hole string, inside func() error) error {
	frame, err := marshal(value, "  ")
	if err != nil {
		return err
	}
	before, after, ok := bytes.Cut(frame, []byte(hole))
	if !ok {
		return errors.New("report: the frame has no place for its findings")
	}
	_, _ = w.Write(before)
	_, _ = w.WriteString(hole[:len(hole)-1])
	if err := inside(); err != nil {
		return err
	}
	_, _ = w.WriteString("]")
	_, _ = w.Write(after) // errors of a bufio.Writer stay until Flush
	return w.WriteByte('\n')
}
