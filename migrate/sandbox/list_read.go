package sandbox

import (
	"github.com/subferry/subferry/migrate/sandbox/internal/form"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// mostRead bounds how many objects a list reads from the disk at once.
const mostRead = 2_000

// reading walks the positions of a table and reads those that are not in
// memory in portions. What the filter by time leaves out is not read.
type reading[O any] struct {
	table  *table[O]
	wanted disk.Range
	up     bool
	// covered are the positions that the last portion was about: what it did
	// not bring is not there, or not wanted.
	low, high int64
}

// reading begins to walk the table, upwards or downwards, for a page of limit
// objects.
func (t *table[O]) reading(params *form.Node, limit int, up bool) *reading[O] {
	r := &reading[O]{table: t, up: up, low: 0, high: -1}
	r.wanted.Limit = limit + 1
	if t.columns != nil {
		r.wanted.Since, r.wanted.Until = bounds(params, "created")
		r.wanted.Timed = params.Has("created")
	}
	return r
}

// at returns the object at a position, nil when there is none that is wanted.
func (r *reading[O]) at(i int32) *O {
	t := r.table
	if int(i) >= t.disk.size || t.rows[i] != nil {
		return t.at(i)
	}
	if at := int64(i); at < r.low || at > r.high {
		r.portion(at)
		return t.placed(i)
	}
	return nil
}

// placed is what is in memory at a position.
func (t *table[O]) placed(i int32) *O {
	if t.rows[i] == t.disk.gone {
		return nil
	}
	return t.rows[i]
}

// portion reads the objects from a position on.
func (r *reading[O]) portion(from int64) {
	t := r.table
	ask := t.disk.store.Newest
	r.wanted.From, r.wanted.To = 0, from
	if r.up {
		ask = t.disk.store.Oldest
		r.wanted.From, r.wanted.To = from, int64(t.disk.size)-1
	}
	found := must(ask(t.disk.kind, r.wanted))
	for _, one := range found {
		t.place(one)
	}
	r.low, r.high = r.wanted.From, r.wanted.To
	if len(found) == r.wanted.Limit { // there may be more behind the last one
		if last := found[len(found)-1].Seq; r.up {
			r.high = last
		} else {
			r.low = last
		}
	}
	r.wanted.Limit = min(mostRead, 2*r.wanted.Limit)
}
