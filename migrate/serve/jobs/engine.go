package jobs

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Config is what an Engine is made of. Store, Ledger and Accounts are required.
type Config struct {
	Store    *store.Store
	Ledger   ledger.Ledger
	Accounts accounts.Accounts
	Clock    migrate.Clock // nil is the machine's
	Log      *slog.Logger  // nil logs nothing
	Work     bool          // work on jobs; false only queues them
	Name     string        // of this worker; "" makes up one that no other has

	Register func(*river.Workers)   // adds workers for further kinds of jobs, for the queue Other; nil adds none
	Periodic []*river.PeriodicJob   // further periodic jobs, of whichever engine leads
	Around   []rivertype.Middleware // told of every job that this engine works on
	Shards   int                    // shards worked on at once; 0 is shardsAtOnce
	Rows     int                    // rows of a shard; 0 is rowsOfShard
}

// Other is the queue for jobs of further kinds.
const Other = river.QueueDefault

// The queues of this package's own jobs.
const (
	queueFiles   = "files"   // which read a whole file
	queueShards  = "shards"  // which write to Stripe
	queueAccount = "account" // which finish, cancel, verify
)

const (
	shardsAtOnce = 4
	rowsOfShard  = 1000

	// window is how many shards of a move are queued at once: enough for every worker to have one and find the next, and few
	// enough that the shards of another move, queued later, do not wait for all of them.
	window = 16

	sweepEvery = 15 * time.Second
	heartbeat  = 3 * time.Second  // how often a worker says that it is at work
	patience   = 20 * time.Second // a worker that was not seen for so long has died, or is stopped

	// Jobs of other kinds end by themselves after jobTimeout; ours take as long as they take. River's own rescue is only for
	// jobs of other kinds, and must come later than that; ours are given up by patience, and a rescue of a job that is alive is
	// harmless.
	jobTimeout  = 10 * time.Minute
	rescueAfter = 15 * time.Minute
)

// client is a river.Client, of either database.
type client interface {
	Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error
}

// Engine does what moves call for, by jobs of River.
type Engine struct {
	Config
	client   client
	machine  migrate.Clock // by which workers are alive; Clock may be another one
	queue    *sql.DB       // river.db; nil with Postgres
	lock     *flock.Flock  // of the only engine of a directory; nil with Postgres
	draining chan struct{}
	drain    sync.Once
	large    chan struct{} // held by the job that reads a large file

	mu      sync.Mutex
	paces   map[string]pace // by move
	dropped time.Time       // when what uploads have left behind was dropped last
}

// New makes an engine, and River's tables when they are missing. With Work it is the only one of the store's directory; a
// store in Postgres may have any number.
func New(ctx context.Context, c Config) (*Engine, error) {
	e := &Engine{Config: c, machine: migrate.SystemClock{}, draining: make(chan struct{}), large: make(chan struct{}, 1), paces: map[string]pace{}}
	if e.Clock == nil {
		e.Clock = migrate.SystemClock{}
	}
	if e.Log == nil {
		e.Log = slog.New(slog.DiscardHandler)
	}
	if e.Name == "" {
		host, _ := os.Hostname()
		e.Name = fmt.Sprintf("%s-%d-%s", cmp.Or(host, "worker"), os.Getpid(), strings.TrimPrefix(store.NewID(""), "_")[:8])
	}
	e.Shards, e.Rows = cmp.Or(e.Shards, shardsAtOnce), cmp.Or(e.Rows, rowsOfShard)
	if err := e.connect(ctx); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

// connect makes the client of River.
func (e *Engine) connect(ctx context.Context) error {
	workers := river.NewWorkers()
	e.register(workers)
	if e.Register != nil {
		e.Register(workers)
	}
	cfg := &river.Config{
		ID: e.Name, Logger: e.Log, Workers: workers, JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter, MaxAttempts: 25,
		CompletedJobRetentionPeriod: time.Hour, // what was done, the audit log and the ledger tell
		Middleware:                  e.Around,
		FetchCooldown:               50 * time.Millisecond, FetchPollInterval: time.Second,
	}
	if e.Work {
		cfg.Queues = map[string]river.QueueConfig{
			queueFiles: {MaxWorkers: 2}, queueShards: {MaxWorkers: e.Shards}, queueAccount: {MaxWorkers: 4}, Other: {MaxWorkers: 8},
		}
		cfg.PeriodicJobs = append(e.Periodic, river.NewPeriodicJob(river.PeriodicInterval(sweepEvery),
			func() (river.JobArgs, *river.InsertOpts) { return SweepArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}))
	}
	if pool := e.Store.Pool(); pool != nil {
		driver := riverpgxv5.New(pool)
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		const lock = "(hashtextextended('subferry river layout ' || current_schema(), 0))"
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock"+lock); err != nil {
			return err
		}
		defer conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock"+lock)
		m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: e.Log})
		if err == nil {
			_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		}
		if err != nil {
			return fmt.Errorf("the tables of the job queue cannot be made: %w", err)
		}
		e.client, err = river.NewClient(driver, cfg)
		return err
	}
	return e.connectEmbedded(ctx, cfg)
}

