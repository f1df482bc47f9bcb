package scan

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// seen is all that is said about a record.
type seen struct {
	raw       string
	line, row int
	offset    int64
	cells     string
	faults    string
}

// recordsIn reads a file in chunks of about size bytes.
func recordsIn(t *testing.T, file []byte, size int, d Dialect) []seen {
	c := ChunkerOf(PlainInput(bytes.NewReader(file)), size, d)
	var all []seen
	for {
		chunk, err := c.Next()
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		r := NewRecordReader(chunk)
		var rec Record
		for r.Next(&rec) {
			all = append(all, see(chunk, &rec))
		}
		require.Equal(t, c.line, r.line, "the chunker and the scanner count the same lines")
		require.Equal(t, c.Row, r.row, "the chunker and the scanner count the same rows")
	}
}

func see(c *Chunk, rec *Record) seen {
	s := seen{raw: c.Text[rec.Start:rec.End], line: rec.Line, row: rec.Row, offset: c.Place(rec, rec.Start).Offset}
	for _, cell := range rec.Cells {
		s.cells += "[" + cell.Text(c.Text) + "]"
	}
	for _, f := range rec.Faults {
		s.faults += string(rune('a'+f.Kind)) + string(rune('0'+f.Index))
	}
	return s
}

// FuzzCut: it does not matter where a file is cut, nor whether records are found quickly or carefully.
func FuzzCut(f *testing.F) {
	for _, file := range []string{
		"a,b\nc,d\n", "\"a\r\nb\",c\r\n\r\nd,\"e\"\"\"\r\n", "\"a,b\nc,\"d\"\n\"e\"f,\"g\" ,\n", "a\rb,\"c\rd\"\re",
		" \"x\"\n  \n\"\"\"\n", strings.Repeat("aaaaaaa,\"b b\",,\n", 5), "\"\n\"\n\"", "a\x00,\"\n\x01\"\n",
	} {
		f.Add([]byte(file), uint8(3))
	}
	f.Fuzz(func(t *testing.T, file []byte, size uint8) {
		d := Detect(string(file), func(name string) bool { return len(name) < 3 })
		whole := recordsIn(t, file, len(file)+1, d)
		require.Equal(t, whole, recordsIn(t, file, int(size)+1, d))
		require.Equal(t, whole, carefully(file, d))
	})
}

// carefully finds records without the quick ways.
func carefully(file []byte, d Dialect) []seen {
	var all []seen
	c := &Chunk{Text: string(file), line: 1, Enc: utf8Text, Dialect: d}
	s := newScanner(string(file), d)
	rec := Record{Line: 1}
	for ; ; rec.Row++ {
		rec.Line += s.skipBlank()
		if s.at >= len(file) {
			return all
		}
		var e extent
		e, rec.Cells, rec.Faults = s.anyRecord(rec.Cells[:0], rec.Faults[:0])
		rec.Start, rec.End = e.start, e.end
		all = append(all, see(c, &rec))
		rec.Line += e.lines
	}
}

func TestAQuoteIsGivenUpAfterItsBound(t *testing.T) {
	long := strings.Repeat("0123456789abcde\n", maxQuoted/16)
	tests := []struct {
		name, file string
		quoted     bool
	}{
		{"closed within", `"` + long[:maxQuoted-10] + `",b` + "\nc,d\n", true},
		{"closed beyond", `"` + long + `01234",b` + "\nc,d\n", false},
		{"never closed", `"` + long + long, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{100, 64 << 10, 1 << 20} {
				got := recordsIn(t, []byte(test.file), size, Dialect{Comma: ',', Newline: '\n'})
				require.Equal(t, test.quoted, len(got) == 2, "%d records", len(got))
				require.Equal(t, !test.quoted, strings.Contains(got[0].faults, string(rune('a'+UnclosedQuote))))
			}
		})
	}
}
