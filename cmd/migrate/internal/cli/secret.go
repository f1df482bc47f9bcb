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

// key returns the user's key; the zero Key when none is set.
func (a *app) key() (gateway.Key, error) {
	secret, file := a.env.getenv(keyVariable), a.env.getenv(keyFileVariable)
	switch {
	case secret != "" && file != "":
		return gateway.Key{}, &refusal{"two_keys", keyVariable + " and " + keyFileVariable +
			" are both set, and only one can be meant: unset one of them"}
	case file != "":
		var err error
		if secret, err = a.readKey(file); err != nil {
			return gateway.Key{}, err
		}
	case secret == "":
		return gateway.Key{}, nil
	}
	return gateway.NewKey(strings.TrimSpace(secret))
}

// maxKeyFile is far above the length of a key: a wrong path is refused before it is read.
const maxKeyFile = 4096

// readKey reads the key from a file, which it refuses when others may read it. Windows has no such file modes.
func (a *app) readKey(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("the key file that %s names cannot be read: %w", keyFileVariable, err)
	case a.env.OS != "windows" && info.Mode().Perm()&0o077 != 0:
		return "", &refusal{"key_file_mode", fmt.Sprintf("%s can be read by others (mode %#o): run chmod 600 %s, and consider rolling the key",
			path, info.Mode().Perm(), quote(path))}
	case info.Size() > maxKeyFile:
		return "", &refusal{"key_file_size", path + " is too long to be a key: " + keyFileVariable + " must name a file with the key and nothing else"}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("the key file that %s names cannot be read: %w", keyFileVariable, err)
	}
	return string(text), nil
}
