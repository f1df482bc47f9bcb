package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

const migrationColumns = `id, account, livemode, file, path, sha256, template, options, rows, customers, first_start,
	created_at, settled_at, searched_at, status, deferred, deferred_file, api_base`

// Begin implements ledger.Ledger.
func (s *Store) Begin(_ context.Context, m ledger.Migration) error {
	return s.do("", m.ID, step{0, "INSERT INTO migrations (" + migrationColumns +
		") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) ON CONFLICT DO NOTHING",
		func(int64) []any {
			return []any{
				text(m.ID), text(m.Account), m.Livemode, text(m.File), text(m.Path), text(m.SHA256), text(m.Template), text(string(m.Options)), m.Rows,
				m.Customers, int64(m.FirstStart), int64(m.CreatedAt), int64(m.SettledAt), int64(m.SearchedAt), string(m.Status), m.Deferred,
				text(m.DeferredFile), text(m.APIBase),
			}
		}, fmt.Errorf("%w: %s", ledger.ErrExists, m.ID)})
}

// Migration implements ledger.Ledger.
func (s *Store) Migration(ctx context.Context, id string) (ledger.Migration, error) {
	m, found, err := one(ctx, s, scanMigration, "SELECT "+migrationColumns+" FROM migrations WHERE id = $1", text(id))
	if err == nil && !found {
		err = notFound(id)
	}
	return m, err
}

// Migrations implements ledger.Ledger.
func (s *Store) Migrations(ctx context.Context) ([]ledger.Migration, error) {
	return collect(ctx, s, scanMigration, "SELECT "+migrationColumns+" FROM migrations ORDER BY number DESC")
}

func scanMigration(row pgx.CollectableRow) (m ledger.Migration, err error) {
	var options string
	err = row.Scan(stored{&m.ID}, stored{&m.Account}, &m.Livemode, stored{&m.File}, stored{&m.Path}, stored{&m.SHA256}, stored{&m.Template},
		stored{&options}, &m.Rows, &m.Customers, (*int64)(&m.FirstStart), (*int64)(&m.CreatedAt), (*int64)(&m.SettledAt), (*int64)(&m.SearchedAt),
		(*string)(&m.Status), &m.Deferred, stored{&m.DeferredFile}, stored{&m.APIBase})
	m.Options = []byte(options)
	return m, err
}

// SetStatus implements ledger.Ledger.
func (s *Store) SetStatus(_ context.Context, id string, status ledger.Status, at csvspec.Timestamp) error {
	return s.change("UPDATE migrations SET status = $2, settled_at = $3 WHERE id = $1", id, string(status), int64(at))
}

// SetSearched implements ledger.Ledger.
func (s *Store) SetSearched(_ context.Context, id string, at csvspec.Timestamp) error {
	return s.change("UPDATE migrations SET searched_at = $2 WHERE id = $1", id, int64(at))
}

// SetDeferred implements ledger.Ledger.
func (s *Store) SetDeferred(_ context.Context, id string, rows int64, file string) error {
	return s.change("UPDATE migrations SET deferred = $2, deferred_file = $3 WHERE id = $1", id, rows, text(file))
}

// change executes a statement on the migration, or the run, that its first parameter names.
func (s *Store) change(statement, id string, values ...any) error {
	all := append([]any{text(id)}, values...)
	return s.do("", id, step{0, statement, func(int64) []any { return all }, notFound(id)})
}
