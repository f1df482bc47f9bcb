package store

import (
	"container/heap"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// dueQueue orders what a clock will have to do.
type dueQueue struct {
	entries dueHeap
	unread  []*dueReader // what the directory holds of it
}

// DueEntry is one thing to do. At the same second schedules come first: a phase that ends decides whether and how its
// subscription renews. Of one kind, what was created first does: whose invoice uses a customer's credit must not depend
// on chance.
type DueEntry struct {
	At   int64
	Rank dueRank
	row  int32 // in its table
	ID   string
}

type dueRank uint8

const (
	DueSchedule dueRank = iota
	DueSubscription
	DueInvoice
)

// Queue returns the queue of a test clock, or the sandbox's own for "".
func (s *Store) Queue(clock object.Text) *dueQueue {
	q := s.due[string(clock)]
	if q == nil {
		q = &dueQueue{unread: s.dueReaders(string(clock))}
		s.due[string(clock)] = q
	}
	return q
}

// plan queues what these objects are waiting for. An entry that no longer holds when it comes up is skipped, so nothing
// is ever taken out.
func (s *Store) plan(schedules []*object.Schedule, subscriptions []*object.Subscription, invoices []*object.Invoice) {
	for _, o := range schedules {
		s.Queue(o.TestClock).Add(DueEntry{o.Due(), DueSchedule, s.Schedules.index[o.ID], o.ID})
	}
	for _, o := range subscriptions {
		s.Queue(o.TestClock).Add(DueEntry{o.Due(), DueSubscription, s.Subscriptions.index[o.ID], o.ID})
	}
	for _, o := range invoices {
		s.Queue(o.TestClock).Add(DueEntry{o.Due(), DueInvoice, s.Invoices.index[o.ID], o.ID})
	}
}

// Holds tells whether an entry still says what its object is waiting for.
func (s *Store) Holds(e DueEntry) bool {
	switch e.Rank {
	case DueSchedule:
		o := s.Schedules.Get(e.ID)
		return o != nil && o.Due() == e.At
	case DueSubscription:
		o := s.Subscriptions.Get(e.ID)
		return o != nil && o.Due() == e.At
	default:
		o := s.Invoices.Get(e.ID)
		return o != nil && o.Due() == e.At
	}
}

func (q *dueQueue) Add(e DueEntry) {
	if e.At != 0 {
		heap.Push(&q.entries, e)
	}
}

// Next takes the earliest entry that is due.
func (q *dueQueue) Next(now int64) (DueEntry, bool) {
	for _, r := range q.unread {
		for r.next != 0 && r.next <= now && (len(q.entries) == 0 || r.next <= q.entries[0].At) {
			r.portion(q)
		}
	}
	if len(q.entries) == 0 || q.entries[0].At > now {
		return DueEntry{}, false
	}
	return heap.Pop(&q.entries).(DueEntry), true
}

type dueHeap []DueEntry

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(a, b int) bool {
	if h[a].At != h[b].At {
		return h[a].At < h[b].At
	}
	if h[a].Rank != h[b].Rank {
		return h[a].Rank < h[b].Rank
	}
	return h[a].row < h[b].row
}

func (h dueHeap) Swap(a, b int) { h[a], h[b] = h[b], h[a] }

func (h *dueHeap) Push(x any) { *h = append(*h, x.(DueEntry)) }

func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
