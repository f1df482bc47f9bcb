package accounts_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/validate"
)

var ctx = context.Background()

// Keys of nobody; no error and no log may have them.
const (
	testKey = "sk_test_51secretSECRETsecret"
	liveKey = "sk_live_51secretSECRETsecret"
)

// directory writes key files that only their owner can read, and returns where.
func directory(t *testing.T, keys map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, key := range keys {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(key), 0o600))
	}
	return dir
}

// served serves a sandbox, which takes any test key.
func served(t *testing.T) (box *sandbox.Server, base string) {
	t.Helper()
	box, err := sandbox.Open(sandbox.Options{Seed: "accounts"})
	require.NoError(t, err)
	server := httptest.NewServer(box)
	t.Cleanup(func() { server.Close(); box.Close() })
	return box, server.URL
}

func TestKeys(t *testing.T) {
	box, base := served(t)
	dir := directory(t, map[string]string{
		box.Account(): testKey + "\n", "acct_1other.test": testKey, "acct_1other.live": liveKey, "README": "no key", ".acct_1hidden": "no key",
	})
	var log bytes.Buffer
	cfg := accounts.Config{Ledger: ledger.NewMemory(), APIBase: base, Sandbox: true, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	all, err := accounts.NewKeys(ctx, cfg, dir)
	require.NoError(t, err)
	list, err := all.List(ctx)
	require.NoError(t, err)
	require.ElementsMatch(t, []accounts.Account{{ID: box.Account()}, {ID: "acct_1other"}, {ID: "acct_1other", Livemode: true}}, list)

	c, err := all.Open(ctx, migrate.Account{ID: box.Account()})
	require.NoError(t, err)
	require.Equal(t, box.Account(), c.ID)
	require.Equal(t, validate.SandboxLead, c.Lead)
	again, err := all.Open(ctx, migrate.Account{ID: box.Account()})
	require.NoError(t, err)
	require.Same(t, c, again, "what is found out about the pace is shared")
	require.NoError(t, os.WriteFile(filepath.Join(dir, box.Account()), []byte(testKey+"Rolled"), 0o600))
	renewed, err := all.Open(ctx, migrate.Account{ID: box.Account()})
	require.NoError(t, err)
	require.NotSame(t, c, renewed, "the key was replaced")

	for _, of := range []migrate.Account{{ID: "acct_none"}, {ID: box.Account(), Livemode: true}, {ID: "../" + box.Account()}, {}} {
		_, err = all.Open(ctx, of)
		require.ErrorIs(t, err, accounts.ErrUnknown, "%v", of)
	}
	_, err = all.Open(ctx, migrate.Account{ID: "acct_1other"})
	var refused *accounts.RefusedError
	require.ErrorAs(t, err, &refused, "the account behind the key is another one")
	require.ErrorContains(t, err, "belongs to "+box.Account())
	require.NotContains(t, err.Error()+log.String(), "51secret")

	cfg.TestOnly = true
	tests, err := accounts.NewKeys(ctx, cfg, dir)
	require.NoError(t, err)
	list, err = tests.List(ctx)
	require.NoError(t, err)
	require.Len(t, list, 2)
	_, err = tests.Open(ctx, migrate.Account{ID: "acct_1other", Livemode: true})
	require.ErrorIs(t, err, accounts.ErrUnknown)
	require.ErrorContains(t, err, "--live")
}

func TestKeysThatAreRefused(t *testing.T) {
	for name, one := range map[string]struct {
		keys map[string]string
		mode os.FileMode
		want string
	}{
		"no key":            {map[string]string{"README": "x"}, 0, "has no key"},
		"readable by all":   {map[string]string{"acct_1": testKey}, 0o644, "chmod 600"},
		"by the group":      {map[string]string{"acct_1": testKey}, 0o640, "chmod 600"},
		"publishable":       {map[string]string{"acct_1": "pk_test_51secret"}, 0, "publishable"},
		"two lines":         {map[string]string{"acct_1": testKey + "\n" + testKey}, 0, "acct_1"},
		"a whole file":      {map[string]string{"acct_1": string(make([]byte, 5000))}, 0, "nothing else"},
		"live named test":   {map[string]string{"acct_1.test": liveKey}, 0, "other mode"},
		"test named live":   {map[string]string{"acct_1.live": testKey}, 0, "other mode"},
		"nothing in a file": {map[string]string{"acct_1": " \n"}, 0, "is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			if one.mode != 0 && runtime.GOOS == "windows" {
				t.Skip("there are no such file modes")
			}
			dir := directory(t, one.keys)
			if one.mode != 0 {
				require.NoError(t, os.Chmod(filepath.Join(dir, "acct_1"), one.mode))
			}
			_, err := accounts.NewKeys(ctx, accounts.Config{Ledger: ledger.NewMemory()}, dir)
			require.ErrorContains(t, err, one.want)
			require.NotContains(t, err.Error(), "51secret")
		})
	}
	_, err := accounts.NewKeys(ctx, accounts.Config{Ledger: ledger.NewMemory()}, filepath.Join(t.TempDir(), "none"))
	require.ErrorContains(t, err, "the directory of keys cannot be read")
}

func TestAKeyThatIsBrokenLaterIsLeftOut(t *testing.T) {
	dir := directory(t, map[string]string{"acct_1": testKey, "acct_2": testKey})
	var log bytes.Buffer
	all, err := accounts.NewKeys(ctx, accounts.Config{Ledger: ledger.NewMemory(), Log: slog.New(slog.NewTextHandler(&log, nil))}, dir)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "acct_2"), []byte("sk_51secret"), 0o600))
	list, err := all.List(ctx)
	require.NoError(t, err)
	require.Equal(t, []accounts.Account{{ID: "acct_1"}}, list)
	require.Contains(t, log.String(), "acct_2")
	require.NotContains(t, log.String(), "51secret")
}

func TestEmbedded(t *testing.T) {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	defer box.Close()
	all, err := accounts.NewEmbedded(accounts.Config{Ledger: ledger.NewMemory()}, box)
	require.NoError(t, err)
	list, err := all.List(ctx)
	require.NoError(t, err)
	require.Equal(t, []accounts.Account{{ID: box.Account(), Name: "embedded sandbox", Sandbox: true}}, list)
	c, err := all.Open(ctx, migrate.Account{ID: box.Account()})
	require.NoError(t, err)
	require.Same(t, box, c.Embedded)
	for _, of := range []migrate.Account{{ID: box.Account(), Livemode: true}, {ID: "acct_1"}} {
		_, err = all.Open(ctx, of)
		require.ErrorIs(t, err, accounts.ErrUnknown)
	}
}
