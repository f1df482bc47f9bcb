package csvspec

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"
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
	cutter  *cutter
	format  *format
	current *pieceReader
	found   func() []Note // what the input took care of
	notes   []Note
	err     error
}

// format is what the readers of all pieces of a file share. It does not change once the header has been read.
type format struct {
	header *Header
	plan   []step
	unit   Unit
}

// NewReader reads the header of a file. An empty file has a header without columns, and a note. The error is a
// *ReadError from the underlying reader, with its position.
func NewReader(r io.Reader, opts ReadOptions) (*Reader, error) {
	in := newInput(r)
	return newReader(newCutter(in, chunkSize), opts, in.found)
}

// newReader reads the header of what the cutter cuts.
func newReader(c *cutter, opts ReadOptions, found func() []Note) (*Reader, error) {
	rd := &Reader{cutter: c, found: found, format: &format{header: &Header{}, unit: opts.Unit}}
	for _, kind := range rd.cutter.dialect.notes() {
		rd.notes = append(rd.notes, Note{Kind: kind, Line: 1, Offset: rd.cutter.offset})
	}
	head, preface, err := rd.head()
	switch {
	case err == io.EOF:
		rd.notes = append(rd.notes, Note{Kind: NoteEmpty, Line: 1})
		return rd, nil
	case err != nil:
		return nil, err
	}
	rd.format.header = newHeader(head)
	rd.format.header.Preface = preface
	head.Header = rd.format.header
	rd.format.plan = rd.format.header.plan()
	return rd, nil
}

// head reads the first record that is a header, and the line sep=; above it if there is one.
func (r *Reader) head() (head *Source, preface string, err error) {
	head = &Source{}
	if err := r.record(head); err != nil {
		return nil, "", err
	}
	if _, ok := separatorLine(head.Raw()); !ok {
		return head, "", nil
	}
	preface = strings.Clone(head.Raw())
	r.notes = append(r.notes, Note{Kind: NoteSeparatorLine, Line: head.Line, Offset: head.Offset()})
	r.current.row, r.cutter.row = 0, r.cutter.row-1 // rows are counted from the header
	return head, preface, r.record(head)
}

// Header returns the columns of the file.
func (r *Reader) Header() *Header { return r.format.header }

// Notes returns what reading the file took care of, as far as it has been read: a file's encoding may show only in
// its last row.
func (r *Reader) Notes() []Note {
	return slices.Concat(r.found(), r.notes)
}

// Read reads the next row into row, replacing all it held but using its slices again. At the end of the file it returns
// io.EOF; a *ReadError tells that the underlying reader failed, and where.
func (r *Reader) Read(row *Row) error {
	src := row.Source
	if src == nil {
		src = &Source{}
	}
	if err := r.record(src); err != nil {
		row.reset(src)
		return err
	}
	row.fill(src, r.format)
	return nil
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
		if r.current != nil && r.current.next(src) {
			return nil
		}
		r.nextPiece()
	}
	return r.err
}

// nextPiece goes to the next piece of the file.
func (r *Reader) nextPiece() {
	if r.current != nil {
		r.noteBlank(r.current.blank)
		r.current = nil
	}
	c, err := r.cutter.next()
	if err != nil {
		r.end(err)
		return
	}
	r.current = newPieceReader(c)
}

// end remembers how the file ended, and notes a header without rows.
func (r *Reader) end(err error) {
	r.err = err
	if err == io.EOF && r.cutter.row == 1 {
		r.notes = append(r.notes, Note{Kind: NoteNoRows, Line: r.format.header.Line})
	}
}

// noteBlank notes the first blank line of the file, given the first of a piece.
func (r *Reader) noteBlank(blank Note) {
	noted := slices.ContainsFunc(r.notes, func(n Note) bool { return n.Kind == NoteBlankLines })
	if blank.Kind != 0 && !noted {
		r.notes = append(r.notes, blank)
	}
}
