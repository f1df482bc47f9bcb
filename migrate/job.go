package migrate

import (
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
)

// job is one row on its way to Stripe.
type job struct {
	entry    ledger.Entry
	from     ledger.State // what the ledger says of the row
	schedule Schedule
	spent    bool // Stripe has stored an answer under the entry's key that is not a schedule
}

// job returns what is to be done for a row, if anything is.
func (r *run) job(row *csvspec.Row, findings []validate.Finding) (job, bool) {
	n := int64(row.Source.Row)
	if r.settled.Has(n) || leftOut(findings) || r.chosen != nil && !r.chosen[n] || r.review.LeavesOut(n) || r.others.have(n) {
		return job{}, false
	}
	planned, err := Plan(row, r.review.Facts)
	if err != nil { // the review has counted and shown it
		return job{}, false
	}
	j := job{entry: r.entry(row, planned), schedule: planned.Schedule}
	if before, ok := r.pending[n]; ok {
		j.from = before.State
		j.entry.Attempt, j.entry.Key, j.entry.IntendedAt = before.Attempt, before.Key, before.IntendedAt
	}
	j.schedule.Metadata = append(slices.Clip(j.schedule.Metadata),
		csvspec.KeyValue{Key: MetadataKey, Value: mark(r.migration.ID, n)})
	return j, true
}

// entry returns the ledger's record of a row to which nothing has happened yet.
func (r *run) entry(row *csvspec.Row, planned Planned) ledger.Entry {
	return ledger.Entry{
		Row: int64(row.Source.Row), Line: int64(row.Source.Line), Customer: row.Customer, SourceID: validate.SourceID(row.Metadata),
		Start: row.StartDate, Strategy: string(planned.Strategy),
	}
}

// sourceIDIn returns the ID that the subscription of a schedule had before, as validate.SourceID does of a row.
func sourceIDIn(metadata map[string]string) string {
	var pairs csvspec.Metadata
	for key, value := range metadata {
		pairs = append(pairs, csvspec.KeyValue{Key: key, Value: value})
	}
	return validate.SourceID(pairs)
}
