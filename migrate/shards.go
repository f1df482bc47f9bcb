package migrate

import (
	"context"
	"errors"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// Shard is a part of a migration: rows of its file that a run would still create, planned already, so that whoever has it
// needs neither the file nor the account's data. It is written and read as JSON.
type Shard struct {
	Migration string `json:"migration"`

	// Number is the place of the shard in the file: shards of the same size and number have rows of the same part of it,
	// whenever the file was split.
	Number int `json:"number"`

	First      int64             `json:"first"` // the first and the last row, data rows of the file from 1
	Last       int64             `json:"last"`
	SearchedAt csvspec.Timestamp `json:"searched_at"` // when the account was searched for what the rows may have become elsewhere
	Rows       []ShardRow        `json:"rows"`        // in the order of the file
}

// ShardRow is one row of a Shard, and what it becomes.
type ShardRow struct {
	Row      int64             `json:"row"` // data row of the file, from 1
	Line     int64             `json:"line"`
	Customer string            `json:"customer"`
	SourceID string            `json:"source_id,omitempty"` // the subscription's ID in the system it comes from
	Start    csvspec.Timestamp `json:"start"`
	Strategy schedule.Strategy `json:"strategy"`

	// What is sent, with the tag of the row: one of the two.
	Schedule     *schedule.Schedule     `json:"schedule,omitempty"`
	Subscription *schedule.Subscription `json:"subscription,omitempty"`

	CreatableFrom csvspec.Timestamp `json:"creatable_from,omitempty"` // before this moment Stripe does not take the Subscription
}

// ShardResult is how the rows of a shard stand by the ledger.
type ShardResult struct {
	Done      int64 `json:"done"`      // nothing is left to do for them
	Failed    int64 `json:"failed"`    // refused
	Unsettled int64 `json:"unsettled"` // begun, and their outcome is not known; or not begun
}

// Split selects the migration of a reviewed file as Run does, with its errors, and hands out shards of the rows that Run
// would create, at most size rows each and in their order, while it reads the file. An error of emit ends it and is
// returned. Rows that were begun by an earlier run and are not ready any more are settled by it.
//
// It holds the migration's lock, so that a shard can be run once Split has returned. A migration without any shard, or
// whose shards were all run, is to be finished with Finish, unless it was split for a canary. Splitting again is harmless;
// the rows of shards that were run, but those that were refused, are not handed out any more.
func (m *Migrator) Split(ctx context.Context, r *Review, o RunOptions, size int, emit func(Shard) error) (ledger.Migration, error) {
	return ledger.Migration{}, errors.ErrUnsupported
}

// RunShard creates what the rows of a shard become, as Run does, and returns how they stand then. It works beside others
// who run other shards of the migration. A shard that is run twice, also at the same time, is harmless.
//
// The error is ErrSearchAgain when the search of the account is too old to rely on: the file has to be split again. It is
// ledger.ErrLocked while somebody else works on the shard, or on the migration as a whole; *BeingCanceledError when the
// migration was canceled; *WrongAccountError when the key is another account's; and those of Run. Of the options, Stop and
// StopAfterFailures count.
func (m *Migrator) RunShard(ctx context.Context, s Shard, o RunOptions) (ShardResult, error) {
	return ShardResult{}, errors.ErrUnsupported
}

// Finish records that every row of a migration was dealt with, after all of its shards were run, and returns how it stands
// then. Finishing again is harmless. It returns *UnsettledError when the outcome of some rows is not known, ledger.ErrLocked
// while somebody works on the migration or one of its shards, and *BeingCanceledError when it was canceled.
func (m *Migrator) Finish(ctx context.Context, id string) (*Summary, error) {
	return nil, errors.ErrUnsupported
}
