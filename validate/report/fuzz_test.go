package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
)

func seeds(f *testing.F) {
	for _, s := range []string{
		broken, "", "customer\n", "customer,start_date,price\ncus_Ada,1801440000,price_Pro\n",
		"\uFEFFcustomer;start_date;price;metadata.x\r\n\"a;b\";1;2;\"x\r\n\"\"y\"\r\n;;\r\n",
		"customer,metadata.x\n\"open,1\n</script><b>,=1+1\n\x1b[31m,\x00\n",
		"a\tb\rc\td\r", "\xff\xfec\x00,\x00d\x00\n\x00", "customer,price\nRen\xe9,x\n", "sep=;\ncustomer;price\na;b\n",
	} {
		f.Add(s)
	}
}

// FuzzJSON writes findings about anything: the output is JSON, and NDJSON line by line.
func FuzzJSON(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		if !render(t, text, report.NewJSON(&b)) {
			return
		}
		var r validate.Report
		require.NoError(t, json.Unmarshal(b.Bytes(), &r))
		require.Equal(t, r.Rows, r.Valid+r.Invalid+r.Deferred)
		b.Reset()
		render(t, text, report.NewNDJSON(&b))
		lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
		require.Len(t, lines, len(r.Findings)+1)
		for _, line := range lines {
			require.True(t, json.Valid([]byte(line)), line)
		}
		b.Reset()
		render(t, text, report.NewSARIF(&b, "x.csv", nil))
		require.True(t, json.Valid(b.Bytes()))
	})
}

// FuzzText writes findings about anything: the terminal is never given a control character of the file's.
func FuzzText(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		if !render(t, text, report.NewText(&b, report.TextOptions{Limit: -1})) {
			return
		}
		require.NotRegexp(t, regexp.MustCompile("[\x00-\x09\x0b-\x1f\x7f]"), b.String())
	})
}

// FuzzHTML writes findings about anything: the page has the scripts that it has anyway.
func FuzzHTML(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		var b bytes.Buffer
		if !render(t, text, report.NewHTML(&b, nil)) {
			return
		}
		scripts := strings.Count(strings.ToLower(b.String()), "<script")
		require.Equal(t, 3, scripts)
	})
}

// FuzzSplit writes the parts of anything: each row comes back from exactly one part, cell for cell, and the file with
// errors has all cells as well.
func FuzzSplit(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		s, err := report.NewSplit(dir)
		require.NoError(t, err)
		var b bytes.Buffer
		c := report.NewCSV(&b)
		rows, damaged := 0, false
		_, err = validate.Each(context.Background(), "x.csv", strings.NewReader(text), options(), func(row *csvspec.Row, found []validate.Finding) error {
			rows++
			damaged = damaged || row.Source.Len() > len(row.Source.Header.Columns) || len(row.Source.Faults) > 0 || len(row.Source.Header.Source().Faults) > 0
			require.NoError(t, c.Row(row, found))
			return s.Row(row, found)
		})
		require.NoError(t, s.Close())
		require.NoError(t, c.Close())
		ready, deferred, wrong := s.Counts()
		require.Equal(t, rows, ready+deferred+wrong)
		if err != nil || damaged || rows == 0 {
			return // what damaged quotes mean depends on what stands around them, and a row too long has our cell behind its own
		}
		got := cells(t, []byte(text))
		parts := map[string]int{}
		for _, name := range []string{report.ReadyFile, report.DeferredFile, report.ErrorsFile} {
			part, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			for _, row := range cells(t, part) {
				parts[row]++
			}
		}
		for _, row := range got {
			require.Positive(t, parts[row]+parts[row+"\x1f"], "a row is lost: %q", row)
		}
	})
}

// cells returns the rows of a file, the cells joined. A cell of ours behind the others is left out.
func cells(t *testing.T, text []byte) []string {
	t.Helper()
	rows, err := csvspec.NewReader(bytes.NewReader(text), csvspec.ReadOptions{})
	require.NoError(t, err)
	var all []string
	for row, err := range rows.All() {
		require.NoError(t, err)
		var list []string
		for i := range row.Source.Len() {
			if i < len(row.Source.Header.Columns) && row.Source.Header.Columns[i].Name == "processing_error" {
				continue
			}
			list = append(list, row.Source.Text(i))
		}
		if strings.TrimSpace(strings.Join(list, "")) == "" {
			continue // rows of separators are left out
		}
		all = append(all, strings.TrimRight(strings.Join(list, "\x1f"), "\x1f"))
	}
	return all
}

// render renders the findings in the text, if it can be read at all.
func render(t *testing.T, text string, to report.Renderer) bool {
	t.Helper()
	r, err := validate.Scan(context.Background(), "x.csv", strings.NewReader(text), options(), to.Add)
	if err != nil {
		return false // a record of more than 8 MiB
	}
	require.NoError(t, to.Close(r))
	return true
}
