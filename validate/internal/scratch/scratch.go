// Package scratch makes temporary files that are removed however the program ends, where the system allows it.
package scratch

import (
	"fmt"
	"os"
)

// New creates a file that only this user can read. Where the system allows it, the file has lost its name already,
// so that it is gone however the program ends; elsewhere Discard removes it.
func New(pattern string) (*os.File, error) {
	f, err := os.CreateTemp("", pattern)
	if err != nil {
		return nil, fmt.Errorf("a large file needs a temporary one (TMPDIR says where): %w", err)
	}
	_ = os.Remove(f.Name()) // Windows refuses while the file is open
	return f, nil
}

// Discard closes the file and removes it if it still has a name. A nil file is none.
func Discard(f *os.File) {
	if f != nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
}
