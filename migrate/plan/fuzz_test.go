package plan_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/plan"
)

// FuzzRead: whatever is read as a plan is written and read again as the same.
func FuzzRead(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("testdata", "plan.golden.json"))
	require.NoError(f, err)
	f.Add(golden)
	f.Add([]byte(`{"kind": "subferry plan", "version": 2, "created": "2030-06-01T09:00:00Z", "days": [{"date": "x"}]}`))
	f.Add([]byte(`{"kind": "subferry plan", "version": 1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := plan.Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		var first, second bytes.Buffer
		require.NoError(t, p.Write(&first))
		require.NoError(t, p.WriteText(&second))
		again, err := plan.Read(&first)
		require.NoError(t, err)
		var third bytes.Buffer
		require.NoError(t, again.WriteText(&third))
		require.Equal(t, second.String(), third.String())
	})
}
