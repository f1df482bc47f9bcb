package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

// Schedule is a command of this program that is run at set times.
type Schedule struct {
	Name       string            `json:"name"`
	Expression string            `json:"expression"` // see serve/cron
	Zone       string            `json:"timezone"`
	Args       []string          `json:"args"`      // the command line without the program's name
	Dir        string            `json:"directory"` // in which it was created, and in which it is run
	CreatedBy  string            `json:"created_by"`
	CreatedAt  csvspec.Timestamp `json:"created_at"`
	CheckedAt  csvspec.Timestamp `json:"checked_at"` // every moment up to here was dealt with
}

// RunState is what became of one moment of a schedule.
type RunState string

// The states of a run.
const (
	RunQueued  RunState = "queued"  // due, and no worker has begun
	RunRunning RunState = "running" // a worker is at it
	RunDone    RunState = "done"    // the command has ended with exit code 0
	RunFailed  RunState = "failed"  // with another one, or could not be started
	RunLost    RunState = "lost"    // its worker has died: what it did is not known, and it is not repeated
	RunMissed  RunState = "missed"  // nobody was there to run it in time
	RunSkipped RunState = "skipped" // the run before had not ended
)

// ScheduleRun is one moment of a schedule and what became of it.
type ScheduleRun struct {
	Schedule  string            `json:"schedule"`
	Moment    csvspec.Timestamp `json:"moment"`
	State     RunState          `json:"state"`
	StartedBy string            `json:"started_by"` // schedule, or a person
	Machine   string            `json:"machine"`
	BeganAt   csvspec.Timestamp `json:"began_at"`
	SeenAt    csvspec.Timestamp `json:"-"` // when its worker was last known to be alive
	EndedAt   csvspec.Timestamp `json:"ended_at"`
	ExitCode  int               `json:"exit_code"`
	Missed    int64             `json:"missed"` // of a missed one: how many moments there were, of which this is the last
	Since     csvspec.Timestamp `json:"since"`  // the first of them
	Output    string            `json:"output"`
	Note      string            `json:"note"`
}

const scheduleColumns = "name, expression, zone, args, dir, created_by, created_at, checked_at"

func readSchedule(row scanner) (c Schedule, err error) {
	var args string
	if err = row.Scan(&c.Name, &c.Expression, &c.Zone, &args, &c.Dir, &c.CreatedBy, (*int64)(&c.CreatedAt), (*int64)(&c.CheckedAt)); err == nil {
		err = json.Unmarshal([]byte(args), &c.Args)
	}
	return c, err
}

// CreateSchedule stores a schedule, or returns ErrExists. Its first moment is after CreatedAt.
func (s *Store) CreateSchedule(ctx context.Context, c Schedule) error {
	args, err := json.Marshal(c.Args)
	if err != nil {
		return err
	}
	n, err := s.exec(ctx, s.db, "INSERT INTO serve_schedules ("+scheduleColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (name) DO NOTHING",
		c.Name, c.Expression, c.Zone, string(args), c.Dir, c.CreatedBy, int64(c.CreatedAt))
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: a schedule with the name %s", ErrExists, c.Name)
	}
	return err
}

// RemoveSchedule removes a schedule, or returns ErrNotFound. What is known of its runs stays.
func (s *Store) RemoveSchedule(ctx context.Context, name string) error {
	n, err := s.exec(ctx, s.db, "DELETE FROM serve_schedules WHERE name = $1", name)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: a schedule with the name %s", ErrNotFound, name)
	}
	return err
}

// Schedules returns all schedules, by name.
func (s *Store) Schedules(ctx context.Context) ([]Schedule, error) {
	return collect(ctx, s, readSchedule, "SELECT "+scheduleColumns+" FROM serve_schedules ORDER BY name")
}

// Schedule returns a schedule, or ErrNotFound.
func (s *Store) Schedule(ctx context.Context, name string) (Schedule, error) {
	found, err := collect(ctx, s, readSchedule, "SELECT "+scheduleColumns+" FROM serve_schedules WHERE name = $1", name)
	if err == nil && len(found) == 0 {
		return Schedule{}, fmt.Errorf("%w: a schedule with the name %s", ErrNotFound, name)
	}
	if err != nil {
		return Schedule{}, err
	}
	return found[0], nil
}

