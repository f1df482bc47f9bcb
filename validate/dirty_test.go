package validate_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/validate"
)

// dirtyFiles returns the files of testdata/dirty by name.
func dirtyFiles(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", "dirty", "*.csv"))
	require.NoError(t, err)
	files := map[string][]byte{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		files[strings.TrimSuffix(filepath.Base(path), ".csv")] = text
	}
	return files
}

// TestDirtyFiles validates what programs and people do to files.
func TestDirtyFiles(t *testing.T) {
	habits, err := os.ReadFile(filepath.Join("testdata", "dirty", "README.md"))
	require.NoError(t, err)
	files := dirtyFiles(t)
	require.GreaterOrEqual(t, len(files), 40)
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, string(habits), "| "+name+".csv | ", "its habit is documented")
			report, err := validate.File(context.Background(), name+".csv", bytes.NewReader(text), minorUnits())
			require.NoError(t, err)
			golden(t, filepath.Join("testdata", "dirty", name+".golden"), describe(report))
			lines := bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) + 1
			for _, f := range report.Findings {
				require.LessOrEqual(t, f.Line, lines, "places lie inside the file")
				require.LessOrEqual(t, f.Row, report.Rows)
			}
		})
	}
}
