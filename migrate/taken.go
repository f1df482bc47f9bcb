package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/ledger"
)

// Duplicate is a row whose subscription exists already: scheduled or made live by a migration of another file, or by another
// program.
type Duplicate struct {
	Row, Line      int64
	Customer       string // of the schedule or subscription, as its source ID
	SourceID       string
	ScheduleID     string // "" when its request was interrupted, and whether it exists is not known, or when it has ended
	SubscriptionID string // of one that is live; "" when it is not, or when only the ledger was asked
	Migration      string // "" when no migration of this program has made it, as far as is known
}

// String says which subscription it is and what has made it.
func (t Duplicate) String() string {
	by, schedule := "another program", t.ScheduleID
	if t.Migration != "" {
		by = t.Migration
	}
	switch {
	case t.SubscriptionID != "":
		schedule = t.SubscriptionID + ", live,"
	case schedule == "":
		schedule = "a schedule that may exist"
	}
	if t.SourceID != "" {
		return fmt.Sprintf("line %d: %s is %s for %s, made by %s", t.Line, t.SourceID, schedule, t.Customer, by)
	}
	return fmt.Sprintf("line %d: for %s and the same start there is %s, made by %s", t.Line, t.Customer, schedule, by)
}

// shownTaken is how many taken rows an error names.
const shownTaken = 3

// AlreadyScheduledError is a file with rows whose subscriptions are scheduled or live already.
type AlreadyScheduledError struct {
	File  string
	Rows  int64
	First []Duplicate
}

// Error names the first of them.
func (e *AlreadyScheduledError) Error() string {
	var first []string
	for _, t := range e.First {
		first = append(first, t.String())
	}
	return fmt.Sprintf("%s: %d of its rows would become second subscriptions, charged beside those that are scheduled or live already (%s)",
		e.File, e.Rows, strings.Join(first, "; "))
}

// takenRows is what was found out about rows whose subscriptions may be scheduled already.
type takenRows struct {
	rows  ledger.RowSet
	first map[int64]Duplicate // the first of them, at most maxFindings
}

func (t *takenRows) add(row Duplicate) {
	if t.rows.Has(row.Row) {
		return
	}
	t.rows.Add(row.Row)
	if t.first == nil {
		t.first = map[int64]Duplicate{}
	}
	if len(t.first) < maxFindings {
		t.first[row.Row] = row
	}
}

// existing are the states in which a row has a subscription, or may have one.
var existing = [...]ledger.State{ledger.Intended, ledger.Unknown, ledger.Scheduled, ledger.Canceling, ledger.Releasing, ledger.Released}

// findTaken looks through the ledger for what migrations of other files have scheduled into the same account. A file
// that was corrected and is run again as a whole is the commonest way to charge everybody twice.
func (m *Migrator) findTaken(ctx context.Context, r *Review) error {
	all, err := m.ledger.Migrations(ctx)
	if err != nil || r.Options.Again {
		return err
	}
	var index *rowIndex
	for _, mig := range all {
		if mig.Account != r.Account.ID || mig.Livemode != r.Account.Livemode || r.content().moves(mig) {
			continue
		}
		if index == nil {
			if index, err = r.index(ctx, m.seed); err != nil {
				return err
			}
		}
		for e, err := range m.ledger.Entries(ctx, mig.ID, existing[:]...) {
			if err != nil {
				return err
			}
			index.take(&r.taken, entrySubscription(e), Duplicate{ScheduleID: e.ScheduleID, Migration: mig.ID})
		}
	}
	return nil
}

// entrySubscription returns the subscription of a row by what the ledger knows of it.
func entrySubscription(e ledger.Entry) subscription {
	s := subscription{customer: e.Customer, start: e.Start}
	if e.SourceID != "" {
		s.sources = []string{e.SourceID}
	}
	return s
}

// refuseTaken returns an error when rows are taken, unless they are left out or wanted all the same: now, or when the
// migration began.
func (r *Review) refuseTaken(began Options) error {
	if r.DuplicateRows == 0 || r.Options.SkipScheduled || r.Options.Again || began.Again {
		return nil
	}
	return &AlreadyScheduledError{File: r.Input.Name, Rows: r.DuplicateRows, First: r.Duplicates[:min(shownTaken, len(r.Duplicates))]}
}

// LeavesOut tells whether a run leaves out a row because its subscription is scheduled already.
func (r *Review) LeavesOut(row int64) bool { return r.Options.SkipScheduled && r.taken.rows.Has(row) }