// CheckSchedule records that every moment of a schedule up to one was dealt with, and the runs that come of it. It returns
// false, and records nothing, when somebody else has done so since c was read, or the schedule is gone.
func (s *Store) CheckSchedule(ctx context.Context, c Schedule, until csvspec.Timestamp, runs []ScheduleRun) (won bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		n, err := s.exec(ctx, tx, "UPDATE serve_schedules SET checked_at = $4 WHERE name = $1 AND checked_at = $2 AND created_at = $3",
			c.Name, int64(c.CheckedAt), int64(c.CreatedAt), int64(until))
		if won = n > 0; err != nil || !won {
			return err
		}
		for _, r := range runs {
			if err := s.putRun(ctx, tx, r); err != nil && !errors.Is(err, ErrExists) { // somebody has run it at this very second
				return err
			}
		}
		return nil
	})
	return won && err == nil, err
}

const runColumns = "schedule, moment, state, started_by, machine, began_at, seen_at, ended_at, exit_code, missed, since, output, note"

func readRun(row scanner) (r ScheduleRun, err error) {
	err = row.Scan(&r.Schedule, (*int64)(&r.Moment), (*string)(&r.State), &r.StartedBy, &r.Machine, (*int64)(&r.BeganAt), (*int64)(&r.SeenAt),
		(*int64)(&r.EndedAt), &r.ExitCode, &r.Missed, (*int64)(&r.Since), &r.Output, &r.Note)
	return r, err
}

// PutRun records a run of a moment that has none, or returns ErrExists.
func (s *Store) PutRun(ctx context.Context, r ScheduleRun) error { return s.putRun(ctx, s.db, r) }

func (s *Store) putRun(ctx context.Context, q querier, r ScheduleRun) error {
	n, err := s.exec(ctx, q, "INSERT INTO serve_schedule_runs ("+runColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (schedule, moment) DO NOTHING`, r.Schedule, int64(r.Moment), string(r.State), r.StartedBy, r.Machine, int64(r.BeganAt), int64(r.SeenAt),
		int64(r.EndedAt), r.ExitCode, r.Missed, int64(r.Since), r.Output, r.Note)
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: a run of %s for this moment", ErrExists, r.Schedule)
	}
	return err
}

// UpdateRun records what became of a run that is in a state; it returns false, and changes nothing, when it is in another
// one.
func (s *Store) UpdateRun(ctx context.Context, from RunState, r ScheduleRun) (bool, error) {
	n, err := s.exec(ctx, s.db, `UPDATE serve_schedule_runs SET state = $4, machine = $5, began_at = $6, seen_at = $7, ended_at = $8, exit_code = $9,
		output = $10, note = $11 WHERE schedule = $1 AND moment = $2 AND state = $3`, r.Schedule, int64(r.Moment), string(from), string(r.State), r.Machine,
		int64(r.BeganAt), int64(r.SeenAt), int64(r.EndedAt), r.ExitCode, r.Output, r.Note)
	return n > 0, err
}

// OpenRuns returns the runs of all schedules that have not ended, the oldest first.
func (s *Store) OpenRuns(ctx context.Context) ([]ScheduleRun, error) {
	return collect(ctx, s, readRun, "SELECT "+runColumns+" FROM serve_schedule_runs WHERE state IN ('queued', 'running') ORDER BY moment, schedule")
}

// Runs returns the runs of a schedule, or with "" of all of them, the newest first; limit 0 is all.
func (s *Store) Runs(ctx context.Context, schedule string, limit int64) ([]ScheduleRun, error) {
	if limit == 0 {
		limit = 1 << 60
	}
	return collect(ctx, s, readRun, "SELECT "+runColumns+" FROM serve_schedule_runs WHERE $1 = '' OR schedule = $1 ORDER BY moment DESC, schedule LIMIT $2", schedule, limit)
}
