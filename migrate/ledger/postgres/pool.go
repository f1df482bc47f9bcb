package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// OpenPool opens connections, at most so many unless the address says pool_max_conns, to the database of a ledger, with its schema as
// their search path; they are for tables that lie beside the ledger's. It creates the schema when it is missing. It returns
// also the ledger's name without its password, and the errors of Open.
func OpenPool(ctx context.Context, text string, most int32) (*pgxpool.Pool, string, error) {
	a, err := parse(text)
	if err != nil {
		return nil, "", err
	}
	if !strings.Contains(text, "pool_max_conns=") {
		a.pool.MaxConns = most
	}
	a.pool.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		if err := a.tune(ctx, c, "auto"); err != nil {
			return err
		}
		_, err := c.Exec(ctx, "SET enable_sort = on; SET statement_timeout = '60s'")
		return err
	}
	s := &Store{address: a}
	if s.pool, err = pgxpool.NewWithConfig(ctx, a.pool); err != nil {
		return nil, "", s.explain(err)
	}
	if err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", s.lockNumber("layout")); err != nil {
			return err
		}
		return s.createSchema(ctx, tx)
	}); err != nil {
		s.pool.Close()
		return nil, "", s.explain(err)
	}
	return s.pool, a.label, nil
}

// createSchema creates the schema when it is missing: who may not create one is asked for it only then.
func (s *Store) createSchema(ctx context.Context, tx pgx.Tx) error {
	var known bool
	if err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", pgx.Identifier{s.schema}.Sanitize()).Scan(&known); err != nil || known {
		return err
	}
	_, err := tx.Exec(ctx, "CREATE SCHEMA "+pgx.Identifier{s.schema}.Sanitize())
	return err
}
