package csvspec

import (
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/subferry/subferry/csvspec/internal/scan"
)

// chunkSize is how much of a file a Reader holds at a time.
const chunkSize = 64 << 10

// ReadOptions say how a file is to be read. The zero value is right for a file whose unit nobody has stated.
type ReadOptions struct {
	// Unit is how the file states its amounts.
	Unit Unit
	// Columns tells which columns a file of another format has, by their names in lower case and without what stands
	// around them, and what they hold; nil is the format of subscriptions. The columns of another format are unknown to
	// a Row, which has them in its Source alone.
	Columns func(name string) (Kind, bool)
}

// KindOf returns what a column holds, and whether the format that is read has it.
func (o ReadOptions) KindOf(raw string) (Kind, bool) {
	if o.Columns != nil {
		return o.Columns(strings.ToLower(CleanName(raw)))
	}
	c := ReadColumn(raw)
	return c.Field.Kind(), c.Known()
}

// Reader reads a file row by row, in memory that does not grow with the file.
//
// It recognises UTF-8 with and without a byte order mark, UTF-16 and Windows-1252; commas, semicolons and tabs; line
// ends of all three kinds. It never fails because of what a file says: what cannot be read is data, in the notes of
// the file and in the Bad cells and Faults of each row's Source.
type Reader struct {
	chunker *scan.Chunker
	format  *format
	current *scan.RecordReader
	input   func() []Note // what reading the bytes took care of, so far
	notes   []Note
	err     error
}

// format is what the readers of all chunks of a file share. It does not change once the header has been read.
type format struct {
	header *Header
	plan   []step
	unit   Unit
}

// NewReader reads the header of a file. An empty file has a header without columns, and a note. The error is a
// *ReadError from the underlying reader, with its position.
func NewReader(r io.Reader, opts ReadOptions) (*Reader, error) {
	in := scan.NewInput(r)
	known := func(name string) bool { _, ok := opts.KindOf(name); return ok }
	return newReader(scan.NewChunker(in, chunkSize, known), opts, func() []Note {
		var notes []Note
		if in.BOM {
			notes = append(notes, Note{Kind: NoteBOM, Line: 1})
		}
		if in.UTF16 {
			notes = append(notes, Note{Kind: NoteUTF16, Line: 1})
		}
		if at := in.Windows1252; at != nil {
			notes = append(notes, Note{Kind: NoteWindows1252, Line: at.Line, Offset: at.Offset})
		}
		return notes
	})
}

// Sheet is a worksheet as a source of rows: UTF-8 text as RFC 4180 describes it, commas and line feeds, in which
// record n is row n of the worksheet and a blank line a blank row. Package xlsx makes one of a workbook.
type Sheet interface {
	io.Reader

	// Notes returns what reading the worksheet took care of; it is called when the worksheet has been read.
	Notes() []Note
}

// NewSheetReader reads the header of a worksheet. Cells are found by their names in the sheet (C12), lines are its
// rows, and there are no bytes to point at.
func NewSheetReader(s Sheet, opts ReadOptions) (*Reader, error) {
	chunker := scan.ChunkerOf(scan.PlainInput(s), chunkSize, scan.Dialect{Comma: ',', Newline: '\n', Sheet: true})
	return newReader(chunker, opts, s.Notes)
}

// newReader reads the header of what the chunker cuts.
func newReader(c *scan.Chunker, opts ReadOptions, input func() []Note) (*Reader, error) {
	rd := &Reader{chunker: c, input: input, format: &format{header: &Header{}, unit: opts.Unit}}
	unusual := func(kind NoteKind) { rd.notes = append(rd.notes, Note{Kind: kind, Line: 1, Offset: c.Offset}) }
	switch c.Dialect.Comma {
	case ';':
		unusual(NoteSemicolon)
	case '\t':
		unusual(NoteTab)
	}
	if c.Dialect.Newline == '\r' {
		unusual(NoteCarriageReturns)
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
	if _, ok := scan.SeparatorLine(head.Raw()); !ok {
		return head, "", nil
	}
	preface = strings.Clone(head.Raw())
	r.notes = append(r.notes, Note{Kind: NoteSeparatorLine, Line: head.Line, Offset: head.Offset()})
	r.current.RestartRows()
	r.chunker.Row-- // rows are counted from the header
	return head, preface, r.record(head)
}

// Header returns the columns of the file.
func (r *Reader) Header() *Header { return r.format.header }

// Notes returns what reading the file took care of, as far as it has been read: a file's encoding may show only in
// its last row.
func (r *Reader) Notes() []Note {
	return slices.Concat(r.input(), r.notes)
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
		if r.current != nil {
			if src.read(r.current) {
				return nil
			}
			r.noteBlank(r.current.BlankLine)
			r.current = nil
		}
		if c, err := r.chunker.Next(); err != nil {
			r.end(readError(err))
		} else {
			r.current = scan.NewRecordReader(c)
		}
	}
	return r.err
}

// end remembers how the file ended, and notes a header without rows.
func (r *Reader) end(err error) {
	r.err = err
	if err == io.EOF && r.chunker.Row == 1 {
		r.notes = append(r.notes, Note{Kind: NoteNoRows, Line: r.format.header.Line})
	}
}

// noteBlank notes the first blank line of the file, given the first of a chunk.
func (r *Reader) noteBlank(first *scan.Place) {
	noted := slices.ContainsFunc(r.notes, func(n Note) bool { return n.Kind == NoteBlankLines })
	if first != nil && !noted {
		r.notes = append(r.notes, Note{Kind: NoteBlankLines, Line: first.Line, Offset: first.Offset})
	}
}
