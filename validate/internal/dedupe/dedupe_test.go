package dedupe

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestFindDuplicates compares an index, whose partitions hold so little that most entries go to the temporary file,
// with a map.
func TestFindDuplicates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := &Index{capacity: rapid.IntRange(1, 40).Draw(t, "held by a partition")}
		defer x.Close()
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		var all []Entry
		for i := range rapid.IntRange(0, 200).Draw(t, "rows") {
			group := rapid.Uint64Range(0, 20).Draw(t, "group") << 57
			group |= group >> 60 // some with other low bits
			e := NewEntry(group, rapid.Uint64Range(0, 3).Draw(t, "key")<<currencyBits, uint8(rapid.IntRange(0, 2).Draw(t, "currency")), i+1, i+2, 0)
			all = append(all, e)
			x.Add([]Entry{e})
		}
		got, err := x.FindDuplicates(limit, nil)
		require.NoError(t, err)
		require.Equal(t, plainDuplicates(all, limit), got)
	})
}

// plainDuplicates is what FindDuplicates does, with a map.
func plainDuplicates(all []Entry, limit int) Result {
	var found Result
	groups := map[uint64][]Entry{}
	for _, e := range all {
		for _, earlier := range groups[e.group] {
			if earlier.hash() == e.hash() && e.hash() != 0 {
				found.Duplicates = append(found.Duplicates, Pair{earlier, e})
				break
			}
		}
		for _, earlier := range groups[e.group] {
			if earlier.Currency() != 0 && e.Currency() != 0 {
				if earlier.Currency() != e.Currency() {
					found.Clashes = append(found.Clashes, Pair{earlier, e})
				}
				break
			}
		}
		if earlier := groups[e.group]; len(earlier) > 0 && earlier[0].hash() != e.hash() {
			if found.Different++; found.Different == 1 {
				found.FirstOfDifferent = Pair{earlier[0], e}
			}
		}
		if groups[e.group] = append(groups[e.group], e); len(groups[e.group]) == limit+1 {
			found.OverLimit = append(found.OverLimit, Excess{First: e})
		}
	}
	for i := range found.OverLimit {
		found.OverLimit[i].Rows = len(groups[found.OverLimit[i].First.group])
	}
	found.Groups = len(groups)
	return found
}

// TestEntry gives back what it was given, at the limits of its bits.
func TestEntry(t *testing.T) {
	e := NewEntry(1, Key(0), 255, 1<<rowBits-1, 1<<32-1, 3)
	require.Equal(t, 1<<rowBits-1, e.Row())
	require.Equal(t, 1<<32-1, e.Line())
	require.Equal(t, uint8(3), e.State())
	require.Equal(t, uint8(255), e.Currency())
	require.NotZero(t, e.hash())
}
