package sandbox

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// table keeps the objects of one kind in the order they were created.
// Objects in it are never changed in place: a change puts a new one, so a
// pointer handed out earlier stays what it was.
//
// The table of a directory begins empty and reads objects when they are asked
// for; what has been read or changed stays in memory.
type table[O any] struct {
	key   func(*O) string
	owner func(*O) string // the customer an object belongs to; nil when none
	rows  []*O            // a deleted object leaves nil
	index map[string]int32
	owned map[string][]int32
	count int // of the objects in memory

	columns func(*O) columns // what else objects are looked for by; nil when nothing
	disk    unread[O]
}

// columns are what objects are looked for by besides ID and owner.
type columns struct {
	clock   string // test clock
	created int64
	due     int64 // when the clock has something to do with it
}

func newTable[O any](key, owner func(*O) string) *table[O] {
	return &table[O]{key: key, owner: owner, index: map[string]int32{}, owned: map[string][]int32{}}
}

// by says what else objects are looked for by.
func (t *table[O]) by(columns func(*O) columns) *table[O] {
	t.columns = columns
	return t
}

func (t *table[O]) get(id string) *O {
	if i, ok := t.index[id]; ok {
		return t.at(i)
	}
	return t.read(id)
}

// at returns the object at a position, nil when it was removed.
func (t *table[O]) at(i int32) *O {
	o := t.rows[i]
	if int(i) >= t.disk.size {
		return o
	}
	if o == nil {
		o = t.readAt(i)
	}
	if o == t.disk.gone {
		return nil
	}
	return o
}

// put returns where the object is, whether it was not there before, and
// whether it may have had another owner.
func (t *table[O]) put(o *O) (i int32, created, moved bool) {
	i, known := t.find(t.key(o))
	if !known {
		i = int32(len(t.rows))
		t.rows = append(t.rows, nil)
	} else if before := t.rows[i]; t.owner != nil {
		moved = before == nil || t.owner(before) != t.owner(o)
	}
	t.set(i, o)
	return i, !known, moved
}

// set puts an object at a position.
func (t *table[O]) set(i int32, o *O) {
	if t.rows[i] == nil {
		t.count++
	}
	t.rows[i] = o
	t.index[t.key(o)] = i
	if t.owner == nil {
		return
	}
	owner := t.owner(o)
	if owner == "" {
		return
	}
	all := t.owned[owner]
	if n := len(all); n == 0 || all[n-1] < i {
		t.owned[owner] = append(all, i)
	} else if at, found := slices.BinarySearch(all, i); !found {
		t.owned[owner] = slices.Insert(all, at, i)
	}
}

// remove returns where the object was.
func (t *table[O]) remove(id string) (i int32, ok bool) {
	if i, ok = t.find(id); !ok {
		return 0, false
	}
	if t.rows[i] != nil {
		t.count--
	}
	t.rows[i] = nil
	if int(i) < t.disk.size {
		t.rows[i] = t.disk.gone
	}
	delete(t.index, id)
	return i, true
}

// of returns a customer's objects, oldest first.
func (t *table[O]) of(owner string) []*O {
	t.readOwner(owner)
	var found []*O
	for _, i := range t.owned[owner] {
		if o := t.at(i); o != nil && t.owner(o) == owner {
			found = append(found, o)
		}
	}
	return found
}

// all returns every object, oldest first.
func (t *table[O]) all() []*O {
	t.readAll()
	found := make([]*O, 0, t.count)
	for _, o := range t.rows {
		if o != nil {
			found = append(found, o)
		}
	}
	return found
}

// view is a table as one transaction sees it: its own changes first.
type view[O any] struct {
	base    *table[O]
	changed []*O
	at      map[string]int // position in changed
	removed []string
}

func (v *view[O]) get(id string) *O {
	if i, ok := v.at[id]; ok {
		return v.changed[i]
	}
	return v.base.get(id)
}

// has tells whether there is an object, without reading it.
func (v *view[O]) has(id string) bool {
	if _, ok := v.at[id]; ok {
		return true
	}
	_, ok := v.base.find(id)
	return ok
}

func (v *view[O]) put(o *O) {
	id := v.base.key(o)
	if i, ok := v.at[id]; ok {
		v.changed[i] = o
		return
	}
	if v.at == nil {
		v.at = make(map[string]int, 1)
	}
	v.at[id] = len(v.changed)
	v.changed = append(v.changed, o)
}

// edit returns a copy of an object that the transaction may change; the copy
// takes the object's place. The caller replaces slices instead of writing
// into them.
func (v *view[O]) edit(id string) *O {
	if i, ok := v.at[id]; ok {
		return v.changed[i]
	}
	found := v.base.get(id)
	if found == nil {
		return nil
	}
	clone := *found
	v.put(&clone)
	return &clone
}

func (v *view[O]) remove(id string) { v.removed = append(v.removed, id) }

// apply makes the view's changes the table's, and adds them to what is to be
// written down unless that is nil.
func (v *view[O]) apply(kind string, written *disk.Tx) {
	for _, o := range v.changed {
		i, created, moved := v.base.put(o)
		if written != nil {
			c := v.base.change(kind, i, o)
			c.Created, c.Moved = created, moved
			written.Changes = append(written.Changes, c)
		}
	}
	for _, id := range v.removed {
		if i, ok := v.base.remove(id); ok && written != nil {
			written.Changes = append(written.Changes, disk.Change{Kind: kind, Seq: int64(i)})
		}
	}
}

func (v *view[O]) size() int { return len(v.changed) + len(v.removed) }

// wrote returns the object that the transaction put under an ID, or nil.
func (v *view[O]) wrote(id string) any {
	if i, ok := v.at[id]; ok {
		return v.changed[i]
	}
	return nil
}
