// Package pgtest gives tests a Postgres database.
//
// It is the one that DATABASE_URL names. Where that is not set, Debian's binaries (apt-get install postgresql) make one for
// each test binary, which ends with the test binary, also with one that is killed. Where they are missing, a test is
// skipped; with CI=true it fails, because nobody would see that it was skipped.
package pgtest

import (
	"bufio"
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// Password is the one of the database's user when this package has made the database: tests look for it where it must not
// be.
const Password = "pgtest-secret-4711"

// missing is what is said where there is no Postgres.
const missing = "no Postgres: set DATABASE_URL, or install Debian's (apt-get install postgresql), whose binaries lie below /usr/lib/postgresql"

//go:embed cluster.sh
var script string

// cluster starts the test binary's own database, once, and holds on to it.
var cluster = sync.OnceValues(start)

// running is a database that ends when input is closed, at the latest with this process.
type running struct {
	address string // "" means that there are no binaries
	input   io.WriteCloser
	as      []string // in front of a command of its user
	bin     string
	dir     string
}

// URL returns the address of a database with a new and empty schema, which goes when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	base := Server(t)
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, base)
	require.NoError(t, err)
	defer conn.Close(ctx)
	var schema string // a name that no other test, of whichever process, has
	require.NoError(t, conn.QueryRow(ctx, "SELECT 'test_' || replace(gen_random_uuid()::text, '-', '')").Scan(&schema))
	_, err = conn.Exec(ctx, "CREATE SCHEMA "+schema)
	require.NoError(t, err)
	t.Cleanup(func() {
		conn, err := pgx.Connect(ctx, base)
		if err != nil {
			t.Logf("the schema %s is left behind: %v", schema, err)
			return
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "SET client_min_messages = warning; DROP SCHEMA "+schema+" CASCADE")
		require.NoError(t, err)
	})
	return With(t, base, "search_path", schema)
}

// Server returns the address of the database without a schema of the test's own.
func Server(t testing.TB) string {
	t.Helper()
	if address := os.Getenv("DATABASE_URL"); address != "" {
		return address
	}
	own, err := cluster()
	require.NoError(t, err)
	if own.address != "" {
		return own.address
	}
	// Debian's binaries are for Linux: the other systems of a CI that has them all cannot have it.
	if os.Getenv("CI") == "true" && runtime.GOOS == "linux" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// Restartable returns the address of a database that is the test's own, and a function that has its server die and start
// again. It is skipped where Debian's binaries are missing.
func Restartable(t testing.TB) (address string, restart func()) {
	t.Helper()
	own, err := start()
	require.NoError(t, err)
	if own.address == "" {
		t.Skip(missing)
	}
	t.Cleanup(func() { own.input.Close() })
	return own.address, func() {
		t.Helper()
		arguments := append(slices.Clone(own.as), own.bin+"/pg_ctl", "-D", own.dir+"/data", "-l", own.dir+"/log", "-m", "immediate", "-w", "-t", "60", "restart")
		cmd := exec.Command(arguments[0], arguments[1:]...)
		cmd.Dir = "/"
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
}

// With returns an address with one parameter more.
func With(t testing.TB, address, name, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	parameters := u.Query()
	parameters.Set(name, value)
	u.RawQuery = parameters.Encode()
	return u.String()
}

// start starts a cluster with the newest of Debian's versions. The script ends it as soon as its input ends.
func start() (own running, err error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return own, err
	}
	newest := slices.MaxFunc(found, func(x, y string) int { return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)) })
	own.bin = filepath.Dir(newest)
	if os.Geteuid() == 0 { // as root Postgres refuses to run
		own.as = []string{"runuser", "-u", "postgres", "--"}
	}
	arguments := append(slices.Clone(own.as), "sh", "-c", script, "cluster", own.bin, Password)
	cmd := exec.Command(arguments[0], arguments[1:]...)
	cmd.Dir, cmd.Stderr = "/", os.Stderr
	if own.input, err = cmd.StdinPipe(); err != nil {
		return own, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return own, err
	}
	if err := cmd.Start(); err != nil {
		return own, err
	}
	dir, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return own, fmt.Errorf("the tests' own Postgres did not start (%w): what it says stands above", err)
	}
	own.dir = strings.TrimSpace(dir)
	own.address = "postgres://tester:" + Password + "@/postgres?host=" + url.QueryEscape(own.dir)
	return own, nil
}
