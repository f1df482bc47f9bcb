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

	// journalVersion is the newest format of the journal this code reads.
	journalVersion = 1
)

// journal is the append-only file of a directory. A nil journal remembers
// nothing, which is what an in-memory sandbox has.
type journal struct {
	path string
	file *os.File
	lock *flock.Flock
	size int64
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

// read hands every whole line to each, in order, and cuts off a torn last
// line: it belongs to a change that was never answered.
func (j *journal) read(each func(line []byte)) error {
	if j == nil {
		return nil
	}
	in := bufio.NewReaderSize(j.file, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return j.file.Truncate(j.size)
		}
		if err != nil {
			return fmt.Errorf("sandbox journal %s: %w", j.path, err)
		}
		j.size += int64(len(line))
		each(line)
	}
}

// damaged says that a whole line cannot be understood.
func (j *journal) damaged(line int, err error) error {
	return fmt.Errorf("sandbox journal %s, line %d is damaged: %w; move the file away to begin with an empty sandbox", j.path, line, err)
}

// replace puts new content in the journal's place. A crash leaves either the
// old file or the new one.
func (j *journal) replace(write func(io.Writer) error) error {
	next := j.path + ".new"
	file, err := os.OpenFile(next, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox journal: %w", err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	err = errors.Join(write(out), out.Flush(), file.Sync())
	if err == nil {
		err = os.Rename(next, j.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("sandbox journal: compact: %w", err), file.Close())
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("sandbox journal: %w", err)
	}
	old := j.file
	j.file, j.size = file, info.Size()
	return old.Close()
}

func (j *journal) close() error {
	if j == nil {
		return nil
	}
	return errors.Join(j.file.Close(), j.lock.Unlock())
}
