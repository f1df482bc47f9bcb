package migrate

import (
	"crypto/sha256"
	"encoding/hex"
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

// FileInput returns the file at path as an Input.
func FileInput(path string) Input {
	full, err := filepath.Abs(path)
	if err != nil {
		full = path
	}
	return Input{Name: path, Path: full, Open: func() (io.ReadSeekCloser, error) { return os.Open(path) }}
}

// hash returns the SHA-256 of the file in hex.
func (in Input) hash() (string, error) {
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
