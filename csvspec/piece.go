package csvspec

// pieceReader reads the records of one chunk.
type pieceReader struct {
	chunk *chunk
	scan  scanner
	flaws []flaw
	line  int
	row   int
	blank Note // the first blank line of the chunk
}

func newPieceReader(c *chunk) *pieceReader {
	return &pieceReader{chunk: c, scan: newScanner(c.text, c.dialect), line: c.line, row: c.row}
}

// next finds the next record, if there is one.
func (p *pieceReader) next(src *Source) bool {
	from := p.scan.at
	if blank := p.scan.skipBlank(); blank > 0 {
		p.noteBlank(from)
		p.line += blank
	}
	if p.scan.at >= len(p.scan.buf) {
		return false
	}
	src.chunk, src.Line, src.Row = p.chunk, p.line, p.row
	var rec found
	rec, src.cells, p.flaws = p.scan.record(src.cells[:0], p.flaws[:0])
	src.start, src.end = rec.start, rec.end
	p.line += rec.lines
	p.row++
	src.Bad = src.Bad[:0]
	src.report(p.flaws, rec.ascii)
	return true
}

// noteBlank notes the first blank line.
func (p *pieceReader) noteBlank(at int) {
	if p.blank.Kind != 0 || p.chunk.dialect.sheet && p.row == 0 {
		return // above the header of a worksheet, blank rows have a note of their own or mean nothing
	}
	p.blank = Note{Kind: NoteBlankLines, Line: p.line}
	if !p.chunk.dialect.sheet {
		p.blank.Offset = p.chunk.offset + p.chunk.enc.width(p.chunk.text[:at])
	}
}
