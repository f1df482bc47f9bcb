package jobs

import "context"

// Count is how many jobs of a kind are in the queue in a state, as River calls it: available, running, retryable,
// scheduled, completed, discarded. Completed ones are forgotten after an hour.
type Count struct {
	Kind, State string
	Jobs        int64
}

// Counts returns how many jobs are in the queue that all processes share. Its error is that the queue cannot be read.
func (e *Engine) Counts(ctx context.Context) (all []Count, err error) {
	const query = "SELECT kind, CAST(state AS TEXT), count(*) FROM river_job GROUP BY 1, 2 ORDER BY 1, 2"
	var rows interface {
		Next() bool
		Scan(into ...any) error
		Err() error
	}
	if pool := e.Store.Pool(); pool != nil {
		found, err := pool.Query(ctx, query)
		if err != nil {
			return nil, err
		}
		defer found.Close()
		rows = found
	} else {
		found, err := e.queue.QueryContext(ctx, query)
		if err != nil {
			return nil, err
		}
		defer found.Close()
		rows = found
	}
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Kind, &c.State, &c.Jobs); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}
