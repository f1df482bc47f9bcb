package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
)

// Platform adds to other accounts those that people have connected: they are reached with the platform's own key, which
// names the account with each request. No key and no token of theirs exists here. An account that has a key of its own
// is reached by that.
type Platform struct {
	Accounts
	connections
	key       func() (gateway.Key, error)
	connected func(ctx context.Context) ([]migrate.Account, error)
}

// NewPlatform returns the accounts of others with the connected ones. key is asked whenever an account is opened, so
// that it can be rolled; connected returns who is connected at present.
func NewPlatform(c Config, others Accounts, key func() (gateway.Key, error), connected func(ctx context.Context) ([]migrate.Account, error)) *Platform {
	return &Platform{Accounts: others, connections: newConnections(c), key: key, connected: connected}
}

// List implements Accounts.
func (p *Platform) List(ctx context.Context) ([]Account, error) {
	all, err := p.Accounts.List(ctx)
	if err != nil {
		return nil, err
	}
	key, err := p.key()
	if err != nil {
		p.config.Log.WarnContext(ctx, "connected accounts are left out: the platform's key cannot be used", "error", err)
		return all, nil
	}
	found, err := p.connected(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range found {
		own := func(known Account) bool { return known.ID == a.ID && known.Livemode == a.Livemode }
		if p.config.within(a, key) && !slices.ContainsFunc(all, own) {
			all = append(all, Account{ID: a.ID, Livemode: a.Livemode, Connected: true})
		}
	}
	slices.SortStableFunc(all, func(a, b Account) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// within tells whether a key reaches a connected account, and may.
func (c Config) within(a migrate.Account, key gateway.Key) bool {
	return a.Livemode == key.Livemode() && (!a.Livemode || !c.TestOnly)
}

// Open implements Accounts. An account that is not connected any more is not opened, whatever was known of it.
func (p *Platform) Open(ctx context.Context, of migrate.Account) (*Connection, error) {
	connection, err := p.Accounts.Open(ctx, of)
	if !errors.Is(err, ErrUnknown) {
		return connection, err
	}
	found, failed := p.connected(ctx)
	if failed != nil {
		return nil, failed
	}
	if !slices.Contains(found, of) {
		return nil, err
	}
	key, failed := p.key()
	if failed != nil {
		return nil, fmt.Errorf("the connected account %s cannot be reached: %w", of, failed)
	}
	if !p.config.within(of, key) {
		return nil, fmt.Errorf("%w that is used: %s is connected, and the platform's key is of the other mode, or live mode is not to be used", ErrUnknown, of)
	}
	return p.to(ctx, Account{ID: of.ID, Livemode: of.Livemode, Connected: true}, key, func(got migrate.Account) string {
		return fmt.Sprintf("Stripe answers for %s although %s was asked for: it is not connected to the platform any more, or it is the platform itself", got, of)
	})
}
