package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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
	case now.Size() != f.was.Size() || !now.ModTime().Equal(f.was.ModTime()):
		return 0, ErrChanged
	}
	return n, err
}

func (f *steadyFile) Seek(offset int64, whence int) (int64, error) {
	return f.file.Seek(offset, whence)
}
func (f *steadyFile) Close() error { return f.file.Close() }

// SHA256 reads the file and returns its SHA-256 in hex.
func (in Input) SHA256() (string, error) {
	f, err := in.Open()
	if err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", in.Name, err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("%s cannot be read: %w", in.Name, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
