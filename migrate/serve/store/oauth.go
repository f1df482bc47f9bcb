package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// ErrUsed is the error of a ticket that was good for one use and has had it.
var ErrUsed = errors.New("this was used already")

// Ticket is a secret that is good for one use: an authorization code, a token, the state of a redirect. The store knows
// only its hash: who reads the database can use none.
type Ticket struct {
	Kind   string // a ticket of one kind is none of another
	Secret string // long and random
	Parent string // the secret of the ticket that it was given for; "" is none
	Until  time.Time
	Body   string // what it stands for
}

// ticketHash leaves no way back to a secret, which is random and long: no salt or slow hash is needed.
func ticketHash(secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// KeepTicket records a ticket, and forgets those that have expired.
func (s *Store) KeepTicket(ctx context.Context, t Ticket) error {
	if t.Secret == "" {
		return errors.New("a ticket without a secret would be anybody's")
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := s.exec(ctx, tx, "DELETE FROM serve_tickets WHERE until < $1", int64(s.now())); err != nil {
			return err
		}
		_, err := s.exec(ctx, tx, "INSERT INTO serve_tickets (hash, kind, parent, used, until, body) VALUES ($1, $2, $3, $4, $5, $6)",
			ticketHash(t.Secret), t.Kind, ticketHash(t.Parent), false, int64(csvspec.At(t.Until)), t.Body)
		return err
	})
}

// TakeTicket uses a ticket and returns what it stands for. It returns ErrNotFound when there is none, or it has
// expired, and ErrUsed when it was used before; then somebody has stolen it, or its answer, and what was given for it
// is void as well.
func (s *Store) TakeTicket(ctx context.Context, kind, secret string) (body string, err error) {
	hash, again := ticketHash(secret), false
	err = s.tx(ctx, func(tx *sql.Tx) error {
		err := s.scan(ctx, tx, "a "+kind, `UPDATE serve_tickets SET used = $3 WHERE hash = $1 AND kind = $2 AND used = $4 AND until > $5 RETURNING body`,
			[]any{hash, kind, true, false, int64(s.now())}, &body)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
		n, locking := s.exec(ctx, tx, "UPDATE serve_tickets SET used = $3 WHERE hash = $1 AND kind = $2 AND used = $3", hash, kind, true)
		if again = n > 0; locking != nil || !again {
			return errors.Join(locking, err)
		}
		_, err = s.exec(ctx, tx, "DELETE FROM serve_tickets WHERE parent = $1", hash)
		return err // with nil, what was given for the ticket is void from now on
	})
	if err == nil && again {
		return "", ErrUsed
	}
	return body, err
}
