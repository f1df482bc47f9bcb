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

// NewIndex returns an index without entries, one of several that share the memory for the rows of a file. It must be closed.
func NewIndex(several int) *Index { return &Index{capacity: max(16, partitionCapacity/several)} }

// Add takes an entry in. An error of the temporary file shows at the end, in FindDuplicates.
func (x *Index) Add(e Entry) {
	p := &x.partitions[e.group>>57]
	if len(p.held) == cap(p.held) {
		x.makeRoom(p)
	}
	p.held = append(p.held, e)
}

// makeRoom makes room for another entry. Partitions grow in few steps, because each leaves garbage of the size of the last.
func (x *Index) makeRoom(p *partition) {
	if n := len(p.held); n < x.capacity {
		p.held = append(make([]Entry, 0, min(max(16, 4*n), x.capacity)), p.held...)
		return
	}
	x.spill(p)
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

// load appends all entries of a partition, in the order in which they were added.
func (x *Index) load(i int, into []Entry) ([]Entry, error) {
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
