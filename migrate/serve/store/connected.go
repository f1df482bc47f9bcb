package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// Connected is an account whose control somebody has proved at Stripe. It is reached with the platform's own key:
// nothing secret of the account is kept.
type Connected struct {
	Account  string            `json:"account"`
	Livemode bool              `json:"livemode"`
	By       string            `json:"connected_by"` // a person, as access knows him
	At       csvspec.Timestamp `json:"connected_at"`
}

// Connect records that an account is connected, and by whom, and the audit entry that the context carries (see
// WithAudit). One that is connected already keeps who was the first, and when.
func (s *Store) Connect(ctx context.Context, c Connected) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := s.exec(ctx, tx, `INSERT INTO serve_connected (account, livemode, connected_by, connected_at, ended_by, ended_at)
			VALUES ($1, $2, $3, $4, '', 0) ON CONFLICT (account, livemode) DO UPDATE
			SET connected_by = excluded.connected_by, connected_at = excluded.connected_at, ended_by = '', ended_at = 0
			WHERE serve_connected.ended_at <> 0`, c.Account, c.Livemode, c.By, int64(s.now())); err != nil {
			return err
		}
		return s.auditChange(ctx, tx, Move{})
	})
}

// Disconnect ends that an account is connected, and who its users are; By is who ends it. It returns ErrNotFound when
// it is not connected.
func (s *Store) Disconnect(ctx context.Context, c Connected) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		var found string
		if err := s.scan(ctx, tx, "the connected account "+c.Account, `UPDATE serve_connected SET ended_by = $3, ended_at = $4
			WHERE account = $1 AND livemode = $2 AND ended_at = 0 RETURNING account`, []any{c.Account, c.Livemode, c.By, int64(s.now())}, &found); err != nil {
			return err
		}
		if _, err := s.exec(ctx, tx, "DELETE FROM serve_app_users WHERE account = $1", c.Account); err != nil {
			return err
		}
		return s.auditChange(ctx, tx, Move{})
	})
}

// ConnectedAccounts returns the accounts that are connected, in the order of their IDs.
func (s *Store) ConnectedAccounts(ctx context.Context) ([]Connected, error) {
	return collect(ctx, s, func(row scanner) (c Connected, err error) {
		return c, row.Scan(&c.Account, &c.Livemode, &c.By, (*int64)(&c.At))
	}, "SELECT account, livemode, connected_by, connected_at FROM serve_connected WHERE ended_at = 0 ORDER BY account, livemode")
}

// AppUser is a user of Stripe's Dashboard who has signed in here as well.
type AppUser struct {
	Account, StripeUser string            // acct_… and usr_…, as Stripe signs them
	Person              string            // as access knows him
	Role                string            // what he may do, by its name in package access
	LinkedAt, Until     csvspec.Timestamp // Until: then he has to sign in again
}

// LinkAppUser records who a user of the Dashboard is until a moment, and the audit entry that the context carries.
func (s *Store) LinkAppUser(ctx context.Context, u AppUser, until time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := s.exec(ctx, tx, `INSERT INTO serve_app_users (account, stripe_user, person, role, linked_at, until)
			VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account, stripe_user) DO UPDATE
			SET person = excluded.person, role = excluded.role, linked_at = excluded.linked_at, until = excluded.until`,
			u.Account, u.StripeUser, u.Person, u.Role, int64(s.now()), int64(csvspec.At(until))); err != nil {
			return err
		}
		return s.auditChange(ctx, tx, Move{})
	})
}

// AppUser returns who a user of the Dashboard is, or ErrNotFound when he has not signed in here, or not lately.
func (s *Store) AppUser(ctx context.Context, account, stripeUser string) (AppUser, error) {
	u := AppUser{Account: account, StripeUser: stripeUser}
	err := s.scan(ctx, s.db, "a link of the Dashboard's user "+stripeUser,
		"SELECT person, role, linked_at, until FROM serve_app_users WHERE account = $1 AND stripe_user = $2 AND until > $3",
		[]any{account, stripeUser, int64(s.now())}, &u.Person, &u.Role, (*int64)(&u.LinkedAt), (*int64)(&u.Until))
	return u, err
}

// RememberSignature records the digest of a signed request until a moment after which the request is too old anyway. It
// returns false when the digest is recorded already, on whichever machine.
func (s *Store) RememberSignature(ctx context.Context, digest string, until time.Time) (bool, error) {
	if _, err := s.exec(ctx, s.db, "DELETE FROM serve_signatures WHERE until < $1", int64(s.now())); err != nil {
		return false, err
	}
	n, err := s.exec(ctx, s.db, "INSERT INTO serve_signatures (digest, until) VALUES ($1, $2) ON CONFLICT DO NOTHING", digest, int64(csvspec.At(until)))
	return n > 0, err
}
