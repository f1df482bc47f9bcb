package migrate

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// accountDuplicates is what the account has of other files and other programs: of this program on another machine, or
// of Stripe's toolkit. It is found among the schedules that have not started, and among the live subscriptions.
type accountDuplicates struct {
	duplicateRows
	run   *run
	own   map[string]bool // migrations of the same file, which the selection has judged
	again bool            // subscriptions are to be scheduled a second time: as asked now, or when the migration began
	index *rowIndex       // nil until there is something to be looked for
}

func newAccountDuplicates(r *run) *accountDuplicates {
	began, err := OptionsOf(r.op.migration) // they were read before
	d := &accountDuplicates{run: r, own: map[string]bool{}, again: r.review.Options.Again || err == nil && began.Again}
	for nth := range len(r.review.Earlier) + 1 {
		d.own[migrationID(r.review.Account, r.review.contentID(), nth+1)] = true
	}
	return d
}

// compareSchedule compares a schedule that is not of this migration with the rows of its file.
func (d *accountDuplicates) compareSchedule(ctx context.Context, s ScheduleState) error {
	tag, _ := schedule.ParseTag(s.Metadata)
	if d.own[tag.Migration] {
		return nil
	}
	return d.compare(ctx, s.Customer, s.Metadata, s.StartDate, Duplicate{ScheduleID: s.ID, Migration: tag.Migration})
}

// compareSubscription compares a subscription that is not of this migration with the rows of its file. Those of an
// earlier migration of the same file count as well: canceling it has left the live ones alone.
func (d *accountDuplicates) compareSubscription(ctx context.Context, s SubscriptionState) error {
	tag, _ := schedule.ParseTag(s.Metadata)
	return d.compare(ctx, s.Customer, s.Metadata, s.StartDate,
		Duplicate{ScheduleID: s.Schedule, SubscriptionID: s.ID, Migration: tag.Migration})
}

// compare notes the rows of the file that ask for a subscription that exists.
func (d *accountDuplicates) compare(ctx context.Context, customer string, metadata map[string]string, start csvspec.Timestamp,
	by Duplicate,
) (err error) {
	if d.again {
		return nil
	}
	if d.index == nil {
		if d.index, err = d.run.review.index(ctx, d.run.input, d.run.op.m.seed); err != nil {
			return err
		}
	}
	d.index.mark(&d.duplicateRows, subscriptionOf(customer, metadataPairs(metadata), start), by)
	return nil
}

// refuse returns an error when rows that are still to be scheduled are duplicates, unless those are left out.
func (d *accountDuplicates) refuse(ctx context.Context) error {
	r := d.run
	if d.rows.Len() == 0 || r.review.Options.SkipScheduled {
		return nil
	}
	refusal := &AlreadyScheduledError{File: r.review.Input.Name}
	_, err := r.readRows(ctx, func(row *csvspec.Row, findings validate.Findings) error {
		n := int64(row.Source.Row)
		if !d.has(n) || r.settled.Has(n) || findings.HasErrors() {
			return nil
		}
		refusal.Rows++
		if first, ok := d.first[n]; ok && len(refusal.First) < maxShown {
			refusal.First = append(refusal.First, first)
		}
		return nil
	})
	if err == nil && refusal.Rows > 0 {
		return refusal
	}
	return err
}

// has tells whether the subscription of a row exists already.
func (d *accountDuplicates) has(row int64) bool { return d != nil && d.rows.Has(row) }
