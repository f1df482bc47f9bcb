package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
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

// replaceablePlan refuses to write a plan of an input file to path when another file is there: only the plan of the
// same input may be replaced. It returns that one, or nil when path is free.
func replaceablePlan(path, input string) (*plan.Plan, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unwritable(path, err)
	}
	defer f.Close()
	old, err := plan.Read(f)
	switch {
	case errors.Is(err, plan.ErrNoPlan):
		return nil, fmt.Errorf("%s exists already, and nothing is overwritten but an older plan of the same file: name another file", path)
	case err != nil:
		return nil, fmt.Errorf("%s exists already, and only a sound plan of the same file is replaced, name another file: %v", path, err)
	case old.Input.Path != input:
		return nil, fmt.Errorf("%s is the plan of %s, and only a plan of the same file is replaced: name another file", path, old.Input.Path)
	}
	return old, nil
}

// writePlan writes a plan file. It returns the older plan of the same migration that it has replaced, or nil.
func writePlan(path string, p *plan.Plan) (*plan.Plan, error) {
	old, err := replaceablePlan(path, p.Input.Path)
	switch {
	case err != nil:
		return nil, err
	case old != nil && old.Account != p.Account:
		return nil, fmt.Errorf("%s is the plan for %s, and this one is for %s: name another file", path, accountWords(old.Account), accountWords(p.Account))
	case old != nil && !strings.EqualFold(old.Options.Sheet, p.Options.Sheet):
		return nil, fmt.Errorf("%s is the plan of another sheet, %q, and this one is of %q: name another file", path, old.Options.Sheet, p.Options.Sheet)
	}
	f, err := replace(path)
	if err != nil {
		return nil, err
	}
	return old, f.end(p.Write(f))
}

// freePlanName returns name, which ends in .json, or the first of name-2.json … that the plan of an input file may
// have.
func freePlanName(name, input string) string {
	stem := strings.TrimSuffix(name, ".json")
	for n := 2; n < 100; n++ {
		if _, err := replaceablePlan(name, input); err == nil {
			break
		}
		name = stem + "-" + strconv.Itoa(n) + ".json"
	}
	return name
}

// accountWords names an account and its mode.
func accountWords(a migrate.Account) string {
	return a.ID + ", " + modeWords(&migrate.Summary{Livemode: a.Livemode})
}

// planWords returns the words of the command that makes the plan anew, with every flag that it was made with, and writes it
// to out. A flag that is left out may hide something: without the customers, what they owe.
func (w *fileSession) planWords(out string) []string {
	o, words := w.plan.Options, []string{"plan", fileWord(w.plan.Input.Name), "--out", fileWord(out)}
	for _, u := range [...]csvspec.Unit{csvspec.UnitMinor, csvspec.UnitMajor, csvspec.UnitUnstated} {
		if u.String() == o.Unit {
			words = append(words, readingWords(u, o.AllowColumns, o.Sheet, o.Direct)...)
		}
	}
	if o.SkipInvalid {
		words = append(words, "--skip-invalid")
	}
	if o.SkipScheduled {
		words = append(words, "--skip-scheduled")
	}
	words = append(words, marginWords(time.Duration(o.MarginSeconds)*time.Second)...)
	words = append(words, w.target.checkWords(o.CheckCustomers)...)
	if o.Renewals != plan.Renewals {
		words = append(words, "--renewals", strconv.Itoa(o.Renewals))
	}
	if o.AccountFile != "" {
		words = append(words, "--sandbox-data", fileWord(o.AccountFile))
	}
	return append(words, w.preflight...)
}

// isStale tells whether an error says that a plan no longer describes what would be created.
func isStale(err error) bool {
	for _, is := range []func(error) bool{
		as[*plan.EditedError], as[*plan.OtherAccountError], as[*plan.OtherModeError], as[*plan.OtherAPIError],
		as[*plan.TooOldError], as[*plan.FutureError], as[*plan.TooCloseError], as[*plan.FactsChangedError],
	} {
		if is(err) {
			return true
		}
	}
	return false
}

// replacement is a file that is written under another name and renamed at the end: nobody reads half of it, and the old
// one stays until then.
type replacement struct {
	*os.File
	path string
}

// replace opens the replacement of the file at path.
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
	_ = os.Remove(r.Name()) // a temporary file that stays does no harm
	if failure != nil {
		return failure
	}
	return unwritable(r.path, err)
}

// unwritable is the error of a file that cannot be written: its name, not that of the temporary file, and the cause.
func unwritable(path string, err error) error {
	var why *fs.PathError
	if errors.As(err, &why) {
		err = why.Err
	}
	return fmt.Errorf("the plan cannot be written to %s: %w", path, err)
}
