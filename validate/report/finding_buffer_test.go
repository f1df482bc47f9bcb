package report

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate"
)

// TestFindingBuffer merges what waits in memory, what waits in a temporary file and what comes last, in the order of
// places.
func TestFindingBuffer(t *testing.T) {
	for _, budget := range []int{0, 100, 1 << 20} {
		t.Run(fmt.Sprint(budget), func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("TMPDIR", dir)
			s := &findingBuffer{budget: budget}
			for line := 2; line < 100; line += 2 {
				require.NoError(t, s.add(place{line: uint32(line)}, fmt.Appendf(nil, "%d", line)))
			}
			late := validate.Findings{{Line: 99}, {Line: 3}, {Line: 1}, {Line: 120}}
			var got []string
			encode := func(f validate.Finding) ([]byte, error) { return fmt.Appendf(nil, "late %d", f.Line), nil }
			require.NoError(t, s.merged(late, encode, func(b []byte) error {
				got = append(got, string(b))
				return nil
			}))
			require.Len(t, got, 49+4)
			require.Equal(t, []string{"late 1", "2", "late 3", "4"}, got[:4])
			require.Equal(t, []string{"98", "late 99", "late 120"}, got[50:])
			s.close()
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}
