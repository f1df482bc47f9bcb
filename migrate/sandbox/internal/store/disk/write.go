package disk

import (
	"encoding/json"
	"os"
	"runtime"
)

const (
	mostWaiting = 40_000   // changes that may wait before whoever makes more has to wait, too
	writeSoon   = 8_000    // changes that are written although nobody waits for them
	mostNoted   = 250      // changes of a batch that is noted before it is filed
	mostToFile  = 5_000    // changes that are noted before they are filed
	walLimit    = 64 << 20 // bytes of the write-ahead log before a checkpoint
)

// Change is an object that was created or changed, or with a nil Value one that was removed. The object must not be
// changed afterwards.
type Change struct {
	Kind         string
	Seq          int64
	Created      bool // since the last transaction
	Moved        bool // to another owner
	ID           string
	Owner, Clock string
	At, Due      int64 // when it was created, and when the clock has to do with it
	Value        any
}

// Event is an event for the ring, about an object of a kind. Its Object is stored without nulls, unless it has no Kind,
// and is encoded once when it is also the Value of a change.
type Event struct {
	N            int64
	Kind         string
	Head, Object any
}

// Answer is what an idempotency key was answered: Value, an object of a Kind and an ID, or Body. JSON is the Value
// encoded when that has been done already.
type Answer struct {
	Key, Request []byte
	At, Status   int64
	Kind, ID     string
	Value        any
	JSON         []byte
	Body         []byte
}

// Tx is one transaction. Head replaces the head that there was; nil leaves it.
type Tx struct {
	Head    any
	Changes []Change
	Events  []Event
	Answers []*Answer
	Forget  int64 // answers as old as this or older are dropped
	Keep    int64 // how many events are kept
}

// batch are transactions that are written together. What follows later replaces what came before.
type batch struct {
	changes []*Change
	at      map[place]*Change
	events  []Event
	answers []*Answer
	head    any
	forget  int64
	keep    int64
}

// place is where an object is stored.
type place struct {
	kind string
	seq  int64
}

func newBatch() *batch { return &batch{at: map[place]*Change{}} }

func (b *batch) add(t *Tx) {
	for i := range t.Changes {
		b.change(&t.Changes[i])
	}
	b.events = append(b.events, t.Events...)
	if t.Keep > 0 {
		b.keep = t.Keep
	}
	if most := int(b.keep); len(b.events) > 2*most {
		b.events = append([]Event(nil), b.events[len(b.events)-most:]...)
	}
	b.answers = append(b.answers, t.Answers...)
	if t.Head != nil {
		b.head = t.Head
	}
	b.forget = max(b.forget, t.Forget)
}

func (b *batch) change(c *Change) {
	where := place{c.Kind, c.Seq}
	earlier := b.at[where]
	if earlier == nil {
		b.at[where] = c
		b.changes = append(b.changes, c)
		return
	}
	created, moved := earlier.Created, earlier.Moved
	*earlier = *c
	earlier.Created, earlier.Moved = created, moved || c.Moved
}

// Queue hands in a transaction. It is written when somebody waits for the number that is returned, or soon.
func (s *Store) Queue(t *Tx) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.failed == nil && len(s.open.changes) >= mostWaiting {
		s.settle()
	}
	s.open.add(t)
	s.queued++
	if len(s.open.changes) >= writeSoon && !s.writing && s.failed == nil {
		go func(until uint64) { _ = s.Wait(until) }(s.queued) // an error is kept for whoever waits next
	}
	return s.queued
}

// Queued is the number of the last transaction that was handed in.
func (s *Store) Queued() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queued
}

// Wait returns when a transaction and all before it are written. After an error nothing more is.
func (s *Store) Wait(until uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.written < until && s.failed == nil {
		s.settle()
	}
	if s.written >= until {
		return nil
	}
	return s.failed
}

// settle writes what is waiting, or waits for whoever does. It is called under the lock.
func (s *Store) settle() {
	if s.writing {
		s.settled.Wait()
		return
	}
	s.writing = true
	s.mu.Unlock()
	runtime.Gosched() // others that are about to hand something in share the transaction
	s.mu.Lock()
	b, until := s.open, s.queued
	s.open = newBatch()
	s.mu.Unlock()
	err := s.wrap(s.write(b))
	s.mu.Lock()
	s.writing = false
	if err != nil {
		s.failed = err
	} else {
		s.written = until
	}
	s.settled.Broadcast()
}

// write makes a batch safe. A small one is only noted, with one row at the end of one table, and filed together with
// those after it: an index costs a page for every row, and then one for many.
func (s *Store) write(b *batch) error {
	r, err := b.encode()
	if err != nil {
		return err
	}
	noted := len(r.Rows)+len(r.Answers) <= mostNoted
	if noted {
		bodies := r.join()
		text, err := json.Marshal(r)
		if err == nil {
			err = s.writer.exec("INSERT INTO note VALUES (NULL, ?, ?)", text, bodies)
		}
		if err != nil {
			return err
		}
	}
	s.toFile.add(r)
	if !noted || len(s.toFile.rows) >= mostToFile {
		if err := s.file(); err != nil {
			return err
		}
	}
	if info, err := os.Stat(s.path + walSuffix); err != nil || info.Size() < s.walMost {
		return err
	}
	return s.checkpoint(true)
}

// checkpoint moves the write-ahead log into the database, after the checksums of what will be there then.
func (s *Store) checkpoint(trusted bool) error {
	log, err := readWAL(s.path+walSuffix, trusted)
	if err != nil {
		return s.wrap(err)
	}
	next, err := s.sums.after(log, s.path+walSuffix)
	if err == nil {
		err = next.write(s.sumsPath)
	}
	if err != nil {
		return s.wrap(err)
	}
	s.sums = next
	var busy, frames, moved int
	// A log that a reader keeps from being emptied is moved the next time.
	return s.writer.one("PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &frames, &moved)
}
