package jobs

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/subferry/subferry/migrate/serve/store"
)

// artifacts are what is made of a move, in files of a temporary directory until they are complete.
type artifacts struct {
	engine *Engine
	move   store.Move
	dir    string
}

// file is one of the temporary directory that is being written.
type file struct {
	*bufio.Writer
	file *os.File
}

// Close ends the file. Closing it again does nothing.
func (f *file) Close() error {
	if f.file == nil {
		return nil
	}
	err := errors.Join(f.Flush(), f.file.Close())
	f.file = nil
	return err
}

// create makes a file of the temporary directory.
func (a *artifacts) create(name string) (*file, error) {
	f, err := os.Create(filepath.Join(a.dir, name))
	if err != nil {
		return nil, err
	}
	return &file{bufio.NewWriterSize(f, 64<<10), f}, nil
}

// drop removes artifacts of an earlier time that are not true any more.
func (a *artifacts) drop(ctx context.Context, names ...string) error {
	for _, name := range names {
		if err := a.engine.Store.DropArtifact(ctx, a.move.ID, name); err != nil {
			return err
		}
	}
	return nil
}

// store stores files of the temporary directory.
func (a *artifacts) store(ctx context.Context, names ...string) error {
	for _, name := range names {
		path := filepath.Join(a.dir, name)
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		_, err = a.engine.Store.PutArtifact(ctx, a.move.ID, name, mediaType(name), f)
		if err := errors.Join(err, f.Close(), os.Remove(path)); err != nil {
			return err
		}
	}
	return nil
}

// put writes artifacts, and drops those without content, which an earlier act may have left.
func (a *artifacts) put(ctx context.Context, contents map[string]func(io.Writer) error) error {
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		write := contents[name]
		if write == nil {
			if err := a.drop(ctx, name); err != nil {
				return err
			}
			continue
		}
		f, err := a.create(name)
		if err != nil {
			return err
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			return err
		}
		if err := a.store(ctx, name); err != nil {
			return err
		}
	}
	a.engine.Log.Debug("artifacts written", slog.String("move", a.move.ID))
	return nil
}

func mediaType(name string) string {
	switch filepath.Ext(name) {
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".ndjson":
		return "application/x-ndjson"
	case ".sarif":
		return "application/sarif+json"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/json"
}
