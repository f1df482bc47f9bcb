package report

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// The files that Split writes.
const (
	ReadyFile    = "ready.csv"    // rows that can be uploaded now
	DeferredFile = "deferred.csv" // rows that are right, but start too soon
	ErrorsFile   = "errors.csv"   // rows that must be mended, with a column processing_error
)

// Split writes a file in three parts. Row takes the rows of validate.Each. Cells are left as they are, byte for byte
// when the file is UTF-8 (others are written as UTF-8).
type Split struct {
	parts     [3]*part // by validate.State
	concerned func(*csvspec.Row) bool
}

// part is one of the files.
type part struct {
	file *os.File
	csv  *CSV
	n    int
}

// NewSplit creates the three files in dir, which is created if need be. It returns an error when one of them exists:
// somebody may have mended it by hand, or it is the very file that is being split.
func NewSplit(dir string) (*Split, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	names := map[validate.State]string{validate.Valid: ReadyFile, validate.Deferred: DeferredFile, validate.Invalid: ErrorsFile}
	for _, name := range names {
		if path := filepath.Join(dir, name); exists(path) {
			return nil, fmt.Errorf("%s exists already, and nothing is overwritten: name another directory", path)
		}
	}
	s := &Split{}
	for state, name := range names {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.parts[state] = &part{file: f, csv: NewCSV(f)}
		s.parts[state].csv.plain = state != validate.Invalid // only rows that are wrong get a column that says why
	}
	return s, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Commands sets how commands that mend something are written; without them none is named.
func (s *Split) Commands(ways Commands) { s.parts[validate.Invalid].csv.ways = ways }

// Doubt says what is wrong with the file as a whole. Rows that are concerned are not ready, whatever is found in
// themselves: they go to the file of errors with the reason.
func (s *Split) Doubt(reason string, concerned func(*csvspec.Row) bool) {
	s.concerned, s.parts[validate.Invalid].csv.whole = concerned, reason
}

// Row writes a row into the part where it belongs by what was found in it.
func (s *Split) Row(row *csvspec.Row, found []validate.Finding) error {
	for _, p := range s.parts { // a part without rows has a header as well
		p.csv.begin(row.Source.Header)
	}
	state := validate.Findings(found).State()
	if s.concerned != nil && s.concerned(row) {
		state = validate.Invalid
	}
	p := s.parts[state]
	p.n++
	return p.csv.Row(row, found)
}

// Counts returns how many rows were written to each part.
func (s *Split) Counts() (ready, deferred, wrong int) {
	return s.parts[validate.Valid].n, s.parts[validate.Deferred].n, s.parts[validate.Invalid].n
}

// Close ends all parts.
func (s *Split) Close() error {
	var all error
	for _, p := range s.parts {
		if p != nil {
			all = errors.Join(all, p.csv.Close(), p.file.Close())
		}
	}
	return all
}
