package csvspec_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

func TestStepAndMinimumOfCurrencies(t *testing.T) {
	for code, want := range map[string]int64{"usd": 1, "JPY": 1, "kwd": 10, "ugx": 100, "isk": 100, "huf": 1, "twd": 1, "mga": 1, "xxx": 0, "": 0} {
		require.Equal(t, want, csvspec.Step(code), code)
	}
	for code, want := range map[string]int64{"usd": 50, "GBP": 30, "jpy": 50, "huf": 17500, "kwd": 0, "": 0, "sd": 0} {
		got, known := csvspec.MinimumCharge(code)
		require.Equal(t, want, got, code)
		require.Equal(t, want > 0, known, code)
	}
	for _, code := range csvspec.Currencies() {
		minimum, _ := csvspec.MinimumCharge(code)
		require.Zero(t, minimum%csvspec.Step(code), code)
	}
}

// A second table of currencies would sooner or later differ from the first: no other file may list codes.
func TestOneTableOfCurrencies(t *testing.T) {
	tables := regexp.MustCompile(`(?i)\bafn\b.{1,6}\ball\b.{1,6}\bamd\b|\bbif\b.{1,6}\b(xaf|clp|djf)\b`)
	var found []string
	require.NoError(t, filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if tables.Match(text) {
			found = append(found, filepath.ToSlash(path))
		}
		return err
	}))
	require.Equal(t, []string{"../csvspec/currency.go"}, found)
}
