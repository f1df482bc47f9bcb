package words_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec/words"
)

func TestCounts(t *testing.T) {
	require.Equal(t, "0 rows", words.Count(0, "row"))
	require.Equal(t, "1 row", words.Count(1, "row"))
	require.Equal(t, "1200 rows", words.Count(int64(1200), "row"))
	require.Equal(t, "1 row", words.GroupedCount(1, "row"))
	require.Equal(t, "1,200 rows", words.GroupedCount(1200, "row"))
	for n, text := range map[int64]string{0: "0", 12: "12", 999: "999", 1000: "1,000", 1234567: "1,234,567", -12: "-12", -123: "-123", -1234: "-1,234",
		math.MinInt64: "-9,223,372,036,854,775,808"} {
		require.Equal(t, text, words.Grouped(n))
	}
}

func TestMoments(t *testing.T) {
	require.Equal(t, "2027-02-01 00:00:00 UTC", words.Moment(1801440000).String())
	require.Equal(t, "1 Feb 2027 00:00 UTC", words.Minute(1801440000).String())
	require.Equal(t, "1 February 2027", words.Day(1801440000).String())
}
