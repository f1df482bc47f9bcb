package cli

import (
	"context"
	"errors"

	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/serve/store"
)

// withService opens what a service keeps beside the ledger, in the same place, for the time of a function. It is made when it
// is missing.
func (a *app) withService(ctx context.Context, f stateFlag, do func(s *store.Store) error) error {
	where, err := a.serviceAt(f)
	if err != nil {
		return err
	}
	s, err := store.OpenAt(ctx, where, a.clock(timeFlag{}))
	if errors.Is(err, postgres.ErrAddress) {
		err = &refusal{"database_url", wrongDatabase(where, err)}
	}
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

// ifService is withService where there has been a service; elsewhere it does nothing, and makes nothing.
func (a *app) ifService(ctx context.Context, f stateFlag, do func(s *store.Store) error) error {
	where, err := a.serviceAt(f)
	if err != nil {
		return err
	}
	if there, err := store.Exists(ctx, where); err != nil || !there {
		return err
	}
	return a.withService(ctx, f, do)
}

// serviceAt returns where a service keeps what it knows: the database, or the state directory.
func (a *app) serviceAt(f stateFlag) (string, error) {
	if database := a.env.getenv(databaseVariable); database != "" {
		return database, nil
	}
	return a.stateDir(f)
}
