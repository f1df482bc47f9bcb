package dedupe

import (
	"cmp"
	"slices"
)

// Result is what comparing the rows of a file has shown. Its lists are in the order of the rows.
type Result struct {
	Groups     int      // how many there are
	Duplicates []Pair   // rows that have the group and the key of an earlier one
	OverLimit  []Excess // groups with more rows than allowed
	Clashes    []Pair   // rows with another currency than the first row of their group that has any

	Different        int  // rows with another key than the first row of their group
	FirstOfDifferent Pair // the earliest of them; the zero value when there is none
}

// Pair is a row and the first one that it is like, or unlike.
type Pair struct{ First, Again Entry }

// Excess is a group that has too many rows.
type Excess struct {
	First Entry // the first row too many
	Rows  int   // of the group
	Other int   // that the group has besides
}

// FindDuplicates compares all entries. A group is over its limit when it has more rows than that, with what it has besides:
// other says how much, by group. One that has reached its limit without its rows is not told of.
func (x *Index) FindDuplicates(limit int, other map[uint64]int) (Result, error) {
	var found Result
	if x.err != nil {
		return found, x.err
	}
	var all []Entry
	var table []uint32
	for i := range x.partitions {
		var err error
		if all, err = x.load(i, all); err != nil {
			return found, err
		}
		var shared []Entry
		shared, table = sharing(all, table)
		found.Groups += len(all) - len(shared)
		slices.SortFunc(shared, func(a, b Entry) int { return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.Row(), b.Row())) })
		for len(shared) > 0 {
			n := 1
			for n < len(shared) && shared[n].group == shared[0].group {
				n++
			}
			found.addGroup(shared[:n], limit, other[shared[0].group])
			shared = shared[n:]
		}
	}
	inOrder := func(a, b Pair) int { return cmp.Compare(a.Again.Row(), b.Again.Row()) }
	slices.SortFunc(found.Duplicates, inOrder)
	slices.SortFunc(found.Clashes, inOrder)
	slices.SortFunc(found.OverLimit, func(a, b Excess) int { return cmp.Compare(a.First.Row(), b.First.Row()) })
	return found, nil
}

// sharing moves the entries that share their group with another one to the front and returns them. Most files have few
// of them, so that only few have to be sorted. table is reused from call to call.
func sharing(all []Entry, table []uint32) ([]Entry, []uint32) {
	size := 1024
	for size < 2*len(all) {
		size *= 2
	}
	if len(table) < size {
		table = make([]uint32, size)
	}
	table = table[:size]
	clear(table)
	var shares []bool // by entry; most files need none
	for i := range all {
		slot := int(all[i].group) & (size - 1)
		for table[slot] != 0 && all[table[slot]-1].group != all[i].group {
			slot = (slot + 1) & (size - 1)
		}
		if first := table[slot]; first != 0 {
			if shares == nil {
				shares = make([]bool, len(all))
			}
			shares[i], shares[first-1] = true, true
		} else {
			table[slot] = uint32(i + 1)
		}
	}
	n := 0
	for i, is := range shares {
		if is {
			all[n], all[i] = all[i], all[n]
			n++
		}
	}
	return all[:n], table
}

// addGroup compares the rows of a group, which come in order: their number, their currencies and their keys.
func (r *Result) addGroup(group []Entry, limit, other int) {
	if r.Groups++; other < limit && len(group)+other > limit {
		r.OverLimit = append(r.OverLimit, Excess{First: group[limit-other], Rows: len(group), Other: other})
	}
	var charged Entry // the first one with a currency
	for _, e := range group {
		switch {
		case e.Currency() == 0:
		case charged.Currency() == 0:
			charged = e
		case e.Currency() != charged.Currency():
			r.Clashes = append(r.Clashes, Pair{charged, e})
		}
		if e.hash() == group[0].hash() {
			continue
		}
		if r.Different++; r.Different == 1 || e.Row() < r.FirstOfDifferent.Again.Row() {
			r.FirstOfDifferent = Pair{group[0], e}
		}
	}
	slices.SortStableFunc(group, func(a, b Entry) int { return cmp.Compare(a.hash(), b.hash()) })
	first := group[0]
	for _, e := range group[1:] {
		if e.hash() != first.hash() {
			first = e
		} else if e.hash() != 0 {
			r.Duplicates = append(r.Duplicates, Pair{first, e})
		}
	}
}
