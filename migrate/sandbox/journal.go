package sandbox

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

const (
	journalName = "sandbox.jsonl"
	lockName    = "sandbox.lock"
	newSuffix   = ".new" // of a journal that is being compacted

	// journalVersion is the newest format of the journal this code reads.
	journalVersion = 1

	// firstWords are what every journal begins with.
	firstWords = `{"account":{`
)

// journal is the append-only file of a directory. A nil journal remembers
// nothing, which is what an in-memory sandbox has.
type journal struct {
	path string
	file *os.File
	lock *flock.Flock
	size int64
	torn []byte // what was read behind the last whole line
}

// openJournal takes the directory's lock and opens its journal.
func openJournal(dir string) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("sandbox directory: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("sandbox directory %s: lock: %w", dir, err)
	}
	if !held {
		return nil, fmt.Errorf("sandbox directory %s: %w; wait for it to end, or use another directory", dir, ErrInUse)
	}
	path := filepath.Join(dir, journalName)
	// The draft of a compaction that was killed. Most often there is none, and
	// one that cannot be removed does no harm.
	_ = os.Remove(path + newSuffix)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sandbox journal: %w", err), lock.Unlock())
	}
	return &journal{path: path, file: file, lock: lock}, nil
}

// append writes one line, newline included, with one write. What has been
// written survives the death of the process at any later moment.
func (j *journal) append(line []byte) error {
	if j == nil {
		return nil
	}
	n, err := j.file.WriteAt(line, j.size)
	if err != nil {
		return fmt.Errorf("sandbox journal %s: %w", j.path, err)
	}
	j.size += int64(n)
	return nil
}

// read hands every whole line to each, in order, and keeps what follows the
// last one as torn. It changes nothing: whether the file is one of ours is not
// known yet.
func (j *journal) read(each func(line []byte)) error {
	if j == nil {
		return nil
	}
	in := bufio.NewReaderSize(j.file, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			j.torn = line
			return nil
		}
		if err != nil {
			return fmt.Errorf("sandbox journal %s: %w", j.path, err)
		}
		j.size += int64(len(line))
		each(line)
	}
}

// cut removes a torn last line: it belongs to a change that was never
// answered. A file that is nothing but a torn line is cut only when it is the
// beginning of a journal.
func (j *journal) cut() error {
	if j == nil || len(j.torn) == 0 {
		return nil
	}
	if n := min(len(j.torn), len(firstWords)); j.size == 0 && string(j.torn[:n]) != firstWords[:n] {
		return j.damaged(1, errors.New("it is no journal of a sandbox"))
	}
	return j.file.Truncate(j.size)
}

// damaged says that a whole line cannot be understood.
func (j *journal) damaged(line int, err error) error {
	return fmt.Errorf("sandbox journal %s, line %d is damaged: %w; %s", j.path, line, err, beginAnew)
}

const beginAnew = "move the file away to begin with an empty sandbox"

// draft writes the content that replace will put in the journal's place. What
// was written when it fails is removed: a full disk is not made fuller.
func (j *journal) draft(write func(io.Writer) error) error {
	file, err := os.OpenFile(j.path+newSuffix, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox journal: %w", err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	if err := errors.Join(write(out), out.Flush(), file.Sync(), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("sandbox journal: compact: %w", err), os.Remove(j.path+newSuffix))
	}
	return nil
}

// replace puts the draft in the journal's place. A crash leaves either the old
// file or the new one. Both are closed meanwhile: Windows renames no open file.
func (j *journal) replace() error {
	err := errors.Join(j.file.Close(), os.Rename(j.path+newSuffix, j.path))
	if err == nil {
		j.file, err = os.OpenFile(j.path, os.O_RDWR, 0o600)
	}
	var info os.FileInfo
	if err == nil {
		info, err = j.file.Stat()
	}
	if err != nil {
		return fmt.Errorf("sandbox journal: compact: %w", err)
	}
	j.size = info.Size()
	return nil
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return errors.Join(j.file.Close(), j.lock.Unlock())
}
