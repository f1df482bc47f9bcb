package ledger

import "math/bits"

// RowSet is a set of row numbers, one bit each, so that a million rows fit in 125 kB.
type RowSet []uint64

// Add puts a row into the set; row numbers are not negative.
func (s *RowSet) Add(row int64) {
	word := int(row / 64)
	for len(*s) <= word {
		*s = append(*s, make([]uint64, word+1-len(*s))...)
	}
	(*s)[word] |= 1 << (row % 64)
}

// Has tells whether a row is in the set.
func (s RowSet) Has(row int64) bool {
	word := int(row / 64)
	return row >= 0 && word < len(s) && s[word]&(1<<(row%64)) != 0
}

// Len returns how many rows are in the set.
func (s RowSet) Len() (n int64) {
	for _, word := range s {
		n += int64(bits.OnesCount64(word))
	}
	return n
}
