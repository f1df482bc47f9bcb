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
	sieveBudget = 500_000 // about 12 MB
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
	if s.file == nil && s.err == nil {
		s.file, s.err = scratch.New("subferry-rows-*")
	}
	s.buf = slices.Grow(s.buf[:0], spillBuffer)
	for i := range s.parts {
		p := &s.parts[i]
		if len(p.held) > 0 {
			p.spilled = append(p.spilled, extent{s.size + int64(len(s.buf)), len(p.held)})
		}
		for _, e := range p.held {
			if len(s.buf)+entryBytes > spillBuffer {
				s.flush()
			}
			s.buf = binary.LittleEndian.AppendUint64(s.buf, e.a)
			s.buf = binary.LittleEndian.AppendUint64(s.buf, e.b)
			s.buf = binary.LittleEndian.AppendUint32(s.buf, e.row)
			s.buf = binary.LittleEndian.AppendUint32(s.buf, e.line)
		}
		p.held = p.held[:0]
	}
	s.flush()
	s.held = 0
}

// flush writes the buffer.
func (s *sieve) flush() {
	if s.err == nil {
		_, s.err = s.file.Write(s.buf)
	}
	s.size += int64(len(s.buf))
	s.buf = s.buf[:0]
}

// spillBuffer is how many bytes are written at once.
const spillBuffer = 256 << 10

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
