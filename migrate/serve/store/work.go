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
	Worker  string // who was last seen at it
	Attempt int64  // counts the jobs that were queued for it because a worker had died
	SeenAt  int64  // when, by the database's clock; 0 when nobody is at it
}

// moment is the database's clock in seconds: the workers' own need not agree.
func (s *Store) moment(statement string) string {
	clock := "CAST(strftime('%s', 'now') AS INTEGER)"
	if s.pool != nil {
		clock = "CAST(extract(epoch FROM clock_timestamp()) AS BIGINT)"
	}
	return strings.ReplaceAll(statement, "MOMENT", clock)
}

// Seen records that a worker is at a work, and is called again every few seconds. It returns false when another job has been
// queued for the work since: its worker was given up.
func (s *Store) Seen(ctx context.Context, name, worker string, attempt int64) (bool, error) {
	n, err := s.exec(ctx, s.db, s.moment(`INSERT INTO serve_work (work, worker, attempt, seen_at) VALUES ($1, $2, $3, MOMENT)
		ON CONFLICT (work) DO UPDATE SET worker = excluded.worker, attempt = excluded.attempt, seen_at = excluded.seen_at
		WHERE serve_work.attempt <= excluded.attempt`), name, worker, attempt)
	return n > 0, err
}

// Left records that a worker has left a work, finished or not: what becomes of its job, River knows.
func (s *Store) Left(ctx context.Context, name, worker string, attempt int64) error {
	_, err := s.exec(ctx, s.db, "UPDATE serve_work SET seen_at = 0 WHERE work = $1 AND worker = $2 AND attempt = $3", name, worker, attempt)
	return err
}

// Work returns who works at something; the zero Work with its name when nobody ever has.
func (s *Store) Work(ctx context.Context, name string) (Work, error) {
	found, err := collect(ctx, s, func(row scanner) (Work, error) {
		w := Work{Name: name}
		return w, row.Scan(&w.Worker, &w.Attempt, &w.SeenAt)
	}, "SELECT worker, attempt, seen_at FROM serve_work WHERE work = $1", name)
	if err != nil || len(found) == 0 {
		return Work{Name: name}, err
	}
	return found[0], nil
}

// GiveUp counts another attempt at a work whose worker was not seen for a time, and returns the number of the attempt that
// a new job is to have. It returns false when the worker was seen after all, or somebody else has given it up.
func (s *Store) GiveUp(ctx context.Context, w Work, patience time.Duration) (int64, bool, error) {
	n, err := s.exec(ctx, s.db, s.moment(`UPDATE serve_work SET attempt = attempt + 1, seen_at = 0, worker = ''
		WHERE work = $1 AND attempt = $2 AND seen_at <> 0 AND seen_at < MOMENT - $3`), w.Name, w.Attempt, int64(patience/time.Second))
	return w.Attempt + 1, n > 0, err
}

// DropWork forgets works that nobody is at, whose names begin with a prefix.
func (s *Store) DropWork(ctx context.Context, prefix string) error {
	_, err := s.exec(ctx, s.db, "DELETE FROM serve_work WHERE seen_at = 0 AND substr(work, 1, $2) = $1", prefix, len(prefix))
	return err
}
