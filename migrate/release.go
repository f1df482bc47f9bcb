package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/ledger"
)

// ReleaseOptions says which rows of a migration are released. The zero value means all whose subscriptions are live.
type ReleaseOptions struct {
	Customers []string        // only rows of these customers, and those of Rows
	Rows      []int64         // only these data rows, counted from 1 as Report does, and those of Customers
	Stop      <-chan struct{} // closed: finish what is in flight and begin nothing new; nil is never
}

// Released is what came of a release. Released counts the whole migration, the other numbers count the rows that were meant.
type Released struct {
	ID         string    `json:"id"`
	Released   int64     `json:"released"`    // rows of the migration whose schedule is released now, whoever did it
	NotStarted int64     `json:"not_started"` // left alone, because their subscriptions are not live yet
	Kept       int64     `json:"kept"`        // left alone, because a release would drop what their schedule is yet to do
	Ended      int64     `json:"ended"`       // nothing to release: the schedule has completed or is canceled
	Failed     int64     `json:"failed"`
	KeptRows   []Kept    `json:"kept_rows"` // at most maxFailures of them
	Failures   []Failure `json:"failures"`  // at most maxFailures of them
}

// Kept is a row that is not released, because its schedule has something left to do.
type Kept struct {
	Row        int64  `json:"row"`
	Line       int64  `json:"line"`
	Customer   string `json:"customer"`
	ScheduleID string `json:"schedule_id"`
	Reason     string `json:"reason"` // KeptEnds or KeptChanges
}

// Why a row is not released.
const (
	KeptEnds    = "ends_subscription" // the schedule ends the subscription; a release would let it go on and charge
	KeptChanges = "later_phases"      // somebody has added a phase, which a release would drop
)

// NoSuchRowsError is a release of rows that the migration does not have.
type NoSuchRowsError struct {
	ID        string
	Rows      []int64
	Customers []string
}

// Error names them.
func (e *NoSuchRowsError) Error() string {
	var all []string
	for _, row := range e.Rows {
		all = append(all, fmt.Sprintf("row %d", row))
	}
	for _, customer := range e.Customers {
		all = append(all, "customer "+customer)
	}
	return fmt.Sprintf("%s has no %s: nothing was released; its report lists the rows that it has", e.ID, strings.Join(all, ", "))
}

// Release lets go of live subscriptions: it releases their schedules, which otherwise own them until their phase ends, so
// that until then they can be neither canceled at the end of a period nor changed elsewhere. The subscriptions go on
// as they are.
//
// Schedules that have not started are left alone, and so are those that would end their subscription or begin another
// phase: a release would drop that. A released row is no longer undone by Cancel, unless that includes live ones.
//
// Releasing again is harmless; a release that was interrupted goes on where it ended. It returns a *NoSuchRowsError, a
// *BeingCanceledError for a migration whose cancel did not finish, a *WrongAccountError, and ErrInterrupted as Run does.
func (m *Migrator) Release(ctx context.Context, id string, o ReleaseOptions) (*Released, error) {
	mig, err := m.ledger.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := m.sameAccount(ctx, mig, o.Stop); err != nil {
		return nil, err
	}
	mig, unlock, err := m.claim(ctx, mig)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if mig.Status == ledger.StatusCanceling {
		return nil, &BeingCanceledError{ID: mig.ID}
	}
	r := &release{run: run{sender: sender{Migrator: m, counts: &counters{}, stop: o.Stop}, migration: mig}, selection: newSelection(o)}
	if err := r.count(ctx); err != nil {
		return nil, err
	}
	failure := interruption(ctx, r.sweep(ctx))
	result, err := r.result(context.WithoutCancel(ctx))
	return result, errors.Join(failure, err)
}

// selection is the rows that are meant.
type selection struct {
	all       bool
	rows      map[int64]bool
	customers map[string]bool
}

func newSelection(o ReleaseOptions) selection {
	s := selection{all: len(o.Rows) == 0 && len(o.Customers) == 0, rows: map[int64]bool{}, customers: map[string]bool{}}
	for _, row := range o.Rows {
		s.rows[row] = true
	}
	for _, customer := range o.Customers {
		s.customers[customer] = true
	}
	return s
}

func (s selection) has(e ledger.Entry) bool { return s.all || s.rows[e.Row] || s.customers[e.Customer] }
