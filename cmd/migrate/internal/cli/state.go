package cli

import (
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"
)

// stateFlag is where the program keeps what it must remember.
type stateFlag struct{ dir string }

func (f *stateFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "state", "", "keep the ledger and the embedded sandbox in `DIR` (default $XDG_STATE_HOME/subferry)")
}

// stateDir returns the directory that is meant: the flag's, or the system's for the state of programs.
func (a *app) stateDir(f stateFlag) (string, error) {
	if f.dir != "" {
		return filepath.Abs(f.dir)
	}
	if dir := a.env.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "subferry"), nil
	}
	// Each system has its custom: a variable that names a directory, and where programs keep their state below it.
	customs := [][]string{{"HOME", ".local", "state"}}
	switch a.env.OS {
	case "windows":
		customs = [][]string{{"LocalAppData"}, {"USERPROFILE", "AppData", "Local"}}
	case "darwin":
		customs = [][]string{{"HOME", "Library", "Application Support"}}
	}
	for _, path := range customs {
		if dir := a.env.getenv(path[0]); dir != "" {
			return filepath.Join(append(append([]string{dir}, path[1:]...), "subferry")...), nil
		}
	}
	return "", errors.New("there is no home directory to keep the ledger in: name a directory with --state DIR")
}
