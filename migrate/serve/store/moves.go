package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// CreateMove records a new move; the moments and the version are set here. It returns ErrExists when there is one with this ID.
func (s *Store) CreateMove(ctx context.Context, m Move) (Move, error) {
	m.CreatedAt, m.Version = s.now(), 1
	m.ChangedAt = m.CreatedAt
	body, review, err := encode(m)
	if err != nil {
		return Move{}, err
	}
	return m, s.tx(ctx, func(tx *sql.Tx) error {
		n, err := s.exec(ctx, tx, `INSERT INTO serve_moves (id, account, livemode, state, stop, migration, round, version, upload, body, review)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`,
			m.ID, m.Account, m.Livemode, string(m.State), m.Stop, m.Migration, m.Round, m.Version, m.Upload, body, review)
		if err == nil && n == 0 {
			err = fmt.Errorf("%w: %s", ErrExists, m.ID)
		}
		if err != nil {
			return err
		}
		return s.auditChange(ctx, tx, m)
	})
}

// Move returns a move, or ErrNotFound.
func (s *Store) Move(ctx context.Context, id string) (Move, error) { return s.move(ctx, s.db, id, "") }

func (s *Store) move(ctx context.Context, q querier, id, lock string) (m Move, err error) {
	var body, review string
	err = s.scan(ctx, q, "the migration "+id, "SELECT body, review FROM serve_moves WHERE id = $1 "+lock, []any{id}, &body, &review)
	if err != nil {
		return m, err
	}
	return decode(body, review)
}

// MoveOf returns the move whose rows the ledger has under a migration's ID, or ErrNotFound.
func (s *Store) MoveOf(ctx context.Context, migration string) (Move, error) {
	var id string
	err := s.scan(ctx, s.db, "the migration "+migration, "SELECT id FROM serve_moves WHERE migration = $1 ORDER BY number DESC LIMIT 1", []any{migration}, &id)
	if err != nil {
		return Move{}, err
	}
	return s.Move(ctx, id)
}

// MoveFilter says which moves are meant; the zero value is all.
type MoveFilter struct {
	Account string  // "" is any
	States  []State // nil is any
	Before  string  // only those that were made before the one with this ID; "" begins with the newest
	Limit   int     // 0 is no limit
}

// Moves returns moves, the newest first, without their reviews.
func (s *Store) Moves(ctx context.Context, f MoveFilter) ([]Move, error) {
	where, values := []string{"1 = 1"}, []any{}
	add := func(condition string, value any) {
		values = append(values, value)
		where = append(where, fmt.Sprintf(condition, len(values)))
	}
	if f.Account != "" {
		add("account = $%d", f.Account)
	}
	if f.Before != "" {
		add("number < (SELECT number FROM serve_moves WHERE id = $%d)", f.Before)
	}
	if len(f.States) > 0 {
		any := make([]string, len(f.States))
		for i, state := range f.States {
			values = append(values, string(state))
			any[i] = fmt.Sprintf("$%d", len(values))
		}
		where = append(where, "state IN ("+strings.Join(any, ", ")+")")
	}
	query := "SELECT body FROM serve_moves WHERE " + strings.Join(where, " AND ") + " ORDER BY number DESC"
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return collect(ctx, s, func(row scanner) (m Move, err error) {
		var body string
		if err := row.Scan(&body); err != nil {
			return m, err
		}
		return decode(body, "")
	}, query, values...)
}

// UpdateMove changes a move, and returns it as it is then: nobody else changes it meanwhile, and nothing is changed when
// change returns an error, which is returned. An audit entry that the context carries (see WithAudit) is recorded with the change. The ID,
// the moments and the version are not change's.
func (s *Store) UpdateMove(ctx context.Context, id string, change func(*Move) error) (m Move, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		m, err = s.move(ctx, tx, id, "FOR UPDATE")
		if err != nil {
			return err
		}
		was := m
		was.Review = slices.Clone(m.Review)
		if err := change(&m); err != nil {
			return err
		}
		m.ID, m.CreatedAt, m.ChangedAt, m.Version = was.ID, was.CreatedAt, s.now(), was.Version+1
		body, review, err := encode(m)
		if err != nil {
			return err
		}
		set, values := "", []any{id, m.Account, m.Livemode, string(m.State), m.Stop, m.Migration, m.Round, m.Version, m.Upload, body}
		if string(was.Review) != string(m.Review) {
			set, values = ", review = $11", append(values, review)
		}
		if _, err := s.exec(ctx, tx, `UPDATE serve_moves SET account = $2, livemode = $3, state = $4, stop = $5, migration = $6, round = $7,
			version = $8, upload = $9, body = $10`+set+` WHERE id = $1`, values...); err != nil {
			return err
		}
		return s.auditChange(ctx, tx, m)
	})
	return m, err
}

// Standing is what a worker asks about a move again and again.
type Standing struct {
	State State
	Stop  bool
	Round int64
}

// Standing returns how a move stands, or ErrNotFound. It reads one short row.
func (s *Store) Standing(ctx context.Context, id string) (now Standing, err error) {
	err = s.scan(ctx, s.db, "the migration "+id, "SELECT state, stop, round FROM serve_moves WHERE id = $1", []any{id}, &now.State, &now.Stop, &now.Round)
	return now, err
}

// encode returns a move as it is stored: its review apart, because lists do without it.
func encode(m Move) (body, review string, err error) {
	review, m.Review = string(m.Review), nil
	b, err := json.Marshal(m) // also writes NUL and what is no UTF-8 so that Postgres takes it
	return string(b), review, err
}

func decode(body, review string) (m Move, err error) {
	if err = json.Unmarshal([]byte(body), &m); err != nil {
		return m, fmt.Errorf("%w: a migration is no JSON: %w", ErrDamaged, err)
	}
	if review != "" {
		m.Review = json.RawMessage(review)
	}
	return m, nil
}
