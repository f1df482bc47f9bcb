package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// input opens a file, or standard input for "-". Standard input that must be read twice is copied to a temporary file.
func (a *app) input(path string, twice bool) (io.ReadCloser, string, error) {
	switch {
	case path == "-" && twice:
		f, err := a.spool()
		return f, "stdin", err
	case path == "-":
		return io.NopCloser(a.env.Stdin), "stdin", nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, "", fmt.Errorf("the file cannot be read: %w", err)
	}
	return f, path, nil
}

// spool copies standard input to a temporary file that ends when it is closed.
func (a *app) spool() (io.ReadCloser, error) {
	f, err := os.CreateTemp("", "migrate-*.csv")
	if err != nil {
		return nil, err
	}
	t := temporary{f}
	_, err = io.Copy(f, a.env.Stdin)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// temporary is a file that is removed when it is closed.
type temporary struct{ *os.File }

// Close closes and removes the file.
func (t temporary) Close() error { return errors.Join(t.File.Close(), os.Remove(t.Name())) }
