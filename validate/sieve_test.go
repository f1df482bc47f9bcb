package validate

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestSieve compares the sieve with a map, whose parts hold so little that most entries go to the temporary file.
func TestSieve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &sieve{most: rapid.IntRange(1, 40).Draw(t, "held by a part")}
		defer s.close()
		most := rapid.IntRange(1, 5).Draw(t, "most")
		var all []entry
		for i := range rapid.IntRange(0, 200).Draw(t, "rows") {
			e := entry{a: rapid.Uint64Range(0, 20).Draw(t, "a") << 57, b: rapid.Uint64Range(0, 3).Draw(t, "key")<<currencyBits | rapid.Uint64Range(0, 2).Draw(t, "currency"), row: uint32(i + 1), line: uint32(i + 2)}
			e.a |= e.a >> 60 // some with other low bits
			all = append(all, e)
			s.add([]entry{e})
		}
		got, err := s.sift(most)
		require.NoError(t, err)
		require.Equal(t, plainSift(all, most), got)
	})
}

// plainSift is what sift does, with a map.
func plainSift(all []entry, most int) sifted {
	var found sifted
	groups := map[uint64][]entry{}
	for _, e := range all {
		for _, earlier := range groups[e.a] {
			if earlier.key() == e.key() && e.key() != 0 {
				found.same = append(found.same, sameEntry{earlier, e})
				break
			}
		}
		for _, earlier := range groups[e.a] {
			if earlier.currency() != 0 && e.currency() != 0 {
				if earlier.currency() != e.currency() {
					found.clashes = append(found.clashes, sameEntry{earlier, e})
				}
				break
			}
		}
		if earlier := groups[e.a]; len(earlier) > 0 && earlier[0].key() != e.key() {
			if found.parted.n++; found.parted.n == 1 {
				found.parted.example = sameEntry{earlier[0], e}
			}
		}
		if groups[e.a] = append(groups[e.a], e); len(groups[e.a]) == most+1 {
			found.crowds = append(found.crowds, crowd{over: e})
		}
	}
	for i := range found.crowds {
		found.crowds[i].n = len(groups[found.crowds[i].over.a])
	}
	found.distinct = len(groups)
	return found
}
