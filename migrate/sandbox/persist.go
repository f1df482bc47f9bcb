package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// accountRecord is what a directory keeps of its account.
type accountRecord struct {
	Version int    `json:"version"`
	ID      string `json:"id"`
	Seed    string `json:"seed"`
	Created int64  `json:"created"`

	// TaxBehavior is the default of the account's tax settings, "" for none.
	TaxBehavior string `json:"tax_behavior,omitempty"`
}

// stateHead is what a directory keeps besides objects.
type stateHead struct {
	Account accountRecord `json:"account"`
	Count   uint64        `json:"ids"` // of the ID source
	Offset  int64         `json:"clock_offset"`
	Events  int64         `json:"events"` // that there have been
}

func (s *state) head() stateHead {
	return stateHead{Account: s.founded, Count: s.ids.Count, Offset: s.offset, Events: s.events.next}
}

// load opens the directory's store and imports the journal of an older
// program, if there is one. A new directory gets a new account.
func (s *Server) load(dir string) error {
	tables := s.state.tables()
	kinds := make([]string, 0, len(tables))
	for kind := range tables {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	var err error
	if s.store, err = disk.Open(dir, kinds); err != nil {
		if errors.Is(err, disk.ErrInUse) {
			err = fmt.Errorf("sandbox directory %s: %w; wait for it to end, or use another directory", dir, ErrInUse)
		}
		return err
	}
	if err := s.restore(dir, tables); err != nil {
		return errors.Join(err, s.store.Close())
	}
	return nil
}

func (s *Server) restore(dir string, tables map[string]stored) error {
	for kind, one := range tables {
		one.attach(kind, s.store)
	}
	decode := func(kind string, body []byte) (any, error) {
		if tables[kind] == nil {
			return nil, fmt.Errorf("sandbox file %s: an answer is of the unknown kind %q", s.store.Path(), kind)
		}
		return tables[kind].decode(body)
	}
	s.answers.decode, s.state.events.decode = decode, decode
	written, err := s.store.Head()
	if err != nil {
		return err
	}
	if err := s.importJournal(dir, written == nil); err != nil {
		return err
	}
	if s.state.founded.ID != "" { // imported
		return nil
	}
	if written == nil {
		return s.found()
	}
	var head stateHead
	if err := json.Unmarshal(written, &head); err != nil {
		return fmt.Errorf("sandbox file %s: %w", s.store.Path(), err)
	}
	s.state.adopt(head.Account)
	s.state.ids.Count, s.state.offset = head.Count, head.Offset
	s.state.events.attach(s.store, head.Events)
	some, err := s.store.HasAnswers()
	if some {
		s.answers.stored = s.store
	}
	return err
}

// writeHead hands the state's head to the store.
func (s *Server) writeHead() {
	if s.store != nil {
		s.queued = s.store.Queue(&disk.Tx{Head: s.state.head()})
	}
}

// settle returns when everything is written. It is called under the lock.
func (s *Server) settle() error {
	if s.store == nil {
		return nil
	}
	err := s.store.Wait(s.queued)
	if err != nil && s.broken == nil {
		s.broken = err
	}
	return err
}

// caught ends a call, made under the lock, in which the directory's file could
// not be read: nothing more can be answered.
func (s *Server) caught(err *error) {
	switch reason := recover().(type) {
	case nil:
	case unreadable:
		s.broken = reason.err
		*err = reason.err
	default:
		panic(reason)
	}
}
