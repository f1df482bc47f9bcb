package dedupe

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"

	"github.com/subferry/subferry/validate/internal/scratch"
)

// Index holds the entries of any number of rows: divided into partitions by the first bits of their group, and what a
// partition cannot hold in memory goes to a temporary file.
type Index struct {
	partitions [partitionCount]partition
	capacity   int // entries that a partition may hold in memory, at least one
	file       *os.File
	buf        []byte
	size       int64 // of the file
	err        error // of the file; the index is useless after it
}

const (
	partitionCount    = 128
	partitionCapacity = 4096 // 12 MB for all partitions
)

// partition holds the entries whose group begins with the same bits.
type partition struct {
	held    []Entry
	spilled []int64 // where in the temporary file Index.capacity entries each begin
}

// NewIndex returns an index without entries. It must be closed.
func NewIndex() *Index { return &Index{capacity: partitionCapacity} }

// Add takes entries in. An error of the temporary file shows at the end, in FindDuplicates.
func (x *Index) Add(entries []Entry) {
	for _, e := range entries {
		p := &x.partitions[e.group>>57]
		switch n := len(p.held); {
		case n < cap(p.held):
		case n == x.capacity:
			x.spill(p)
		default: // it grows in few steps, because each leaves garbage of the size of the last
			p.held = append(make([]Entry, 0, min(max(16, 4*n), x.capacity)), p.held...)
		}
		p.held = append(p.held, e)
	}
}

// entryBytes is the size of an entry in the file.
const entryBytes = 24

// spill writes what a partition holds to the temporary file.
func (x *Index) spill(p *partition) {
	if x.file == nil && x.err == nil {
		x.file, x.err = scratch.New("subferry-rows-*")
	}
	x.buf = slices.Grow(x.buf[:0], len(p.held)*entryBytes)
	for _, e := range p.held {
		x.buf = binary.LittleEndian.AppendUint64(x.buf, e.group)
		x.buf = binary.LittleEndian.AppendUint64(x.buf, e.key)
		x.buf = binary.LittleEndian.AppendUint32(x.buf, e.row)
		x.buf = binary.LittleEndian.AppendUint32(x.buf, e.line)
	}
	if x.err == nil {
		_, x.err = x.file.Write(x.buf)
	}
	p.spilled, p.held = append(p.spilled, x.size), p.held[:0]
	x.size += int64(len(x.buf))
}

// load returns all entries of a partition, in the order in which they were added.
func (x *Index) load(i int, into []Entry) ([]Entry, error) {
	into = into[:0]
	for _, at := range x.partitions[i].spilled {
		x.buf = slices.Grow(x.buf[:0], x.capacity*entryBytes)[:x.capacity*entryBytes]
		if _, err := x.file.ReadAt(x.buf, at); err != nil {
			return nil, fmt.Errorf("reading back a temporary file: %w", err)
		}
		for b := x.buf; len(b) > 0; b = b[entryBytes:] {
			into = append(into, Entry{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]),
				binary.LittleEndian.Uint32(b[16:]), binary.LittleEndian.Uint32(b[20:])})
		}
	}
	return append(into, x.partitions[i].held...), nil
}

// Close removes the temporary file.
func (x *Index) Close() { scratch.Discard(x.file) }
