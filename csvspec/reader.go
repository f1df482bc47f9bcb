package csvspec

import (
	"errors"
	"io"
	"iter"
)

// chunkSize is how much of a file a Reader holds at a time.
const chunkSize = 64 << 10

// ReadOptions say how a file is to be read. The zero value is right for a file whose unit nobody has stated.
type ReadOptions struct {
	// Unit is how the file states its amounts.
	Unit Unit
}

// Reader reads a file row by row, in memory that does not grow with the file.
//
// It recognises UTF-8 with and without a byte order mark, UTF-16 and Windows-1252; commas, semicolons and tabs; line
// ends of all three kinds. It never fails because of what a file says: what cannot be read is data, in the notes of
// the file and in the Bad cells and Faults of each row's Source.
type Reader struct {
	cutter *cutter
	header *Header
	plan   []step
	unit   Unit

	chunk *chunk // being read
	scan  scanner
	flaws []flaw
	line  int
	row   int
	notes []Note
	err   error
}

// NewReader reads the header of a file. An empty file has a header without columns, and a note. The error is a
// *ReadError from the underlying reader, with its position.
func NewReader(r io.Reader, opts ReadOptions) (*Reader, error) {
	rd := &Reader{cutter: newCutter(newInput(r), chunkSize), unit: opts.Unit, header: &Header{}}
	for _, kind := range rd.cutter.dialect.notes() {
		rd.notes = append(rd.notes, Note{Kind: kind, Line: 1, Offset: rd.cutter.offset})
	}
	var head Source
	switch err := rd.record(&head); {
	case err == io.EOF:
		rd.notes = append(rd.notes, Note{Kind: NoteEmpty, Line: 1})
		return rd, nil
	case err != nil:
		return nil, err
	}
	rd.header = newHeader(&head)
	head.Header = rd.header
	rd.plan = rd.header.plan()
	return rd, nil
}

// Header returns the columns of the file.
func (r *Reader) Header() *Header { return r.header }

// Notes returns what reading the file took care of, as far as it has been read: a file's encoding may show only in
// its last row.
func (r *Reader) Notes() []Note {
	return append(append([]Note(nil), r.cutter.in.notes...), r.notes...)
}

// Read reads the next row into row, replacing all it held but using its slices again. At the end of the file it returns
// io.EOF; a *ReadError tells that the underlying reader failed, and where.
func (r *Reader) Read(row *Row) error {
	src := row.Source
	if src == nil {
		src = &Source{}
	}
	row.reset(src)
	if err := r.record(src); err != nil {
		return err
	}
	src.Header = r.header
	row.decode(r.plan, r.unit)
	return nil
}

// reset empties the row.
func (r *Row) reset(src *Source) {
	*r = Row{Source: src, Items: r.Items[:0], AdhocItems: r.AdhocItems[:0], AddInvoiceItems: r.AddInvoiceItems[:0],
		Metadata: r.Metadata[:0]}
}

// All returns the rows that have not been read yet. The row is the same at each turn, filled anew: Clone it to keep
// it. An error ends the sequence; the end of the file is not one.
func (r *Reader) All() iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		var row Row
		for {
			err := r.Read(&row)
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(&row, nil) {
				return
			}
		}
	}
}

// record finds the next record.
func (r *Reader) record(src *Source) error {
	for r.err == nil {
		if r.chunk != nil && r.find(src) {
			return nil
		}
		r.next()
	}
	return r.err
}

// next goes to the next chunk.
func (r *Reader) next() {
	if r.chunk, r.err = r.cutter.next(); r.err != nil {
		r.atEnd()
		return
	}
	r.scan = scanner{buf: []byte(r.chunk.text), dialect: r.chunk.dialect}
	r.line, r.row = r.chunk.line, r.chunk.row
}

// atEnd notes a header without rows.
func (r *Reader) atEnd() {
	if r.err == io.EOF && r.row == 1 {
		r.notes = append(r.notes, Note{Kind: NoteNoRows, Line: r.header.Line})
	}
}

// find finds the next record of the chunk, if it has one.
func (r *Reader) find(src *Source) bool {
	from := r.scan.at
	if blank := r.scan.skipBlank(); blank > 0 {
		r.noteBlank(from)
		r.line += blank
	}
	if r.scan.at >= len(r.scan.buf) {
		return false
	}
	src.chunk, src.Line, src.Row = r.chunk, r.line, r.row
	var rec found
	rec, src.cells, r.flaws = r.scan.record(src.cells[:0], r.flaws[:0])
	src.start, src.end = rec.start, rec.end
	r.line += rec.lines
	r.row++
	src.Bad = src.Bad[:0]
	src.report(r.flaws)
	return true
}

// noteBlank notes the first blank line.
func (r *Reader) noteBlank(at int) {
	for _, n := range r.notes {
		if n.Kind == NoteBlankLines {
			return
		}
	}
	at64 := r.chunk.offset + r.chunk.enc.width(r.chunk.text[:at])
	r.notes = append(r.notes, Note{Kind: NoteBlankLines, Line: r.line, Offset: at64})
}
