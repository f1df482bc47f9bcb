package postgres_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// execute runs statements beside the ledger.
func execute(t *testing.T, address string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer conn.Close(ctx)
	for _, s := range statements {
		_, err := conn.Exec(ctx, s)
		require.NoError(t, err, s)
	}
}

// Several machines start at once on a database in which nothing is.
func TestManyOpenItAtOnce(t *testing.T) {
	address := pgtest.URL(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s, err := postgres.Open(ctx, address)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			if err := s.Begin(ctx, ledger.Migration{ID: "mig_1"}); err != nil && !strings.Contains(err.Error(), "exists already") {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	all, err := open(t, address).Migrations(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
}

// The schema of the address is created when it is missing; the tables of others, which may have the same names, are left alone.
func TestTheSchemaIsItsOwn(t *testing.T) {
	address := pgtest.URL(t)
	u, err := url.Parse(address)
	require.NoError(t, err)
	theirs := u.Query().Get("search_path")
	execute(t, address, "CREATE TABLE migrations (id INT)", "CREATE TABLE rows (id INT)")
	ours := theirs + "_Its-Own"
	over := pgtest.With(t, address, "search_path", pgx.Identifier{ours}.Sanitize())
	t.Cleanup(func() { execute(t, address, "DROP SCHEMA "+pgx.Identifier{ours}.Sanitize()+" CASCADE") })
	s := open(t, over)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	release, err := s.Lock("mig_1")
	require.NoError(t, err)
	defer release()
	execute(t, address, "DROP TABLE migrations, rows")
	other := open(t, address)
	all, err := other.Migrations(ctx)
	require.NoError(t, err)
	require.Empty(t, all)
	held, err := other.AtWork("mig_1")
	require.NoError(t, err)
	require.False(t, held, "locks belong to a schema as well")
}

func TestEntriesSurvive(t *testing.T) {
	address := pgtest.URL(t)
	first, err := postgres.Open(ctx, address)
	require.NoError(t, err)
	require.NoError(t, first.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	require.NoError(t, put(first, 1, ledger.New, ledger.Intended))
	require.NoError(t, first.Close())
	require.NoError(t, first.Close())
	require.Error(t, put(first, 1, ledger.Intended, ledger.Scheduled), "a closed ledger writes nothing and says so")
	require.Equal(t, []ledger.State{ledger.Intended}, states(t, open(t, address)))
}

func TestANewerLedgerIsLeftAlone(t *testing.T) {
	address := pgtest.URL(t)
	s := open(t, address)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	execute(t, address, "UPDATE ledger_layout SET version = 99")
	_, err := postgres.Open(ctx, address)
	require.ErrorIs(t, err, ledger.ErrNewer)
	require.ErrorContains(t, err, "layout 99")
	// Another machine has upgraded it while this one was at work.
	require.ErrorIs(t, put(s, 1, ledger.New, ledger.Intended), ledger.ErrNewer)
	require.Empty(t, states(t, s))
}

func TestADamagedLedgerIsSeenWhenItIsOpened(t *testing.T) {
	for _, damage := range []string{"DROP TABLE usage_events", "DROP TABLE rows", "DROP TABLE migrations CASCADE", "DELETE FROM ledger_layout"} {
		address := pgtest.URL(t)
		require.NoError(t, open(t, address).Close())
		execute(t, address, damage)
		_, err := postgres.Open(ctx, address)
		require.ErrorIs(t, err, ledger.ErrDamaged, damage)
	}
}

const secret = "pa55-word-4711"

// No error repeats what an address holds, whatever is wrong with it, and whichever part the password is taken for.
func TestNoErrorRepeatsTheAddress(t *testing.T) {
	for _, address := range []string{
		"mysql://u:" + secret + "@h/db", "postgres:u:" + secret + "@h/db", "u:" + secret + "@h/db", "host=h password=" + secret, secret,
		"postgres://u:" + secret + "/x@h/db", "postgres://u:12#" + secret + "@h/db", "postgres://u:12/" + secret + "@h/db", "postgres://u:12?" + secret + "@h/db",
		"postgres://u:%" + secret + "@h/db", "postgres://u:" + secret + "@h:port/db", "postgres://u:" + secret + "@[h/db", "postgres://u:" + secret + "@h/db?sslmode=" + secret,
		"postgres://u:" + secret + "@h/db?pool_max_conns=" + secret, "postgres://u:" + secret + "@h/db?sslrootcert=/none/" + secret, "postgres://u:" + secret + "@h/db/x",
		"postgres://u@h/db?search_path=" + secret + "%22", "postgres://u:x@h/db?search_path=%22%22,public",
		" postgres://u:" + secret + "@h/db", "postgres://u:" + secret + "\n@h/db", "",
	} {
		_, err := postgres.Open(ctx, address)
		require.ErrorIs(t, err, postgres.ErrAddress, address)
		require.NotContains(t, err.Error(), secret)
		_, err = postgres.Describe(address)
		require.ErrorIs(t, err, postgres.ErrAddress)
	}
	for _, address := range []string{
		"postgres://u:" + secret + "@127.0.0.1:1/db", "postgres://u:" + secret + "@no-such-host.invalid/db", "postgres://u@127.0.0.1:1/db?password=" + secret,
		"postgres://u:" + secret + "@/db?host=/none", "postgres://u:" + secret + "@127.0.0.1:1,127.0.0.1:2/db?connect_timeout=1",
	} {
		_, err := postgres.Open(ctx, address)
		require.Error(t, err)
		require.NotContains(t, err.Error(), secret)
		name, err := postgres.Describe(address)
		require.NoError(t, err)
		require.NotContains(t, name, secret)
	}
	address := pgtest.URL(t)
	for name, value := range map[string]string{"password": secret, "user": "nobody", "dbname": "none"} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		own, _ := u.User.Password()
		u.User = url.UserPassword(u.User.Username(), own)
		switch name {
		case "password":
			u.User = url.UserPassword(u.User.Username(), secret)
		case "user":
			u.User = url.UserPassword(value, own)
		case "dbname":
			u.Path = "/" + value
		}
		_, err = postgres.Open(ctx, u.String())
		if err == nil && name == "password" {
			continue // a database of the environment may ask for none
		}
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), secret)
		if own != "" {
			require.NotContains(t, err.Error(), own)
		}
	}
}

func TestNames(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://me:" + secret + "@db.example.com/ledger":               "postgres://me@db.example.com:5432/ledger",
		"postgresql://me:" + secret + "@[::1]:6432/l?search_path=a,public": "postgres://me@[::1]:6432/l schema a",
		"postgres://me@/ledger?host=/run/pg&password=" + secret:            "postgres://me@/ledger?host=/run/pg",
	} {
		name, err := postgres.Describe(address)
		require.NoError(t, err)
		require.Equal(t, want, name)
	}
	s := open(t, pgtest.URL(t))
	require.NotContains(t, s.String(), pgtest.Password)
}
