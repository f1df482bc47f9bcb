package migrate

import (
	"context"
	"fmt"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate/account"
)

// Until is a way to send requests of a Migrator that begins and repeats none once stop is closed; nil never is.
func (m *Migrator) Until(stop <-chan struct{}) Sender { return Sender{m.newRequester(stop)} }

// Sender sends requests at an account's pace, until it is told to stop.
type Sender struct{ q *requester }

// Ask sends a request that only reads, at the account's pace and again until there is an answer, as the requests of a run
// are. The error is always a *StripeError; a request that the stop has ended has ErrInterrupted as its cause.
func Ask[T any](ctx context.Context, s Sender, request func() (T, error)) (T, error) {
	until, done := s.q.untilStop(ctx)
	defer done()
	return send(until, s.q, reading, request)
}

// Tell sends a request that changes something, at the account's pace and again as long as Stripe has certainly not
// executed it. The error is always a *StripeError; one whose outcome is Unknown leaves it to the caller to find out, and a
// request that the stop has kept from leaving is Retryable.
func Tell[T any](ctx context.Context, s Sender, request func() (T, error)) (T, error) {
	return send(ctx, s.q, writing, request)
}

// TellIntended is Tell for a request whose intent is recorded first, and once more when the request leaves only a while after:
// it does not leave when record fails. failure is what has become of it, and err what record has returned.
func TellIntended[T any](ctx context.Context, s Sender, record func() error, request func() (T, error)) (answer T, failure *StripeError, err error) {
	release, err := s.q.acquire(ctx)
	if err != nil {
		return answer, &StripeError{Outcome: Retryable, Err: err}, nil
	}
	return sendIntended(ctx, s.q, release, record, request)
}

// Retries returns how many requests of the sender had to be sent again.
func (s Sender) Retries() int64 { return s.q.counts.retries.Load() }

// LookUp looks up the objects with these IDs, each once. An ID that the account lacks is absent from the result.
func (m *Migrator) LookUp(ctx context.Context, ids ObjectIDs) (*account.Account, error) {
	known, err := m.loadObjects(ctx, m.newRequester(nil), ids)
	if err != nil {
		return nil, fmt.Errorf("what the file names cannot be looked up: %w", err)
	}
	return known, nil
}

// CheckAccount returns a *WrongAccountError when the key is another account's than the migration's.
func (m *Migrator) CheckAccount(ctx context.Context, mig ledger.Migration) error {
	return m.checkAccount(ctx, mig, nil)
}

// Requests returns how many requests have been begun since the Migrator was made, repeats not counted.
func (m *Migrator) Requests() int64 { return m.requests.Load() }
