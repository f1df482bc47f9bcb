package ledger

import (
	"context"
	"errors"
	"iter"

	"github.com/subferry/subferry/csvspec"
)

// Errors that a Ledger returns, to be told apart with errors.Is.
var (
	ErrNotFound = errors.New("no such migration")
	ErrExists   = errors.New("the migration exists already")
	ErrConflict = errors.New("the row is not in the state it was expected in")
	ErrIllegal  = errors.New("a row may not take this step")
	ErrLocked   = errors.New("another process is working on this migration")
	ErrLost     = errors.New("the lock on this migration was lost")
	ErrDamaged  = errors.New("the ledger is damaged")
	ErrNewer    = errors.New("the ledger was written by a newer version of this program")
	ErrFull     = errors.New("the disk that holds the ledger is full")
)

// Ledger stores migrations and their rows. Its methods may be called by several goroutines at once.
type Ledger interface {
	// Begin records a new migration, or returns ErrExists.
	Begin(ctx context.Context, m Migration) error

	// Migration returns a migration, or ErrNotFound.
	Migration(ctx context.Context, id string) (Migration, error)

	// Migrations returns all migrations, newest first.
	Migrations(ctx context.Context) ([]Migration, error)

	// SetStatus records how a migration as a whole stands, with the moment at which it came to stand so.
	SetStatus(ctx context.Context, id string, s Status, at csvspec.Timestamp) error

	// SetSearched records when the account was searched for schedules of the migration's file.
	SetSearched(ctx context.Context, id string, at csvspec.Timestamp) error

	// SetDeferred records how many rows were held back because they start too soon, and the file they were written to.
	SetDeferred(ctx context.Context, id string, rows int64, file string) error

	// BindSource records the account that the migration's source subscriptions were found in, once and for all. It returns
	// ErrConflict when that is another one already.
	BindSource(ctx context.Context, id, account string) error

	// Put records the step of one row from a state to e.State, and returns once it is durable. It returns
	// ErrIllegal when there is no such step, ErrConflict when the row is in another state; then nothing has
	// changed. Concurrent calls share one write to the disk.
	Put(ctx context.Context, id string, from State, e Entry) error

	// PutSource records the step of a row's source subscription from a state to e.Source, with the contract of Put. Of the
	// entry it changes Source and the fields whose names begin with Source, but SourceID; Put leaves those alone, and the
	// verified ones. A row without an entry is ErrConflict.
	PutSource(ctx context.Context, id string, from SourceState, e Entry) error

	// PutVerified records when rows were last found as they should be, and returns once it is durable. Each changes VerifiedAt
	// and VerifiedHash of its row alone. It returns ErrConflict when some of the rows have no entry; the others are recorded.
	PutVerified(ctx context.Context, id string, rows []Verified) error

	// PutPayments records what became of the first invoices of rows, with the contract of PutVerified. A row for which that is
	// no legal step from what was recorded keeps what it has, and is ErrIllegal; the others are recorded.
	PutPayments(ctx context.Context, id string, rows []Payment) error

	// Entries walks the entries of a migration in the order of their rows; without states, all of them. Rows may be Put
	// meanwhile: whether the walk shows what was Put since it began is left to the store.
	Entries(ctx context.Context, id string, states ...State) iter.Seq2[Entry, error]

	// Range walks the entries of the rows from first to last in their order, as Entries does.
	Range(ctx context.Context, id string, first, last int64) iter.Seq2[Entry, error]

	// Latest returns when an entry that is in a state was put last, blank when there is none.
	Latest(ctx context.Context, id string, state State) (csvspec.Timestamp, error)

	// Settled returns the rows for which a run has nothing left to do.
	Settled(ctx context.Context, id string) (RowSet, error)

	// Counts counts the entries by state; live ones are those scheduled, or being released, whose start is not after now, of
	// which LiveDirect are those with a SubscriptionID, and direct ones are those with a SubscriptionID that are scheduled, or
	// being canceled. It also counts the rows by the state of their source and of their first invoice, and those that are
	// verified, in whichever state they are.
	Counts(ctx context.Context, id string, now csvspec.Timestamp) (Counts, error)

	Usage

	// Lock makes the caller the only one who works on the migration, or on the run of usage, until it calls release or dies.
	// It returns ErrLocked when somebody else is, within a second. A store on a server loses the lock with its connection: what
	// is written after that fails with ErrLost, until release was called.
	Lock(id string) (release func(), err error)

	// LockShard makes the caller the only one who works on a part of the migration, beside others who work on other parts. It
	// excludes Lock and is excluded by it, with the same errors.
	LockShard(id string, shard int) (release func(), err error)

	// AtWork tells whether somebody works on the migration, or on a part of it. It does not block Lock.
	AtWork(id string) (bool, error)

	// Close closes the store. Entries that were Put stay.
	Close() error
}
