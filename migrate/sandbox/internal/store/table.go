package store

import (
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// Table keeps the objects of one kind in the order they were created. Objects in it are never changed in place: a
// change puts a new one, so a pointer handed out earlier stays what it was.
//
// The table of a directory begins empty and reads objects when they are asked for; what has been read or changed stays
// in memory.
type Table[O any] struct {
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

func NewTable[O any](key, owner func(*O) string) *Table[O] {
	return &Table[O]{key: key, owner: owner, index: map[string]int32{}, owned: map[string][]int32{}}
}

// by says what else objects are looked for by.
func (t *Table[O]) by(columns func(*O) columns) *Table[O] {
	t.columns = columns
	return t
}

func (t *Table[O]) Get(id string) *O {
	if i, ok := t.index[id]; ok {
		return t.at(i)
	}
	return t.read(id)
}

// at returns the object at a position, nil when it was removed.
func (t *Table[O]) at(i int32) *O {
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

// Put returns where the object is, whether it was not there before, and whether it may have had another owner.
func (t *Table[O]) Put(o *O) (i int32, created, moved bool) {
	i, known := t.find(t.key(o))
	if !known {
		i = int32(len(t.rows))
		t.rows = append(t.rows, nil)
	} else if before := t.rows[i]; t.owner != nil {
		moved = before == nil || t.owner(before) != t.owner(o)
	}
	if known && !moved && t.rows[i] != nil {
		t.rows[i] = o
		return i, false, false
	}
	t.set(i, o)
	return i, !known, moved
}

// set puts an object at a position.
func (t *Table[O]) set(i int32, o *O) {
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
func (t *Table[O]) remove(id string) (i int32, ok bool) {
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

// Of returns a customer's objects, oldest first.
func (t *Table[O]) Of(owner string) []*O {
	t.readOwner(owner)
	var found []*O
	for _, i := range t.owned[owner] {
		if o := t.at(i); o != nil && t.owner(o) == owner {
			found = append(found, o)
		}
	}
	return found
}

// All returns every object, oldest first.
func (t *Table[O]) All() []*O {
	t.readAll()
	found := make([]*O, 0, t.count)
	for _, o := range t.rows {
		if o != nil {
			found = append(found, o)
		}
	}
	return found
}

// View is a table as one transaction sees it: its own changes first.
type View[O any] struct {
	base    *Table[O]
	Changed []*O
	at      map[string]int // position in Changed; nil while there are few
	Removed []string
}

// fewChanges is up to how many objects of a kind a transaction looks through, instead of keeping a map of them.
const fewChanges = 8

// position is where the transaction's own object of an ID is, -1 when it has none.
func (v *View[O]) position(id string) int {
	if v.at == nil {
		return slices.IndexFunc(v.Changed, func(o *O) bool { return v.base.key(o) == id })
	}
	if i, ok := v.at[id]; ok {
		return i
	}
	return -1
}

func (v *View[O]) Get(id string) *O {
	if i := v.position(id); i >= 0 {
		return v.Changed[i]
	}
	return v.base.Get(id)
}

// Has tells whether there is an object, without reading it.
func (v *View[O]) Has(id string) bool {
	if v.position(id) >= 0 {
		return true
	}
	_, ok := v.base.find(id)
	return ok
}

func (v *View[O]) Put(o *O) {
	id := v.base.key(o)
	if i := v.position(id); i >= 0 {
		v.Changed[i] = o
		return
	}
	v.Changed = append(v.Changed, o)
	if v.at != nil {
		v.at[id] = len(v.Changed) - 1
	} else if len(v.Changed) > fewChanges {
		v.at = make(map[string]int, 2*len(v.Changed))
		for i, o := range v.Changed {
			v.at[v.base.key(o)] = i
		}
	}
}

// Edit returns a copy of an object that the transaction may change; the copy takes the object's place. The caller
// replaces slices instead of writing into them.
func (v *View[O]) Edit(id string) *O {
	if i := v.position(id); i >= 0 {
		return v.Changed[i]
	}
	found := v.base.Get(id)
	if found == nil {
		return nil
	}
	clone := *found
	v.Put(&clone)
	return &clone
}

func (v *View[O]) Remove(id string) { v.Removed = append(v.Removed, id) }

// apply makes the view's changes the table's, and adds them to what is to be written down unless that is nil.
func (v *View[O]) apply(kind string, written *disk.Tx) {
	for _, o := range v.Changed {
		i, created, moved := v.base.Put(o)
		if written != nil {
			c := v.base.change(kind, i, o)
			c.Created, c.Moved = created, moved
			written.Changes = append(written.Changes, c)
		}
	}
	for _, id := range v.Removed {
		if i, ok := v.base.remove(id); ok && written != nil {
			written.Changes = append(written.Changes, disk.Change{Kind: kind, Seq: int64(i)})
		}
	}
}

func (v *View[O]) size() int { return len(v.Changed) + len(v.Removed) }

// wrote returns the object that the transaction put under an ID, or nil.
func (v *View[O]) wrote(id string) any {
	if i := v.position(id); i >= 0 {
		return v.Changed[i]
	}
	return nil
}

// packed is the table without the gaps that removed objects have left. In a directory the positions stay what they are:
// the store knows them.
func (t *Table[O]) packed() *Table[O] {
	if len(t.rows) == t.count || t.disk.store != nil {
		return t
	}
	kept := NewTable(t.key, t.owner).by(t.columns)
	for _, o := range t.rows {
		if o != nil {
			kept.Put(o)
		}
	}
	return kept
}
