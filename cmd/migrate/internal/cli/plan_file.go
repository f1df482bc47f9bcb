package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/subferry/subferry/migrate/plan"
)

// planAt returns the plan in a file, or nil when the file is none.
func planAt(path string) (*plan.Plan, error) {
	if !regular(path) {
		return nil, readable(path) // a pipe, whose beginning can be read only once
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	beginning := make([]byte, 256)
	n, err := io.ReadFull(f, beginning)
	if !bytes.HasPrefix(bytes.TrimSpace(beginning[:n]), []byte("{")) {
		return nil, nil // whatever else it is, reading it as CSV will tell
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	p, err := plan.Read(f)
	if errors.Is(err, plan.ErrNoPlan) && !plan.IsPlan(beginning[:n]) { // a plan whose fields another program has sorted is one
		return nil, &invalidFile{path + " is JSON and not a plan: name a CSV file, an Excel workbook or a plan that migrate plan --out has written"}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// notPlan refuses a plan, or other JSON, where the file with the rows is wanted.
func notPlan(path string) error {
	p, err := planAt(path)
	if err == nil && p != nil {
		err = &usageError{fmt.Sprintf("%s is a plan, which only migrate run takes: name the file that it was made of, %s", path, p.Input.Path)}
	}
	return err
}

// writePlan writes a plan file in one step: nobody sees half of one, and an old one stays until the new one is there.
func writePlan(path string, p *plan.Plan) error {
	var text bytes.Buffer
	if err := p.Write(&text); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".plan-*.json")
	if err != nil {
		return fmt.Errorf("the plan cannot be written: %w", err)
	}
	_, err = f.Write(text.Bytes())
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("the plan cannot be written: %w", err), os.Remove(f.Name()))
	}
	return nil
}
