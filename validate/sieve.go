package validate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
)

// sieve finds rows that have the same key among any number of rows, in memory that does not grow with the file:
// entries are parted by the first bits of their key, and beyond a budget the parts go to a temporary file.
type sieve struct {
	parts  [sieveParts]sievePart
	held   int // entries in memory
	budget int // entries that may be
	file   *os.File
	size   int64 // of the file
	err    error // of the file; the sieve is useless after it
}

const (
	sieveParts  = 128
	sieveBudget = 300_000 // about 7 MB
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
		s.file, s.err = os.CreateTemp("", "subferry-rows-*")
	}
	var buf bytes.Buffer
	for i := range s.parts {
		s.parts[i].spillTo(&buf, s.size)
	}
	if s.err == nil {
		_, s.err = s.file.Write(buf.Bytes())
	}
	s.size += int64(buf.Len())
	s.held = 0
}

func (p *sievePart) spillTo(buf *bytes.Buffer, base int64) {
	if len(p.held) == 0 {
		return
	}
	p.spilled = append(p.spilled, extent{base + int64(buf.Len()), len(p.held)})
	for _, e := range p.held {
		b := binary.LittleEndian.AppendUint64(buf.AvailableBuffer(), e.a)
		b = binary.LittleEndian.AppendUint64(b, e.b)
		b = binary.LittleEndian.AppendUint32(b, e.row)
		buf.Write(binary.LittleEndian.AppendUint32(b, e.line))
	}
	p.held = p.held[:0]
}

// entryBytes is the size of an entry in the file.
const entryBytes = 24

// load returns all entries of a part.
func (s *sieve) load(i int, into []entry) ([]entry, error) {
	into = into[:0]
	for _, x := range s.parts[i].spilled {
		raw := make([]byte, x.n*entryBytes)
		if _, err := s.file.ReadAt(raw, x.at); err != nil {
			return nil, fmt.Errorf("reading back the temporary file %s: %w", s.file.Name(), err)
		}
		for ; len(raw) > 0; raw = raw[entryBytes:] {
			into = append(into, entry{binary.LittleEndian.Uint64(raw), binary.LittleEndian.Uint64(raw[8:]),
				binary.LittleEndian.Uint32(raw[16:]), binary.LittleEndian.Uint32(raw[20:])})
		}
	}
	return append(into, s.parts[i].held...), nil
}

// close removes the temporary file.
func (s *sieve) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
