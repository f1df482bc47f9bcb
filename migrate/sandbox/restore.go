package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
)

// decoded is a journal line on its way into the state.
type decoded struct {
	line   []byte
	record record
	err    error
	done   chan struct{}
}

// load reads the journal, or begins a new account. Lines are decoded by
// several goroutines and applied in order: a million rows are a gigabyte.
func (s *Server) load() error {
	work := make(chan *decoded, 256)
	ordered := make(chan *decoded, 256)
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for d := range work {
				d.err = errors.Join(verify(d.line), json.Unmarshal(d.line, &d.record))
				d.line = nil
				close(d.done)
			}
		}()
	}
	readErr := make(chan error, 1)
	go func() {
		defer close(ordered)
		defer close(work)
		readErr <- s.journal.read(func(line []byte) {
			d := &decoded{line: line, done: make(chan struct{})}
			ordered <- d
			work <- d
		})
	}()
	lines, written, err := s.apply(ordered)
	if err := errors.Join(<-readErr, err); err != nil {
		return err
	}
	if err := s.state.events.decode(); err != nil {
		return fmt.Errorf("sandbox journal %s: an event is damaged: %w; %s", s.journal.path, err, beginAnew)
	}
	if err := s.journal.cut(); err != nil {
		return err
	}
	s.state.invoices = s.state.invoices.packed()
	s.state.plan(s.state.schedules.rows, s.state.subscriptions.rows, s.state.invoices.rows)
	if lines > 0 {
		return s.compact(written)
	}
	return s.found()
}

// apply restores the records in order; after an error it only drains.
func (s *Server) apply(ordered <-chan *decoded) (lines, written int, failed error) {
	for d := range ordered {
		<-d.done
		if failed != nil {
			continue
		}
		lines++
		written += d.record.size()
		if a := d.record.Account; a != nil && a.Version > journalVersion {
			failed = fmt.Errorf("sandbox journal %s: its format is version %d and this program reads up to %d; use a newer program", s.journal.path, a.Version, journalVersion)
			continue
		}
		err := d.err
		if err == nil && lines == 1 && d.record.Account == nil {
			err = errNoAccount
		}
		if err == nil {
			s.state.restore(&d.record)
			err = s.answers.restore(&d.record)
		}
		if err != nil {
			failed = s.journal.damaged(lines, err)
		}
	}
	return lines, written, failed
}
