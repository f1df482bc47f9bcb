package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve/accounts"
)

// platform is a Stripe in which a platform has an account, and two others have one.
type platform struct {
	url           string
	own, one, two *sandbox.Server

	mu    sync.Mutex
	asked []string // the key and the account of each request
}

func newPlatform(t *testing.T) *platform {
	p := &platform{}
	for _, box := range []**sandbox.Server{&p.own, &p.one, &p.two} {
		opened, err := sandbox.Open(sandbox.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { opened.Close() })
		*box = opened
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		named := r.Header.Get("Stripe-Account")
		p.mu.Lock()
		p.asked = append(p.asked, r.Header.Get("Authorization")+" "+named)
		p.mu.Unlock()
		box := p.own
		for _, other := range []*sandbox.Server{p.one, p.two} {
			if named == other.Account() || named == "" && r.Header.Get("Authorization") == "Bearer sk_test_of_"+other.Account() {
				box = other
			}
		}
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func TestConnectedAccountsAreReachedWithThePlatformsKey(t *testing.T) {
	ctx, p := context.Background(), newPlatform(t)
	own, one, two := migrate.Account{ID: p.own.Account()}, migrate.Account{ID: p.one.Account()}, migrate.Account{ID: p.two.Account()}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, one.ID), []byte("sk_test_of_"+one.ID), 0o600))
	c := accounts.Config{Ledger: ledger.NewMemory(), APIBase: p.url}
	keys, err := accounts.NewKeys(ctx, c, dir)
	require.NoError(t, err)
	secret, connected := "sk_test_platform", []migrate.Account{one, two, {ID: two.ID, Livemode: true}}
	all := accounts.NewPlatform(c, keys, func() (gateway.Key, error) { return gateway.NewKey(secret) },
		func(context.Context) ([]migrate.Account, error) { return connected, nil })

	listed, err := all.List(ctx)
	require.NoError(t, err)
	require.ElementsMatch(t, []accounts.Account{{ID: one.ID}, {ID: two.ID, Connected: true}}, listed, "of a live account, a test key tells nothing")

	first, err := all.Open(ctx, two)
	require.NoError(t, err)
	require.True(t, first.Connected)
	_, err = first.Gateway.AccountData(ctx, migrate.ObjectIDs{Prices: []string{"price_none"}})
	require.NoError(t, err)
	again, err := all.Open(ctx, two)
	require.NoError(t, err)
	require.Same(t, first, again, "what was found out about its pace is kept")
	_, err = all.Open(ctx, one)
	require.NoError(t, err)
	for _, line := range p.asked {
		require.Contains(t, []string{"Bearer sk_test_platform " + two.ID, "Bearer sk_test_of_" + one.ID + " "}, line, "a key of its own names no account, and the platform's always does")
	}
	require.Len(t, p.asked, 3)

	secret = "sk_test_rolled"
	rolled, err := all.Open(ctx, two)
	require.NoError(t, err)
	require.NotSame(t, first, rolled)
	require.Equal(t, "Bearer sk_test_rolled "+two.ID, p.asked[len(p.asked)-1])

	for name, of := range map[string]migrate.Account{"nobody has connected it": {ID: "acct_stranger"}, "the platform itself": own, "the other mode": {ID: two.ID, Livemode: true}} {
		_, err := all.Open(ctx, of)
		require.ErrorIs(t, err, accounts.ErrUnknown, name)
	}
	connected = nil
	_, err = all.Open(ctx, two)
	require.ErrorIs(t, err, accounts.ErrUnknown, "it was disconnected: what is open does not count")
	connected = []migrate.Account{{ID: "acct_revoked"}, own}
	_, err = all.Open(ctx, migrate.Account{ID: "acct_revoked"})
	require.ErrorContains(t, err, "Application access may have been revoked")
	require.NotContains(t, err.Error(), "sk_test_rolled")
}

func TestAPlatformWithoutItsKey(t *testing.T) {
	ctx, p := context.Background(), newPlatform(t)
	two := migrate.Account{ID: p.two.Account()}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, p.one.Account()), []byte("sk_test_of_"+p.one.Account()), 0o600))
	c := accounts.Config{Ledger: ledger.NewMemory(), APIBase: p.url, TestOnly: true}
	keys, err := accounts.NewKeys(ctx, c, dir)
	require.NoError(t, err)
	away := errors.New("the file was taken away")
	secret := ""
	live := migrate.Account{ID: two.ID, Livemode: true}
	all := accounts.NewPlatform(c, keys, func() (gateway.Key, error) {
		if secret == "" {
			return gateway.Key{}, away
		}
		return gateway.NewKey(secret)
	}, func(context.Context) ([]migrate.Account, error) { return []migrate.Account{two, live}, nil })
	listed, err := all.List(ctx)
	require.NoError(t, err, "the others can still be worked in")
	require.Len(t, listed, 1)
	_, err = all.Open(ctx, two)
	require.ErrorIs(t, err, away)
	secret = "sk_live_platform"
	listed, err = all.List(ctx)
	require.NoError(t, err)
	require.Len(t, listed, 1)
	_, err = all.Open(ctx, live)
	require.ErrorIs(t, err, accounts.ErrUnknown, "live mode was not asked for")
	require.Empty(t, p.asked)
}
