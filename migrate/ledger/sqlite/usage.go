package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

const (
	insertUsageEvent = `INSERT INTO usage_events (run, row, book, line, identifier, customer, meter, at, value, digest, state,
		intended_at, request, error_code, error, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	updateUsageEvent = `UPDATE usage_events SET line = ?, customer = ?, meter = ?, at = ?, value = ?, digest = ?, state = ?, intended_at = ?,
		request = ?, error_code = ?, error = ?, updated_at = ? WHERE run = ? AND row = ? AND state = ?`
	usageRunColumns = `r.id, b.account, b.livemode, r.file, r.path, r.sha256, r.options, r.events, r.created_at, r.settled_at, r.status,
		r.api_base FROM usage_runs r JOIN usage_books b ON b.number = r.book`
	usageEventColumns = `SELECT r.id, e.row, e.line, e.identifier, e.customer, e.meter, e.at, e.value, e.digest, e.state, e.intended_at,
		e.request, e.error_code, e.error, e.updated_at FROM usage_events e JOIN usage_runs r ON r.number = e.run`
)

// BeginUsage implements ledger.Usage.
func (s *Store) BeginUsage(ctx context.Context, r ledger.UsageRun) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return explain(err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, "INSERT INTO usage_books (account, livemode) VALUES (?, ?) ON CONFLICT DO NOTHING", r.Account, r.Livemode); err != nil {
		return explain(err)
	}
	result, err := tx.ExecContext(ctx, `INSERT INTO usage_runs (id, book, file, path, sha256, options, events, created_at, settled_at, status, api_base)
		SELECT ?, number, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM usage_books WHERE account = ? AND livemode = ? ON CONFLICT DO NOTHING`,
		r.ID, r.File, r.Path, r.SHA256, string(r.Options), r.Events, int64(r.CreatedAt), int64(r.SettledAt), string(r.Status), r.APIBase, r.Account, r.Livemode)
	if err != nil {
		return explain(err)
	}
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return fmt.Errorf("%w: %s", ledger.ErrExists, r.ID)
	}
	return explain(tx.Commit())
}

// UsageRun implements ledger.Usage.
func (s *Store) UsageRun(ctx context.Context, id string) (ledger.UsageRun, error) {
	r, err := scanUsageRun(s.db.QueryRowContext(ctx, "SELECT "+usageRunColumns+" WHERE r.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, notFound(id)
	}
	return r, explain(err)
}

// UsageRuns implements ledger.Usage.
func (s *Store) UsageRuns(ctx context.Context) ([]ledger.UsageRun, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+usageRunColumns+" ORDER BY r.number DESC")
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	var all []ledger.UsageRun
	for rows.Next() {
		r, err := scanUsageRun(rows)
		if err != nil {
			return nil, explain(err)
		}
		all = append(all, r)
	}
	return all, explain(rows.Err())
}

func scanUsageRun(row interface{ Scan(...any) error }) (r ledger.UsageRun, err error) {
	var options string
	err = row.Scan(&r.ID, &r.Account, &r.Livemode, &r.File, &r.Path, &r.SHA256, &options, &r.Events, &r.CreatedAt, &r.SettledAt, &r.Status, &r.APIBase)
	r.Options = []byte(options)
	return r, err
}

// SetUsageStatus implements ledger.Usage.
func (s *Store) SetUsageStatus(ctx context.Context, id string, status ledger.UsageStatus, at csvspec.Timestamp) error {
	result, err := s.db.ExecContext(ctx, "UPDATE usage_runs SET status = ?, settled_at = ? WHERE id = ?", string(status), int64(at), id)
	if err != nil {
		return explain(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return notFound(id)
}

// bookOf remembers in which book a run stands. Only the writer asks.
func (s *Store) bookOf(tx *sql.Tx, run int64) error {
	var book int64
	err := tx.QueryRow("SELECT book FROM usage_runs WHERE number = ?", run).Scan(&book)
	s.books[run] = book
	return err
}

// PutUsage implements ledger.Usage, as Put does ledger.Ledger.
func (s *Store) PutUsage(_ context.Context, id string, steps []ledger.UsageStep) error {
	all := make([]step, len(steps))
	for i := range steps {
		from, e := steps[i].From, &steps[i].Event
		if !ledger.LegalUsage(from, e.State) {
			return fmt.Errorf("%w: event %s from %q to %q", ledger.ErrIllegal, e.Identifier, from, e.State)
		}
		all[i] = step{s.updateUsage, func(run int64) []any {
			return []any{
				e.Line, e.Customer, e.Meter, int64(e.Timestamp), e.Value, e.Digest, string(e.State), int64(e.IntendedAt), e.RequestID, e.ErrorCode, e.Error,
				int64(e.UpdatedAt), run, e.Row, string(from),
			}
		}, fmt.Errorf("%w: event %s of %s is not %q", ledger.ErrConflict, e.Identifier, id, from)}
		if from == ledger.UsageNew {
			all[i].statement, all[i].values = s.insertUsage, func(run int64) []any {
				return []any{
					run, e.Row, s.books[run], e.Line, e.Identifier, e.Customer, e.Meter, int64(e.Timestamp), e.Value, e.Digest, string(e.State),
					int64(e.IntendedAt), e.RequestID, e.ErrorCode, e.Error, int64(e.UpdatedAt),
				}
			}
		}
	}
	return s.putIn("usage_runs", id, all...)
}

// UsageEvents implements ledger.Usage. It reads page by page, as Entries does.
func (s *Store) UsageEvents(ctx context.Context, id string, states ...ledger.UsageState) iter.Seq2[ledger.UsageEvent, error] {
	query, args := usageEventColumns+" WHERE e.run = (SELECT number FROM usage_runs WHERE id = ?) AND e.row > ?", []any{id, int64(-1)}
	if len(states) > 0 {
		query += " AND e.state IN (?" + strings.Repeat(", ?", len(states)-1) + ")"
		for _, state := range states {
			args = append(args, string(state))
		}
	}
	return s.usagePages(ctx, query+" ORDER BY e.row LIMIT ?", args, func(args []any, last ledger.UsageEvent) { args[1] = last.Row })
}

// UsageOf implements ledger.Usage.
func (s *Store) UsageOf(ctx context.Context, a ledger.UsageAccount) iter.Seq2[ledger.UsageEvent, error] {
	args := []any{a.ID, a.Livemode, ""}
	return s.usagePages(ctx, usageEventColumns+` WHERE e.book = (SELECT number FROM usage_books WHERE account = ? AND livemode = ?)
		AND e.identifier > ? ORDER BY e.identifier LIMIT ?`, args, func(args []any, last ledger.UsageEvent) { args[2] = last.Identifier })
}

// usagePages walks the events that a query finds, page by page; behind moves its arguments behind the last one of a page.
func (s *Store) usagePages(ctx context.Context, query string, args []any, behind func(args []any, last ledger.UsageEvent)) iter.Seq2[ledger.UsageEvent, error] {
	return func(yield func(ledger.UsageEvent, error) bool) {
		args := slices.Clone(args)
		for {
			page, err := s.usagePage(ctx, query, append(args[:len(args):len(args)], pageSize))
			if err != nil {
				yield(ledger.UsageEvent{}, err)
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
			behind(args, page[pageSize-1])
		}
	}
}

func (s *Store) usagePage(ctx context.Context, query string, args []any) ([]ledger.UsageEvent, error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	page := make([]ledger.UsageEvent, 0, pageSize)
	for rows.Next() {
		var e ledger.UsageEvent
		if err := rows.Scan(&e.Run, &e.Row, &e.Line, &e.Identifier, &e.Customer, &e.Meter, &e.Timestamp, &e.Value, &e.Digest, &e.State,
			&e.IntendedAt, &e.RequestID, &e.ErrorCode, &e.Error, &e.UpdatedAt); err != nil {
			return nil, explain(err)
		}
		page = append(page, e)
	}
	return page, explain(rows.Err())
}

// UsageCounts implements ledger.Usage.
func (s *Store) UsageCounts(ctx context.Context, id string) (map[ledger.UsageState]int64, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT state, count(*) FROM usage_events WHERE run = (SELECT number FROM usage_runs WHERE id = ?) GROUP BY state", id)
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	counts := map[ledger.UsageState]int64{}
	for rows.Next() {
		var state ledger.UsageState
		var n int64
		if err := rows.Scan(&state, &n); err != nil {
			return nil, explain(err)
		}
		counts[state] = n
	}
	return counts, explain(rows.Err())
}
