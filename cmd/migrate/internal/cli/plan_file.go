package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
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

// writePlan writes a plan file.
func writePlan(path string, p *plan.Plan) error {
	f, err := replace(path)
	if err != nil {
		return err
	}
	return f.end(p.Write(f))
}

// replaceable refuses a file that exists, which may be the one that is planned or the account's; a plan may be replaced
// by a new one.
func replaceable(path string, isPlan bool) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return unwritable(path, err)
	}
	defer f.Close()
	beginning := make([]byte, 256)
	n, _ := io.ReadFull(f, beginning) // what cannot be read is no plan
	if isPlan && plan.IsPlan(beginning[:n]) {
		return nil
	}
	return fmt.Errorf("%s exists already, and nothing is overwritten but an older plan: name another file", path)
}

// replacement is a file that is written in one step: nobody sees half of it, and an old one stays until it is there.
type replacement struct {
	*os.File
	path string
}

// replace begins a file that comes to stand at path when it ends.
func replace(path string) (*replacement, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".plan-*")
	if err != nil {
		return nil, unwritable(path, err)
	}
	return &replacement{f, path}, nil
}

// end puts the file in its place, unless writing it has failed; then it is removed, and the failure returned.
func (r *replacement) end(failure error) error {
	err := errors.Join(failure, r.Sync(), r.Close())
	if err == nil {
		if err = os.Rename(r.Name(), r.path); err == nil {
			return nil
		}
	}
	_ = os.Remove(r.Name()) // it is in nobody's way
	if failure != nil {
		return failure
	}
	return unwritable(r.path, err)
}

// unwritable names the file that is meant, and not the temporary one.
func unwritable(path string, err error) error {
	var why *fs.PathError
	if errors.As(err, &why) {
		err = why.Err
	}
	return fmt.Errorf("the plan cannot be written to %s: %w", path, err)
}
