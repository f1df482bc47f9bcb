package validate

import (
	"cmp"
	"slices"
)

// sifted is what a sieve has found.
type sifted struct {
	distinct int         // different values of a
	same     []sameEntry // entries that have a and b of an earlier one
	crowds   []crowd     // values of a with more entries than allowed
}

// sameEntry is an entry and the first one with the same key.
type sameEntry struct{ first, again entry }

// crowd is a value of a that has too many entries.
type crowd struct {
	over entry // the first entry too many
	n    int
}

// sift compares all entries. A crowd is more than most entries with the same a.
func (s *sieve) sift(most int) (sifted, error) {
	var found sifted
	if s.err != nil {
		return found, s.err
	}
	var all []entry
	var table []uint32
	for i := range s.parts {
		var err error
		if all, err = s.load(i, all); err != nil {
			return found, err
		}
		var shared []entry
		shared, table = sharing(all, table)
		found.distinct += len(all) - len(shared)
		found.compare(shared, most)
	}
	slices.SortFunc(found.same, func(x, y sameEntry) int { return cmp.Compare(x.again.rowNumber(), y.again.rowNumber()) })
	slices.SortFunc(found.crowds, func(x, y crowd) int { return cmp.Compare(x.over.rowNumber(), y.over.rowNumber()) })
	return found, nil
}

// sharing moves the entries that share their a with another one to the front and returns them. Most files have few
// of them, so that only few have to be sorted. table is reused from call to call.
func sharing(all []entry, table []uint32) ([]entry, []uint32) {
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
		slot := int(all[i].a) & (size - 1)
		for table[slot] != 0 && all[table[slot]-1].a != all[i].a {
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

// compare looks at entries of which each shares its a with another.
func (f *sifted) compare(shared []entry, most int) {
	slices.SortFunc(shared, func(x, y entry) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.rowNumber(), y.rowNumber()))
	})
	for len(shared) > 0 {
		n := 1
		for n < len(shared) && shared[n].a == shared[0].a {
			n++
		}
		f.distinct++
		if n > most {
			f.crowds = append(f.crowds, crowd{over: shared[most], n: n})
		}
		f.pairs(shared[:n])
		shared = shared[n:]
	}
}

// pairs finds entries with the same b among entries with the same a, in the order of their rows.
func (f *sifted) pairs(group []entry) {
	slices.SortStableFunc(group, func(x, y entry) int { return cmp.Compare(x.b, y.b) })
	first := group[0]
	for _, e := range group[1:] {
		if e.b != first.b {
			first = e
		} else if e.b != 0 {
			f.same = append(f.same, sameEntry{first, e})
		}
	}
}
