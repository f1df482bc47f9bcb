// Package disk keeps the objects of a sandbox in a directory, through SQLite.
//
// Objects are stored as their JSON, next to the few columns by which they are looked for. What has been committed
// survives the death of the process at any later moment. It is synced to the disk at checkpoints only: what the failure
// of the machine, not of the process, may spoil is what came after the last one, and then Open says so. Transactions
// that wait at the same time are written as one.
//
// Damage is found when a directory is opened, by the checksums of the pages and of the write-ahead log.
package disk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // the driver
)

// The files of a directory, beside SQLite's own.
const (
	Name     = "sandbox.db"
	sumsName = "sandbox.sums"
	lockName = "sandbox.lock"

	walSuffix = "-wal"
	newSuffix = ".new" // of a file that is being written
)

// ErrInUse is returned by Open when another process, or another Store in this one, has the directory.
var ErrInUse = errors.New("the sandbox directory is in use by another process")

// errClosed is what waiting for a transaction returns that came after Close.
var errClosed = errors.New("the sandbox's store is closed")

var errNewer = errors.New("it was written by a newer program")

const beginAnew = "restore the directory from a backup, or move the file away to begin with an empty sandbox"

// Store is an open directory. Its reading methods are for one goroutine at a time, the others for several.
type Store struct {
	path     string // of the database
	sumsPath string
	lock     *flock.Flock
	db       *sql.DB

	reader, writer *connection
	kinds          []string
	next           map[string]int64

	mu      sync.Mutex
	settled sync.Cond // something was written, or failed
	open    *batch    // what is to be written next
	queued  uint64    // transactions that were handed in
	written uint64    // of them, those that are in the database
	writing bool
	failed  error

	walMost int64 // walLimit, less in tests

	// Only for whoever is writing:
	toFile   *toFile
	answered answered
	sums     sums // of the database as it was at the last checkpoint
}

// connection is a connection with the statements that were prepared on it.
type connection struct {
	*sql.Conn
	statements map[string]*sql.Stmt
}

// Open opens a directory for objects of some kinds and creates what is missing. It returns ErrInUse when the directory
// has an owner, and an error that names the file when that is damaged; either is left as it is.
func Open(dir string, kinds []string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("sandbox directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("sandbox directory %s: lock: %w", dir, err)
	}
	if !held {
		return nil, fmt.Errorf("sandbox directory %s: %w; wait for it to end, or use another directory", dir, ErrInUse)
	}
	s := &Store{path: filepath.Join(dir, Name), sumsPath: filepath.Join(dir, sumsName), lock: lock, kinds: kinds, next: map[string]int64{}, open: newBatch(),
		walMost: walLimit, toFile: newToFile(), answered: answered{bits: map[string][]uint64{}}}
	s.settled.L = &s.mu
	if err := s.begin(); err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox file %s: %w", s.path, err), s.shut(false))
	}
	return s, nil
}

func (s *Store) begin() error {
	log, err := s.verified()
	if err != nil {
		return err
	}
	if s.db, err = connect(s.path, "journal_mode(WAL)"); err != nil {
		return err
	}
	// Two connections: objects are read while others are written.
	for _, c := range []**connection{&s.writer, &s.reader} {
		conn, err := s.db.Conn(context.Background())
		if err != nil {
			return err
		}
		*c = &connection{conn, map[string]*sql.Stmt{}}
	}
	if log.size > 0 {
		// What a killed process left would else be taken for damage, once a shorter transaction has been written over
		// it.
		if err := s.checkpoint(false); err != nil {
			return err
		}
	}
	return s.tables()
}

// verified makes sure that the database is there and as it was left, and returns its write-ahead log.
func (s *Store) verified() (*wal, error) {
	_, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.create(); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	log, err := readWAL(s.path+walSuffix, false)
	if err == nil {
		s.sums, err = readSums(s.sumsPath)
	}
	if err == nil {
		err = s.sums.verify(s.path, log)
	}
	if err != nil && !errors.Is(err, errNewer) {
		err = fmt.Errorf("it is damaged: %w; %s", err, beginAnew)
	}
	return log, err
}

