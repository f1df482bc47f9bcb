package cli

import (
	"context"
	"fmt"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
)

// sourceFlags say where the account is that the subscriptions come from.
type sourceFlags struct{ apiBase string }

// sourceAccount is the account that a migration's subscriptions come from, beside that of the session.
type sourceAccount struct {
	migrate.Account
	gateway  *gateway.Gateway
	migrator *migrate.Migrator // which keeps the pace of that account
}

// openSourceAccount connects to the source account when its key is set; it returns nil when it is not. The account that
// the migration was run in is refused: it is not where its subscriptions come from. So is any other than the one that they were
// found in before.
func (s *session) openSourceAccount(ctx context.Context, m ledger.Migration, f sourceFlags) (*sourceAccount, error) {
	key, err := s.keyOf(sourceKeyVariable, sourceKeyFileVariable)
	switch {
	case err != nil:
		return nil, err
	case key.IsZero() && f.apiBase != "":
		return nil, &refusal{"no_key", "--source-api-base names a server, and a server needs a key: set " + sourceKeyVariable}
	case key.IsZero():
		return nil, nil
	}
	t, err := s.sourceTarget(modeFlags{live: s.target.place == liveMode, apiBase: f.apiBase})
	if err != nil {
		return nil, err
	}
	a := &sourceAccount{}
	limiter, identified := s.limiter(pace.ReadRate)
	if a.gateway, err = gateway.New(gateway.Config{Key: t.key, BaseURL: t.base, Logger: s.log, Identified: identified}); err != nil {
		return nil, err
	}
	a.migrator, err = migrate.New(migrate.Config{Gateway: a.gateway, Ledger: s.ledger, Clock: s.clock, Log: s.log, Pacer: limiter, Customers: s.customers(), APIBase: t.base})
	if err != nil {
		return nil, err
	}
	if a.Account, err = migrate.Ask(ctx, a.migrator.Until(nil), func() (migrate.Account, error) { return a.gateway.Account(ctx) }); err != nil {
		return nil, fmt.Errorf("the source account cannot be read: %w", err)
	}
	if a.Account == (migrate.Account{ID: m.Account, Livemode: m.Livemode}) {
		return nil, &refusal{"wrong_account", fmt.Sprintf("the key in %s belongs to %s, which is the account that %s was run in: set it to a key of the account that the subscriptions come from, or unset it",
			sourceKeyVariable, a.ID, m.ID)}
	}
	if m.SourceAccount != "" && m.SourceAccount != a.ID {
		return nil, &cutover.WrongSourceError{Want: m.SourceAccount, Got: a.ID, Bound: true}
	}
	return a, nil
}
