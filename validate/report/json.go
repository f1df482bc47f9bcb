package report

import (
	"bufio"
	"io"

	"github.com/subferry/subferry/validate"
)

// JSON writes one object: the report, with all findings sorted by place.
type JSON struct {
	w     io.Writer
	found *findingBuffer
}

// NewJSON returns a renderer that writes to w when it is closed.
func NewJSON(w io.Writer) *JSON { return &JSON{w: w, found: newFindingBuffer()} }

// Add implements Renderer.
func (j *JSON) Add(found validate.Findings) error {
	for _, f := range found {
		encoded, err := encode(f)
		if err != nil {
			return err
		}
		if err := j.found.add(placeOf(f), encoded); err != nil {
			return err
		}
	}
	return nil
}

// Close implements Renderer.
func (j *JSON) Close(r *validate.Report) error {
	defer j.found.close()
	frame := *r
	frame.Findings = validate.Findings{}
	w := bufio.NewWriter(j.w)
	err := writeAround(w, frame, `"findings": []`, func() error {
		return writeList(w, j.found, r.Findings, "    ")
	})
	if err != nil {
		return err
	}
	return w.Flush()
}

// encode returns the finding as JSON without changing < and > into \u003c and \u003e.
func encode(f validate.Finding) ([]byte, error) { return marshal(f, "") }

// writeList writes the findings as the inside of a JSON array.
func writeList(w *bufio.Writer, s *findingBuffer, late validate.Findings, indent string) error {
	separator := "\n"
	err := s.merged(late, encode, func(encoded []byte) error {
		_, err := w.WriteString(separator + indent)
		if err == nil {
			_, err = w.Write(encoded)
		}
		separator = ",\n"
		return err
	})
	if err == nil && separator != "\n" {
		_, err = w.WriteString("\n" + indent[:len(indent)-2])
	}
	return err
}
