package export

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// The files of events that webhooks have brought, beside those of an export.
const (
	AppendedFile  = "events.webhooks.ndjson"
	AppendedCSV   = "events.webhooks.csv"
	AppendedState = "events.webhooks.json" // how far the file goes
)

// Appended is what a file of events holds that webhooks have brought.
type Appended struct {
	Format   int    `json:"format"`
	Account  string `json:"account"`
	Livemode bool   `json:"livemode"`
	Number   int64  `json:"number"` // of the last event, in the order of their arrival; the next call goes on behind it
	Objects  int64  `json:"objects"`
	Bytes    int64  `json:"bytes"` // of the file: what is behind them was not finished
	Updated  Moment `json:"updated"`

	Added int64 `json:"-"` // by this call
	Known int64 `json:"-"` // left out by this call, because the export in the same directory has them
}

// Arrived is an event with its place in the order of arrival.
type Arrived struct {
	Number int64
	Raw    []byte
}

// AppendOptions say whose events are appended, and where to.
type AppendOptions struct {
	Dir      string
	Account  string
	Livemode bool
	CSV      bool // also make a table of the whole file
	Now      Moment
}

// Append appends events to the file of a directory, in the order of their arrival, one a line and as Stripe wrote them: each
// once, also when a call was interrupted, and none that the directory's export of events has. next returns the events that
// arrived after a number, a page at a time, none at the end.
func Append(ctx context.Context, opts AppendOptions, next func(ctx context.Context, after int64) ([]Arrived, error)) (Appended, error) {
	dir, kind, a := opts.Dir, eventsKind(), Appended{Format: appendFormat, Account: opts.Account, Livemode: opts.Livemode}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return a, err
	}
	lock := flock.New(filepath.Join(dir, ".lock"))
	if ok, err := lock.TryLock(); err != nil || !ok {
		return a, errors.Join(err, fmt.Errorf("another export works in %s: wait for it, or name another directory", dir))
	}
	defer lock.Unlock()
	state, err := readAppended(dir, a)
	if err != nil {
		return a, err
	}
	known := map[uint64]bool{}
	err = eachOld(filepath.Join(dir, kind.Name+".ndjson"), kind, func(o object) error { known[sumOf([]byte(o.id))] = true; return nil })
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return state, err
	}
	f, err := os.OpenFile(filepath.Join(dir, AppendedFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return state, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() < state.Bytes {
		return state, errors.Join(err, fmt.Errorf("%s is shorter than it was (%d bytes were written): put it back, or remove it and %s to begin again", f.Name(), state.Bytes, AppendedState))
	}
	if err := f.Truncate(state.Bytes); err != nil {
		return state, err
	}
	if _, err := f.Seek(state.Bytes, io.SeekStart); err != nil {
		return state, err
	}
	for {
		page, err := next(ctx, state.Number)
		if err != nil || len(page) == 0 {
			return state, errors.Join(err, opts.table(kind))
		}
		state.Updated = opts.Now
		if state, err = appendPage(f, kind, state, known, page); err != nil {
			return state, err
		}
		if err := writeFile(filepath.Join(dir, AppendedState), func(w io.Writer) error { return json.NewEncoder(w).Encode(state) }); err != nil {
			return state, err
		}
	}
}

const appendFormat = 1

func eventsKind() Kind {
	kinds, _ := ParseKinds([]string{"events"}) // which exists
	return kinds[0]
}

// readAppended returns how far the file of a directory goes.
func readAppended(dir string, a Appended) (Appended, error) {
	name := filepath.Join(dir, AppendedState)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	var state Appended
	if err := json.Unmarshal(text, &state); err != nil || state.Format != appendFormat {
		return a, errors.Join(err, fmt.Errorf("%s is not of this program, or of a newer version of it: use the version that wrote it, or another directory", name))
	}
	if state.Account != a.Account || state.Livemode != a.Livemode {
		return a, &OtherExportError{dir, "account", fmt.Sprintf("%s (livemode %t)", state.Account, state.Livemode), fmt.Sprintf("%s (livemode %t)", a.Account, a.Livemode)}
	}
	return state, nil
}

// appendPage writes a page of events and makes it durable.
func appendPage(f *os.File, kind Kind, state Appended, known map[uint64]bool, page []Arrived) (Appended, error) {
	out := bufio.NewWriterSize(f, 1<<16)
	var line bytes.Buffer
	for _, one := range page {
		line.Reset()
		if err := json.Compact(&line, one.Raw); err != nil {
			return state, fmt.Errorf("the event that arrived as number %d: %w", one.Number, err)
		}
		o, err := readObject(kind, line.Bytes())
		if err != nil {
			return state, fmt.Errorf("the event that arrived as number %d: %w", one.Number, err)
		}
		state.Number = one.Number
		if known[sumOf([]byte(o.id))] {
			state.Known++
			continue
		}
		line.WriteByte('\n')
		n, err := out.Write(line.Bytes())
		if err != nil {
			return state, err
		}
		state.Bytes += int64(n)
		state.Objects++
		state.Added++
	}
	return state, errors.Join(out.Flush(), f.Sync())
}

// table makes the table of the whole file, where one is wanted.
func (o AppendOptions) table(kind Kind) error {
	if !o.CSV {
		return nil
	}
	return writeFile(filepath.Join(o.Dir, AppendedCSV), func(w io.Writer) error { return writeCSV(w, filepath.Join(o.Dir, AppendedFile), kind) })
}
