package migrate

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// others is what the account has of other files and other programs: of this program on another machine, or of
// Stripe's toolkit. It is found among the schedules that have not started, and among the live subscriptions.
type others struct {
	run   *run
	own   map[string]bool // migrations of the same file, which Choose has judged
	again bool            // subscriptions are to be scheduled a second time
	index *rowIndex       // nil until there is something to be looked for
	taken takenRows
}

func newOthers(r *run) *others {
	o := &others{run: r, own: map[string]bool{}, again: r.again()}
	for nth := range len(r.review.Earlier) + 1 {
		o.own[migrationID(r.review.Account, r.review.content(), nth+1)] = true
	}
	return o
}

// see compares a schedule that is not of this migration with the rows of its file.
func (o *others) see(ctx context.Context, s ScheduleState) error {
	tag, _ := schedule.ParseTag(s.Metadata)
	by := Duplicate{ScheduleID: s.ID, Migration: tag.Migration}
	if o.own[by.Migration] {
		return nil
	}
	return o.compare(ctx, subscriptionOf(s.Customer, metadataPairs(s.Metadata), s.StartDate), by)
}

// seeLive compares a subscription that is not of this migration with the rows of its file. Those of an earlier migration
// of the same file count as well: canceling it has left the live ones alone.
func (o *others) seeLive(ctx context.Context, s SubscriptionState) error {
	tag, _ := schedule.ParseTag(s.Metadata)
	by := Duplicate{ScheduleID: s.Schedule, SubscriptionID: s.ID, Migration: tag.Migration}
	return o.compare(ctx, subscriptionOf(s.Customer, metadataPairs(s.Metadata), s.StartDate), by)
}

// compare notes the rows of the file that ask for a subscription that exists.
func (o *others) compare(ctx context.Context, s subscription, by Duplicate) (err error) {
	if o.again {
		return nil
	}
	if o.index == nil {
		if o.index, err = o.run.review.index(ctx, o.run.seed); err != nil {
			return err
		}
	}
	o.index.take(&o.taken, s, by)
	return nil
}

// strange notes a row whose subscription is live and tagged with it, while no schedule of it is left.
func (o *others) strange(a adoption) {
	o.run.mu.Lock()
	defer o.run.mu.Unlock()
	if !o.again {
		o.taken.add(Duplicate{
			Row: a.entry.Row, Line: a.entry.Line, Customer: a.entry.Customer, SourceID: a.entry.SourceID,
			SubscriptionID: a.state.Subscription, Migration: o.run.migration.ID,
		})
	}
}

// refuse returns an error when rows that are still to be scheduled are taken, unless those are left out.
func (o *others) refuse(ctx context.Context) error {
	r := o.run
	if o.taken.rows.Len() == 0 || r.review.Options.SkipScheduled {
		return nil
	}
	refusal := &AlreadyScheduledError{File: r.review.Input.Name}
	err := r.review.Input.each(ctx, r.review.Options.Validation(r.review.Now, r.review.AccountData),
		func(row *csvspec.Row, findings []validate.Finding) error {
			n := int64(row.Source.Row)
			if !o.have(n) || r.settled.Has(n) || leftOut(findings) {
				return nil
			}
			refusal.Rows++
			if first, ok := o.taken.first[n]; ok && len(refusal.First) < shownTaken {
				refusal.First = append(refusal.First, first)
			}
			return nil
		})
	if err == nil && refusal.Rows > 0 {
		return refusal
	}
	return err
}

// have tells whether the subscription of a row is scheduled already.
func (o *others) have(row int64) bool { return o != nil && o.taken.rows.Has(row) }

// again tells whether subscriptions are to be scheduled a second time: as asked now, or when the migration began.
func (r *run) again() bool {
	began, err := decodeOptions(r.migration.Options) // they were read before
	return r.review.Options.Again || err == nil && began.Again
}
