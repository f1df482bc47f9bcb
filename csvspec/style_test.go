package csvspec_test

import (
	"encoding/csv"
	"strings"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// restyled draws another file that says the same: its columns in another order, its cells quoted or with spaces around
// them, other line ends, a byte order mark, the other spelling of metadata, blank lines.
func restyled(t *rapid.T, file string) string {
	records, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(rapid.SampledFrom([]string{"", "\uFEFF"}).Draw(t, "mark"))
	lineEnd := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")
	quoteAll := rapid.Bool().Draw(t, "quote all")
	order := rapid.Permutation(numbersTo(len(records[0]))).Draw(t, "order")
	underscore := rapid.Bool().Draw(t, "metadata_")
	for i, record := range records {
		cells := make([]string, len(record))
		for to, from := range order {
			cells[to] = restyledCell(t, record[from], i == 0 || quoteAll, quoteAll)
			if i == 0 && underscore {
				cells[to] = strings.Replace(cells[to], "metadata.", "metadata_", 1)
			}
		}
		b.WriteString(strings.Join(cells, ",") + lineEnd)
		b.WriteString(strings.Repeat(lineEnd, rapid.IntRange(0, 1).Draw(t, "blank line")))
	}
	return b.String()
}

// restyledCell writes a cell; the text must be kept to the letter when exact.
func restyledCell(t *rapid.T, text string, exact, quote bool) string {
	if !exact {
		text = strings.Repeat(" ", rapid.IntRange(0, 2).Draw(t, "spaces")) + text
		switch {
		case text == "true" && rapid.Bool().Draw(t, "capital"):
			text = "TRUE"
		case text == "" && rapid.Bool().Draw(t, "quote"):
			return `""`
		}
	}
	if quote || strings.ContainsAny(text, ",\"\n") {
		return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}

func numbersTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
