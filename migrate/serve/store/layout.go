package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// layouts are the steps from nothing to the tables that this package uses: NN_name.sql for both databases, or
// NN_name.postgres.sql and NN_name.sqlite.sql. Each is executed once, in the order of the names; which ones were is recorded by name,
// so that steps of different authors never compete for a number. In them BYTES is the type of bytes, and NUMBERED that of a
// primary key which counts by itself.
//
//go:embed layout/*.sql
var layouts embed.FS

// upgrade executes the steps that have not been, and refuses a store that has had steps this program does not know. Programs
// that open the same store at once wait for each other.
func (s *Store) upgrade(ctx context.Context) error {
	names, err := fs.Glob(layouts, "layout/*.sql")
	if err != nil {
		return err
	}
	mine, other, words := ".sqlite.sql", ".postgres.sql", strings.NewReplacer("BYTES", "BLOB", "NUMBERED", "INTEGER PRIMARY KEY AUTOINCREMENT")
	if s.pool != nil {
		mine, other, words = other, mine, strings.NewReplacer("BYTES", "BYTEA", "NUMBERED", "BIGSERIAL PRIMARY KEY")
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		if s.pool != nil {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended('subferry serve layout ' || current_schema(), 0))"); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS serve_layout (step TEXT PRIMARY KEY)"); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT step FROM serve_layout")
		if err != nil {
			return err
		}
		defer rows.Close()
		taken := map[string]bool{}
		for rows.Next() {
			var step string
			if err := rows.Scan(&step); err != nil {
				return err
			}
			taken[step] = true
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, name := range names {
			step := strings.TrimSuffix(strings.TrimSuffix(path.Base(name), mine), ".sql")
			if strings.HasSuffix(name, other) || taken[step] {
				delete(taken, step)
				continue
			}
			text, err := layouts.ReadFile(name)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, words.Replace(string(text))); err != nil {
				return fmt.Errorf("the layout's step %s: %w", step, err)
			}
			if _, err := s.exec(ctx, tx, "INSERT INTO serve_layout (step) VALUES ($1)", step); err != nil {
				return err
			}
		}
		for step := range taken {
			return fmt.Errorf("%w (its layout has the step %s, which this program does not know): install the newer one", ErrNewer, step)
		}
		return nil
	})
}
