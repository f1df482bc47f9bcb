package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

const ofMigration = ` WHERE migration = (SELECT number FROM migrations WHERE id = ?)`

// Entries implements ledger.Ledger.
func (s *Store) Entries(ctx context.Context, id string, states ...ledger.State) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		rows, err := s.selectRows(ctx, `SELECT row, line, customer, source_id, start, strategy, state, attempt, key,
			intended_at, schedule, request, error_code, error, updated_at FROM rows`, id, states)
		if err != nil {
			yield(ledger.Entry{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var e ledger.Entry
			err := rows.Scan(&e.Row, &e.Line, &e.Customer, &e.SourceID, &e.Start, &e.Strategy, &e.State, &e.Attempt,
				&e.Key, &e.IntendedAt, &e.ScheduleID, &e.RequestID, &e.ErrorCode, &e.Error, &e.UpdatedAt)
			if !yield(e, explain(err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(ledger.Entry{}, explain(err))
		}
	}
}

// Settled implements ledger.Ledger.
func (s *Store) Settled(ctx context.Context, id string) (ledger.RowSet, error) {
	var settled []ledger.State
	for _, state := range ledger.States() {
		if state.Settled() {
			settled = append(settled, state)
		}
	}
	rows, err := s.selectRows(ctx, "SELECT row FROM rows", id, settled)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var set ledger.RowSet
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, explain(err)
		}
		set.Add(n)
	}
	return set, explain(rows.Err())
}

func (s *Store) selectRows(ctx context.Context, query, id string, states []ledger.State) (*sql.Rows, error) {
	query, args := query+ofMigration, []any{id}
	if len(states) > 0 {
		query += " AND state IN (?" + strings.Repeat(", ?", len(states)-1) + ")"
		for _, state := range states {
			args = append(args, string(state))
		}
	}
	rows, err := s.db.QueryContext(ctx, query+" ORDER BY row", args...)
	return rows, explain(err)
}

// Counts implements ledger.Ledger.
func (s *Store) Counts(ctx context.Context, id string, now csvspec.Timestamp) (ledger.Counts, error) {
	c := ledger.Counts{ByState: map[ledger.State]int64{}}
	rows, err := s.db.QueryContext(ctx, `SELECT state, count(*), count(CASE WHEN start <= ? THEN 1 END) FROM rows`+
		ofMigration+" GROUP BY state", int64(now), id)
	if err != nil {
		return c, explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var state ledger.State
		var n, started int64
		if err := rows.Scan(&state, &n, &started); err != nil {
			return c, explain(err)
		}
		c.ByState[state] = n
		if state == ledger.Scheduled {
			c.Live = started
		}
	}
	return c, explain(rows.Err())
}

// notFound is the error for a migration that the ledger does not know.
func notFound(id string) error { return fmt.Errorf("%w: %s", ledger.ErrNotFound, id) }