// create makes an empty database. It is complete when it gets its name, which its checksums had before.
func (s *Store) create() error {
	if _, err := os.Stat(s.path + walSuffix); err == nil {
		return fmt.Errorf("it is missing, and its write-ahead log is there; %s", beginAnew)
	}
	draft := s.path + newSuffix
	// What a process left that was killed here. Most often there is none.
	for _, suffix := range [...]string{"", "-journal", walSuffix, "-shm"} {
		if err := os.Remove(draft + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_WRONLY, 0o600) // SQLite's own would be readable by others
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	db, err := connect(draft, fmt.Sprintf("page_size(%d)", pageSize))
	if err != nil {
		return err
	}
	_, err = db.Exec(head + fmt.Sprintf("PRAGMA user_version = %d; PRAGMA journal_mode = WAL;", version))
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	all, err := sumsOf(draft)
	if err == nil {
		err = all.write(s.sumsPath)
	}
	if err == nil {
		err = os.Rename(draft, s.path)
	}
	return err
}

// connect opens a file. Checkpoints are made by hand: the checksums have to be written before.
func connect(path, pragma string) (*sql.DB, error) {
	escaped := strings.NewReplacer("%", "%25", "?", "%3F", "#", "%23").Replace(path)
	return sql.Open("sqlite", "file:"+escaped+"?_pragma=busy_timeout(1000)&_pragma="+pragma+
		"&_pragma=synchronous(NORMAL)&_pragma=wal_autocheckpoint(0)&_pragma=cache_size(-32000)")
}

// tables creates the tables of kinds that the file does not have yet, and finds out where each ends.
func (s *Store) tables() error {
	have := map[string]bool{}
	err := s.reader.each("SELECT name FROM sqlite_master WHERE type = 'table'", nil, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		have[name] = true
		return err
	})
	if err != nil {
		return err
	}
	var missing strings.Builder
	for _, kind := range s.kinds {
		if !have[kind] {
			missing.WriteString(table(kind))
		}
	}
	if missing.Len() > 0 {
		if _, err := s.writer.ExecContext(context.Background(), "BEGIN IMMEDIATE;"+missing.String()+"COMMIT;"); err != nil {
			return err
		}
	}
	s.answered.unknown = true
	if err := s.fileNoted(); err != nil {
		return err
	}
	s.answered = answered{bits: map[string][]uint64{}}
	for _, kind := range s.kinds {
		if !have[kind] {
			continue
		}
		var last sql.NullInt64
		if err := s.reader.one("SELECT max(seq) FROM "+quote(kind), nil, &last); err != nil {
			return err
		}
		if last.Valid {
			s.next[kind] = last.Int64 + 1
			s.answered.first(kind, last.Int64+1)
		}
	}
	return nil
}

// Next is the sequence number behind the last object of a kind, as it was when the store was opened.
func (s *Store) Next(kind string) int64 { return s.next[kind] }

// Path is the database's file, for messages.
func (s *Store) Path() string { return s.path }

// Close writes what is waiting and gives the directory back. Closing twice is the same as closing once.
func (s *Store) Close() error {
	err := s.Wait(s.Queued())
	s.mu.Lock()
	for s.writing {
		s.settled.Wait()
	}
	if errors.Is(s.failed, errClosed) {
		s.mu.Unlock()
		return nil
	}
	s.failed = errClosed // what failed before is in err
	s.mu.Unlock()
	if err == nil {
		err = s.wrap(s.file())
	}
	return errors.Join(err, s.shut(err == nil))
}

// shut closes what is open.
func (s *Store) shut(trusted bool) error {
	if s.writer != nil {
		if err := s.checkpoint(trusted); err != nil {
			// SQLite would make the checkpoint by itself when its last connection is closed, and without the checksums
			// its pages would look damaged. So the connections stay open until the process ends. The log is complete;
			// whoever opens the directory next goes on from there.
			return errors.Join(err, s.lock.Unlock())
		}
	}
	var err error
	for _, c := range []*connection{s.reader, s.writer} {
		if c != nil {
			err = errors.Join(err, c.close())
		}
	}
	if s.db != nil {
		err = errors.Join(err, s.db.Close())
	}
	return errors.Join(err, s.lock.Unlock())
}

func (c *connection) close() error {
	var err error
	for _, one := range c.statements {
		err = errors.Join(err, one.Close())
	}
	return errors.Join(err, c.Close())
}

// statement prepares a statement once.
func (c *connection) statement(query string) (*sql.Stmt, error) {
	if known := c.statements[query]; known != nil {
		return known, nil
	}
	one, err := c.PrepareContext(context.Background(), query)
	if err == nil {
		c.statements[query] = one
	}
	return one, err
}

// exec executes a statement.
func (c *connection) exec(query string, args ...any) error {
	one, err := c.statement(query)
	if err == nil {
		_, err = one.Exec(args...)
	}
	return err
}

// each hands every row to a function, which scans it.
func (c *connection) each(query string, args []any, row func(scan func(...any) error) error) error {
	one, err := c.statement(query)
	if err != nil {
		return err
	}
	rows, err := one.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one scans the only row of a query; it returns sql.ErrNoRows when there is none.
func (c *connection) one(query string, args []any, into ...any) error {
	one, err := c.statement(query)
	if err != nil {
		return err
	}
	return one.QueryRow(args...).Scan(into...)
}
