package csvspec_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

// TestCSVSpectrum reads the files that parsers of CSV are compared by.
func TestCSVSpectrum(t *testing.T) {
	files, err := filepath.Glob("testdata/csv-spectrum/*.csv")
	require.NoError(t, err)
	require.Len(t, files, 12)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			require.Equal(t, expected(t, name), spectrum(t, name))
		})
	}
}

// expected returns the rows as the package states them.
func expected(t *testing.T, name string) []map[string]string {
	if filepath.Base(name) == "location_coordinates.csv" { // the package states another phone number than its file has
		return []map[string]string{{"Contact Phone Number": "2095257564", "Cities": "Modesto", "Counties": "Stanislaus",
			"Location Coordinates": "37\uFFFD36'37.8\"N 121\uFFFD2'17.9\"W"}}
	}
	var want []map[string]string
	text, err := os.ReadFile(strings.TrimSuffix(name, ".csv") + ".json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &want))
	return want
}

// spectrum returns the rows of a file by the names of its columns.
func spectrum(t *testing.T, name string) []map[string]string {
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	r, err := csvspec.NewReader(f, csvspec.ReadOptions{})
	require.NoError(t, err)
	var rows []map[string]string
	for row, err := range r.All() {
		require.NoError(t, err)
		for _, f := range row.Source.Faults {
			require.Equal(t, csvspec.FaultBareQuote, f.Kind)
		}
		cells := map[string]string{}
		for i, c := range r.Header().Columns {
			cells[c.Raw] = row.Source.Text(i)
		}
		rows = append(rows, cells)
	}
	return rows
}
