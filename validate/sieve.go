package validate

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"

	"github.com/subferry/subferry/validate/internal/scratch"
)

// sieve finds rows that have the same key among any number of rows, in memory that does not grow with the file:
// entries are parted by the first bits of their key, and beyond a budget the parts go to a temporary file.
type sieve struct {
	parts  [sieveParts]sievePart
	held   int // entries in memory
	budget int // entries that may be
	file   *os.File
	buf    []byte
	size   int64 // of the file
	err    error // of the file; the sieve is useless after it
}

const (
	sieveParts  = 128
	sieveBudget = 150_000 // about 4 MB
)

// sievePart holds the entries whose key begins with the same bits.
type sievePart struct {
	held    []entry
	spilled []extent
}

// extent is a stretch of entries in the temporary file.
type extent struct {
	at int64
	n  int
}

func newSieve() *sieve { return &sieve{budget: sieveBudget} }

// add takes entries in. An error of the temporary file shows at the end, in each.
func (s *sieve) add(entries []entry) {
	for _, e := range entries {
		p := &s.parts[e.a>>57]
		p.held = append(p.held, e)
	}
	if s.held += len(entries); s.held > s.budget {
		s.spill()
	}
}

// spill writes what is held to the temporary file.
func (s *sieve) spill() {
	if s.err != nil {
		return
	}
	if s.file == nil {
		s.file, s.err = scratch.New("subferry-rows-*")
	}
	s.buf = slices.Grow(s.buf[:0], s.held*entryBytes)[:s.held*entryBytes]
	at := 0
	for i := range s.parts {
		at += s.parts[i].spillTo(s.buf[at:], s.size+int64(at))
	}
	if s.err == nil {
		_, s.err = s.file.Write(s.buf)
	}
	s.size += int64(at)
	s.held = 0
}

// spillTo encodes what the part holds and returns how many bytes that takes. at is where they will be in the file.
func (p *sievePart) spillTo(buf []byte, at int64) int {
	for i, e := range p.held {
		b := buf[i*entryBytes : (i+1)*entryBytes]
		binary.LittleEndian.PutUint64(b, e.a)
		binary.LittleEndian.PutUint64(b[8:], e.b)
		binary.LittleEndian.PutUint32(b[16:], e.row)
		binary.LittleEndian.PutUint32(b[20:], e.line)
	}
	n := len(p.held)
	if n > 0 {
		p.spilled = append(p.spilled, extent{at, n})
	}
	p.held = p.held[:0]
	return n * entryBytes
}

// entryBytes is the size of an entry in the file.
const entryBytes = 24

// load returns all entries of a part, in the order in which they were added.
func (s *sieve) load(i int, into []entry) ([]entry, error) {
	into = into[:0]
	for _, x := range s.parts[i].spilled {
		s.buf = slices.Grow(s.buf[:0], x.n*entryBytes)[:x.n*entryBytes]
		if _, err := s.file.ReadAt(s.buf, x.at); err != nil {
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
