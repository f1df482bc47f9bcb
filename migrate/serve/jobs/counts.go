package jobs

import (
	"context"

	"github.com/jackc/pgx/v5/stdlib"
)

// Count is how many jobs of a kind are in the queue in a state, as River calls it: available, running, retryable, scheduled,
// completed, discarded. Completed ones are forgotten after an hour.
type Count struct {
	Kind, State string
	Jobs        int64
}

// Counts returns how many jobs are in the queue that all processes share. Its error is that the queue cannot be read.
func (e *Engine) Counts(ctx context.Context) ([]Count, error) {
	queue := e.queue
	if pool := e.Store.Pool(); pool != nil {
		queue = stdlib.OpenDBFromPool(pool)
		defer queue.Close() // not the pool
	}
	rows, err := queue.QueryContext(ctx, "SELECT kind, CAST(state AS TEXT), count(*) FROM river_job GROUP BY 1, 2 ORDER BY 1, 2")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Count
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Kind, &c.State, &c.Jobs); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
