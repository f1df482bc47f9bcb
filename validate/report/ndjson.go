package report

import (
	"bufio"
	"io"

	"github.com/subferry/subferry/validate"
)

// NDJSON writes one JSON object a line: each finding as soon as it is known ("type": "finding"), those about the
// file, its header and rows compared with each other behind the others, and last the report ("type": "report").
type NDJSON struct{ w *bufio.Writer }

// NewNDJSON returns a renderer that writes to w.
func NewNDJSON(w io.Writer) *NDJSON { return &NDJSON{bufio.NewWriter(w)} }

// Add implements Renderer.
func (n *NDJSON) Add(found validate.Findings) error {
	for _, f := range found {
		if err := n.line(struct {
			Type string `json:"type"`
			validate.Finding
		}{"finding", f}); err != nil {
			return err
		}
	}
	return n.w.Flush()
}

// Close implements Renderer.
func (n *NDJSON) Close(r *validate.Report) error {
	if err := n.Add(r.Findings); err != nil {
		return err
	}
	err := n.line(struct {
		Type string `json:"type"`
		*validate.Report
		Findings *int `json:"findings,omitempty"` // they have lines of their own
	}{Type: "report", Report: r})
	if err != nil {
		return err
	}
	return n.w.Flush()
}

func (n *NDJSON) line(value any) error {
	encoded, err := marshal(value, "")
	if err != nil {
		return err
	}
	_, _ = n.w.Write(encoded)
	return n.w.WriteByte('\n')
}
