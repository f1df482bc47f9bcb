package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/sqlite"
)

// databaseVariable names the database of a ledger that several machines share. There is no flag for it, as there is none for
// the key: it may hold a password, and is never printed.
const databaseVariable = "DATABASE_URL"

// withLedger opens the ledger for the time of a function: the shared one where the environment names a database, otherwise
// that of the state directory. The embedded sandboxes lie in that directory, dir, either way.
func (a *app) withLedger(ctx context.Context, f stateFlag, do func(store ledger.Ledger, dir string) error) error {
	dir, err := a.stateDir(f)
	if err != nil {
		return err
	}
	store, err := a.openLedger(ctx, dir)
	if err != nil {
		return err
	}
	return errors.Join(do(store, dir), store.Close())
}

func (a *app) openLedger(ctx context.Context, dir string) (ledger.Ledger, error) {
	if text := a.env.getenv(databaseVariable); text != "" {
		store, err := postgres.Open(ctx, text)
		if errors.Is(err, postgres.ErrAddress) {
			return nil, &refusal{"database_url", wrongDatabase(text, err)}
		}
		if err != nil {
			return nil, err
		}
		return store, nil
	}
	store, err := sqlite.Open(ctx, dir)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w; --state DIR keeps it in another directory", err)
	}
	if err != nil {
		return nil, err
	}
	return store, nil
}

var schemeWord = regexp.MustCompile(`^[a-z][a-z0-9+]{0,15}$`)

// wrongDatabase says what is wrong with the variable, without repeating more of it than the kind of database.
func wrongDatabase(text string, err error) string {
	const otherwise = "; unset it, and the ledger is the file in the state directory"
	scheme, _, found := strings.Cut(text, "://")
	if found && schemeWord.MatchString(scheme) && scheme != "postgres" && scheme != "postgresql" {
		return databaseVariable + " names a database of the kind " + scheme + "://, and a shared ledger is kept in Postgres only (postgres://…)" + otherwise
	}
	return databaseVariable + ": " + err.Error() + otherwise
}

// sayLedger names the shared ledger in a review.
func (a *app) sayLedger() {
	if name := a.ledgerName(); name != "" {
		a.say("  ledger      %s", name)
	}
}

// ledgerName names the shared ledger without its password; "" is that of the state directory.
func (a *app) ledgerName() string {
	name := ""
	if text := a.env.getenv(databaseVariable); text != "" {
		name, _ = postgres.Describe(text)
	}
	return name
}
