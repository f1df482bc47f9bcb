package scan

// Record is one record and where it stands.
type Record struct {
	Row        int // data row, from 1; the header is row 0
	Line       int // line where the record begins, from 1
	Start, End int // in the chunk's text, its line ending included
	Cells      []Span
	Faults     []RawFault // damage that was met while its cells were found
	ASCII      bool       // it certainly is; false says nothing
}

// RawFault is damage to a cell, before its position in the file is worked out.
type RawFault struct {
	Kind  FaultKind
	Index int // of the cell
	At    int // in the chunk's text
}

// FaultKind is what is damaged.
type FaultKind uint8

// The faults that finding cells meets.
const (
	UnclosedQuote FaultKind = iota + 1
	TextAfterQuote
	SpaceBesideQuote
	BareQuote
	NUL
	Control
)

// RecordReader reads the records of one chunk.
type RecordReader struct {
	Chunk     *Chunk
	BlankLine *Place // the first blank line of the chunk, nil while none has been met
	scan      scanner
	line      int
	row       int
}

// NewRecordReader returns a reader of the chunk's records.
func NewRecordReader(c *Chunk) *RecordReader {
	return &RecordReader{Chunk: c, scan: newScanner(c.Text, c.Dialect), line: c.line, row: c.row}
}

// Next finds the next record, using the slices of rec again; false when there is none.
func (r *RecordReader) Next(rec *Record) bool {
	from := r.scan.at
	if blank := r.scan.skipBlank(); blank > 0 {
		r.noteBlank(from)
		r.line += blank
	}
	if r.scan.at >= len(r.scan.buf) {
		return false
	}
	rec.Line, rec.Row = r.line, r.row
	var e extent
	e, rec.Cells, rec.Faults = r.scan.record(rec.Cells[:0], rec.Faults[:0])
	rec.Start, rec.End, rec.ASCII = e.start, e.end, e.ascii
	r.line += e.lines
	r.row++
	return true
}

// RestartRows counts rows anew from the next record on, which is the header.
func (r *RecordReader) RestartRows() { r.row = 0 }

func (r *RecordReader) noteBlank(at int) {
	if r.BlankLine != nil || r.Chunk.Dialect.Sheet && r.row == 0 {
		return // above the header of a worksheet, blank rows have a note of their own or mean nothing
	}
	r.BlankLine = &Place{Line: r.line}
	if !r.Chunk.Dialect.Sheet {
		r.BlankLine.Offset = r.Chunk.offset + r.Chunk.Enc.width(r.Chunk.Text[:at])
	}
}