// connectEmbedded keeps the queue in a file beside the store's.
func (e *Engine) connectEmbedded(ctx context.Context, cfg *river.Config) (err error) {
	dir := e.Store.Dir()
	if e.Work {
		e.lock = flock.New(filepath.Join(dir, "locks", "serve"))
		if err := os.MkdirAll(filepath.Join(dir, "locks"), 0o700); err != nil {
			return err
		}
		held, err := e.lock.TryLock()
		if err != nil {
			return fmt.Errorf("the lock of %s cannot be taken: %w", dir, err)
		}
		if !held {
			return fmt.Errorf("another service works in %s: stop it first, or set DATABASE_URL to a Postgres database, which several share", dir)
		}
	}
	path := filepath.Join(dir, "river.db")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	f.Close()
	e.queue, err = sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)+
		"?_txlock=immediate&_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)")
	if err != nil {
		return err
	}
	e.queue.SetMaxOpenConns(1) // as River asks: SQLite has one writer
	driver := riversqlite.New(e.queue)
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: e.Log})
	if err == nil {
		_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		return fmt.Errorf("the job queue %s cannot be opened: %w", path, err)
	}
	e.client, err = river.NewClient(driver, cfg)
	return err
}

// Start begins to work on jobs, with Work; without, there is nothing to start. It returns at once.
func (e *Engine) Start(ctx context.Context) error {
	if !e.Work {
		return nil
	}
	if err := e.client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("the job queue cannot be worked on: %w", err)
	}
	e.Log.Info("works on jobs", slog.String("worker", e.Name))
	go func() { // the periodic one comes only when an earlier leader's time is over
		if err := e.Sweep(context.WithoutCancel(ctx)); err != nil {
			e.Log.Warn("left to the next sweep", slog.String("error", err.Error()))
		}
	}()
	return nil
}

// Stop lets every job finish the requests that are in flight, and leaves the rest to whoever works on. When the context ends
// before that, jobs are ended; what they had begun is in the ledger. The store stays open.
func (e *Engine) Stop(ctx context.Context) error {
	e.drain.Do(func() { close(e.draining) })
	var err error
	if e.Work {
		if err = e.client.Stop(ctx); err != nil && ctx.Err() != nil {
			hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			defer cancel()
			err = e.client.StopAndCancel(hard)
		}
	}
	return errors.Join(err, e.close())
}

func (e *Engine) close() (err error) {
	if e.queue != nil {
		err = e.queue.Close()
	}
	if e.lock != nil {
		err = errors.Join(err, e.lock.Unlock())
	}
	return err
}

// Insert queues a job of a further kind.
func (e *Engine) Insert(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error) {
	return e.client.Insert(ctx, args, opts)
}
