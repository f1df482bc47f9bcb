package ledger

import (
	"context"
	"encoding/json"
	"iter"
	"slices"

	"github.com/subferry/subferry/csvspec"
)

// Usage stores what was sent to the billing meters of accounts. Its methods may be called by several goroutines at once.
//
// Within an account an event is known by its identifier, whichever run has sent it: Stripe forgets identifiers after a
// day, and then only the ledger keeps an event from being counted twice.
type Usage interface {
	// BeginUsage records a new run, or returns ErrExists.
	BeginUsage(ctx context.Context, r UsageRun) error

	// UsageRun returns a run, or ErrNotFound.
	UsageRun(ctx context.Context, id string) (UsageRun, error)

	// UsageRuns returns all runs, newest first.
	UsageRuns(ctx context.Context) ([]UsageRun, error)

	// SetUsageStatus records how a run as a whole stands, with the moment at which it came to stand so.
	SetUsageStatus(ctx context.Context, id string, s UsageStatus, at csvspec.Timestamp) error

	// PutUsage records steps of events of one run, and returns once they are durable. It returns ErrIllegal when there is
	// no such step, and then nothing has changed; ErrConflict when some events are in another state or, if they are new,
	// their identifiers are taken within the account: the other steps are recorded. Concurrent calls share one write to
	// the disk.
	PutUsage(ctx context.Context, id string, steps []UsageStep) error

	// UsageEvents walks the events of a run in the order of their rows; without states, all of them. Events may be Put
	// meanwhile.
	UsageEvents(ctx context.Context, id string, states ...UsageState) iter.Seq2[UsageEvent, error]

	// UsageOf walks the events that all runs have sent to an account, in no particular order.
	UsageOf(ctx context.Context, a UsageAccount) iter.Seq2[UsageEvent, error]

	// UsageCounts counts the events of a run by state.
	UsageCounts(ctx context.Context, id string) (map[UsageState]int64, error)
}

// UsageAccount is an account in one of its modes.
type UsageAccount struct {
	ID       string
	Livemode bool
}

// UsageRun is one file of usage on its way to an account's meters.
type UsageRun struct {
	ID        string
	Account   string
	Livemode  bool
	File      string
	Path      string          // where it lies, to resume from
	SHA256    string          // of the file, hex
	Options   json.RawMessage // how the file was read; a resume reads it the same way
	Events    int64           // rows of the file that are to be sent
	CreatedAt csvspec.Timestamp
	SettledAt csvspec.Timestamp // when Status became what it is
	Status    UsageStatus
	APIBase   string // where the account was reached, when not at Stripe's own address
}

// UsageStatus is how a run as a whole stands.
type UsageStatus string

// The statuses of a run.
const (
	UsageInProgress UsageStatus = "in_progress" // events are being sent, or the run was interrupted
	UsageDone       UsageStatus = "done"        // every event was dealt with
)

// UsageEvent is what the ledger knows of one event.
type UsageEvent struct {
	Run        string // that it belongs to; ignored by PutUsage
	Row        int64  // data row of the file, from 1
	Line       int64
	Identifier string
	Customer   string
	Meter      string // the meter's event name
	Timestamp  csvspec.Timestamp
	Value      string // a decimal number
	Digest     string // over all that the event says
	State      UsageState
	IntendedAt csvspec.Timestamp // when it was first sent: Stripe may forget its identifier 24 hours later
	RequestID  string
	ErrorCode  string
	Error      string // Stripe's message, word for word
	UpdatedAt  csvspec.Timestamp
}

// UsageStep is the step of an event from a state to its own.
type UsageStep struct {
	From  UsageState
	Event UsageEvent
}

// UsageState is where an event stands.
type UsageState string

// The states of an event. One that was never begun has no entry.
const (
	UsageNew        UsageState = ""           // no entry yet
	UsageIntended   UsageState = "intended"   // a request is about to leave, or has left; its outcome is not known here
	UsageUnknown    UsageState = "unknown"    // the request left, its outcome could not be found out
	UsageSent       UsageState = "sent"       // Stripe has taken it; what is wrong with it may be told later
	UsageRefused    UsageState = "refused"    // Stripe said no; nothing was taken
	UsageRejected   UsageState = "rejected"   // it was taken, and an error report has named it since: it does not count
	UsageRetracting UsageState = "retracting" // a cancellation is about to leave, or has left
	UsageRetracted  UsageState = "retracted"  // it was taken back, and does not count
)

// usageTransitions is every step an event may take. What was rejected is sent again only on request, what was retracted
// never under the same identifier.
var usageTransitions = map[UsageState][]UsageState{
	UsageNew:        {UsageIntended},
	UsageIntended:   {UsageIntended, UsageUnknown, UsageSent, UsageRefused},
	UsageUnknown:    {UsageIntended, UsageUnknown, UsageSent, UsageRefused},
	UsageRefused:    {UsageIntended},
	UsageSent:       {UsageRejected, UsageRetracting},
	UsageRejected:   {UsageIntended},
	UsageRetracting: {UsageRetracting, UsageRetracted, UsageSent},
}

// LegalUsage tells whether an event may go from one state to the other.
func LegalUsage(from, to UsageState) bool { return slices.Contains(usageTransitions[from], to) }

// UsageStates returns all states that an event with an entry can be in.
func UsageStates() []UsageState {
	return []UsageState{UsageIntended, UsageUnknown, UsageSent, UsageRefused, UsageRejected, UsageRetracting, UsageRetracted}
}

// Open tells whether a request may have had an effect of which the ledger does not know.
func (s UsageState) Open() bool { return s == UsageIntended || s == UsageUnknown }

// Counts tells whether the event counts towards its meter, as far as is known.
func (s UsageState) Counts() bool { return s == UsageSent || s == UsageRetracting }
