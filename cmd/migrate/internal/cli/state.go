package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

// stateFlag is where the program keeps what it must remember.
type stateFlag struct{ dir string }

func (f *stateFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "state", "", "keep the ledger and the embedded sandbox in `DIR` (default $XDG_STATE_HOME/subferry)")
}

// stateDir returns the directory that is meant: the flag's, or the one that the system's customs name.
func (a *app) stateDir(f stateFlag) (string, error) {
	if f.dir != "" {
		return filepath.Abs(f.dir)
	}
	if dir := a.env.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "subferry"), nil
	}
	for _, c := range stateDirs(a.env.OS) {
		if dir := a.env.getenv(c.variable); dir != "" {
			return filepath.Join(append(append([]string{dir}, c.below...), "subferry")...), nil
		}
	}
	return "", errors.New("there is no home directory to keep the ledger in: name a directory with --state DIR")
}

// custom is a directory below one that a variable names.
type custom struct {
	variable string
	below    []string
}

func stateDirs(os string) []custom {
	switch os {
	case "windows":
		return []custom{{"LocalAppData", nil}, {"USERPROFILE", []string{"AppData", "Local"}}}
	case "darwin":
		return []custom{{"HOME", []string{"Library", "Application Support"}}}
	}
	return []custom{{"HOME", []string{".local", "state"}}}
}

// openLedger opens the ledger of the state directory.
func (a *app) openLedger(ctx context.Context, f stateFlag) (*sqlite.Store, string, error) {
	dir, err := a.stateDir(f)
	if err != nil {
		return nil, "", err
	}
	store, err := sqlite.Open(ctx, dir)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; --state DIR keeps it in another directory", err)
	}
	return store, dir, err
}
