package validate

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"

	"github.com/subferry/subferry/validate/internal/scratch"
)

// sieve finds rows that have the same key among any number of rows, in memory that does not grow with the file:
// entries are parted by the first bits of their key, and what a part cannot hold goes to a temporary file.
type sieve struct {
	parts [sieveParts]sievePart
	most  int // entries that a part may hold in memory, at least one
	file  *os.File
	buf   []byte
	size  int64 // of the file
	err   error // of the file; the sieve is useless after it
}

const (
	sieveParts = 128
	partMost   = 4096 // 12 MB for all parts
)

// sievePart holds the entries whose key begins with the same bits.
type sievePart struct {
	held    []entry
	spilled []int64 // where in the temporary file sieve.most entries each begin
}

func newSieve() *sieve { return &sieve{most: partMost} }

// add takes entries in. An error of the temporary file shows at the end, in sift.
func (s *sieve) add(entries []entry) {
	for _, e := range entries {
		p := &s.parts[e.a>>57]
		if len(p.held) == cap(p.held) {
			s.makeRoom(p)
		}
		p.held = append(p.held, e)
	}
}

// makeRoom makes room for another entry. Parts grow in few steps, because each leaves garbage of the size of the last.
func (s *sieve) makeRoom(p *sievePart) {
	n := len(p.held)
	if n == s.most {
		s.spill(p)
		return
	}
	p.held = append(make([]entry, 0, min(max(16, 4*n), s.most)), p.held...)
}

// spill writes what a part holds to the temporary file.
func (s *sieve) spill(p *sievePart) {
	if s.file == nil && s.err == nil {
		s.file, s.err = scratch.New("subferry-rows-*")
	}
	s.buf = slices.Grow(s.buf[:0], len(p.held)*entryBytes)
	for _, e := range p.held {
		s.buf = binary.LittleEndian.AppendUint64(s.buf, e.a)
		s.buf = binary.LittleEndian.AppendUint64(s.buf, e.b)
		s.buf = binary.LittleEndian.AppendUint32(s.buf, e.row)
		s.buf = binary.LittleEndian.AppendUint32(s.buf, e.line)
	}
	if s.err == nil {
		_, s.err = s.file.Write(s.buf)
	}
	p.spilled, p.held = append(p.spilled, s.size), p.held[:0]
	s.size += int64(len(s.buf))
}

// entryBytes is the size of an entry in the file.
const entryBytes = 24

// load returns all entries of a part, in the order in which they were added.
func (s *sieve) load(i int, into []entry) ([]entry, error) {
	into = into[:0]
	for _, at := range s.parts[i].spilled {
		s.buf = slices.Grow(s.buf[:0], s.most*entryBytes)[:s.most*entryBytes]
		if _, err := s.file.ReadAt(s.buf, at); err != nil {
			return nil, fmt.Errorf("reading back a temporary file: %w", err)
		}
		for b := s.buf; len(b) > 0; b = b[entryBytes:] {
			into = append(into, entry{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]),
				binary.LittleEndian.Uint32(b[16:]), binary.LittleEndian.Uint32(b[20:])})
		}
	}
	return append(into, s.parts[i].held...), nil
}

// close removes the temporary file.
func (s *sieve) close() { scratch.Discard(s.file) }
