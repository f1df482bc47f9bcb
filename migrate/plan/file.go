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

// Read reads a plan file. It returns a *VersionError for a file of another version, ErrPlanEdited for one that was
// changed since it was written, ErrPlanDamaged for one that cannot be understood, and ErrNoPlan for other files.
func Read(r io.Reader) (*Plan, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("the plan cannot be read: %w", err)
	}
	var head struct {
		Kind    string `json:"kind"`
		Version int    `json:"version"`
	}
	switch err := json.Unmarshal(text, &head); {
	case err != nil && IsPlan(text):
		return nil, fmt.Errorf("%w: %w", ErrPlanDamaged, err)
	case err != nil, head.Kind != kind:
		return nil, ErrNoPlan
	}
	if head.Version != Version {
		return nil, &VersionError{head.Version}
	}
	d := document{Plan: &Plan{}}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlanDamaged, err)
	}
	if err := d.Plan.complete(); err != nil {
		return d.Plan, err
	}
	seal, err := d.Plan.seal()
	if err == nil && (seal != d.Plan.Digest || !d.Plan.asWritten(text)) {
		err = ErrPlanEdited
	}
	return d.Plan, err
}

// ErrPlanEdited is returned for a plan file that is not as it was written: somebody has changed it, and what it shows is
// not what was computed.
var ErrPlanEdited = errors.New("the plan file has been changed since it was written, so that its figures are not those that were computed: " +
	"make a new plan, and change the CSV file or the account instead of the plan")

// ErrNoPlan is returned for a file that is no plan.
var ErrNoPlan = errors.New("this is no plan file: migrate plan FILE --out plan.json writes one")

// ErrPlanDamaged is returned for a plan file that cannot be understood, or that lacks what every plan states.
var ErrPlanDamaged = errors.New("the plan is damaged, make a new one")

// complete refuses a plan that does not state all that a run of it needs.
func (p *Plan) complete() error {
	if p.Created.IsZero() || p.Input.SHA256 == "" || p.Account.ID == "" || p.APIVersion == "" || p.RowsDigest == "" || p.Digest == "" || p.Options.LeadSeconds <= 0 {
		return fmt.Errorf("%w: it does not state when, for which file, account and API version it was made", ErrPlanDamaged)
	}
	return nil
}

// IsPlan tells by its first bytes whether a file is a plan file rather than a CSV file.
func IsPlan(beginning []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(beginning), []byte("{"))
	return ok && bytes.HasPrefix(bytes.TrimSpace(rest), []byte(`"kind"`))
}
