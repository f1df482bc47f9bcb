package store

import "context"

// MoveCounts returns how many moves are in each state.
func (s *Store) MoveCounts(ctx context.Context) (map[State]int64, error) {
	type count struct {
		state State
		moves int64
	}
	found, err := collect(ctx, s, func(row scanner) (c count, err error) {
		return c, row.Scan((*string)(&c.state), &c.moves)
	}, "SELECT state, count(*) FROM serve_moves GROUP BY state")
	if err != nil {
		return nil, err
	}
	all := map[State]int64{}
	for _, c := range found {
		all[c.state] = c.moves
	}
	return all, nil
}

// EventsToApply returns how many webhook events were stored and not applied yet.
func (s *Store) EventsToApply(ctx context.Context) (n int64, err error) {
	err = s.scan(ctx, s.db, "events", "SELECT count(*) FROM serve_events WHERE state = 'waiting'", nil, &n)
	return n, err
}
