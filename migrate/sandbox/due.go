package sandbox

import (
	"container/heap"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// dueQueue orders what a clock will have to do.
type dueQueue struct {
	entries dueHeap
	unread  []*dueReader // what the directory holds of it
}

// dueEntry is one thing to do. At the same second schedules come first: a
// phase that ends decides whether and how its subscription renews. Of one
// kind, what was created first does: whose invoice uses a customer's credit
// must not depend on chance.
type dueEntry struct {
	at   int64
	rank dueRank
	row  int32 // in its table
	id   string
}

type dueRank uint8

const (
	dueSchedule dueRank = iota
	dueSubscription
	dueInvoice
)

// queue returns the queue of a test clock, or the sandbox's own for "".
func (s *memory) queue(clock object.Text) *dueQueue {
	q := s.due[string(clock)]
	if q == nil {
		q = &dueQueue{unread: s.dueReaders(string(clock))}
		s.due[string(clock)] = q
	}
	return q
}

// plan queues what these objects are waiting for. An entry that no longer
// holds when it comes up is skipped, so nothing is ever taken out.
func (s *memory) plan(schedules []*object.Schedule, subscriptions []*object.Subscription, invoices []*object.Invoice) {
	for _, o := range schedules {
		s.queue(o.TestClock).add(dueEntry{o.Due(), dueSchedule, s.schedules.index[o.ID], o.ID})
	}
	for _, o := range subscriptions {
		s.queue(o.TestClock).add(dueEntry{o.Due(), dueSubscription, s.subscriptions.index[o.ID], o.ID})
	}
	for _, o := range invoices {
		s.queue(o.TestClock).add(dueEntry{o.Due(), dueInvoice, s.invoices.index[o.ID], o.ID})
	}
}

// holds tells whether an entry still says what its object is waiting for.
func (s *memory) holds(e dueEntry) bool {
	switch e.rank {
	case dueSchedule:
		o := s.schedules.get(e.id)
		return o != nil && o.Due() == e.at
	case dueSubscription:
		o := s.subscriptions.get(e.id)
		return o != nil && o.Due() == e.at
	default:
		o := s.invoices.get(e.id)
		return o != nil && o.Due() == e.at
	}
}

func (q *dueQueue) add(e dueEntry) {
	if e.at != 0 {
		heap.Push(&q.entries, e)
	}
}

// next takes the earliest entry that is due.
func (q *dueQueue) next(now int64) (dueEntry, bool) {
	for _, r := range q.unread {
		for r.next != 0 && r.next <= now && (len(q.entries) == 0 || r.next <= q.entries[0].at) {
			r.portion(q)
		}
	}
	if len(q.entries) == 0 || q.entries[0].at > now {
		return dueEntry{}, false
	}
	return heap.Pop(&q.entries).(dueEntry), true
}

type dueHeap []dueEntry

func (h dueHeap) Len() int { return len(h) }
func (h dueHeap) Less(a, b int) bool {
	if h[a].at != h[b].at {
		return h[a].at < h[b].at
	}
	if h[a].rank != h[b].rank {
		return h[a].rank < h[b].rank
	}
	return h[a].row < h[b].row
}
func (h dueHeap) Swap(a, b int) { h[a], h[b] = h[b], h[a] }
func (h *dueHeap) Push(x any)   { *h = append(*h, x.(dueEntry)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
