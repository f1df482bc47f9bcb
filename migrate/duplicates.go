package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/ledger"
)

// Duplicate is a row whose subscription exists already: scheduled or made live by a migration of another file, or by
// another program.
type Duplicate struct {
	Row, Line      int64
	Customer       string // of the schedule or subscription, as its source ID
	SourceID       string
	ScheduleID     string // "" when its request was interrupted, and whether it exists is not known, or when it has ended
	SubscriptionID string // of one that is live; "" when it is not, or when only the ledger was asked
	Migration      string // "" when no migration of this program has made it, as far as is known
}

// String says which subscription it is and what has made it.
func (d Duplicate) String() string {
	by, schedule := "another program", d.ScheduleID
	if d.Migration != "" {
		by = d.Migration
	}
	switch {
	case d.SubscriptionID != "":
		schedule = d.SubscriptionID + ", live,"
	case schedule == "":
		schedule = "a schedule that may exist"
	}
	if d.SourceID != "" {
		return fmt.Sprintf("line %d: %s is %s for %s, made by %s", d.Line, d.SourceID, schedule, d.Customer, by)
	}
	return fmt.Sprintf("line %d: for %s and the same start there is %s, made by %s", d.Line, d.Customer, schedule, by)
}

// maxShown is how many duplicates an error names.
const maxShown = 3

// AlreadyScheduledError is a file with rows whose subscriptions are scheduled or live already.
type AlreadyScheduledError struct {
	File  string
	Rows  int64
	First []Duplicate
}

// Error names the first of them.
func (e *AlreadyScheduledError) Error() string {
	var first []string
	for _, d := range e.First {
		first = append(first, d.String())
	}
	return fmt.Sprintf("%s: %d of its rows would become second subscriptions, charged beside those that are scheduled or live already (%s)",
		e.File, e.Rows, strings.Join(first, "; "))
}

// duplicateRows is what was found out about rows whose subscriptions may exist already.
type duplicateRows struct {
	rows  ledger.RowSet
	first map[int64]Duplicate // the first of them, at most maxFindings
}

func (d *duplicateRows) add(row Duplicate) {
	if d.rows.Has(row.Row) {
		return
	}
	d.rows.Add(row.Row)
	if d.first == nil {
		d.first = map[int64]Duplicate{}
	}
	if len(d.first) < maxFindings {
		d.first[row.Row] = row
	}
}

// existing are the states in which a row has a subscription, or may have one.
var existing = [...]ledger.State{ledger.Intended, ledger.Unknown, ledger.Scheduled, ledger.Canceling, ledger.Releasing, ledger.Released}

// findInLedger looks through the ledger for what migrations of other files have scheduled into the same account. A file
// that was corrected and is run again as a whole is the commonest way to charge everybody twice.
func (r *Review) findInLedger(ctx context.Context, m *Migrator, all []ledger.Migration) (err error) {
	if r.Options.Again {
		return nil
	}
	var index *rowIndex
	for _, mig := range all {
		if mig.Account != r.Account.ID || mig.Livemode != r.Account.Livemode || r.contentID().moves(mig) {
			continue
		}
		if index == nil {
			if index, err = r.index(ctx, r.Input, m.seed); err != nil {
				return err
			}
		}
		for e, err := range m.ledger.Entries(ctx, mig.ID, existing[:]...) {
			if err != nil {
				return err
			}
			s := subscription{customer: e.Customer, start: e.Start}
			if e.SourceID != "" {
				s.sources = []string{e.SourceID}
			}
			index.mark(&r.duplicates, s, Duplicate{ScheduleID: e.ScheduleID, Migration: mig.ID})
		}
	}
	return nil
}

// refuseDuplicates returns an error when subscriptions of rows exist already, unless those rows are left out or wanted
// all the same: now, or when the migration began.
func (r *Review) refuseDuplicates(began Options) error {
	if r.DuplicateRows == 0 || r.Options.SkipScheduled || r.Options.Again || began.Again {
		return nil
	}
	return &AlreadyScheduledError{File: r.Input.Name, Rows: r.DuplicateRows, First: r.Duplicates[:min(maxShown, len(r.Duplicates))]}
}

// LeavesOut tells whether a run leaves out a row because its subscription is scheduled already.
func (r *Review) LeavesOut(row int64) bool {
	return r.Options.SkipScheduled && r.duplicates.rows.Has(row)
}
