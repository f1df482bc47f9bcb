package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

// Embedded is the sandbox of this program as the only account.
type Embedded struct{ connection *Connection }

// NewEmbedded returns the accounts of a service that works in an embedded sandbox, which stays the caller's.
func NewEmbedded(c Config, box *sandbox.Server) (*Embedded, error) {
	c = c.withDefaults()
	key, err := gateway.NewKey("sk_test_embedded_sandbox") // it takes any
	if err != nil {
		return nil, err
	}
	g, err := gateway.New(gateway.Config{Key: key, HTTP: box.Transport(), Logger: c.Log})
	if err != nil {
		return nil, err
	}
	// A request ended with the process that had sent it.
	connection, err := c.connect(Account{ID: box.Account(), Name: "embedded sandbox", Sandbox: true}, g, time.Nanosecond)
	if err != nil {
		return nil, err
	}
	connection.Lead, connection.Embedded = validate.SandboxLead, box
	return &Embedded{connection}, nil
}

// List implements Accounts.
func (e *Embedded) List(context.Context) ([]Account, error) {
	return []Account{e.connection.Account}, nil
}

// Open implements Accounts.
func (e *Embedded) Open(_ context.Context, of migrate.Account) (*Connection, error) {
	if of != (migrate.Account{ID: e.connection.ID}) {
		return nil, fmt.Errorf("%w: %s; the embedded sandbox is %s", ErrUnknown, of, e.connection.ID)
	}
	return e.connection, nil
}
