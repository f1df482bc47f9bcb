package csvspec

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
func recordsIn(t *testing.T, file []byte, size int, d dialect) []seen {
	c := startCutter(&input{src: bytes.NewReader(file), enc: utf8Text}, size, d)
	var all []seen
	for {
		piece, err := c.next()
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		p := newPieceReader(piece)
		var src Source
		for p.next(&src) {
			all = append(all, see(&src))
		}
		require.Equal(t, c.line, p.line, "the cutter and the scanner count the same lines")
		require.Equal(t, c.row, p.row, "the cutter and the scanner count the same rows")
	}
}

func see(src *Source) seen {
	s := seen{raw: src.Raw(), line: src.Line, row: src.Row, offset: src.Offset()}
	for i := range src.Len() {
		s.cells += "[" + src.Text(i) + "]"
	}
	for _, f := range src.Faults {
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
		d := detect(string(file))
		whole := recordsIn(t, file, len(file)+1, d)
		require.Equal(t, whole, recordsIn(t, file, int(size)+1, d))
		require.Equal(t, whole, carefully(file, d))
	})
}

// carefully finds records without the quick ways.
func carefully(file []byte, d dialect) []seen {
	var all []seen
	var flaws []flaw
	c := &chunk{text: string(file), line: 1, enc: utf8Text, dialect: d}
	s := newScanner(string(file), d)
	src := Source{chunk: c, Line: 1}
	for row := 0; ; row++ {
		src.Line += s.skipBlank()
		if s.at >= len(file) {
			return all
		}
		var rec found
		rec, src.cells, flaws = s.anyRecord(src.cells[:0], flaws[:0])
		src.start, src.end, src.Row = rec.start, rec.end, row
		src.report(flaws, false)
		all = append(all, see(&src))
		src.Line += rec.lines
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
				got := recordsIn(t, []byte(test.file), size, dialect{comma: ',', newline: '\n'})
				require.Equal(t, test.quoted, len(got) == 2, "%d records", len(got))
				require.Equal(t, !test.quoted, strings.Contains(got[0].faults, string(rune('a'+FaultUnclosedQuote))))
			}
		})
	}
}
