package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/internal/scratch"
)

// findingBuffer keeps encoded findings until all are known: in memory, and beyond a budget in a temporary file.
type findingBuffer struct {
	buf    bytes.Buffer
	file   *os.File
	budget int
	n      int
}

const bufferBudget = 4 << 20

func newFindingBuffer() *findingBuffer { return &findingBuffer{budget: bufferBudget} }

// place is where a finding stands, for sorting.
type place struct{ line, row, column uint32 }

func placeOf(f validate.Finding) place {
	return place{uint32(f.Line), uint32(f.Row), uint32(f.ColumnNumber)}
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(p.line, o.line), cmp.Compare(p.row, o.row), cmp.Compare(p.column, o.column))
}

// add appends an encoded finding.
func (b *findingBuffer) add(at place, encoded []byte) error {
	b.n++
	head := binary.LittleEndian.AppendUint32(b.buf.AvailableBuffer(), at.line)
	head = binary.LittleEndian.AppendUint32(head, at.row)
	head = binary.LittleEndian.AppendUint32(head, at.column)
	b.buf.Write(binary.LittleEndian.AppendUint32(head, uint32(len(encoded))))
	b.buf.Write(encoded)
	if b.buf.Len() < b.budget {
		return nil
	}
	return b.spill()
}

func (b *findingBuffer) spill() (err error) {
	if b.file == nil {
		if b.file, err = scratch.New("subferry-findings-*"); err != nil {
			return err
		}
	}
	_, err = b.buf.WriteTo(b.file)
	return err
}

// each visits all that was added, in that order.
func (b *findingBuffer) each(visit func(at place, encoded []byte) error) error {
	var from io.Reader = bytes.NewReader(b.buf.Bytes())
	if b.file != nil {
		if _, err := b.file.Seek(0, io.SeekStart); err != nil {
			return err
		}
		from = io.MultiReader(bufio.NewReaderSize(b.file, 1<<16), from)
	}
	var head [16]byte
	var encoded []byte
	for {
		if _, err := io.ReadFull(from, head[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		at := place{binary.LittleEndian.Uint32(head[:]), binary.LittleEndian.Uint32(head[4:]), binary.LittleEndian.Uint32(head[8:])}
		n := int(binary.LittleEndian.Uint32(head[12:]))
		encoded = append(encoded[:0], make([]byte, n)...)
		if _, err := io.ReadFull(from, encoded); err != nil {
			return err
		}
		if err := visit(at, encoded); err != nil {
			return err
		}
	}
}

// merged visits all that was added together with the findings of the report, sorted by place.
func (b *findingBuffer) merged(late validate.Findings, encode func(validate.Finding) ([]byte, error), visit func(encoded []byte) error) error {
	late = append(validate.Findings(nil), late...)
	late.Sort()
	until := func(at *place) error {
		for len(late) > 0 && (at == nil || placeOf(late[0]).compare(*at) < 0) {
			encoded, err := encode(late[0])
			if err == nil {
				err = visit(encoded)
			}
			if err != nil {
				return err
			}
			late = late[1:]
		}
		return nil
	}
	err := b.each(func(at place, encoded []byte) error {
		if err := until(&at); err != nil {
			return err
		}
		return visit(encoded)
	})
	if err != nil {
		return err
	}
	return until(nil)
}

// close removes the temporary file.
func (b *findingBuffer) close() { scratch.Discard(b.file) }
