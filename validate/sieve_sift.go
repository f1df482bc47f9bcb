package validate

import (
	"cmp"
	"slices"
)

// sifted is what a sieve has found.
type sifted struct {
	distinct int         // different values of a
	same     []sameEntry // entries that have a and the key in b of an earlier one
	crowds   []crowd     // values of a with more entries than allowed

	clashes []sameEntry // entries with another currency than the first one of the same a that has any
	parted  parted
}

// sameEntry is an entry and the first one with the same key.
type sameEntry struct{ first, again entry }

// parted counts entries that have the same a as an earlier one, but another key.
type parted struct {
	n       int
	example sameEntry // the earliest of them in the file
}

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
	inOrder := func(x, y sameEntry) int { return cmp.Compare(x.again.rowNumber(), y.again.rowNumber()) }
	slices.SortFunc(found.same, inOrder)
	slices.SortFunc(found.clashes, inOrder)
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
		f.part(shared[:n])
		f.pairs(shared[:n])
		shared = shared[n:]
	}
}

// part finds what parts entries with the same a, in the order of their rows: their currencies, and their keys.
func (f *sifted) part(group []entry) {
	var charged entry // the first one with a currency
	for _, e := range group {
		switch {
		case e.currency() == 0:
		case charged.currency() == 0:
			charged = e
		case e.currency() != charged.currency():
			f.clashes = append(f.clashes, sameEntry{charged, e})
		}
		if e.key() == group[0].key() {
			continue
		}
		if f.parted.n++; f.parted.n == 1 || e.rowNumber() < f.parted.example.again.rowNumber() {
			f.parted.example = sameEntry{group[0], e}
		}
	}
}

// pairs finds entries with the same key among entries with the same a, in the order of their rows.
func (f *sifted) pairs(group []entry) {
	slices.SortStableFunc(group, func(x, y entry) int { return cmp.Compare(x.key(), y.key()) })
	first := group[0]
	for _, e := range group[1:] {
		if e.key() != first.key() {
			first = e
		} else if e.key() != 0 {
			f.same = append(f.same, sameEntry{first, e})
		}
	}
}
