package validate_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/subferry/subferry/validate"
)

// TestSuggestionsMend applies each suggestion in the corpus: the finding must be gone afterwards.
func TestSuggestionsMend(t *testing.T) {
	tried := map[string]bool{}
	for name, text := range corpus(t) {
		for _, f := range findings(t, text) {
			if f.Suggestion != "" {
				tried[f.Code] = true
				requireMended(t, name, text, f)
			}
		}
	}
	for _, code := range []string{"date_not_unix", "currency_case", "cell_spaces", "column_name", "boolean_unreadable",
		"number_unreadable", "interval_unknown", "backdate_prorated"} {
		require.True(t, tried[code], "the corpus has no suggestion of %s", code)
	}
}

// TestSuggestionsMendAnything does the same with cells that are drawn.
func TestSuggestionsMendAnything(t *testing.T) {
	header := []string{"customer", "start_date", "price", "quantity", "trial_end", "currency", "automatic_tax", "proration_behavior", "collection_method", "days_until_due"}
	cells := []string{"", "cus_Ada", " cus_Ada", "1801440000", "1801440000000", "2027-02-01T00:00:00Z", "1,801,440,000", "1801440000.0", "price_Pro",
		"2.0", "usd", "USD", "Eur", "TRUE", "yes", "None", "NONE", "send_invoice", "Send Invoice", "30", "prod_Pro", "null", "'1801440000", "\u00a0none"}
	rapid.Check(t, func(t *rapid.T) {
		record := rapid.SliceOfN(rapid.SampledFrom(cells), len(header), len(header)).Draw(t, "record")
		text := write([][]string{header, record})
		for _, f := range findings(t, text) {
			if f.Suggestion != "" {
				requireMended(t, "drawn", text, f)
			}
		}
	})
}

// requireMended writes the suggestion into its cell and validates anew.
func requireMended(t require.TestingT, name, text string, f validate.Finding) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	records, err := r.ReadAll()
	require.NoError(t, err, name)
	records[f.Row][f.ColumnNumber-1] = f.Suggestion
	for _, again := range findings(t, write(records)) {
		same := again.Code == f.Code && again.Row == f.Row && again.ColumnNumber == f.ColumnNumber
		require.False(t, same, "%s: writing %q into row %d, column %d does not mend %s", name, f.Suggestion, f.Row, f.ColumnNumber, f.Code)
	}
}

func write(records [][]string) string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(records) // a bytes.Buffer takes everything
	return b.String()
}

func findings(t require.TestingT, text string) validate.Findings {
	report, err := validate.File(context.Background(), "x.csv", strings.NewReader(text), minorUnits())
	require.NoError(t, err)
	return report.Findings
}

// corpus returns the files of testdata that encoding/csv reads as we do: commas, UTF-8, one header.
func corpus(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"rules/*/*.csv", "dirty/*.csv"} {
		paths, err := filepath.Glob(filepath.Join("testdata", pattern))
		require.NoError(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			first, _, _ := strings.Cut(string(text), "\n")
			if strings.Contains(first, ",") && utf8.ValidString(first) && !strings.Contains(first, "\r") && !strings.HasPrefix(first, "sep=") {
				files[path] = string(text)
			}
		}
	}
	require.NotEmpty(t, files)
	return files
}

func ExampleFinding() {
	f := findings(failer{}, "customer,start_date,price,currency\ncus_Ada,1801440000,price_Pro,USD\n")[0]
	fmt.Println(f.At("subs.csv"), "Write:", f.Suggestion)
	// Output: subs.csv:2:4: error: currency "USD": usd was expected, in lower case. Write: usd
}

// failer ends an example that cannot go on.
type failer struct{}

func (failer) Errorf(format string, args ...any) { fmt.Printf(format, args...) }
func (failer) FailNow()                          { panic("the example does not work") }
