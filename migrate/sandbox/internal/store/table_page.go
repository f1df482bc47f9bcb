package store

import (
	"cmp"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// mostRead bounds how many objects a list reads from the disk at once.
const mostRead = 2_000

// Query asks for a page of objects.
type Query[O any] struct {
	Owner         string // whose; "" for everybody's
	After, Before string // the ID that the page begins behind, or ends before; at most one of them
	Limit         int
	Keep          func(*O) bool
	// Timed says that Keep takes nothing that was created outside of Since and Until, both included: it need not be
	// read.
	Timed        bool
	Since, Until int64
}

// Page returns the objects that are asked for, newest first, and whether there are more; ok is false when there is no
// object with the ID of After or Before.
func (t *Table[O]) Page(q Query[O]) (found []*O, more, ok bool) {
	positions := t.positions(q.Owner)
	up := q.Before != ""
	from, step := positions.len(), -1
	if up {
		from, step = -1, 1
	}
	if id := cmp.Or(q.Before, q.After); id != "" {
		position, known := t.find(id)
		if !known {
			return nil, false, false
		}
		if from, known = positions.find(position); !known {
			return nil, false, false
		}
	}
	read := t.reading(q, up)
	for i := from + step; i >= 0 && i < positions.len() && !more; i += step {
		if o := read.at(positions.at(i)); o != nil && q.Keep(o) {
			if more = len(found) == q.Limit; !more {
				found = append(found, o)
			}
		}
	}
	if up {
		slices.Reverse(found)
	}
	return found, more, true
}

// rows are the positions to walk, oldest first: all, or one customer's.
type rows struct {
	all   int
	owned []int32
	some  bool
}

func (t *Table[O]) positions(owner string) rows {
	if owner == "" {
		return rows{all: len(t.rows)}
	}
	t.readOwner(owner)
	return rows{owned: t.owned[owner], some: true}
}

func (r rows) len() int {
	if r.some {
		return len(r.owned)
	}
	return r.all
}

func (r rows) at(i int) int32 {
	if r.some {
		return r.owned[i]
	}
	return int32(i)
}

// find returns where a position stands among the rows.
func (r rows) find(position int32) (int, bool) {
	if r.some {
		return slices.BinarySearch(r.owned, position)
	}
	return int(position), true
}

// reading walks the positions of a table and reads those that are not in memory in portions. What the filter by time
// leaves out is not read.
type reading[O any] struct {
	table  *Table[O]
	wanted disk.Range
	up     bool
	// covered are the positions that the last portion was about: what it did not bring is not there, or not wanted.
	low, high int64
}

// reading begins to walk the table, upwards or downwards, for a page.
func (t *Table[O]) reading(q Query[O], up bool) *reading[O] {
	r := &reading[O]{table: t, up: up, low: 0, high: -1}
	r.wanted.Limit = q.Limit + 1
	if t.columns != nil {
		r.wanted.Since, r.wanted.Until, r.wanted.Timed = q.Since, q.Until, q.Timed
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
func (t *Table[O]) placed(i int32) *O {
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
