package sandbox

import "container/heap"

// dueQueue orders what the clock will have to do by time.
type dueQueue struct{ entries dueHeap }

type dueEntry struct {
	at int64
	id string
}

// add plans a schedule's start. An entry that no longer holds when it comes
// up is skipped by its reader, so nothing is ever removed.
func (q *dueQueue) add(at int64, id string) { heap.Push(&q.entries, dueEntry{at, id}) }

// next takes the earliest entry that is due.
func (q *dueQueue) next(now int64) (at int64, id string, ok bool) {
	if len(q.entries) == 0 || q.entries[0].at > now {
		return 0, "", false
	}
	first := heap.Pop(&q.entries).(dueEntry)
	return first.at, first.id, true
}

type dueHeap []dueEntry

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(a, b int) bool { return h[a].at < h[b].at }
func (h dueHeap) Swap(a, b int)      { h[a], h[b] = h[b], h[a] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(dueEntry)) }
func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
