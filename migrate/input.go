package migrate

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/csvspec/xlsx"
	"github.com/subferry/subferry/validate"
)

// Input is a file that can be read more than once: a migration reads it to review it, and again to run it. It has to
// be seekable, because whether a row repeats another one is known only after the last row.
type Input struct {
	Name string // as the user calls it
	Path string // where a resume finds it; "" when it cannot be found again
	Open func() (io.ReadSeekCloser, error)
}

// FileInput returns the file at path as an Input. Reading it fails with ErrChanged as soon as somebody writes to it
// after it was opened: a run reads for hours, and a row that has moved would be scheduled a second time under another
// number.
func FileInput(path string) Input {
	full, err := filepath.Abs(path)
	if err != nil {
		full = path
	}
	return Input{Name: path, Path: full, Open: func() (io.ReadSeekCloser, error) { return openSteady(path) }}
}

// steadyFile is a file that must not change while it is open. It has no other way of reading than Read.
type steadyFile struct {
	file *os.File
	was  os.FileInfo
}

func openSteady(path string) (*steadyFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	was, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &steadyFile{f, was}, nil
}

// Read looks at the file after reading: what was read before a change is as it was.
func (f *steadyFile) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	now, failure := f.file.Stat()
	switch {
	case failure != nil:
		return 0, failure
	case f.written(now):
		return 0, ErrChanged
	}
	return n, err
}

// written tells whether somebody has written to the file between two looks at it.
func (f *steadyFile) written(other os.FileInfo) bool {
	return other.Size() != f.was.Size() || !other.ModTime().Equal(f.was.ModTime())
}

func (f *steadyFile) Seek(offset int64, whence int) (int64, error) {
	return f.file.Seek(offset, whence)
}
func (f *steadyFile) Close() error { return f.file.Close() }

// SHA256 reads the file and returns its SHA-256 in hex.
func (in Input) SHA256() (string, error) {
	f, err := in.open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	return in.sum(f)
}

func (in Input) open() (io.ReadSeekCloser, error) {
	f, err := in.Open()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", in.Name, err)
	}
	return f, nil
}

func (in Input) sum(f io.Reader) (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", in.Name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// pinned reads the file once and makes sure that it is the one with this SHA-256, or returns ErrChanged. The input that
// it returns stays that file: it cannot be opened any more once somebody has written something else to it, or has put
// another file in its place. An input that is no file of FileInput stays as it is.
func (in Input) pinned(sha string) (Input, error) {
	f, err := in.open()
	if err != nil {
		return in, err
	}
	defer f.Close()
	sum, err := in.sum(f)
	switch {
	case err != nil:
		return in, err
	case sum != sha:
		return in, ErrChanged
	}
	if steady, ok := f.(*steadyFile); ok {
		name := steady.file.Name()
		was := steady.was
		in.Open = func() (io.ReadSeekCloser, error) {
			f, err := openSteady(name)
			if err != nil || os.SameFile(f.was, was) && !f.written(was) {
				return f, err
			}
			sum, err := in.sum(f) // what counts is what it holds
			if err == nil && sum != sha {
				err = ErrChanged
			}
			if err == nil {
				_, err = f.Seek(0, io.SeekStart)
			}
			if err != nil {
				return nil, errors.Join(err, f.Close())
			}
			return f, nil
		}
	}
	return in, nil
}

// lateFindings are what is known of rows only when a file was read to its end: that they repeat another row, or are one
// too many for their customer. They are the same for the same bytes, options and account data.
type lateFindings map[int]validate.Findings

// read validates the file, reading it once, and shows every row to visit with what is found in it. late is what an
// earlier reading has found at its end; the new one is returned. The report has the findings about the file as a whole.
func (in Input) read(ctx context.Context, o validate.Options, late lateFindings,
	visit func(*csvspec.Row, validate.Findings) error,
) (*validate.Report, lateFindings, error) {
	f, err := in.open()
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	once := struct{ io.Reader }{f} // of what can be rewound, validate.Each would read everything twice for the late findings
	report, err := validate.Each(ctx, in.Name, once, o, func(row *csvspec.Row, findings []validate.Finding) error {
		if more := late[row.Source.Row]; len(more) > 0 {
			findings = slices.Concat(findings, more)
		}
		return visit(row, findings)
	})
	if err != nil {
		return nil, nil, err
	}
	found := lateFindings{}
	about := validate.Findings{}
	for _, f := range report.Findings {
		if f.Row == 0 {
			about = append(about, f)
		} else {
			found[f.Row] = append(found[f.Row], f)
		}
	}
	report.Findings = about
	return report, found, nil
}

// sheet returns the name that a workbook gives to a sheet, and "" for the one that is found without a name, whether it
// is named or not: the same rows must not become two migrations. A sheet of what is no workbook is an error.
func (in Input) sheet(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	named, err := in.openSheet(name)
	if err != nil {
		return "", fmt.Errorf("%s: %w", in.Name, err)
	}
	if first, err := in.openSheet(""); err == nil && first == named {
		return "", nil
	}
	return named, nil
}

// openSheet returns the name of the sheet that is read when this one is asked for.
func (in Input) openSheet(name string) (string, error) {
	f, err := in.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	buffered := bufio.NewReader(f)
	if head, _ := buffered.Peek(4); !xlsx.Is(head) { // an error comes again when the file is read
		return "", fmt.Errorf("it is no Excel workbook, and has no sheet %q", name)
	}
	book, err := xlsx.Open(buffered, xlsx.Options{Sheet: name, Read: csvspec.ReadOptions{}})
	if err != nil {
		return "", err
	}
	return book.Sheet(), book.Close()
}
