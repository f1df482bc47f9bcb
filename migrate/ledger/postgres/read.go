package postgres

import (
	"context"
	"errors"
	"io"
	"iter"
	"math"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

const ofMigration = ` FROM rows WHERE migration = (SELECT number FROM migrations WHERE id = $1)`

// pageSize is how many entries are read at once.
const pageSize = 512

const entryColumns = `row, line, customer, source_id, start, strategy, state, attempt, key, intended_at, schedule, subscription, request,
	error_code, error, updated_at, verified_at, verified_hash, source, source_stop, source_note, source_attempt, source_key, source_at,
	payment, payment_code, payment_at`

// Entries implements ledger.Ledger. It reads page by page and keeps no transaction open while the caller is busy with one:
// the server could not clean up behind anybody for as long as a cancel takes.
func (s *Store) Entries(ctx context.Context, id string, states ...ledger.State) iter.Seq2[ledger.Entry, error] {
	return s.walk(ctx, id, 0, math.MaxInt64, states)
}

// Range implements ledger.Ledger, as Entries does.
func (s *Store) Range(ctx context.Context, id string, first, last int64) iter.Seq2[ledger.Entry, error] {
	return s.walk(ctx, id, first, last, nil)
}

func (s *Store) walk(ctx context.Context, id string, first, last int64, states []ledger.State) iter.Seq2[ledger.Entry, error] {
	if len(states) == 0 {
		states = ledger.States()
	}
	return pages(func(after *ledger.Entry) ([]ledger.Entry, error) {
		from := first
		if after != nil {
			from = after.Row + 1
		}
		return collect(ctx, s, scanEntry, "SELECT "+entryColumns+ofMigration+
			" AND row BETWEEN $2 AND $3 AND state = ANY ($4::text[]) ORDER BY row LIMIT $5", text(id), from, last, words(states), pageSize)
	})
}

// Latest implements ledger.Ledger.
func (s *Store) Latest(ctx context.Context, id string, state ledger.State) (csvspec.Timestamp, error) {
	last, _, err := one(ctx, s, pgx.RowTo[int64], "SELECT coalesce(max(updated_at), 0)"+ofMigration+" AND state = $2", text(id), string(state))
	return csvspec.Timestamp(last), err
}

// pages walks pages until one is not full; next returns the page after an element, or the first one.
func pages[E any](next func(after *E) ([]E, error)) iter.Seq2[E, error] {
	return func(yield func(E, error) bool) {
		for after := (*E)(nil); ; {
			page, err := next(after)
			if err != nil {
				var none E
				yield(none, err)
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
			after = &page[pageSize-1]
		}
	}
}

// collect reads all that a query finds.
func collect[E any](ctx context.Context, s *Store, scan func(pgx.CollectableRow) (E, error), query string, args ...any) (all []E, err error) {
	for range s.address.pool.MaxConns + 1 { // all that lie ready may have ended since they were used
		var rows pgx.Rows
		if rows, err = s.pool.Query(ctx, query, args...); err == nil {
			all, err = pgx.CollectRows(rows, scan)
		}
		if err == nil || !ended(err) {
			break
		}
	}
	return all, s.explain(err)
}

// ended tells whether a connection has ended that had been there: what was only read can be read over another one.
func ended(err error) bool {
	var refused *pgconn.PgError
	var network *net.OpError
	switch {
	case errors.As(err, new(*pgconn.ConnectError)):
		return false
	case errors.As(err, &refused):
		return refused.Severity == "FATAL"
	}
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// one reads the only row that a query finds; found is false when there is none.
func one[E any](ctx context.Context, s *Store, scan func(pgx.CollectableRow) (E, error), query string, args ...any) (e E, found bool, err error) {
	all, err := collect(ctx, s, scan, query, args...)
	if len(all) == 0 {
		return e, false, err
	}
	return all[0], true, err
}

func words[S ~string](states []S) []string {
	all := make([]string, len(states))
	for i, state := range states {
		all[i] = string(state)
	}
	return all
}

func scanEntry(row pgx.CollectableRow) (e ledger.Entry, err error) {
	err = row.Scan(&e.Row, &e.Line, stored{&e.Customer}, stored{&e.SourceID}, (*int64)(&e.Start), stored{&e.Strategy}, (*string)(&e.State), &e.Attempt,
		stored{&e.Key}, (*int64)(&e.IntendedAt), stored{&e.ScheduleID}, stored{&e.SubscriptionID}, stored{&e.RequestID}, stored{&e.ErrorCode},
		stored{&e.Error}, (*int64)(&e.UpdatedAt), (*int64)(&e.VerifiedAt), stored{&e.VerifiedHash}, (*string)(&e.Source), stored{&e.SourceStop},
		stored{&e.SourceNote}, &e.SourceAttempt, stored{&e.SourceKey}, (*int64)(&e.SourceAt), (*string)(&e.Payment), stored{&e.PaymentCode},
		(*int64)(&e.PaymentAt))
	return e, err
}

// Settled implements ledger.Ledger.
func (s *Store) Settled(ctx context.Context, id string) (ledger.RowSet, error) {
	var settled []string
	for _, state := range ledger.States() {
		if state.Settled() {
			settled = append(settled, string(state))
		}
	}
	rows, err := collect(ctx, s, pgx.RowTo[int64], "SELECT row"+ofMigration+" AND state = ANY ($2::text[])", text(id), settled)
	var set ledger.RowSet
	for _, row := range rows {
		set.Add(row)
	}
	return set, err
}
