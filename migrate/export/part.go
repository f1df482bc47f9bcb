package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// part is one range of a list, and how far it has been read. Its objects are in a file of its own, newest first.
type part struct {
	ID      int    `json:"id"`
	Span           // the half-open range; From rises when another part takes the older half
	Top     int64  `json:"top,omitempty"`    // objects from here on are read, asked again by time; 0 is Until
	Cursor  string `json:"cursor,omitempty"` // the last object that was read
	Last    int64  `json:"last,omitempty"`   // when the oldest object that was read was created
	Objects int    `json:"objects"`
	Bytes   int64  `json:"bytes"` // of the file
	Done    bool   `json:"done,omitempty"`
	// Unsorted: the list is not in the order of time, so that only its beginning is a place to ask again from.
	Unsorted bool  `json:"unsorted,omitempty"`
	Doubt    int64 `json:"doubt,omitempty"` // a second of which the server did not show everything

	seen    map[string]bool // nil until the part is begun
	density float64         // objects a second, inherited until there are some
	file    *os.File
}

func (p *part) top() int64 {
	if p.Top > 0 {
		return p.Top
	}
	return p.Until
}

// left estimates how many objects are still to be read; floor is before the oldest one.
func (p *part) left(floor int64) float64 {
	pos, density := p.top(), p.density
	if p.Objects > 0 {
		pos, density = p.Last, float64(p.Objects)/float64(max(1, p.Until-p.Last))
	}
	return density * float64(max(0, pos-max(p.From, floor)))
}

// job says what an unfinished export was about: another one must not go on with its parts.
type job struct {
	Kind    string `json:"kind"`
	Since   int64  `json:"since"`
	Until   int64  `json:"until"`
	Split   string `json:"split"`
	Account string `json:"account"`
	Began   int64  `json:"began"` // when the export began, Unix seconds
	Whole   bool   `json:"whole"` // by one cursor: the server does not filter by time
}

// store is the directory of an unfinished kind.
type store struct {
	dir     string
	journal *os.File
}

// The names below the directory of an export. What is unfinished is hidden.
const (
	unfinishedDir = ".unfinished"
	journalName   = "journal.ndjson"
)

// openStore opens the directory of a kind; an interrupted export's parts come with it, and its job.
func openStore(dir string, kind Kind) (s *store, before *job, parts []*part, err error) {
	s = &store{dir: filepath.Join(dir, unfinishedDir, kind.Name)}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, nil, nil, err
	}
	before, parts, err = s.read()
	if err == nil {
		s.journal, err = os.OpenFile(filepath.Join(s.dir, journalName), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	}
	return s, before, parts, err
}

// read reads the journal: a line with the job, then lines with parts, of which the last of each counts. A line that was
// being written when the program died is cut off.
func (s *store) read() (*job, []*part, error) {
	name := filepath.Join(s.dir, journalName)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	if len(whole) < len(text) {
		if err := os.Truncate(name, int64(len(whole))); err != nil {
			return nil, nil, err
		}
	}
	var about *job
	byID := map[int]*part{}
	for i, line := range bytes.Split(bytes.TrimSpace(whole), []byte("\n")) {
		if len(line) == 0 {
			break
		}
		var parts []*part
		var err error
		if i == 0 {
			err = json.Unmarshal(line, &about)
		} else {
			err = json.Unmarshal(line, &parts)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%s:%d cannot be read: %w. Remove %s to begin again", name, i+1, err, s.dir)
		}
		for _, p := range parts {
			byID[p.ID] = p
		}
	}
	var parts []*part
	for _, p := range byID {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b *part) int { return a.ID - b.ID })
	return about, parts, nil
}

// write appends a line to the journal: a job, or parts that change together.
func (s *store) write(line any) error {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = s.journal.Write(append(text, '\n'))
	}
	return err
}

func (s *store) name(p *part) string {
	return filepath.Join(s.dir, fmt.Sprintf("part-%06d.ndjson", p.ID))
}

// begin opens the file of a part and learns what is in it. A file that is shorter than the journal says has lost
// something (the machine went down): the part begins again.
func (s *store) begin(kind Kind, p *part) error {
	f, err := os.OpenFile(s.name(p), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	p.file, p.seen = f, map[string]bool{}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if size < p.Bytes {
		p.Cursor, p.Last, p.Top, p.Objects, p.Bytes = "", 0, 0, 0, 0
	}
	if err := f.Truncate(p.Bytes); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	err = eachLine(io.LimitReader(f, p.Bytes), kind, func(o object) error { p.seen[o.id] = true; return nil })
	if err == nil && len(p.seen) != p.Objects {
		err = fmt.Errorf("%s has %d objects, %d were expected: remove %s to begin again", s.name(p), len(p.seen), p.Objects, s.dir)
	}
	if err == nil {
		_, err = f.Seek(p.Bytes, io.SeekStart)
	}
	return err
}

// eachLine visits the objects of a file. What is handed over is valid until the next one.
func eachLine(r io.Reader, kind Kind, visit func(object) error) error {
	in := bufio.NewReaderSize(r, 1<<16)
	var long []byte
	for n := 1; ; n++ {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long[:0], line...)
			for errors.Is(err, bufio.ErrBufferFull) {
				line, err = in.ReadSlice('\n')
				long = append(long, line...)
			}
			line = long
		}
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		o, err := readObject(kind, bytes.TrimSuffix(line, []byte("\n")))
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := visit(o); err != nil {
			return err
		}
	}
}

// close closes the journal.
func (s *store) close() error { return s.journal.Close() }

// remove closes and removes the directory.
func (s *store) remove() error {
	return errors.Join(s.close(), os.RemoveAll(s.dir), removeEmpty(filepath.Dir(s.dir)))
}

// removeUnfinished removes what an unfinished kind has left.
func removeUnfinished(dir string, k Kind) error {
	above := filepath.Join(dir, unfinishedDir)
	return errors.Join(os.RemoveAll(filepath.Join(above, k.Name)), removeEmpty(above))
}

// removeEmpty removes the directory of what is unfinished when no other kind is.
func removeEmpty(dir string) error {
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		return nil //nolint:nilerr // it is gone, or not empty
	}
	_ = os.Remove(dir) // another kind may have begun in between
	return nil
}
