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
		Row: int64(row.Source.Row), Line: int64(row.Source.Line), Customer: row.Customer, SourceID: sourceID(row),
		Start: row.StartDate, Strategy: string(planned.Strategy),
	}
}

// sourceKeys are the metadata keys under which Stripe's guide keeps the ID that a subscription had before.
var sourceKeys = [...]string{"third_party_sub_id", "old_Stripe_sub_id"}

// sourceID returns the ID that a row's subscription had before, or "".
func sourceID(row *csvspec.Row) string {
	for _, key := range sourceKeys {
		if id := row.Metadata.Get(key); id != "" {
			return id
		}
	}
	return ""
}

// sourceIDIn returns the same of a schedule's metadata.
func sourceIDIn(metadata map[string]string) string {
	for _, key := range sourceKeys {
		if id := metadata[key]; id != "" {
			return id
		}
	}
	return ""
}
