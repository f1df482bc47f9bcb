package migrate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
)

// ReleaseOptions says which rows of a migration are released. The zero value means all whose subscriptions are live.
type ReleaseOptions struct {
	Customers []string        // only rows of these customers, and those of Rows
	Rows      []int64         // only these data rows, counted from 1 as Report does, and those of Customers
	Stop      <-chan struct{} // closed: finish what is in flight and begin nothing new; nil is never
}

// Released is what came of a release. Released counts the whole migration, the other numbers count the rows that were
// meant.
type Released struct {
	ID         string    `json:"id"`
	Released   int64     `json:"released"`         // rows of the migration whose schedule is released now, whoever did it
	NotStarted int64     `json:"not_started"`      // left alone, because their subscriptions are not live yet
	Kept       int64     `json:"kept"`             // left alone, because a release would drop what their schedule is yet to do
	Ended      int64     `json:"ended"`            // nothing to release: the schedule has completed or is canceled
	Direct     int64     `json:"direct,omitempty"` // nothing to release: direct subscriptions, which no schedule governs
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

// NoSuchRowsError is a release, or a cutover, of rows that the migration does not have.
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
	return fmt.Sprintf("%s has no %s: nothing was done; its report lists the rows that it has", e.ID, strings.Join(all, ", "))
}

// Release releases the schedules of live subscriptions, which otherwise own them until their phase ends, so that until
// then they can be neither canceled at the end of a period nor changed elsewhere. The subscriptions go on as they are.
//
// Schedules that have not started are left alone, and so are those that would end their subscription or begin another
// phase: a release would drop that. Direct subscriptions have no schedule. A released row is no longer canceled by Cancel, unless that includes live ones.
//
// Releasing again is harmless; a release that was interrupted goes on where it ended. It returns a *NoSuchRowsError, a
// *BeingCanceledError for a migration whose cancel did not finish, a *WrongAccountError, and ErrInterrupted as Run
// does.
func (m *Migrator) Release(ctx context.Context, id string, o ReleaseOptions) (*Released, error) {
	mig, err := m.ledger.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := m.checkAccount(ctx, mig, o.Stop); err != nil {
		return nil, err
	}
	mig, unlock, err := m.lockAndLoad(ctx, mig)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if mig.Status == ledger.StatusCanceling {
		return nil, &BeingCanceledError{ID: mig.ID}
	}
	r := &release{op: m.newOperation(mig, o.Stop), rows: map[int64]bool{}, customers: map[string]bool{}}
	for _, row := range o.Rows {
		r.rows[row] = true
	}
	for _, customer := range o.Customers {
		r.customers[customer] = true
	}
	if err := r.count(ctx); err != nil {
		return nil, err
	}
	failure := interruption(ctx, r.releaseRows(ctx))
	result, err := r.result(context.WithoutCancel(ctx))
	return result, errors.Join(failure, err)
}

// release is one release of rows of a migration.
type release struct {
	op        *operation
	rows      map[int64]bool // that are meant, and those of the customers; with neither, all are
	customers map[string]bool

	notStarted, ended, direct, keptRows atomic.Int64
	kept                                []Kept // the first ones; guarded by op.mu
}

// governed are the states of rows that may have a schedule which governs a subscription.
var governed = [...]ledger.State{ledger.Scheduled, ledger.Releasing}

// all tells whether all rows of the migration are meant.
func (r *release) all() bool { return len(r.rows) == 0 && len(r.customers) == 0 }

// has tells whether a row is meant.
func (r *release) has(e ledger.Entry) bool {
	return r.all() || r.rows[e.Row] || r.customers[e.Customer]
}

// count counts the rows that are to be dealt with, and refuses a release of rows that there are not.
func (r *release) count(ctx context.Context) error {
	rows, customers := maps.Clone(r.rows), maps.Clone(r.customers) // that have not been seen
	for e, err := range r.op.ledger.Entries(ctx, r.op.migration.ID) {
		if err != nil {
			return err
		}
		delete(rows, e.Row)
		delete(customers, e.Customer)
		if r.has(e) && slices.Contains(governed[:], e.State) {
			r.op.counts.total.Add(1)
		}
	}
	if len(rows)+len(customers) > 0 {
		return &NoSuchRowsError{ID: r.op.migration.ID, Rows: slices.Sorted(maps.Keys(rows)), Customers: slices.Sorted(maps.Keys(customers))}
	}
	return nil
}

// releaseRows deals with all rows that are meant. One that starts later needs no request to be known as not live; but
// in test mode a test clock may be ahead of ours.
func (r *release) releaseRows(ctx context.Context) error {
	pool := workers.New(r.op.m.workers, r.op.m.seed, r.op.stop, func(e ledger.Entry) error {
		if err := r.op.forCustomer(ctx, r.op.migration.Account, e.Customer, func() error { return r.releaseRow(ctx, e) }); err != nil {
			return err
		}
		r.op.rowDone()
		return nil
	})
	for e, err := range r.op.ledger.Entries(ctx, r.op.migration.ID, governed[:]...) {
		if err != nil {
			pool.Halt(err)
			break
		}
		if !r.has(e) {
			continue
		}
		if isDirect(e) {
			r.direct.Add(1)
			r.op.rowDone()
			continue
		}
		later := r.op.migration.Livemode && e.State == ledger.Scheduled && e.Start.Time().After(r.op.m.clock.Now().Add(skew))
		if r.all() && later {
			r.notStarted.Add(1)
			r.op.rowDone()
			continue
		}
		if pool.Submit(e.Customer, e) != nil {
			break
		}
	}
	return pool.Wait()
}

// result says how the migration stands by the ledger after a release.
func (r *release) result(ctx context.Context) (*Released, error) {
	s, err := Status(ctx, r.op.ledger, r.op.migration.ID, r.op.m.clock.Now())
	if err != nil {
		return nil, err
	}
	slices.SortFunc(r.kept, func(a, b Kept) int { return int(a.Row - b.Row) })
	return &Released{
		ID: s.ID, Released: s.Released, NotStarted: r.notStarted.Load(), Kept: r.keptRows.Load(), Ended: r.ended.Load(), Direct: r.direct.Load(),
		Failed: r.op.counts.failed.Load(), KeptRows: r.kept, Failures: r.op.failures,
	}, nil
}
