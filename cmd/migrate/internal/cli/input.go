package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// input opens a file, or standard input for "-". A pipe that must be read twice is copied to a temporary file.
func (a *app) input(path string, twice bool) (io.ReadCloser, string, error) {
	switch {
	case path == "-" && twice:
		f, err := copyToTemporary(a.env.Stdin)
		return f, "stdin", err
	case path == "-":
		return io.NopCloser(a.env.Stdin), "stdin", nil
	}
	if err := readable(path); err != nil {
		return nil, "", err
	}
	if err := notPlan(path); err != nil {
		return nil, "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", unreadable(path, err)
	}
	if twice && !regular(path) {
		copied, err := copyToTemporary(f)
		return copied, path, errors.Join(err, f.Close())
	}
	return f, path, nil
}

// rereadable refuses what cannot be read more than once, which is what reviewing and then running a file takes.
func rereadable(path string) error {
	if path == "-" {
		return &usageError{"the file is read more than once, which standard input does not allow: save it to a file first"}
	}
	if err := readable(path); err != nil {
		return err
	}
	if !regular(path) {
		return &usageError{path + " is read more than once, which a pipe does not allow: save it to a file first"}
	}
	return nil
}

func regular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// readable refuses what does not exist or is a directory, with a clearer error than reading it would give.
func readable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return unreadable(path, err)
	case info.IsDir():
		return fmt.Errorf("%s is a directory: name a CSV file or an Excel workbook", path)
	}
	return nil
}

// unreadable is the error of a file that cannot be opened: its name and the cause, without the system call.
func unreadable(path string, err error) error {
	var why *fs.PathError
	if errors.As(err, &why) {
		err = why.Err
	}
	return fmt.Errorf("%s cannot be read: %w", path, err)
}

// copyToTemporary copies a pipe to a temporary file that ends when it is closed.
func copyToTemporary(in io.Reader) (io.ReadCloser, error) {
	f, err := os.CreateTemp("", "migrate-*.csv")
	if err != nil {
		return nil, err
	}
	t := temporaryFile{f}
	_, err = io.Copy(f, in)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// temporaryFile is a file that is removed when it is closed.
type temporaryFile struct{ *os.File }

// Close closes and removes the file.
func (t temporaryFile) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }
