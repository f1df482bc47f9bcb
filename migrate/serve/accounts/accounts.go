// Package accounts knows which accounts the service works in, and how to reach them.
//
// A key is read from its file each time an account is opened, and kept in memory with the connection that was made with it.
// It is never logged, stored or shown.
package accounts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

// ErrUnknown is the error of an account that the service has no key of.
var ErrUnknown = errors.New("the service has no key of this account")

// RefusedError is a key that is not used, because something about its file is wrong. It says what, and repeats nothing of the
// key.
type RefusedError struct{ Reason string }

// Error says what is wrong and what to do.
func (e *RefusedError) Error() string { return e.Reason }

// Account is an account that the service can work in.
type Account struct {
	ID        string `json:"id"`
	Livemode  bool   `json:"livemode"`
	Name      string `json:"name,omitempty"` // as people call it; "" is not known
	Sandbox   bool   `json:"sandbox"`        // embedded, of this program: no key, no network, no money
	Connected bool   `json:"connected"`      // reached through the platform's key
}

// Accounts are the accounts that the service can work in.
type Accounts interface {
	// List returns them, by ID. What is wrong with one of them is no error: it is left out, and logged.
	List(ctx context.Context) ([]Account, error)

	// Open returns how to reach an account, and ErrUnknown for one that is not listed. Whoever asks again is given the same
	// connection as long as its key is the same: what is found out about the account's pace is shared.
	Open(ctx context.Context, of migrate.Account) (*Connection, error)
}

// Connection is an account within reach.
type Connection struct {
	Account
	Migrator *migrate.Migrator // which keeps the account's pace
	Gateway  *gateway.Gateway  // reads for verify, monitor and cutover, at the pace of the Migrator
	Clock    migrate.Clock
	Lead     time.Duration // how far ahead start dates have to be: validate.SandboxLead or LiveLead

	// Embedded is the sandbox itself, nil for a real account: it is given what a file names and it lacks.
	Embedded *sandbox.Server
}

// Config is what all accounts have in common.
type Config struct {
	Ledger   ledger.Ledger
	Clock    migrate.Clock // nil is the machine's
	Log      *slog.Logger  // nil logs nothing
	APIBase  string        // "" is Stripe's own address
	Sandbox  bool          // test keys work with start dates 1 hour ahead, as --sandbox says
	TestOnly bool          // the keys of live mode are left out
	Workers  int           // requests under way at once in one account and process; 0 is the migrator's default
	MaxRate  float64       // most requests a second in one account, of all processes that share the ledger; 0 is as many as it allows

	// Watch is told of every connection that is made, and may have it observed; nil is nobody.
	Watch func(a Account, c *migrate.Config)
}

// sharing is a ledger that processes share, which is ledger/postgres's: TestServicesShareAnAccount holds it to that.
type sharing interface {
	migrate.CustomerLocker
	Limiter(clock pace.Clock, of pace.Account, first, max float64) *pace.Shared
}

// connect returns a connection through a gateway. Processes that share a ledger find out together what an account allows, and
// keep out of each other's way with its customers; an embedded sandbox is this process's own.
func (c Config) connect(a Account, g *gateway.Gateway, inFlight time.Duration) (*Connection, error) {
	cfg := migrate.Config{
		Gateway: g, Ledger: c.Ledger, Clock: c.Clock, Log: c.Log, Workers: c.Workers, APIBase: c.APIBase, InFlightTimeout: inFlight,
	}
	if shared, ok := c.Ledger.(sharing); ok && !a.Sandbox {
		of := pace.Account{ID: a.ID, Livemode: a.Livemode}
		cfg.Pacer, cfg.Customers = shared.Limiter(c.Clock, of, pace.WriteRate, c.MaxRate), shared
	} else {
		cfg.Pacer = pace.New(c.Clock, c.MaxRate)
	}
	if c.Watch != nil {
		c.Watch(a, &cfg)
	}
	m, err := migrate.New(cfg)
	return &Connection{Account: a, Migrator: m, Gateway: g, Clock: c.Clock}, err
}

// connections are those to Stripe that were made.
type connections struct {
	config Config
	mu     sync.Mutex
	open   map[migrate.Account]reached
}

// reached is a connection, and the key that it was made with.
type reached struct {
	*Connection
	key gateway.Key
}

func newConnections(c Config) connections {
	return connections{config: c.withDefaults(), open: map[migrate.Account]reached{}}
}

// to returns the connection to an account by a key, the same one as long as the key is. Whose the key is, is asked when it is
// used first; of another account's, refused says what to do.
func (n *connections) to(ctx context.Context, a Account, key gateway.Key, refused func(got migrate.Account) string) (*Connection, error) {
	of := migrate.Account{ID: a.ID, Livemode: a.Livemode}
	n.mu.Lock()
	known := n.open[of]
	n.mu.Unlock()
	if known.Connection != nil && known.key.Same(key) {
		return known.Connection, nil
	}
	cfg := gateway.Config{Key: key, BaseURL: n.config.APIBase, Logger: n.config.Log}
	if a.Connected {
		cfg.Account = a.ID
	}
	g, err := gateway.New(cfg)
	if err != nil {
		return nil, err
	}
	made, err := n.config.connect(a, g, 0)
	if err != nil {
		return nil, err
	}
	made.Lead = validate.LiveLead
	if n.config.Sandbox && !a.Livemode {
		made.Lead = validate.SandboxLead
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	got, err := migrate.Ask(ctx, made.Migrator.Until(nil), func() (migrate.Account, error) { return g.Account(ctx) })
	if err != nil {
		return nil, fmt.Errorf("the account %s cannot be reached: %w", of, err)
	}
	if got != of {
		return nil, &RefusedError{refused(got)}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if first := n.open[of]; first.Connection != nil && first.key.Same(key) { // somebody else was faster
		return first.Connection, nil
	}
	n.open[of] = reached{made, key}
	return made, nil
}

func (c Config) withDefaults() Config {
	if c.Clock == nil {
		c.Clock = migrate.SystemClock{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}
