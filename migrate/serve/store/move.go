package store

import (
	"encoding/json"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
)

// Move is one uploaded file on its way into one account: what was asked for, by whom, and how far it has come. What became
// of its rows is in the ledger, under Migration.
type Move struct {
	ID       string // mov_…
	Account  string
	Livemode bool

	File    string          // as the user called it
	Upload  string          // the SHA-256 of its content, see PutBlob
	Options migrate.Options // how it is read and judged
	Canary  int64           // schedule so many rows first; 0 schedules all

	State  State
	Stop   bool            // nothing new may be begun: the workers look at it before every request
	Review json.RawMessage // what the review has found, for the pages; nil before the first one
	Error  string          // why the last step ended early, for the person who must act; "" is none

	Migration string // the ledger's ID, "" before the first run
	Round     int64  // how often the file was divided into shards; those of earlier rounds are void

	CreatedBy, StartedBy, ApprovedBy, CanceledBy string // people, as access knows them
	CreatedAt, ChangedAt                         csvspec.Timestamp
}

// State is how far a move has come, and who moves it on: a job, or a person.
type State string

// The states of a move.
const (
	Reviewing        State = "reviewing"         // a job reads the file
	Invalid          State = "invalid"           // the file has errors that must be mended, or left out
	Failed           State = "failed"            // the review could not be done; Error says why
	Reviewed         State = "reviewed"          // a person may start it
	AwaitingApproval State = "awaiting_approval" // a second person must agree
	Running          State = "running"           // jobs create what the rows become
	CanaryDone       State = "canary_done"       // the first rows are done; a person looks at them
	Paused           State = "paused"            // a person has stopped it, or Error did
	Scheduled        State = "scheduled"         // every row was dealt with; it may be canceled until the deadline
	Canceling        State = "canceling"         // a job cancels what was created
	Canceled         State = "canceled"
)
