package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/subferry/subferry/csvspec"
)

// Sessions are those of signed-in people: package access, with its library, writes and reads them. The tokens are hashes.
type Sessions struct{ store *Store }

// Sessions returns the sessions of the service, which all its processes share.
func (s *Store) Sessions() Sessions { return Sessions{s} }

// FindCtx returns the data of a session that has not expired.
func (s Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data []byte
	err := s.store.scan(ctx, s.store.db, "the session", "SELECT data FROM serve_sessions WHERE token = $1 AND expires_at > $2",
		[]any{token, int64(s.store.now())}, &data)
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// CommitCtx writes a session, and removes those that have expired.
func (s Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return s.store.tx(ctx, func(tx *sql.Tx) error {
		if _, err := s.store.exec(ctx, tx, "DELETE FROM serve_sessions WHERE expires_at <= $1", int64(s.store.now())); err != nil {
			return err
		}
		_, err := s.store.exec(ctx, tx, `INSERT INTO serve_sessions (token, data, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`, token, data, int64(csvspec.At(expiry)))
		return err
	})
}

// DeleteCtx ends a session.
func (s Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.store.exec(ctx, s.store.db, "DELETE FROM serve_sessions WHERE token = $1", token)
	return err
}

// Find is FindCtx without a context; the library asks for it and does not use it.
func (s Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// PutPerson remembers the name of somebody who has signed in: the log and the migrations know people by their IDs.
func (s *Store) PutPerson(ctx context.Context, id, name string) error {
	_, err := s.exec(ctx, s.db, `INSERT INTO serve_people (id, name, seen_at) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at`, id, name, int64(s.now()))
	return err
}

// People returns the names of everybody who has ever signed in, by ID.
func (s *Store) People(ctx context.Context) (map[string]string, error) {
	type person struct{ id, name string }
	all, err := collect(ctx, s, func(row scanner) (p person, err error) {
		err = row.Scan(&p.id, &p.name)
		return p, err
	}, "SELECT id, name FROM serve_people")
	names := make(map[string]string, len(all))
	for _, p := range all {
		names[p.id] = p.name
	}
	return names, err
}
