package store

import (
	"encoding/json"
	"fmt"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// smallTable is how many objects are read at once, as soon as one is asked for.
const smallTable = 1_000

// unread is the part of a table that a directory holds and that has not been read. In memory there is none.
type unread[O any] struct {
	store *disk.Store
	kind  string
	// size is behind the positions that may not have been read; above it, everything is in memory.
	size int
	gone *O // stands for an object that was removed, at the positions below size

	asked   int             // for single objects
	indexed bool            // every ID is in the index
	owners  map[string]bool // whose objects are in memory
	loaded  func(*O)        // told of every object that was read
}

// unreadable is what reading panics with when the directory's file cannot be read: there is no answer then, whatever
// was asked. Server.caught ends it.
type unreadable struct{ err error }

// must returns what was read.
func must[T any](value T, err error) T {
	if err != nil {
		panic(unreadable{err})
	}
	return value
}

// attach makes the table one of a directory.
func (t *Table[O]) attach(kind string, s *disk.Store) {
	size := int(s.Next(kind))
	t.disk.store, t.disk.kind, t.disk.size, t.disk.gone = s, kind, size, new(O)
	t.disk.owners = map[string]bool{}
	t.rows = make([]*O, size)
}

// change is an object as the store takes it.
func (t *Table[O]) change(kind string, i int32, o *O) disk.Change {
	c := disk.Change{Kind: kind, Seq: int64(i), ID: t.key(o), Value: o}
	if t.owner != nil {
		c.Owner = t.owner(o)
	}
	if t.columns != nil {
		more := t.columns(o)
		c.Clock, c.At, c.Due = more.clock, more.created, more.due
	}
	return c
}

func (t *Table[O]) decode(body []byte) (any, error) {
	o := new(O)
	if err := json.Unmarshal(body, o); err != nil {
		return nil, err
	}
	return o, nil
}

// place puts an object that was read where it belongs, unless a newer one is in memory, and returns what is there; nil
// when it was removed since.
func (t *Table[O]) place(read disk.Object) *O {
	o := t.rows[read.Seq]
	switch {
	case o == t.disk.gone:
		return nil
	case o != nil, int(read.Seq) >= t.disk.size: // what was removed may still be on the disk
		return o
	}
	o = new(O)
	if err := json.Unmarshal(read.Body, o); err != nil {
		panic(unreadable{fmt.Errorf("sandbox file %s: %s %s: %w", t.disk.store.Path(), t.disk.kind, read.ID, err)})
	}
	if t.disk.loaded != nil {
		t.disk.loaded(o)
	}
	t.set(int32(read.Seq), o)
	return o
}

// read looks for an object whose ID is not in the index.
func (t *Table[O]) read(id string) *O {
	if !t.lookUp() {
		if i, ok := t.index[id]; ok {
			return t.at(i)
		}
		return nil
	}
	for _, found := range must(t.disk.store.ByID(t.disk.kind, id)) {
		return t.place(found)
	}
	return nil
}

// readAt looks for the object at a position.
func (t *Table[O]) readAt(i int32) *O {
	for _, found := range must(t.disk.store.At(t.disk.kind, int64(i))) {
		return t.place(found)
	}
	t.rows[i] = t.disk.gone
	return t.disk.gone
}

// find returns the position of an object without reading it.
func (t *Table[O]) find(id string) (int32, bool) {
	if i, ok := t.index[id]; ok {
		return i, true
	}
	if !t.lookUp() {
		i, ok := t.index[id]
		return i, ok
	}
	seq, ok, err := t.disk.store.Position(t.disk.kind, id)
	if must(ok, err); !ok || int(seq) >= t.disk.size || t.rows[seq] == t.disk.gone {
		return 0, false
	}
	return int32(seq), true
}

// lookUp tells whether the store has to be asked for an ID that is not in the index. A small table is read as a whole,
// and of one that is asked for often, all IDs.
func (t *Table[O]) lookUp() bool {
	if t.disk.size == 0 || t.disk.indexed {
		return false
	}
	t.disk.asked++
	switch {
	case t.disk.size <= smallTable:
		t.readAll()
	case t.disk.asked > t.disk.size/16:
		t.disk.indexed = true
		err := t.disk.store.Positions(t.disk.kind, func(id string, seq int64) {
			if int(seq) < t.disk.size && t.rows[seq] == nil {
				t.index[id] = int32(seq)
			}
		})
		must(0, err)
	default:
		return true
	}
	return false
}

// readAll reads what has not been read. The table is one in memory then.
func (t *Table[O]) readAll() {
	if t.disk.size == 0 {
		return
	}
	for _, found := range must(t.disk.store.All(t.disk.kind)) {
		t.place(found)
	}
	for i := range t.disk.size {
		if t.rows[i] == t.disk.gone {
			t.rows[i] = nil
		}
	}
	t.disk.size = 0
}

// readOwner reads an owner's objects.
func (t *Table[O]) readOwner(owner string) {
	if t.disk.size == 0 || owner == "" || t.disk.owners[owner] {
		return
	}
	t.disk.owners[owner] = true
	for _, found := range must(t.disk.store.Of(t.disk.kind, owner)) {
		t.place(found)
	}
}

// OnClock returns the objects on a test clock, oldest first.
func (t *Table[O]) OnClock(clock string) []*O {
	if t.disk.size > 0 {
		for _, found := range must(t.disk.store.OnClock(t.disk.kind, clock)) {
			t.place(found)
		}
	}
	var found []*O
	for _, o := range t.rows {
		if o != nil && o != t.disk.gone && t.columns(o).clock == clock {
			found = append(found, o)
		}
	}
	return found
}

// empty tells whether the table holds nothing.
func (t *Table[O]) empty() bool {
	if t.count == 0 && t.disk.size > 0 {
		return len(t.All()) == 0
	}
	return t.count == 0
}

// export packs the table and returns all objects as changes of a new directory.
func (t *Table[O]) export(kind string) []disk.Change {
	all := t.All()
	t.rows, t.index, t.owned, t.count = nil, map[string]int32{}, map[string][]int32{}, 0
	changes := make([]disk.Change, 0, len(all))
	for _, o := range all {
		i, _, _ := t.Put(o)
		c := t.change(kind, i, o)
		c.Created = true
		changes = append(changes, c)
	}
	return changes
}
