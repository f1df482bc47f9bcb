package csvspec_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

// dirty are files to begin fuzzing with.
func dirty() []string {
	return []string{
		"",
		"customer,start_date,price\ncus_A,1893491940,price_B\n",
		"\uFEFFcustomer;start_date\r\n\"cus_A\";\"18\r\n93\"\r\n\r\n ;\r\n",
		"customer\tprice\n \"a\" \t\"b\"\"c\"\n",
		"customer,price\n\"a,b\nc,\"d,1\"\n\"e\"f,g\n\"John \"J\" Doe\",x\n",
		"sep=;\ncustomer;price\na;b\n",
		"customer,price\ra,\"b\rc\"\r\"",
		"customer,price\nM\xfcller,b\n",
		"\xff\xfec\x00u\x00s\x00t\x00o\x00m\x00e\x00r\x00\n\x00a\x00\xe9\x00\n\x00",
		"customer,price\nä\xff,\x00\n,,,\n",
		"customer,adhoc_items.0.amount,adhoc_items.0.currency,automatic_tax\na,21.50,USD,TRUE\nb,+7,jpy,no\n",
	}
}

// FuzzReader: whatever the bytes, every cell lies where its position says, and the cells and what stands between
// them are the file.
func FuzzReader(f *testing.F) {
	for _, file := range dirty() {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := csvspec.NewReader(bytes.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMajor})
		require.NoError(t, err)
		var records []*csvspec.Source
		if head := r.Header().Source(); head != nil {
			records = append(records, head)
		}
		for row, err := range r.All() {
			require.NoError(t, err)
			require.Equal(t, len(records), row.Source.Row)
			records = append(records, row.Source.Clone())
		}
		if decoded(r) {
			checkInside(t, file, records)
			return
		}
		end := 0
		for _, src := range records {
			end = checkRecord(t, file, end, src)
		}
		if len(records) > 0 {
			require.Empty(t, strings.Trim(string(file[end:]), " \r\n\uFEFF"), "all records are read")
		}
	})
}

// decoded tells whether the reader read other bytes than the file's.
func decoded(r *csvspec.Reader) bool {
	return slices.ContainsFunc(r.Notes(), func(n csvspec.Note) bool {
		return n.Kind == csvspec.NoteUTF16 || n.Kind == csvspec.NoteWindows1252
	})
}

// checkInside checks that the cells of a decoded file lie in it, one behind the other.
func checkInside(t *testing.T, file []byte, records []*csvspec.Source) {
	last := int64(-1)
	for _, src := range records {
		for i := range src.Len() {
			c := src.Cell(i)
			require.Greater(t, c.Offset, last)
			require.LessOrEqual(t, c.Offset, int64(len(file)))
			last = c.Offset
		}
	}
}

// checkRecord checks a record that begins after end, and returns where it ends.
func checkRecord(t *testing.T, file []byte, end int, src *csvspec.Source) int {
	start := int(src.Offset())
	require.GreaterOrEqual(t, start, end)
	if skipped := strings.Trim(string(file[end:start]), " \r\n\uFEFF"); !strings.HasPrefix(skipped, "sep=") {
		require.Empty(t, skipped, "only blank lines are skipped")
	}
	require.Equal(t, src.Raw(), string(file[start:start+len(src.Raw())]))
	at := start
	for i := range src.Len() {
		c := src.Cell(i)
		if i > 0 {
			require.Contains(t, ",;\t|", string(file[at]), "a separator stands between cells")
			at++
		}
		require.EqualValues(t, at, c.Offset)
		require.Equal(t, c.Raw, string(file[at:at+len(c.Raw)]))
		require.Equal(t, c.Text, src.Text(i))
		checkLine(t, file, c.Line, c.Byte, at)
		at += len(c.Raw)
	}
	require.Empty(t, strings.Trim(string(file[at:start+len(src.Raw())]), "\r\n"))
	for _, fault := range src.Faults {
		c := src.Cell(fault.Index)
		require.GreaterOrEqual(t, fault.Offset, c.Offset)
		require.LessOrEqual(t, fault.Offset, c.Offset+int64(len(c.Raw)))
		checkLine(t, file, fault.Line, fault.Byte, int(fault.Offset))
	}
	return start + len(src.Raw())
}

// checkLine counts lines from the beginning of the file.
func checkLine(t *testing.T, file []byte, line, col, at int) {
	newline := byte('\n')
	if !bytes.Contains(file, []byte("\n")) {
		newline = '\r'
	}
	before := bytes.TrimPrefix(file[:at], []byte("\uFEFF"))
	require.Equal(t, 1+bytes.Count(before, []byte{newline}), line)
	require.Equal(t, len(before)-bytes.LastIndexByte(before, newline), col)
}

// FuzzHeader: a column that is recognised has a name that is read as the same column.
func FuzzHeader(f *testing.F) {
	for _, name := range []string{"customer (required)", "Items.0.Price", "metadata_source", " \"x\" ", "items.99.price", "metadata..", "ſtart_date"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		r, err := csvspec.NewReader(strings.NewReader("customer,"+name), csvspec.ReadOptions{})
		require.NoError(t, err)
		for _, c := range r.Header().Columns {
			again := csvspec.ParseColumn(c.Name)
			require.Equal(t, c.Field, again.Field)
			require.Equal(t, c.Item, again.Item)
			require.Equal(t, c.Key, again.Key)
		}
		if known, ok := csvspec.Nearest(name); ok {
			require.True(t, csvspec.ParseColumn(known).Known())
		}
	})
}

// FuzzParseMoney: an amount that is read is written as the same amount.
func FuzzParseMoney(f *testing.F) {
	for _, text := range []string{"21.50", "-0", "+1", "1e3", "9223372036854775807", "0.001", "١"} {
		f.Add(text, "usd")
		f.Add(text, "kwd")
	}
	f.Fuzz(func(t *testing.T, text, currency string) {
		for _, unit := range []csvspec.Unit{csvspec.UnitMinor, csvspec.UnitMajor} {
			money, problem := csvspec.ParseMoney(text, unit, currency)
			if problem != csvspec.ProblemNone {
				require.Zero(t, money.Minor)
				continue
			}
			again, problem := csvspec.ParseMoney(money.Amount(unit), unit, currency)
			require.Equal(t, csvspec.ProblemNone, problem)
			require.Equal(t, money, again)
		}
	})
}

// FuzzRoundTrip: what a file says is still said after it has been read, written and read again.
func FuzzRoundTrip(f *testing.F) {
	for _, file := range dirty() {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		rows := anyRows(t, file)
		if !utf8.Valid(file) {
			return // encoding/csv writes other bytes in their place
		}
		for i := range rows {
			rows[i].Source = nil // what could not be read is not to be written
		}
		var first, second bytes.Buffer
		if csvspec.Write(&first, csvspec.Basic, rows) != nil {
			return // more than a file can say; the error is tested elsewhere
		}
		require.NoError(t, csvspec.Write(&second, csvspec.Basic, anyRows(t, first.Bytes())))
		require.Equal(t, first.String(), second.String())
	})
}

// anyRows reads a file in which everything may be wrong.
func anyRows(t *testing.T, file []byte) []csvspec.Row {
	r, err := csvspec.NewReader(bytes.NewReader(file), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	require.NoError(t, err)
	var rows []csvspec.Row
	for row, err := range r.All() {
		require.NoError(t, err)
		rows = append(rows, *row.Clone())
	}
	return rows
}
