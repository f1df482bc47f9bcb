package postgres

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/subferry/subferry/migrate/ledger"
)

//go:embed layout1.sql
var layout1 string

// layout2 adds the account that the source subscriptions were found in.
const layout2 = `ALTER TABLE migrations ADD COLUMN source_account TEXT NOT NULL DEFAULT ''`

// layouts are the steps from an empty schema to the layout that this package reads and writes. How many of them were taken
// stands in the table ledger_layout.
var layouts = [...]string{layout1, layout2, layoutCounts, layoutRates}

const layout = len(layouts)

// upgrade brings an empty or older schema to the current layout and refuses one from the future. Programs that open the same
// schema at once wait for each other.
func (s *Store) upgrade(ctx context.Context) error {
	var there bool
	if err := s.pool.QueryRow(ctx, "SELECT to_regclass('ledger_layout') IS NOT NULL").Scan(&there); err != nil {
		return err
	}
	if there {
		var have int
		if err := s.pool.QueryRow(ctx, "SELECT version FROM ledger_layout").Scan(&have); err != nil {
			return fmt.Errorf("%w: %w", ledger.ErrDamaged, err)
		}
		if have == layout {
			return s.check(ctx)
		}
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", s.lockNumber("layout")); err != nil {
			return err
		}
		if err := s.createSchema(ctx, tx); err != nil {
			return err
		}
		// The lock waits for what is being written, and whoever writes next sees the new version: see fence.
		for _, statement := range []string{
			"CREATE TABLE IF NOT EXISTS ledger_layout (version INT NOT NULL)", "LOCK TABLE ledger_layout",
			"INSERT INTO ledger_layout SELECT 0 WHERE NOT EXISTS (SELECT FROM ledger_layout)",
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		var have int
		if err := tx.QueryRow(ctx, "SELECT version FROM ledger_layout").Scan(&have); err != nil {
			return err
		}
		if have > layout {
			return fmt.Errorf("%w (layout %d, this program knows %d): install the newer one", ledger.ErrNewer, have, layout)
		}
		for _, step := range layouts[have:] {
			if _, err := tx.Exec(ctx, step); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "UPDATE ledger_layout SET version = $1", layout)
		return err
	})
}

// check makes sure that the tables are there, so that damage shows when the ledger is opened and not amid a run.
func (s *Store) check(ctx context.Context) error {
	for _, table := range []string{"migrations", "rows", "row_counts", "usage_books", "usage_runs", "usage_events", "rates"} {
		if _, err := s.pool.Exec(ctx, "SELECT FROM "+table+" LIMIT 1"); err != nil {
			return err
		}
	}
	return nil
}
