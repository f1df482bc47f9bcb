package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
)

// keyFile is the name of a file that holds a key: the account's ID, and its mode where there are keys of both.
var keyFile = regexp.MustCompile(`^(acct_[A-Za-z0-9_]+?)(?:\.(test|live))?$`)

// maxKeyFile is far above the length of a key.
const maxKeyFile = 4096

// Keys are the accounts whose keys lie in a directory, in files that only the service can read: acct_…, acct_….test or
// acct_….live.
type Keys struct {
	connections
	dir string
}

// NewKeys returns the accounts whose keys lie in a directory. It returns an error when the directory cannot be read, or a
// key in it can be read by others.
func NewKeys(ctx context.Context, c Config, dir string) (*Keys, error) {
	k := &Keys{connections: newConnections(c), dir: dir}
	names, err := k.names()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no key: put each into a file of its own with mode 0600 that is named by its account, acct_… (or acct_….test and acct_….live)", dir)
	}
	for _, name := range names {
		if _, err := k.read(name); err != nil {
			return nil, err
		}
	}
	return k, ctx.Err()
}

// names returns the names of the files that are named as keys are.
func (k *Keys) names() (names []string, err error) {
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		return nil, fmt.Errorf("the directory of keys cannot be read: %w", err)
	}
	for _, e := range entries {
		if keyFile.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// read reads a key. Its errors name the file and repeat nothing of it.
func (k *Keys) read(name string) (key gateway.Key, err error) {
	path := filepath.Join(k.dir, name)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return key, fmt.Errorf("the key cannot be read: %w", err)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return key, &RefusedError{fmt.Sprintf("%s can be read by others (mode %#o): run chmod 600 on it, and consider rolling the key", path, info.Mode().Perm())}
	case !info.Mode().IsRegular() || info.Size() > maxKeyFile:
		return key, &RefusedError{path + " is no file with a key and nothing else"}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return key, fmt.Errorf("the key cannot be read: %w", err)
	}
	key, err = gateway.NewKey(strings.TrimSpace(string(text)))
	if errors.Is(err, gateway.ErrNoKey) {
		return key, &RefusedError{path + " is empty: it must hold the key and nothing else"}
	}
	if err != nil {
		return key, &RefusedError{path + ": " + err.Error()}
	}
	mode := keyFile.FindStringSubmatch(name)[2]
	if mode == "test" && key.Livemode() || mode == "live" && !key.Livemode() {
		return key, &RefusedError{path + " holds a key of the other mode than its name says"}
	}
	return key, nil
}

// List implements Accounts.
func (k *Keys) List(context.Context) ([]Account, error) {
	names, err := k.names()
	if err != nil {
		return nil, err
	}
	var all []Account
	for _, name := range names {
		key, err := k.read(name)
		if err != nil {
			k.config.Log.Warn("a key is left out", slog.String("error", err.Error()))
			continue
		}
		if key.Livemode() && k.config.TestOnly {
			continue
		}
		all = append(all, Account{ID: keyFile.FindStringSubmatch(name)[1], Livemode: key.Livemode()})
	}
	slices.SortFunc(all, func(a, b Account) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), map[bool]int{true: 1}[a.Livemode]-map[bool]int{true: 1}[b.Livemode])
	})
	return slices.Compact(all), nil
}

// Open implements Accounts. The account that a key belongs to is asked when it is used first: a key of another account than its
// file is named after is refused.
func (k *Keys) Open(ctx context.Context, of migrate.Account) (*Connection, error) {
	if of.Livemode && k.config.TestOnly {
		return nil, fmt.Errorf("%w in live mode, because it was started without --live: %s", ErrUnknown, of)
	}
	key, err := k.key(of)
	if err != nil {
		return nil, err
	}
	return k.to(ctx, Account{ID: of.ID, Livemode: of.Livemode}, key, func(got migrate.Account) string {
		return fmt.Sprintf("the key in the file named %s belongs to %s: name the file after its account", of.ID, got)
	})
}

// key returns the key of an account, read anew.
func (k *Keys) key(of migrate.Account) (key gateway.Key, err error) {
	mode := map[bool]string{false: ".test", true: ".live"}[of.Livemode]
	for _, name := range []string{of.ID + mode, of.ID} {
		if !keyFile.MatchString(name) {
			continue
		}
		key, err = k.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || key.Livemode() == of.Livemode {
			return key, err
		}
	}
	return key, fmt.Errorf("%w: %s%s is not in %s", ErrUnknown, of.ID, mode, k.dir)
}
