package cli

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

// secretWord is a password that must not be seen.
const secretWord = "pa55-word-4711"

// What is not Postgres is refused in a sentence that says what to do, and nothing of a password is repeated.
func TestOtherDatabasesAreRefused(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"mysql://me:" + secretWord + "@host/db":        "a database of the kind mysql://",
		"sqlite:///" + secretWord + ".db":              "a database of the kind sqlite://",
		"host=db password=" + secretWord:               "expected postgres://USER:PASSWORD@HOST:PORT/DATABASE",
		"postgres://me:" + secretWord + "#1@host/db":   "expected postgres://USER:PASSWORD@HOST:PORT/DATABASE",
		secretWord + "://me@host/db":                   "expected postgres://USER:PASSWORD@HOST:PORT/DATABASE",
		"postgres://me:" + secretWord + "@host:x/db?a": "expected postgres://USER:PASSWORD@HOST:PORT/DATABASE",
	} {
		for _, command := range [][]string{{"list"}, {"status", "mig_1"}, {"run", "--sandbox", "../../../../examples/basic.csv"}, {"usage", "status", "use_1"}} {
			state := t.TempDir()
			out, said, code := runHere(t, "", map[string]string{databaseVariable: address}, append(command, "--state", state, "-o", "json")...)
			require.Equal(t, ExitRefused, code, said)
			require.Contains(t, out, `"code": "database_url"`)
			require.Contains(t, out, want)
			require.Contains(t, out, "unset it")
			require.NotContains(t, out+said, secretWord)
			left, err := os.ReadDir(state)
			require.NoError(t, err)
			require.Empty(t, left)
		}
	}
	out, said, code := runHere(t, "", map[string]string{databaseVariable: "postgres://me:" + secretWord + "@127.0.0.1:1/db"}, "list", "-o", "json", "--state", t.TempDir())
	require.Equal(t, ExitFailure, code, said)
	require.Contains(t, out, "the ledger postgres://me@127.0.0.1:1/db")
	require.NotContains(t, out+said, secretWord)
}

// With DATABASE_URL the ledger is there for every command on every machine; the sandbox stays in the state directory.
func TestTheLedgerIsShared(t *testing.T) {
	t.Parallel()
	here, there := t.TempDir(), t.TempDir()
	variables := map[string]string{databaseVariable: pgtest.URL(t)}
	everything := ""
	migrate := func(state string, want int, args ...string) string {
		t.Helper()
		out, said, code := runHere(t, "", variables, append(args, "--state", state)...)
		require.Equal(t, want, code, said)
		everything += out + said
		return out + said
	}
	require.Contains(t, migrate(here, ExitDone, "list"), "Ledger: postgres://")
	ran := migrate(here, ExitDone, "run", "--sandbox", "../../../../examples/basic.csv", "--log", filepath.Join(here, "log.json"))
	require.Contains(t, ran, "  ledger      postgres://", "the review names it")
	require.Contains(t, ran, "\nledger      postgres://", "and so does the status")
	id := migrationID(ran[strings.Index(ran, "migration   mig_"):])
	for _, command := range [][]string{{"status", id}, {"list"}, {"status", "-o", "json", id}} {
		require.Contains(t, migrate(there, ExitDone, command...), "basic.csv", command)
	}
	for _, command := range [][]string{{"report", id}, {"report", "-o", "csv", id}} {
		require.Contains(t, migrate(there, ExitDone, command...), "cus_Ada", command)
	}
	offered, said, _ := runHere(t, "", variables, "__complete", "status", "--state", there, "")
	require.Contains(t, offered, id, said)
	require.Contains(t, migrate(there, ExitFailure, "status", "mig_none"), "in the ledger postgres://")
	require.Contains(t, migrate(there, ExitRefused, "cancel", id), "is no embedded sandbox of", "the sandbox is on the other machine")
	require.Contains(t, migrate(here, ExitDone, "cancel", id), "canceled     12")
	require.Contains(t, migrate(there, ExitDone, "status", id), "canceled    12")
	for _, dir := range []string{here, there} {
		require.NoFileExists(t, filepath.Join(dir, sqlite.Name))
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			require.NotContains(t, string(text), pgtest.Password, path)
			return err
		}))
	}
	require.NotContains(t, everything, pgtest.Password)
	require.NotContains(t, everything, variables[databaseVariable])
}

// Two machines with one ledger: one works, the other is refused; when the first one is killed, or its connection to the
// database ends, it has done with, and the other goes on. Every row is scheduled once.
func TestTwoMachinesOneLedger(t *testing.T) {
	t.Parallel()
	const all = 90
	address := pgtest.URL(t)
	account := newProgram(t)
	upstream, _ := account.serve("--sandbox-data", soakAccount(t))
	file := filepath.Join(t.TempDir(), "subs.csv")
	var text strings.Builder
	text.WriteString("customer,start_date,price,metadata.third_party_sub_id\n")
	for i := range all {
		fmt.Fprintf(&text, "cus_%d,%d,price_A,old_%d\n", i%soakCustomers, 2059203600+i*60, i)
	}
	require.NoError(t, os.WriteFile(file, []byte(text.String()), 0o600))
	run := []string{"run", "--sandbox", "--yes", "--api-base", upstream, "-o", "json", file}
	slow := append([]string{"run", "--max-rate", "25"}, run[1:]...)

	var stopped transcript
	first := newProgram(t, keyVariable+"=sk_test_any", databaseVariable+"="+pgtest.With(t, address, "application_name", "first_machine"))
	other := newProgram(t, keyVariable+"=sk_test_any", databaseVariable+"="+address)
	cmd := first.command(slow...)
	cmd.Stdout = &stopped
	require.NoError(t, cmd.Start())
	other.begun()
	out, said, code := other.output(run...)
	require.Equal(t, ExitRefused, code, said)
	require.Contains(t, out, `"code": "locked"`)

	conn, err := pgx.Connect(context.Background(), address)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'first_machine'")
	require.NoError(t, err)
	require.Error(t, cmd.Wait())
	require.Equal(t, ExitPartly, cmd.ProcessState.ExitCode(), stopped.String())
	require.Contains(t, stopped.String(), `"code": "lock_lost"`)

	list, _, _ := first.output("list", "-o", "json")
	store, err := postgres.Open(context.Background(), address)
	require.NoError(t, err)
	defer store.Close()
	cmd = other.command(slow...)
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		held, err := store.AtWork(migrationID(list))
		return err == nil && held
	}, time.Minute, 20*time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())

	out, said, code = first.output(run...)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, fmt.Sprintf(`"scheduled": %d`, all))
	require.Equal(t, once(all), schedulesOf(t, gateway.Config{BaseURL: upstream}))
	require.NotContains(t, stopped.String()+out+said, pgtest.Password)
}
