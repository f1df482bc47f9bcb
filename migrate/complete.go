package migrate

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// complete records that every row was dealt with, as of the moment at which the last one was scheduled: then begins the
// window in which the migration can be canceled. A run that schedules nothing does not move it.
func (r *run) complete(ctx context.Context) error {
	if n := r.unsettled.Load(); n > 0 {
		return &UnsettledError{Rows: n}
	}
	if err := r.leaveOut(ctx); err != nil {
		return err
	}
	at, err := r.lastScheduled(ctx)
	if err != nil {
		return err
	}
	return r.ledger.SetStatus(ctx, r.migration.ID, ledger.StatusScheduled, at)
}

// CodeLeftOut is the error code of a row that was begun, was found not to exist, and is not ready to be sent any more.
const CodeLeftOut = "left_out"

// leaveOut settles the rows that an earlier run began, and that this one has looked up in vain and not sent, because its
// review leaves them out: all ready rows are settled by now.
func (r *run) leaveOut(ctx context.Context) error {
	var left []ledger.Entry
	for e, err := range r.ledger.Entries(ctx, r.migration.ID, ledger.Intended, ledger.Unknown) {
		if err != nil {
			return err
		}
		left = append(left, e)
	}
	for _, e := range left {
		failure := &StripeError{Outcome: Refused, Code: CodeLeftOut, Message: "not sent: when the run went on, the row was not " +
			"ready any more, because its start date has come too close or it has errors now; nothing was created for it before"}
		if err := r.refused(ctx, &job{entry: e, from: e.State}, failure); err != nil {
			return err
		}
	}
	return nil
}

// lastScheduled returns when the last row of the migration was scheduled, by this run or an earlier one.
func (r *run) lastScheduled(ctx context.Context) (csvspec.Timestamp, error) {
	if r.scheduled.Load() {
		return csvspec.At(r.clock.Now()), nil
	}
	last := csvspec.Timestamp(0)
	for e, err := range r.ledger.Entries(ctx, r.migration.ID, ledger.Scheduled) {
		if err != nil {
			return 0, err
		}
		last = max(last, e.UpdatedAt)
	}
	if last == 0 {
		last = csvspec.At(r.clock.Now())
	}
	return last, nil
}
