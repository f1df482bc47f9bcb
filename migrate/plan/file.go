package plan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// kind marks plan files, so that one is told from a CSV file, and from other JSON.
const kind = "subferry plan"

// document is a plan file.
type document struct {
	Kind string `json:"kind"`
	*Plan
}

// Write writes a plan file: JSON, the same bytes for the same plan.
func (p *Plan) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document{kind, p})
}

// Read reads a plan file. It returns a *VersionError for a file of another version, and an error for anything that is
// no plan file or has been edited into one that this program would not write.
func Read(r io.Reader) (*Plan, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("the plan cannot be read: %w", err)
	}
	var head struct {
		Kind    string `json:"kind"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil || head.Kind != kind {
		return nil, ErrNoPlan
	}
	if head.Version != Version {
		return nil, &VersionError{head.Version}
	}
	d := document{Plan: &Plan{}}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return nil, fmt.Errorf("the plan is damaged, make a new one: %w", err)
	}
	return d.Plan, d.Plan.complete()
}

// ErrNoPlan is returned for a file that is no plan.
var ErrNoPlan = errors.New("this is no plan file: migrate plan FILE -o plan.json writes one")

// complete refuses a plan that lacks what it must pin.
func (p *Plan) complete() error {
	if p.Created.IsZero() || p.Input.SHA256 == "" || p.Account.ID == "" || p.APIVersion == "" || p.Digest == "" || p.Options.LeadSeconds <= 0 {
		return errors.New("the plan is damaged, make a new one: it lacks what it must pin")
	}
	return nil
}

// IsPlan tells by its first bytes whether a file is a plan file rather than a CSV file.
func IsPlan(beginning []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(beginning), []byte("{"))
	return ok && bytes.HasPrefix(bytes.TrimSpace(rest), []byte(`"kind"`))
}
