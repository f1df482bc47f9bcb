package store

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// duePortion is how many objects that are due are read at once.
const duePortion = 500

// dueReader reads, in the order of their times, the objects of one kind that a clock has something to do with. An
// object that has changed since it was stored is in the queue already, and what was stored no longer holds.
type dueReader struct {
	rank  dueRank
	read  func(due, seq int64) []disk.Object
	next  int64 // when the first one that has not been read is due; 0 when all have been
	after [2]int64
}

// dueReaders are what a directory holds of a clock's queue.
func (s *Store) dueReaders(clock string) []*dueReader {
	readers := []*dueReader{
		{rank: DueSchedule, read: dueOf(s.Schedules, clock)},
		{rank: DueSubscription, read: dueOf(s.Subscriptions, clock)},
		{rank: DueInvoice, read: dueOf(s.Invoices, clock)},
	}
	var some []*dueReader
	for _, r := range readers {
		if r.read == nil {
			continue
		}
		if first := r.read(0, 0); len(first) > 0 {
			r.next = first[0].Due
			some = append(some, r)
		}
	}
	return some
}

// dueOf reads a portion of the objects of a table that are due behind a time and a position; nil when all are in
// memory.
func dueOf[O any](t *Table[O], clock string) func(due, seq int64) []disk.Object {
	if t.disk.store == nil || t.disk.store.Next(t.disk.kind) == 0 {
		return nil
	}
	return func(due, seq int64) []disk.Object {
		limit := duePortion + 1
		if due == 0 {
			limit = 1 // only a look at the first
		}
		found := must(t.disk.store.Due(t.disk.kind, clock, due, seq, limit))
		if due != 0 {
			for _, one := range found[:min(len(found), duePortion)] {
				t.place(one)
			}
		}
		return found
	}
}

// portion queues the next objects.
func (r *dueReader) portion(q *dueQueue) {
	if r.after[0] == 0 {
		r.after = [2]int64{r.next - 1, 1 << 62}
	}
	found := r.read(r.after[0], r.after[1])
	r.next = 0
	for i, one := range found {
		if i == duePortion {
			r.next = one.Due
			return
		}
		q.Add(DueEntry{one.Due, r.rank, int32(one.Seq), one.ID})
		r.after = [2]int64{one.Due, one.Seq}
	}
}
