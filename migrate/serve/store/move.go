package store

import (
	"encoding/json"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
)

// Move is one uploaded file on its way into one account: what was asked for, by whom, and how far it has come. What became
// of its rows is in the ledger, under Migration.
type Move struct {
	ID       string `json:"id"` // mov_…, see NewID
	Account  string `json:"account"`
	Livemode bool   `json:"livemode"`

	File    string          `json:"file"`             // as the user called it
	Upload  string          `json:"upload"`           // the SHA-256 of its content, see PutBlob
	Options migrate.Options `json:"options"`          // how it is read and judged
	Canary  int64           `json:"canary"`           // schedule so many rows first; 0 schedules all
	Source  string          `json:"source,omitempty"` // the account that the subscriptions come from, for verify and who_bills; "" is not known

	State  State           `json:"state"`
	Stop   bool            `json:"stop"`             // nothing new may be begun: the workers look at it before every request
	Review json.RawMessage `json:"review,omitempty"` // a jobs.Review, for the pages; nil before the first one, and in lists
	Error  string          `json:"error,omitempty"`  // why the last step ended early, for the person who must act; "" is none

	Migration string `json:"migration,omitempty"` // the ledger's ID, "" before the first run
	Round     int64  `json:"round"`               // how often the file was divided into shards; those of earlier rounds are void
	Divided   bool   `json:"divided"`             // the file is divided into the shards of this round; they may all be done
	Shards    int64  `json:"shards"`              // how many those are

	CreatedBy  string `json:"created_by,omitempty"` // people, as access knows them
	StartedBy  string `json:"started_by,omitempty"`
	ApprovedBy string `json:"approved_by,omitempty"`
	CanceledBy string `json:"canceled_by,omitempty"`

	CreatedAt csvspec.Timestamp `json:"created_at"`
	ChangedAt csvspec.Timestamp `json:"changed_at"`
	Version   int64             `json:"version"` // counts the changes
}

// Begin lets the jobs run a move, from its beginning or from where it was stopped, so many rows first; 0 is all. What was
// divided into shards before is divided anew: rows that were refused are tried again.
func (m *Move) Begin(canary int64) {
	m.State, m.Stop, m.Error, m.Canary = Running, false, "", canary
	m.Round, m.Divided, m.Shards = m.Round+1, false, 0
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

// Cancelable are the states in which a move may have created something that can be canceled.
func Cancelable() []State { return []State{Running, Paused, CanaryDone, Scheduled} }

// States are all of them, in the order in which a move goes through them.
func States() []State {
	return []State{
		Reviewing, Invalid, Failed, Reviewed, AwaitingApproval, Running, CanaryDone, Paused, Scheduled, Canceling, Canceled,
	}
}
