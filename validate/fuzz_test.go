package validate_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// FuzzFile validates anything, in blocks and row by row: both find the same, the counts add up, and places lie inside
// the file.
func FuzzFile(f *testing.F) {
	for _, text := range dirtyFiles(f) {
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		opts := minorUnits()
		opts.Account = exampleAccount()
		whole, err := validate.File(context.Background(), "x.csv", strings.NewReader(text), opts)
		if err != nil {
			return // what cannot be read at all: a record of more than 8 MiB, a broken workbook
		}
		require.Equal(t, whole.Rows, whole.Valid+whole.Invalid+whole.Deferred)
		lines := strings.Count(text, "\n") + strings.Count(text, "\r") + 1
		for _, x := range whole.Findings {
			require.LessOrEqual(t, x.Line, lines)
			require.LessOrEqual(t, x.Row, whole.Rows)
			require.LessOrEqual(t, x.Excerpt.End, len(x.Excerpt.Text))
			require.LessOrEqual(t, x.Excerpt.Start, x.Excerpt.End)
			require.NotEmpty(t, x.Message)
			require.NotEmpty(t, x.Fix)
		}
		for _, r := range []io.Reader{strings.NewReader(text), oneWay{strings.NewReader(text)}} {
			var all validate.Findings
			report, err := validate.Each(context.Background(), "x.csv", r, opts, func(_ *csvspec.Row, found []validate.Finding) error {
				all = append(all, found...)
				return nil
			})
			require.NoError(t, err)
			all = append(all, report.Findings...)
			all.Sort()
			require.ElementsMatch(t, whole.Findings, all)
		}
	})
}
