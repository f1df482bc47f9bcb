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

// sandboxPath returns where a sandbox of the state directory lies.
func sandboxPath(dir, name string) string { return filepath.Join(dir, sandboxDir, name) }

// openSandbox opens a sandbox of the state directory by its name.
func openSandbox(dir, name string, c clock) (*sandbox.Server, error) {
	return sandbox.Open(sandbox.Options{Dir: sandboxPath(dir, name), Now: c.Now})
}

// openCommonSandbox opens the common sandbox.
func openCommonSandbox(s *session) (*sandbox.Server, error) {
	return openSandbox(s.dir, commonSandbox, s.clock)
}

// accountFileSandbox returns what opens the sandbox of an account file. The file is loaded unless an earlier command
// has loaded it: loaded again, customers would have their first balances and cards back.
func accountFileSandbox(path string) sandboxOpener {
	return func(s *session) (*sandbox.Server, error) {
		data, name, err := readAccountFile(path)
		if err != nil {
			return nil, err
		}
		server, err := openSandbox(s.dir, name, s.clock)
		if err != nil {
			return nil, err
		}
		if !server.Empty() {
			return server, nil
		}
		return loadAccountFile(server, path, data)
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

// loadAccountFile puts an account file into a sandbox, which it closes when that fails.
func loadAccountFile(server *sandbox.Server, path string, data []byte) (*sandbox.Server, error) {
	if err := server.Load(bytes.NewReader(data)); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), server.Close())
	}
	return server, nil
}

// accountSandbox returns what opens the sandbox of an account, by the account's ID.
func accountSandbox(account string) sandboxOpener {
	return func(s *session) (*sandbox.Server, error) {
		entries, err := os.ReadDir(filepath.Join(s.dir, sandboxDir))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if i := slices.Index(names, commonSandbox); i > 0 { // it is the likeliest
			names[0], names[i] = names[i], names[0]
		}
		for _, name := range names {
			server, err := openSandbox(s.dir, name, s.clock)
			if err != nil {
				return nil, err
			}
			if server.Account() == account {
				return server, nil
			}
			if err := server.Close(); err != nil {
				return nil, err
			}
		}
		return nil, &refusal{"wrong_account", fmt.Sprintf("%s is no embedded sandbox of %s: if it is one that migrate sandbox serve runs, name its address with --api-base and set %s",
			account, s.dir, keyVariable)}
	}
}
