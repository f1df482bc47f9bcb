package cli

import (
	"fmt"
	"os"
	"strings"

	"github.com/subferry/subferry/migrate/gateway"
)

// Where the key comes from. There is no flag for it: command lines are seen by every process, and remembered by shells.
const (
	keyVariable     = "STRIPE_API_KEY"
	keyFileVariable = "STRIPE_API_KEY_FILE"
)

// key returns the key of the account in which subscriptions are created; the zero Key when none is set.
func (a *app) key() (gateway.Key, error) { return a.keyOf(keyVariable, keyFileVariable) }

// keyOf returns the key that a variable holds, or that the file has which another one names; the zero Key when neither is
// set.
func (a *app) keyOf(variable, fileVariable string) (gateway.Key, error) {
	secret, file := a.env.getenv(variable), a.env.getenv(fileVariable)
	switch {
	case secret != "" && file != "":
		return gateway.Key{}, &refusal{"two_keys", variable + " and " + fileVariable + " are both set, and only one can be meant: unset one of them"}
	case file != "":
		var err error
		if secret, err = a.readKey(file, fileVariable); err != nil {
			return gateway.Key{}, err
		}
		if strings.TrimSpace(secret) == "" {
			return gateway.Key{}, &refusal{"key", file + ", which " + fileVariable + " names, is empty: it must hold the key and nothing else"}
		}
	case secret == "":
		return gateway.Key{}, nil
	}
	return gateway.NewKey(strings.TrimSpace(secret))
}

// maxKeyFile is far above the length of a key: a wrong path is refused before it is read.
const maxKeyFile = 4096

// readKey reads the key from a file that a variable names, which it refuses when others may read it. Windows has no such
// file modes.
func (a *app) readKey(path, variable string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("the key file that %s names cannot be read: %w", variable, err)
	case a.env.OS != "windows" && info.Mode().Perm()&0o077 != 0:
		return "", &refusal{"key_file_mode", fmt.Sprintf("%s can be read by others (mode %#o): run chmod 600 %s, and consider rolling the key",
			path, info.Mode().Perm(), quote(path))}
	case info.Size() > maxKeyFile:
		return "", &refusal{"key_file_size", path + " is too long to be a key: " + variable + " must name a file with the key and nothing else"}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the key file that %s names cannot be read: %w", variable, err)
	}
	return string(text), nil
}
