package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"math"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

const ofMigration = ` WHERE migration = (SELECT number FROM migrations WHERE id = ?)`

// pageSize is how many entries are read at once.
const pageSize = 512

// Entries implements ledger.Ledger. It reads page by page and holds no page open while the caller is busy with it:
// SQLite cannot make room in its log while somebody reads, and the log of a long cancel would outgrow the ledger many
// times.
func (s *Store) Entries(ctx context.Context, id string, states ...ledger.State) iter.Seq2[ledger.Entry, error] {
	return s.walk(ctx, id, 0, math.MaxInt64, states)
}

// Range implements ledger.Ledger, as Entries does.
func (s *Store) Range(ctx context.Context, id string, first, last int64) iter.Seq2[ledger.Entry, error] {
	return s.walk(ctx, id, first, last, nil)
}

func (s *Store) walk(ctx context.Context, id string, first, last int64, states []ledger.State) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for from := first; ; {
			page, err := s.page(ctx, id, from, last, states)
			if err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			from = page[pageSize-1].Row + 1
		}
	}
}

// page returns the first entries of the rows from first to last.
func (s *Store) page(ctx context.Context, id string, first, last int64, states []ledger.State) ([]ledger.Entry, error) {
	rows, err := s.selectRows(ctx, `SELECT row, line, customer, source_id, start, strategy, state, attempt, key,
		intended_at, schedule, request, error_code, error, updated_at, subscription, verified_at, verified_hash,
		source, source_stop, source_note, source_attempt, source_key, source_at, payment, payment_code, payment_at FROM rows`, id, first, last, states, pageSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	page := make([]ledger.Entry, 0, pageSize)
	for rows.Next() {
		var e ledger.Entry
		if err := rows.Scan(&e.Row, &e.Line, &e.Customer, &e.SourceID, &e.Start, &e.Strategy, &e.State, &e.Attempt,
			&e.Key, &e.IntendedAt, &e.ScheduleID, &e.RequestID, &e.ErrorCode, &e.Error, &e.UpdatedAt, &e.SubscriptionID,
			&e.VerifiedAt, &e.VerifiedHash, &e.Source, &e.SourceStop, &e.SourceNote, &e.SourceAttempt, &e.SourceKey, &e.SourceAt,
			&e.Payment, &e.PaymentCode, &e.PaymentAt); err != nil {
			return nil, explain(err)
		}
		page = append(page, e)
	}
	return page, explain(rows.Err())
}

// Latest implements ledger.Ledger.
func (s *Store) Latest(ctx context.Context, id string, state ledger.State) (last csvspec.Timestamp, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT coalesce(max(updated_at), 0) FROM rows"+ofMigration+" AND state = ?", id, string(state)).Scan(&last)
	return last, explain(err)
}

// Settled implements ledger.Ledger.
func (s *Store) Settled(ctx context.Context, id string) (ledger.RowSet, error) {
	var settled []ledger.State
	for _, state := range ledger.States() {
		if state.Settled() {
			settled = append(settled, state)
		}
	}
	rows, err := s.selectRows(ctx, "SELECT row FROM rows", id, 0, math.MaxInt64, settled, -1)
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

// selectRows selects rows from first to last in some states, or in any, in the order of their numbers; a negative limit is
// none.
func (s *Store) selectRows(ctx context.Context, query, id string, first, last int64, states []ledger.State, limit int) (*sql.Rows, error) {
	query, args := query+ofMigration+" AND row BETWEEN ? AND ?", []any{id, first, last}
	if len(states) > 0 {
		query += " AND state IN (?" + strings.Repeat(", ?", len(states)-1) + ")"
		for _, state := range states {
			args = append(args, string(state))
		}
	}
	rows, err := s.db.QueryContext(ctx, query+" ORDER BY row LIMIT ?", append(args, limit)...)
	return rows, explain(err)
}

// Counts implements ledger.Ledger.
func (s *Store) Counts(ctx context.Context, id string, now csvspec.Timestamp) (ledger.Counts, error) {
	c := ledger.Counts{ByState: map[ledger.State]int64{}, BySource: map[ledger.SourceState]int64{}, ByPayment: map[ledger.PaymentState]int64{}}
	rows, err := s.db.QueryContext(ctx, `SELECT state, count(*), count(CASE WHEN start <= ? THEN 1 END),
		count(CASE WHEN start <= ? AND subscription <> '' THEN 1 END) FROM rows`+ofMigration+" GROUP BY state", int64(now), int64(now), id)
	if err != nil {
		return c, explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var state ledger.State
		var n, started, direct int64
		if err := rows.Scan(&state, &n, &started, &direct); err != nil {
			return c, explain(err)
		}
		c.ByState[state] = n
		if state == ledger.Scheduled || state == ledger.Releasing {
			c.Live += started
			c.LiveDirect += direct
		}
	}
	if err := rows.Err(); err != nil {
		return c, explain(err)
	}
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM rows"+ofMigration+" AND state IN (?, ?) AND subscription <> ''",
		id, string(ledger.Scheduled), string(ledger.Canceling)).Scan(&c.Direct)
	if err != nil {
		return c, explain(err)
	}
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM rows"+ofMigration+" AND verified_at <> 0", id).Scan(&c.Verified)
	if err != nil {
		return c, explain(err)
	}
	if err := countBy(ctx, s, id, "source", c.BySource); err != nil {
		return c, err
	}
	return c, countBy(ctx, s, id, "payment", c.ByPayment)
}

// countBy counts the rows by what stands in a column, the blank ones left out.
func countBy[K ~string](ctx context.Context, s *Store, id, column string, counts map[K]int64) error {
	rows, err := s.db.QueryContext(ctx, "SELECT "+column+", count(*) FROM rows"+ofMigration+" AND "+column+" <> '' GROUP BY "+column, id)
	if err != nil {
		return explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var state K
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return explain(err)
		}
		counts[state] = n
	}
	return explain(rows.Err())
}

// notFound is the error for a migration that the ledger does not know.
func notFound(id string) error { return fmt.Errorf("%w: %s", ledger.ErrNotFound, id) }
