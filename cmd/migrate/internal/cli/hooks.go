package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/cron"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
	"github.com/subferry/subferry/migrate/serve/webhooks"
)

// hooks are what a service does beside migrations: it takes and applies webhooks, and runs what is due.
type hooks struct {
	app     *app
	all     accounts.Accounts
	applier *webhooks.Applier
	ticker  *cron.Ticker
	engine  *jobs.Engine // set by newEngine, before anything is queued
}

// newEngine makes the engine of a service, which also works on webhooks and schedules. The command lines of schedules are run
// with the same state.
func (a *app) newEngine(ctx context.Context, c jobs.Config, state stateFlag) (*jobs.Engine, *hooks, error) {
	h := &hooks{app: a, all: c.Accounts}
	h.applier = &webhooks.Applier{Store: c.Store, Ledger: c.Ledger, Clock: c.Clock, Log: c.Log,
		Open: func(ctx context.Context, of store.EventAccount) (*migrate.Migrator, webhooks.Reader, error) {
			connection, err := c.Accounts.Open(ctx, migrate.Account{ID: of.Account, Livemode: of.Livemode})
			if errors.Is(err, accounts.ErrUnknown) {
				return nil, nil, nil
			}
			if err != nil {
				return nil, nil, err
			}
			return connection.Migrator, connection.Gateway, nil
		}}
	h.ticker = a.ticker(c.Store, state, c.Log, cron.Enqueue(h.insert))
	c.Register = func(workers *river.Workers) {
		h.applier.Register(workers, h.insert)
		h.ticker.Register(workers)
	}
	c.Periodic = append(c.Periodic, webhooks.Periodic(), cron.Periodic())
	var err error
	h.engine, err = jobs.New(ctx, c)
	return h.engine, h, err
}

func (h *hooks) insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error) {
	return h.engine.Insert(ctx, args, opts)
}

// handler takes webhooks of the accounts whose signing secrets lie in the directory of keys; nil without one. A secret whose
// file does not name a mode is of live mode when that is worked in.
func (h *hooks) handler(keys string, mode webhooks.Mode, log *slog.Logger) http.Handler {
	if keys == "" {
		return nil
	}
	return webhooks.New(webhooks.Config{
		Store: h.applier.Store, Clock: h.app.clock(timeFlag{}), Log: log, Endpoints: webhooks.Dir(keys, mode), Wake: webhooks.Wake(h.insert),
		Connected: func(ctx context.Context, of store.EventAccount) (bool, error) {
			all, err := h.all.List(ctx)
			return slices.ContainsFunc(all, func(a accounts.Account) bool { return a.Connected && a.ID == of.Account && a.Livemode == of.Livemode }), err
		},
	})
}

// noted returns what webhooks have told of a migration's rows, where a service takes them.
func (a *app) noted(ctx context.Context, state stateFlag, m ledger.Migration) (all []notedChange, err error) {
	err = a.ifService(ctx, state, func(s *store.Store) error {
		notes, err := s.EventNotes(ctx, m.ID)
		for _, n := range notes {
			all = append(all, notedChange{n.Row, n.Line, n.Subject, n.Kind, n.Created.String(), n.Event, n.Sentence})
		}
		return err
	})
	return all, err
}
