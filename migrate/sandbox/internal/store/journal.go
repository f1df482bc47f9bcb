package store

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

const (
	// journalName is the file in which earlier programs kept a directory's state, one line for each change.
	journalName = "sandbox.jsonl"
	// importedName is what it is called after it was imported.
	importedName = journalName + ".imported"

	journalVersion = 1 // the only format there was

	// firstWords are what every journal begins with.
	firstWords = `{"account":{`
)

// importJournal imports the journal of an earlier program into a new directory, once, and keeps it under another name.
// A crash before it has the name repeats nothing: either the store holds all of it, or nothing.
func (s *Store) importJournal(dir string, isNew bool) error {
	path := filepath.Join(dir, journalName)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sandbox journal: %w", err)
	}
	defer file.Close()
	kept := filepath.Join(dir, importedName)
	j := &journal{path: path, memory: s, answers: s.answers}
	if !isNew {
		same, err := s.importedAlready(file)
		if err == nil && !same {
			err = fmt.Errorf("sandbox directory %s: there is %s next to %s, which was not made from it; an older program has used the directory. Move away the one of the two that is not wanted",
				dir, journalName, disk.Name)
		}
		if err != nil {
			return err
		}
		return rename(file, path, kept)
	}
	sum, err := j.read(file)
	if err != nil {
		return err
	}
	if j.lines == 0 {
		return rename(file, path, kept)
	}
	if err := s.writeImported(sum); err != nil {
		return err
	}
	return rename(file, path, kept)
}

// rename closes the file before: Windows renames no open one.
func rename(file *os.File, from, to string) error {
	if err := errors.Join(file.Close(), os.Rename(from, to)); err != nil {
		return fmt.Errorf("sandbox journal: %w", err)
	}
	return nil
}

// importMark is how the store remembers, as an ID in live mode that nobody can ask for, which journal was imported.
func importMark(sum uint32) string { return fmt.Sprintf("imported %08x", sum) }

func (s *Store) importedAlready(file io.Reader) (bool, error) {
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, file); err != nil {
		return false, fmt.Errorf("sandbox journal: %w", err)
	}
	found, err := s.disk.ByID("live", importMark(sum.Sum32()))
	return len(found) > 0, err
}

// writeImported writes the state as one transaction.
func (s *Store) writeImported(sum uint32) error {
	s.Live.Put(&Marked{ID: importMark(sum)})
	all := &disk.Tx{Head: s.head(), Keep: EventsKept}
	for kind, one := range s.tables() {
		all.Changes = append(all.Changes, one.export(kind)...)
	}
	s.Invoices = s.Invoices.packed()
	newest := s.events.all()
	for i, e := range newest {
		all.Events = append(all.Events, disk.Event{N: s.events.next - int64(len(newest)) + int64(i), Kind: e.head().Kind, Head: e.head(), Object: content(e.Object)})
	}
	s.answers.forget(s.Now())
	for key, one := range s.answers.byKey {
		all.Answers = append(all.Answers, one.record(key))
	}
	s.queued = s.disk.Queue(all)
	s.plan(s.Schedules.All(), s.Subscriptions.All(), s.Invoices.All())
	return s.Settle()
}

// content is an event's object as a pointer.
func content(o any) any {
	if raw, ok := o.(json.RawMessage); ok {
		return &raw
	}
	return o
}

// journal is the reader of such a file.
type journal struct {
	path    string
	memory  *Store
	answers *answers
	lines   int
	recent  []*record // that may hold the newest events
}

// read restores every whole line, in order, and returns the checksum of the file. A line that was not finished belongs
// to a change that was never answered; a file that is nothing but such a line must at least be the beginning of a
// journal.
func (j *journal) read(file io.Reader) (uint32, error) {
	sum := crc32.NewIEEE()
	in := bufio.NewReaderSize(io.TeeReader(file, sum), 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			if n := min(len(line), len(firstWords)); j.lines == 0 && n > 0 && string(line[:n]) != firstWords[:n] {
				return 0, j.damaged(1, errors.New("it is no journal of a sandbox"))
			}
			break
		}
		if err != nil {
			return 0, fmt.Errorf("sandbox journal %s: %w", j.path, err)
		}
		j.lines++
		if err := j.restore(line); err != nil {
			return 0, err
		}
	}
	if err := j.events(); err != nil {
		return 0, fmt.Errorf("sandbox journal %s: an event is damaged: %w; %s", j.path, err, beginAnew)
	}
	return sum.Sum32(), nil
}

func (j *journal) restore(line []byte) error {
	var r record
	err := errors.Join(verify(line), json.Unmarshal(line, &r))
	if a := r.Account; a != nil && a.Version > journalVersion {
		return fmt.Errorf("sandbox journal %s: its format is version %d and this program reads up to %d; use a newer program", j.path, a.Version, journalVersion)
	}
	if err == nil && j.lines == 1 && r.Account == nil {
		err = errNoAccount
	}
	if err == nil {
		j.memory.replay(&r)
		j.later(&r)
		err = j.answers.restore(&r)
	}
	if err != nil {
		return j.damaged(j.lines, err)
	}
	return nil
}

// damaged says that a whole line cannot be understood.
func (j *journal) damaged(line int, err error) error {
	return fmt.Errorf("sandbox journal %s, line %d is damaged: %w; %s", j.path, line, err, beginAnew)
}

const beginAnew = "move the file away to begin with an empty sandbox"

// A journal line ends with the checksum of what stands before it. Lines without one were written by a program before
// there were any.
const (
	sealBegins = `,"crc":"`
	sealLength = len(sealBegins) + 8 + len(`"}`)
)

var errNoAccount = errors.New("the first line must say whose account it is")

// verify compares a line, newline included, with its checksum.
func verify(line []byte) error {
	line = bytes.TrimSuffix(line, []byte("\n"))
	at := len(line) - sealLength
	if at < 0 || !bytes.HasPrefix(line[at:], []byte(sealBegins)) {
		return nil
	}
	if found := string(line[at+len(sealBegins) : len(line)-len(`"}`)]); found != fmt.Sprintf("%08x", crc32.ChecksumIEEE(line[:at])) {
		return fmt.Errorf("its content does not match its checksum %s", found)
	}
	return nil
}

// answerRecord is an answer in the journal. Kind and ID refer to an object in the same line, whose text is therefore
// not written twice.
type answerRecord struct {
	Key     string `json:"key"`
	Request string `json:"request"`
	At      int64  `json:"at"`
	Status  int    `json:"status"`
	Kind    string `json:"kind,omitempty"`
	ID      string `json:"id,omitempty"`
	Body    []byte `json:"body,omitempty"`
}

// restore puts an answer read from the journal back.
func (a *answers) restore(r *record) error {
	if r.Answer == nil {
		return nil
	}
	var key, request Fingerprint
	if _, err := hex.Decode(key[:], []byte(r.Answer.Key)); err != nil {
		return err
	}
	if _, err := hex.Decode(request[:], []byte(r.Answer.Request)); err != nil {
		return err
	}
	one := &Answer{Request: request, At: r.Answer.At, Status: r.Answer.Status, Body: r.Answer.Body}
	if r.Answer.ID != "" {
		one.Result = r.find(r.Answer.Kind, r.Answer.ID)
	}
	a.store(key, one)
	return nil
}
