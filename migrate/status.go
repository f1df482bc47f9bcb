package migrate

import (
	"context"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// Summary is how a migration stands.
type Summary struct {
	ID           string `json:"id"`
	Status       string `json:"status"`
	Account      string `json:"account"`
	Livemode     bool   `json:"livemode"`
	File         string `json:"file"`
	Rows         int64  `json:"rows"`
	Scheduled    int64  `json:"scheduled"` // exist and are not canceled, live ones included
	Failed       int64  `json:"failed"`
	Canceled     int64  `json:"canceled"`
	Direct       int64  `json:"direct,omitempty"`      // of the scheduled ones, the direct subscriptions, which exist since the run
	Live         int64  `json:"live"`                  // of the scheduled ones, those whose start date has come and whose schedule was not released
	LiveDirect   int64  `json:"live_direct,omitempty"` // of those, the direct subscriptions, which no schedule owns; one that was to end may have ended since
	Released     int64  `json:"released"`              // of the scheduled ones, those whose schedule was released: no schedule governs them
	Unknown      int64  `json:"unknown"`               // begun, and their outcome is not known yet
	Pending      int64  `json:"pending"`               // not begun
	Deferred     int64  `json:"deferred"`              // not among Rows: held back when the migration was run, because they start too soon or cannot be created yet
	DeferredFile string `json:"deferred_file,omitempty"`
	APIBase      string `json:"api_base,omitempty"` // where the account was reached, when not at Stripe's own address
	Customers    int64  `json:"customers"`

	// What came after the run, as the ledger has it: absent as long as there is none.
	Verified      int64 `json:"verified,omitempty"`       // rows that were found as they should be
	SourceStopped int64 `json:"source_stopped,omitempty"` // rows whose source subscription a cutover has stopped, or may have
	FirstPaid     int64 `json:"first_paid,omitempty"`     // rows whose first invoice was paid, when somebody last looked
	FirstProblems int64 `json:"first_problems,omitempty"` // rows whose first invoice somebody has to look at, likewise

	CreatedAt    time.Time  `json:"created_at"`
	FirstStart   *time.Time `json:"first_start"`
	CancelBefore *time.Time `json:"cancel_before"` // the end of the window for canceling; null while none has begun
	Failures     []Failure  `json:"failures"`      // at most maxFailures of them
}

// Failure is a row that Stripe refused.
type Failure struct {
	Row     int64  `json:"row"`
	Line    int64  `json:"line"`
	Code    string `json:"code"`    // Stripe's error code, often empty
	Message string `json:"message"` // Stripe's message, word for word
}

// maxFailures bounds how many failures a summary carries; a report has them all.
const maxFailures = 100

// Status returns how a migration stands at a moment, or ledger.ErrNotFound. It asks nothing of Stripe.
func Status(ctx context.Context, l ledger.Ledger, id string, now time.Time) (*Summary, error) {
	mig, err := l.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	counts, err := l.Counts(ctx, id, csvspec.At(now))
	if err != nil {
		return nil, err
	}
	s := summarize(mig, counts)
	if s.Failed == 0 {
		return s, nil
	}
	s.Failures = nil
	for e, err := range l.Entries(ctx, id, ledger.Refused) {
		if err != nil || len(s.Failures) == maxFailures {
			return s, err
		}
		s.Failures = append(s.Failures, Failure{Row: e.Row, Line: e.Line, Code: e.ErrorCode, Message: e.Error})
	}
	return s, nil
}

// List returns how all migrations stand at a moment, newest first, without their failures.
func List(ctx context.Context, l ledger.Ledger, now time.Time) ([]*Summary, error) {
	all, err := l.Migrations(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]*Summary, 0, len(all))
	for _, mig := range all {
		counts, err := l.Counts(ctx, mig.ID, csvspec.At(now))
		if err != nil {
			return nil, err
		}
		list = append(list, summarize(mig, counts))
	}
	return list, nil
}

func summarize(mig ledger.Migration, c ledger.Counts) *Summary {
	s := &Summary{
		ID: mig.ID, Status: string(mig.Status), Account: mig.Account, Livemode: mig.Livemode, File: mig.File,
		Rows:       mig.Rows,
		Scheduled:  c.ByState[ledger.Scheduled] + c.ByState[ledger.Canceling] + c.ByState[ledger.Releasing] + c.ByState[ledger.Released],
		Released:   c.ByState[ledger.Released],
		Failed:     c.ByState[ledger.Refused],
		Canceled:   c.ByState[ledger.Canceled],
		Unknown:    c.ByState[ledger.Intended] + c.ByState[ledger.Unknown],
		Live:       c.Live,
		LiveDirect: c.LiveDirect,
		Direct:     c.Direct,
		Deferred:   mig.Deferred, DeferredFile: mig.DeferredFile, APIBase: mig.APIBase,
		Customers: mig.Customers, CreatedAt: mig.CreatedAt.Time(),
		Failures: []Failure{},
	}
	s.Verified, s.FirstPaid = c.Verified, c.ByPayment[ledger.PaymentPaid]
	for state, n := range c.BySource {
		if state.Stopped() {
			s.SourceStopped += n
		}
	}
	for state, n := range c.ByPayment {
		if state.Problem() {
			s.FirstProblems += n
		}
	}
	s.Pending = max(0, mig.Rows-s.Scheduled-s.Failed-s.Canceled-s.Unknown)
	if !mig.FirstStart.IsBlank() {
		first := mig.FirstStart.Time()
		s.FirstStart = &first
	}
	if mig.Status == ledger.StatusScheduled {
		deadline := mig.SettledAt.Time().Add(Window)
		s.CancelBefore = &deadline
	}
	return s
}
