package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/subferry/subferry/migrate/pace"
)

// layoutRates adds the rates that all processes share. A row is written several times a second, and nobody looks for what is in it.
const layoutRates = `CREATE TABLE rates (
	account TEXT NOT NULL, livemode BOOLEAN NOT NULL, kind TEXT NOT NULL, version BIGINT NOT NULL, budget TEXT NOT NULL,
	PRIMARY KEY (account, livemode, kind)
) WITH (fillfactor = 20)`

// A lease reads what all know, and writes it back unless somebody else has done so in between, or it took so long that the
// server's time has gone on: no lock is held while this process thinks, in which it could be stopped.
const (
	beginRate = `INSERT INTO rates VALUES ($1, $2, $3, 0, '{}') ON CONFLICT DO NOTHING`
	readRate  = `SELECT version, budget, clock_timestamp() FROM rates WHERE account = $1 AND livemode = $2 AND kind = $3`
	writeRate = `UPDATE rates SET version = version + 1, budget = $5 WHERE account = $1 AND livemode = $2 AND kind = $3 AND version = $4
		AND clock_timestamp() < $6::timestamptz + interval '1 second' RETURNING clock_timestamp()`
)

// maxContention is how often a lease is tried while others are quicker.
const maxContention = 100

// Limiter returns the pace of an account that all processes with this database share, over a connection of its own. Its search
// begins at first requests a second when nothing is known of the account; 0 is the usual beginning. max is the most requests a
// second that this process wants to see sent by all of them; 0 is no limit but the account's.
func (s *Store) Limiter(clock pace.Clock, of pace.Account, first, max float64) *pace.Shared {
	return pace.NewShared(clock, &rate{s, of}, first, max)
}

// rate is a pace.Source in a row of the database.
type rate struct {
	*Store
	of pace.Account
}

// Lease implements pace.Source. The time is the server's.
func (r *rate) Lease(ctx context.Context, report pace.Report) (g pace.Grant, err error) {
	err = r.rates.talk(ctx, r.Store, func(ctx context.Context, conn *pgx.Conn) error {
		for range maxContention {
			version, budget, now, err := r.read(ctx, conn)
			if err != nil {
				return err
			}
			g = budget.Lease(now, report)
			text, err := json.Marshal(budget)
			if err != nil {
				return err
			}
			var written time.Time
			err = conn.QueryRow(ctx, writeRate, r.of.ID, r.of.Livemode, r.of.Limit, version, string(text), now).Scan(&written)
			if !errors.Is(err, pgx.ErrNoRows) {
				g.Now = written // nearer to when the answer arrives
				return err
			}
		}
		return fmt.Errorf("the rate of %s is leased by so many processes that none is left for this one", r.of.ID)
	})
	return g, r.explain(err)
}

// read returns what all know of the account, as of a moment of the server. What cannot be understood is found out anew.
func (r *rate) read(ctx context.Context, conn *pgx.Conn) (version int64, b pace.Budget, now time.Time, err error) {
	var text string
	for {
		err = conn.QueryRow(ctx, readRate, r.of.ID, r.of.Livemode, r.of.Limit).Scan(&version, &text, &now)
		if !errors.Is(err, pgx.ErrNoRows) {
			break
		}
		if _, err = conn.Exec(ctx, beginRate, r.of.ID, r.of.Livemode, r.of.Limit); err != nil {
			break
		}
	}
	if json.Unmarshal([]byte(text), &b) != nil {
		b = pace.Budget{}
	}
	return version, b, now, err
}
