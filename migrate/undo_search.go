package migrate

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// search makes sure that the ledger knows every schedule of the migration that has not started, also of those rows that
// it has no entry for: a runner on another machine may have scheduled them, and left behind they would charge. When the
// run was complete, every row has its entry.
func (u *undo) search(ctx context.Context) error {
	if u.migration.Status == ledger.StatusScheduled {
		return nil
	}
	known, err := u.known(ctx)
	if err != nil {
		return err
	}
	added := map[int64]bool{}
	until, release := u.untilStop(ctx)
	defer release()
	return u.walk(until, ScheduleFilter{NotStarted: true}, func(s ScheduleState) error {
		tag, tagged := schedule.ParseTag(s.Metadata)
		row := tag.Row
		if !tagged || tag.Migration != u.migration.ID || known.Has(row) || added[row] || s.Status != StatusNotStarted {
			return nil
		}
		added[row] = true
		now := csvspec.At(u.clock.Now())
		return u.record(ctx, &job{entry: ledger.Entry{
			Row: row, Customer: s.Customer, SourceID: validate.SourceID(metadataPairs(s.Metadata)), Start: s.StartDate, IntendedAt: now,
			ScheduleID: s.ID, RequestID: s.RequestID,
		}}, ledger.Scheduled)
	})
}

// known returns the rows that the ledger has an entry for.
func (u *undo) known(ctx context.Context) (ledger.RowSet, error) {
	known, err := u.ledger.Settled(ctx, u.migration.ID)
	if err != nil {
		return nil, err
	}
	for e, err := range u.ledger.Entries(ctx, u.migration.ID, ledger.Intended, ledger.Unknown, ledger.Refused) {
		if err != nil {
			return nil, err
		}
		known.Add(e.Row)
	}
	return known, nil
}
