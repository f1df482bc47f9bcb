package ledger

import (
	"encoding/json"

	"github.com/subferry/subferry/csvspec"
)

// Migration is one file on its way into one account.
type Migration struct {
	ID         string
	Account    string
	Livemode   bool
	File       string          // the file's name, as the user gave it
	Path       string          // where it lies, to resume from
	SHA256     string          // of the file, hex
	Template   string          // basic, multi-item or ad-hoc
	Options    json.RawMessage // how the file was read; a resume reads it the same way
	Rows       int64           // how many rows are to be scheduled
	Customers  int64
	FirstStart csvspec.Timestamp // the earliest start date of those rows
	CreatedAt  csvspec.Timestamp
	SettledAt  csvspec.Timestamp // when Status became what it is
	SearchedAt csvspec.Timestamp // when the account was last searched for schedules of this file; blank is never
	Status     Status

	// Rows of the file that start too soon, or cannot be created yet, and were held back for a file of their own, and that file.
	Deferred     int64
	DeferredFile string

	APIBase string // where the account was reached, when not at Stripe's own address
}

// Status is how a migration as a whole stands.
type Status string

// The statuses of a migration.
const (
	StatusInProgress Status = "in_progress" // rows are being scheduled, or the run was interrupted
	StatusScheduled  Status = "scheduled"   // every row was dealt with
	StatusCanceling  Status = "canceling"   // rows are being canceled, or the cancel was interrupted
	StatusCanceled   Status = "canceled"    // nothing of it is left to go live
)

// Entry is what the ledger knows of one row.
type Entry struct {
	Row            int64 // data row of the file, from 1
	Line           int64
	Customer       string
	SourceID       string // the subscription's ID in the system it comes from, when the file names it
	Start          csvspec.Timestamp
	Strategy       string
	State          State
	Attempt        int64             // place of Key in the row's chain of keys, from 1
	Key            string            // idempotency key of the last request
	IntendedAt     csvspec.Timestamp // when the chain began: Stripe may forget its keys after 24 hours
	ScheduleID     string            // "" for a direct subscription
	SubscriptionID string            // of a direct subscription; "" for a schedule, also when it is live
	RequestID      string
	ErrorCode      string // Stripe's error code
	Error          string // Stripe's message, word for word
	UpdatedAt      csvspec.Timestamp

	// VerifiedAt is when what the row has become was last found as the row says; blank is never, or found different since.
	// VerifiedHash covers what was compared then, so that a change since is seen.
	VerifiedAt   csvspec.Timestamp
	VerifiedHash string

	// What became of the source subscription, the one of SourceID: a second state beside State, with steps of its own.
	Source        SourceState
	SourceStop    string            // how it was stopped, which an undo has to know: period_end, pause, at:UNIX
	SourceNote    string            // why it was left alone, or Stripe's message word for word
	SourceAttempt int64             // place of SourceKey in the row's chain of keys for its source, from 1
	SourceKey     string            // idempotency key of the last request that was to change the source
	SourceAt      csvspec.Timestamp // when Source became what it is

	// What became of the first invoice: a third state, with steps of its own.
	Payment     PaymentState
	PaymentCode string            // Stripe's decline code, of one that has failed
	PaymentAt   csvspec.Timestamp // when somebody last looked
}

// Payment says what became of the first invoice of one row.
type Payment struct {
	Row   int64
	State PaymentState
	Code  string // Stripe's decline code
	At    csvspec.Timestamp
}

// Verified says of one row that it was found as it should be.
type Verified struct {
	Row  int64
	At   csvspec.Timestamp // blank: it was found different
	Hash string            // over what was compared
}

// Counts is how many rows of a migration are in which state.
type Counts struct {
	ByState    map[State]int64
	Live       int64 // of those that exist and were not released (Scheduled and Releasing), the ones whose start date has come
	LiveDirect int64 // of the live ones, the direct subscriptions: no schedule owns them
	Direct     int64 // of those that exist (Scheduled and Canceling), the direct subscriptions

	BySource map[SourceState]int64 // rows whose source is not SourceUntouched
	Verified int64                 // rows whose VerifiedAt is not blank

	ByPayment map[PaymentState]int64 // rows whose first invoice was looked at
}
