package postgres

import (
	"context"
	_ "embed"

	"github.com/jackc/pgx/v5"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// layoutCounts keeps numbers of rows, in the transactions that change them.
//
//go:embed layout_counts.sql
var layoutCounts string

// takeSlot takes the first slot of row_counts that no other session has, for as long as the session lasts.
const takeSlot = `SELECT set_config('subferry.slot', (
	SELECT slot FROM generate_series(0, 9999) slot WHERE pg_try_advisory_lock($1::bigint + slot) LIMIT 1)::text, false)`

// Counts implements ledger.Ledger. All of it is counted in one statement, and so at one moment. Of the rows that start
// within this very hour it looks which have started.
func (s *Store) Counts(ctx context.Context, id string, now csvspec.Timestamp) (ledger.Counts, error) {
	c := ledger.Counts{ByState: map[ledger.State]int64{}, BySource: map[ledger.SourceState]int64{}, ByPayment: map[ledger.PaymentState]int64{}}
	counts, err := collect(ctx, s, pgx.RowToStructByPos[counted], `
		WITH of AS (SELECT number FROM migrations WHERE id = $1)
		SELECT kind, value, direct, sum(n)::bigint, coalesce(sum(n) FILTER (WHERE hour < $2::bigint / 3600), 0)::bigint
			FROM row_counts WHERE migration = (SELECT number FROM of) GROUP BY kind, value, direct HAVING sum(n) <> 0
		UNION ALL SELECT 'state', state, subscription <> '', 0, count(*)
			FROM rows WHERE migration = (SELECT number FROM of) AND state IN ($3, $4) AND start BETWEEN $2 / 3600 * 3600 AND $2 GROUP BY 2, 3`,
		text(id), int64(now), string(ledger.Scheduled), string(ledger.Releasing))
	for _, n := range counts {
		switch state := ledger.State(n.Value); n.Kind {
		case "state":
			if n.Rows > 0 {
				c.ByState[state] += n.Rows
			}
			if state == ledger.Scheduled || state == ledger.Releasing {
				c.Live += n.Started
			}
			if n.Direct && (state == ledger.Scheduled || state == ledger.Releasing) {
				c.LiveDirect += n.Started
			}
			if n.Direct && (state == ledger.Scheduled || state == ledger.Canceling) {
				c.Direct += n.Rows
			}
		case "source":
			c.BySource[ledger.SourceState(n.Value)] = n.Rows
		case "payment":
			c.ByPayment[ledger.PaymentState(n.Value)] = n.Rows
		case "verified":
			c.Verified = n.Rows
		}
	}
	return c, err
}

// counted is how many rows have a value, and how many of them have started.
type counted struct {
	Kind, Value   string
	Direct        bool
	Rows, Started int64
}
