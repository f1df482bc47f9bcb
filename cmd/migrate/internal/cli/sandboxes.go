package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox"
)

// The embedded sandboxes of a state directory lie below sandbox/: the common one, which is given what files name,
// and one for each account file of --sandbox-data, so that what was made up for one file is not known to the other.
const (
	sandboxDir    = "sandbox"
	commonSandbox = "common"
)

// sandboxOpener opens one of the embedded sandboxes.
type sandboxOpener func(*session) (*sandbox.Server, error)

// openSandbox opens a sandbox of the state directory by its name.
func openSandbox(dir, name string, c clock) (*sandbox.Server, error) {
	return sandbox.Open(sandbox.Options{Dir: sandboxPath(dir, name), Now: c.Now})
}

// sandboxPath returns where a sandbox of the state directory lies.
func sandboxPath(dir, name string) string { return filepath.Join(dir, sandboxDir, name) }

// openCommonSandbox opens the common sandbox.
func openCommonSandbox(s *session) (*sandbox.Server, error) {
	return openSandbox(s.dir, commonSandbox, s.clock)
}

// accountFileSandbox opens the sandbox of an account file, and loads it unless a command before has: loaded again, customers would
// have their first balances and cards back.
func accountFileSandbox(path string) sandboxOpener {
	return func(s *session) (*sandbox.Server, error) {
		data, name, err := readAccountFile(path)
		if err != nil {
			return nil, err
		}
		box, err := openSandbox(s.dir, name, s.clock)
		if err != nil {
			return nil, err
		}
		if !box.Empty() {
			return box, nil
		}
		return loadAccountFile(box, path, data)
	}
}

// readAccountFile reads an account file, and names the sandbox that belongs to its content.
func readAccountFile(path string) (data []byte, name string, err error) {
	if data, err = os.ReadFile(path); err != nil {
		return nil, "", fmt.Errorf("the account file cannot be read: %w", err)
	}
	sum := sha256.Sum256(data)
	return data, "data-" + hex.EncodeToString(sum[:6]), nil
}

// loadAccountFile puts an account file into a sandbox, or closes it.
func loadAccountFile(box *sandbox.Server, path string, data []byte) (*sandbox.Server, error) {
	if err := box.Load(bytes.NewReader(data)); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), box.Close())
	}
	return box, nil
}

// accountSandbox returns the finder of the sandbox that is the account.
func accountSandbox(account string) sandboxOpener {
	return func(s *session) (*sandbox.Server, error) {
		entries, err := os.ReadDir(filepath.Join(s.dir, sandboxDir))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		// The common sandbox comes before the others: it is the likeliest.
		slices.SortStableFunc(entries, func(a, b os.DirEntry) int { return rank(a) - rank(b) })
		for _, e := range entries {
			box, err := openSandbox(s.dir, e.Name(), s.clock)
			if err != nil {
				return nil, err
			}
			if box.Account() == account {
				return box, nil
			}
			if err := box.Close(); err != nil {
				return nil, err
			}
		}
		return nil, &refusal{"wrong_account", fmt.Sprintf("%s is no embedded sandbox of %s: if it is one that migrate sandbox serve runs, name its address with --api-base and set %s",
			account, s.dir, keyVariable)}
	}
}

func rank(e os.DirEntry) int {
	if e.Name() == commonSandbox {
		return 0
	}
	return 1
}
