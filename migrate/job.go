package migrate

import (
	"maps"
	"slices"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// job is one row on its way to Stripe.
type job struct {
	entry    ledger.Entry
	from     ledger.State // what the ledger says of the row
	schedule schedule.Schedule
	spent    bool // Stripe has stored an answer under the entry's key that is not a schedule
}

// job returns what is to be done for a row, if anything is.
func (r *run) job(row *csvspec.Row, findings []validate.Finding) (job, bool) {
	n := int64(row.Source.Row)
	if r.settled.Has(n) || leftOut(findings) || r.chosen != nil && !r.chosen[n] || r.review.LeavesOut(n) || r.others.have(n) {
		return job{}, false
	}
	planned, err := schedule.FromRow(row, r.review.AccountData)
	if err != nil { // the review has counted and shown it
		return job{}, false
	}
	j := job{entry: r.entry(row, planned), schedule: planned.Schedule.Tagged(schedule.Tag{Migration: r.migration.ID, Row: n})}
	if before, ok := r.pending[n]; ok {
		j.from = before.State
		j.entry.Attempt, j.entry.Key, j.entry.IntendedAt = before.Attempt, before.Key, before.IntendedAt
	}
	return j, true
}

// entry returns the ledger's record of a row to which nothing has happened yet.
func (r *run) entry(row *csvspec.Row, planned schedule.Planned) ledger.Entry {
	return ledger.Entry{
		Row: int64(row.Source.Row), Line: int64(row.Source.Line), Customer: row.Customer, SourceID: validate.SourceID(row.Metadata),
		Start: row.StartDate, Strategy: string(planned.Strategy),
	}
}

// sourceIDsIn returns every ID that the subscription with this metadata had before, the one that validate.SourceID
// prefers first: another program may have kept only one of two.
func sourceIDsIn(metadata csvspec.Metadata) (ids []string) {
	metadata = slices.Clone(metadata)
	for {
		id := validate.SourceID(metadata)
		if id == "" {
			return ids
		}
		ids = append(ids, id)
		metadata = slices.DeleteFunc(metadata, func(kv csvspec.KeyValue) bool { return kv.Value == id })
	}
}

// metadataPairs returns Stripe's metadata as a row has it, sorted by key.
func metadataPairs(metadata map[string]string) (pairs csvspec.Metadata) {
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		pairs = append(pairs, csvspec.KeyValue{Key: key, Value: metadata[key]})
	}
	return pairs
}
