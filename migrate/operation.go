package migrate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// operation is what a run, a cancel and a release have in common: whose rows they work on, the way to Stripe, and the
// way into the ledger.
type operation struct {
	*requester
	ledger    ledger.Ledger
	migration ledger.Migration
	mu        sync.Mutex // guards failures, and what a run, a cancel or a release collects from many goroutines
	failures  []Failure  // the first ones, at most maxFailures
}

// job is one row on its way to Stripe.
type job struct {
	entry       ledger.Entry
	from        ledger.State // what the ledger says of the row
	row         ShardRow     // what it becomes; blank in a cancel or a release
	keyConsumed bool         // Stripe has stored an answer under the entry's key that is not what the row is to become
}

func (m *Migrator) newRequester(stop <-chan struct{}) *requester {
	return &requester{m: m, counts: &counters{}, stop: stop}
}

func (m *Migrator) newOperation(mig ledger.Migration, stop <-chan struct{}) *operation {
	return &operation{requester: m.newRequester(stop), ledger: m.ledger, migration: mig}
}

// lockAndLoad takes the migration's lock and makes sure that the ledger has a record of it. The record that it returns
// was read under the lock.
func (m *Migrator) lockAndLoad(ctx context.Context, mig ledger.Migration) (ledger.Migration, func(), error) {
	unlock, err := m.ledger.Lock(mig.ID)
	if err != nil {
		return mig, nil, fmt.Errorf("%w: wait for it, or stop it first", err)
	}
	kept, err := m.ledger.Migration(ctx, mig.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		kept, err = mig, m.ledger.Begin(ctx, mig)
	}
	if err != nil {
		unlock()
		return mig, nil, err
	}
	return kept, unlock, nil
}

// checkAccount refuses to work on a migration with the key of another account.
func (m *Migrator) checkAccount(ctx context.Context, mig ledger.Migration, stop <-chan struct{}) error {
	q := m.newRequester(stop)
	until, done := q.untilStop(ctx)
	defer done()
	account, err := send(until, q, reading, func() (Account, error) { return m.gateway.Account(until) })
	if err != nil {
		return fmt.Errorf("the account cannot be read: %w", err)
	}
	if owner := (Account{ID: mig.Account, Livemode: mig.Livemode}); account != owner {
		return &WrongAccountError{ID: mig.ID, Want: owner, Got: account}
	}
	return nil
}

// interruption returns ErrInterrupted in place of whatever a stop, or the end of the context, has made fail.
func interruption(ctx context.Context, err error) error {
	if err != nil && (ctx.Err() != nil || errors.Is(err, ErrInterrupted)) {
		return ErrInterrupted
	}
	return err
}

// setStatus records how the migration as a whole stands from now on.
func (o *operation) setStatus(ctx context.Context, s ledger.Status) error {
	return o.ledger.SetStatus(ctx, o.migration.ID, s, csvspec.At(o.m.clock.Now()))
}

// record writes a step of a row into the ledger.
func (o *operation) record(ctx context.Context, j *job, to ledger.State) error {
	j.entry.State, j.entry.UpdatedAt = to, csvspec.At(o.m.clock.Now())
	if err := o.ledger.Put(ctx, o.migration.ID, j.from, j.entry); err != nil {
		return err
	}
	j.from = to
	return nil
}

// recordFailure notes a row that could not be canceled or released. What Stripe refused is this row's own trouble;
// anything else is returned and ends the operation, to be run again.
func (o *operation) recordFailure(what string, j *job, failure *StripeError) error {
	if failure.Outcome != Refused || failure.keyRefused() {
		return failure
	}
	o.counts.failed.Add(1)
	o.m.log.Warn(what, slog.Int64("row", j.entry.Row), slog.String("id", idOf(j.entry)), slog.Any("error", failure))
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.failures) < maxFailures {
		o.failures = append(o.failures, Failure{Row: j.entry.Row, Line: j.entry.Line, Code: failure.Code, Message: failure.Message})
	}
	return nil
}

// rowDone counts a row that was dealt with, and reports the progress.
func (o *operation) rowDone() {
	o.counts.done.Add(1)
	o.m.report(o.counts)
}
