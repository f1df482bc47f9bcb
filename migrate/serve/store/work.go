package store

import (
	"context"
	"strings"
	"time"
)

// Work is something that a job does, under a name that is the same whichever job does it. River notices that a worker has
// died only after a time that must be longer than any job takes; this is how it is told within seconds.
type Work struct {
	Name    string
	Worker  string        // who was last seen at it; "" is nobody
	Attempt int64         // counts the jobs that were queued for it because a worker had died
	Idle    time.Duration // how long ago that was, by the database's clock, in whole seconds
}

// never is how long ago a worker was seen that was never seen.
const never = 1000 * 24 * time.Hour

// moment is the database's clock in seconds: the workers' own need not agree.
func (s *Store) moment(statement string) string {
	clock := "CAST(strftime('%s', 'now') AS INTEGER)"
	if s.pool != nil {
		clock = "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"
	}
	return strings.ReplaceAll(statement, "MOMENT", clock)
}

// Seen records that a worker is at an attempt at a work, and is called again every few seconds. It returns false when another
// job has been queued for the work since: the worker was given up.
func (s *Store) Seen(ctx context.Context, name, worker string, attempt int64) (bool, error) {
	n, err := s.exec(ctx, s.db, s.moment(`INSERT INTO serve_work (work, worker, attempt, seen_at) VALUES ($1, $2, $3, MOMENT)
		ON CONFLICT (work) DO UPDATE SET worker = excluded.worker, attempt = excluded.attempt, seen_at = excluded.seen_at
		WHERE serve_work.attempt <= excluded.attempt`), name, worker, attempt)
	return n > 0, err
}

// Works returns who works at what, of all whose names begin with a prefix, by name.
func (s *Store) Works(ctx context.Context, prefix string) (map[string]Work, error) {
	all, err := collect(ctx, s, func(row scanner) (w Work, err error) {
		var seconds int64
		err = row.Scan(&w.Name, &w.Worker, &w.Attempt, &seconds)
		w.Idle = time.Duration(min(seconds, int64(never/time.Second))) * time.Second
		return w, err
	}, s.moment("SELECT work, worker, attempt, MOMENT - seen_at FROM serve_work WHERE work >= $1 AND work < $2"), prefix, prefix+"\x7f")
	works := map[string]Work{}
	for _, w := range all {
		works[w.Name] = w
	}
	return works, err
}

// GiveUp counts another attempt at a work, whose worker has died, and returns the number that a new job for it is to have. It
// returns false when the worker was seen after all within patience, or somebody else has given it up.
func (s *Store) GiveUp(ctx context.Context, name string, attempt int64, patience time.Duration) (int64, bool, error) {
	n, err := s.exec(ctx, s.db, s.moment(`INSERT INTO serve_work (work, worker, attempt, seen_at) VALUES ($1, '', $2, 0)
		ON CONFLICT (work) DO UPDATE SET worker = '', attempt = excluded.attempt, seen_at = 0
		WHERE serve_work.attempt = excluded.attempt - 1 AND serve_work.seen_at <= MOMENT - $3`), name, attempt+1, int64(patience/time.Second))
	return attempt + 1, n > 0, err
}

// DropWorks forgets the works whose names begin with a prefix.
func (s *Store) DropWorks(ctx context.Context, prefix string) error {
	_, err := s.exec(ctx, s.db, "DELETE FROM serve_work WHERE work >= $1 AND work < $2", prefix, prefix+"\x7f")
	return err
}
