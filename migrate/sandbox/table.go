package sandbox

// table keeps the objects of one kind in the order they were created.
// Objects in it are never changed in place: a change puts a new one, so a
// pointer handed out earlier stays what it was.
type table[O any] struct {
	key   func(*O) string
	owner func(*O) string // the customer an object belongs to; nil when none
	rows  []*O            // a deleted object leaves nil
	index map[string]int32
	owned map[string][]int32
	count int
}

func newTable[O any](key, owner func(*O) string) *table[O] {
	return &table[O]{key: key, owner: owner, index: map[string]int32{}, owned: map[string][]int32{}}
}

func (t *table[O]) get(id string) *O {
	if i, ok := t.index[id]; ok {
		return t.rows[i]
	}
	return nil
}

func (t *table[O]) put(o *O) {
	id := t.key(o)
	if i, ok := t.index[id]; ok {
		t.rows[i] = o
		return
	}
	i := int32(len(t.rows))
	t.rows = append(t.rows, o)
	t.index[id] = i
	t.count++
	if t.owner == nil {
		return
	}
	if owner := t.owner(o); owner != "" {
		t.owned[owner] = append(t.owned[owner], i)
	}
}

func (t *table[O]) remove(id string) {
	i, ok := t.index[id]
	if !ok {
		return
	}
	t.rows[i] = nil
	delete(t.index, id)
	t.count--
}

// of returns a customer's objects, oldest first.
func (t *table[O]) of(owner string) []*O {
	var found []*O
	for _, i := range t.owned[owner] {
		if o := t.rows[i]; o != nil {
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

func (v *view[O]) apply() {
	for _, o := range v.changed {
		v.base.put(o)
	}
	for _, id := range v.removed {
		v.base.remove(id)
	}
}

func (v *view[O]) size() int { return len(v.changed) + len(v.removed) }

func (v *view[O]) wrote(id string) bool {
	_, ok := v.at[id]
	return ok
}
