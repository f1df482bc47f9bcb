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
func (s *state) queue(clock object.Text) *dueQueue {
	q := s.due[string(clock)]
	if q == nil {
		q = &dueQueue{unread: s.dueReaders(string(clock))}
		s.due[string(clock)] = q
	}
	return q
}

// plan queues what these objects are waiting for. An entry that no longer
// holds when it comes up is skipped, so nothing is ever taken out.
func (s *state) plan(schedules []*object.Schedule, subscriptions []*object.Subscription, invoices []*object.Invoice) {
	for _, o := range schedules {
		s.queue(o.TestClock).add(dueEntry{scheduleDue(o), dueSchedule, s.schedules.index[o.ID], o.ID})
	}
	for _, o := range subscriptions {
		s.queue(o.TestClock).add(dueEntry{subscriptionDue(o), dueSubscription, s.subscriptions.index[o.ID], o.ID})
	}
	for _, o := range invoices {
		s.queue(o.TestClock).add(dueEntry{invoiceDue(o), dueInvoice, s.invoices.index[o.ID], o.ID})
	}
}

// holds tells whether an entry still says what its object is waiting for.
func (s *state) holds(e dueEntry) bool {
	switch e.rank {
	case dueSchedule:
		o := s.schedules.get(e.id)
		return o != nil && scheduleDue(o) == e.at
	case dueSubscription:
		o := s.subscriptions.get(e.id)
		return o != nil && subscriptionDue(o) == e.at
	default:
		o := s.invoices.get(e.id)
		return o != nil && invoiceDue(o) == e.at
	}
}

// scheduleDue is when a schedule starts or its phase ends; 0 is never.
func scheduleDue(o *object.Schedule) int64 {
	switch {
	case o == nil:
		return 0
	case o.Status == object.ScheduleNotStarted:
		return o.Phases[0].StartDate
	case o.Status == object.ScheduleActive:
		return o.CurrentPhase.EndDate
	}
	return 0
}

// incompleteFor is how long a first payment may be outstanding.
const incompleteFor = 23 * 60 * 60

// subscriptionDue is when a subscription renews, ends or expires.
func subscriptionDue(o *object.Subscription) int64 {
	switch {
	case o == nil || ended(o):
		return 0
	case o.Status == object.SubscriptionIncomplete:
		return o.Created + incompleteFor
	case o.CancelAt != 0:
		return min(int64(o.CancelAt), o.CurrentPeriodEnd)
	}
	return o.CurrentPeriodEnd
}

// draftFor is how long an invoice stays a draft.
const draftFor = 60 * 60

// invoiceDue is when a draft is finalized.
func invoiceDue(o *object.Invoice) int64 {
	if o == nil || o.Status != object.InvoiceDraft || !o.AutoAdvance {
		return 0
	}
	return o.Created + draftFor
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
