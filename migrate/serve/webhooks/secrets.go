package webhooks

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/subferry/subferry/migrate/serve/store"
)

// Endpoint is what signs the events of one mode of an account.
type Endpoint struct {
	Livemode bool
	Secrets  []string // whsec_…; two while one is rotated. Never shown.
}

// maxSecrets is far above the size of a file with two secrets: a wrong file is refused before it is read.
const maxSecrets = 4096

// Dir returns the endpoints of accounts by the files of a directory, which only the service may read:
// ACCOUNT.test.whsec, ACCOUNT.live.whsec, or ACCOUNT.whsec for the mode that the service works in. Each holds the signing
// secrets of the account's webhook endpoints, one a line. They are read anew each time, so that one can be rotated without
// a restart. An account without a file has no endpoints.
func Dir(dir string, usual Mode) func(account string) ([]Endpoint, error) {
	return func(account string) (all []Endpoint, err error) {
		if !store.IsAccount(account) {
			return nil, nil
		}
		for suffix, live := range map[string]bool{".test": false, ".live": true, "": usual == Live} {
			secrets, err := readSecrets(filepath.Join(dir, account+suffix+".whsec"))
			if err != nil {
				return nil, err
			}
			if len(secrets) > 0 {
				all = append(all, Endpoint{live, secrets})
			}
		}
		return all, nil
	}
}

// Mode is what a service works in.
type Mode string

// The modes.
const (
	Test Mode = "test"
	Live Mode = "live"
)

// readSecrets returns the secrets of a file, none when there is no file.
func readSecrets(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s can be read by others (mode %#o): run chmod 600 on it, and consider rolling the secret", path, info.Mode().Perm())
	case info.Size() > maxSecrets:
		return nil, fmt.Errorf("%s is too long: it has to hold one signing secret (whsec_…) a line, and nothing else", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseSecrets(string(text), path)
}

// ParseSecrets reads signing secrets, one a line. Its errors name the place and repeat nothing of the secrets.
func ParseSecrets(text, place string) (all []string, err error) {
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case !strings.HasPrefix(line, "whsec_") || len(line) < 10:
			return nil, fmt.Errorf("%s:%d is no signing secret of a webhook endpoint: expected whsec_…, as the Dashboard shows it for the endpoint (an API key is something else)", place, n+1)
		default:
			all = append(all, line)
		}
	}
	return all, nil
}
