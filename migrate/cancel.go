package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate/ledger"
)

// CancelOptions says how far a cancel goes. The zero value cancels within the window what is not live.
type CancelOptions struct {
	Individually bool            // also after the window has closed
	IncludeLive  bool            // also subscriptions that are live already, without an invoice and without proration
	Stop         <-chan struct{} // closed: finish what is in flight and begin nothing new; nil is never
}

// Canceled is what came of a cancel.
type Canceled struct {
	ID          string    `json:"id"`
	Status      string    `json:"status"`
	Canceled    int64     `json:"canceled"`     // schedules of the migration that are canceled now, whoever did it
	AlreadyLive int64     `json:"already_live"` // left alone, because they are live
	Failed      int64     `json:"failed"`
	Failures    []Failure `json:"failures"`
}

// Cancel undoes every schedule of a migration that has not gone live, and returns what came of it. Canceling again is
// harmless; a cancel that was interrupted goes on where it ended. Right after a run that died it waits, for a minute or
// so, until none of the run's requests can be under way any more.
//
// It returns a *WindowClosedError after the window, a *WrongAccountError when the key is another account's, and
// ErrInterrupted as Run does.
func (m *Migrator) Cancel(ctx context.Context, id string, o CancelOptions) (*Canceled, error) {
	mig, err := m.ledger.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	if mig.Status == ledger.StatusCanceled && !o.IncludeLive {
		return m.canceled(ctx, m.newUndo(mig, o))
	}
	if err := m.mayCancel(ctx, mig, o); err != nil {
		return nil, err
	}
	mig, release, err := m.claim(ctx, mig)
	if err != nil {
		return nil, err
	}
	defer release()
	u := m.newUndo(mig, o)
	failure := interruption(ctx, u.do(ctx))
	result, err := m.canceled(context.WithoutCancel(ctx), u)
	return result, errors.Join(failure, err)
}

func (m *Migrator) newUndo(mig ledger.Migration, o CancelOptions) *undo {
	return &undo{run: run{sender: sender{Migrator: m, counts: &counters{}, stop: o.Stop}, migration: mig}, options: o}
}

// mayCancel refuses a cancel with the wrong key, or after the window.
func (m *Migrator) mayCancel(ctx context.Context, mig ledger.Migration, o CancelOptions) error {
	if err := m.sameAccount(ctx, mig, o.Stop); err != nil {
		return err
	}
	deadline := mig.SettledAt.Time().Add(Window)
	if mig.Status == ledger.StatusScheduled && m.clock.Now().After(deadline) && !o.Individually {
		return &WindowClosedError{ID: mig.ID, Deadline: deadline}
	}
	return nil
}

// sameAccount refuses to work on a migration with the key of another account.
func (m *Migrator) sameAccount(ctx context.Context, mig ledger.Migration, stop <-chan struct{}) error {
	s := &sender{Migrator: m, counts: &counters{}, stop: stop}
	until, release := s.untilStop(ctx)
	defer release()
	account, err := send(until, s, reading, func() (Account, error) { return m.gateway.Account(until) })
	if err != nil {
		return fmt.Errorf("the account cannot be read: %w", err)
	}
	if owner := (Account{ID: mig.Account, Livemode: mig.Livemode}); account != owner {
		return &WrongAccountError{ID: mig.ID, Want: owner, Got: account}
	}
	return nil
}

// canceled tells what the ledger says after a cancel.
func (m *Migrator) canceled(ctx context.Context, u *undo) (*Canceled, error) {
	s, err := Status(ctx, m.ledger, u.migration.ID, m.clock.Now())
	if err != nil {
		return nil, err
	}
	live := max(u.live.Load(), s.Live+s.Released) // a released subscription goes on charging, too
	return &Canceled{
		ID: s.ID, Status: s.Status, Canceled: s.Canceled, AlreadyLive: live,
		Failed: u.counts.failed.Load(), Failures: u.failures.first,
	}, nil
}
