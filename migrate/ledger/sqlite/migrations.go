package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

const migrationColumns = `id, account, livemode, file, path, sha256, template, options, rows, customers, first_start,
	created_at, settled_at, searched_at, status, deferred, deferred_file, api_base, source_account`

// Begin implements ledger.Ledger.
func (s *Store) Begin(ctx context.Context, m ledger.Migration) error {
	result, err := s.db.ExecContext(ctx, "INSERT INTO migrations ("+migrationColumns+
		") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		m.ID, m.Account, m.Livemode, m.File, m.Path, m.SHA256, m.Template, string(m.Options), m.Rows, m.Customers,
		int64(m.FirstStart), int64(m.CreatedAt), int64(m.SettledAt),
		int64(m.SearchedAt), string(m.Status), m.Deferred, m.DeferredFile, m.APIBase, m.SourceAccount)
	if err != nil {
		return explain(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("%w: %s", ledger.ErrExists, m.ID)
}

// Migration implements ledger.Ledger.
func (s *Store) Migration(ctx context.Context, id string) (ledger.Migration, error) {
	m, err := scanMigration(s.db.QueryRowContext(ctx, "SELECT "+migrationColumns+" FROM migrations WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return m, notFound(id)
	}
	return m, explain(err)
}

// Migrations implements ledger.Ledger.
func (s *Store) Migrations(ctx context.Context) ([]ledger.Migration, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+migrationColumns+" FROM migrations ORDER BY number DESC")
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	var all []ledger.Migration
	for rows.Next() {
		m, err := scanMigration(rows)
		if err != nil {
			return nil, explain(err)
		}
		all = append(all, m)
	}
	return all, explain(rows.Err())
}

func scanMigration(row interface{ Scan(...any) error }) (m ledger.Migration, err error) {
	var options string
	err = row.Scan(&m.ID, &m.Account, &m.Livemode, &m.File, &m.Path, &m.SHA256, &m.Template, &options, &m.Rows,
		&m.Customers, &m.FirstStart, &m.CreatedAt, &m.SettledAt, &m.SearchedAt, &m.Status, &m.Deferred, &m.DeferredFile, &m.APIBase, &m.SourceAccount)
	m.Options = []byte(options)
	return m, err
}

// SetStatus implements ledger.Ledger.
func (s *Store) SetStatus(ctx context.Context, id string, status ledger.Status, at csvspec.Timestamp) error {
	return s.change(ctx, id, "status = ?, settled_at = ?", string(status), int64(at))
}

// SetSearched implements ledger.Ledger.
func (s *Store) SetSearched(ctx context.Context, id string, at csvspec.Timestamp) error {
	return s.change(ctx, id, "searched_at = ?", int64(at))
}

// SetDeferred implements ledger.Ledger.
func (s *Store) SetDeferred(ctx context.Context, id string, rows int64, file string) error {
	return s.change(ctx, id, "deferred = ?, deferred_file = ?", rows, file)
}

// BindSource implements ledger.Ledger.
func (s *Store) BindSource(ctx context.Context, id, account string) error {
	if err := s.change(ctx, id, "source_account = CASE source_account WHEN '' THEN ? ELSE source_account END", account); err != nil {
		return err
	}
	m, err := s.Migration(ctx, id)
	if err == nil && m.SourceAccount != account {
		err = fmt.Errorf("%w: the subscriptions of %s come from %s, not from %s", ledger.ErrConflict, id, m.SourceAccount, account)
	}
	return err
}

func (s *Store) change(ctx context.Context, id, assignments string, values ...any) error {
	result, err := s.db.ExecContext(ctx, "UPDATE migrations SET "+assignments+" WHERE id = ?", append(values, id)...)
	if err != nil {
		return explain(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return notFound(id)
}
