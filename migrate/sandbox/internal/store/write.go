package store

import (
	"encoding/json"
	"fmt"
	"os"
)

const (
	mostWaiting = 20_000   // changes that may wait before whoever makes more has to wait, too
	writeSoon   = 2_000    // changes that are written although nobody waits for them
	walMost     = 32 << 20 // bytes of the write-ahead log before a checkpoint
)

// Change is an object that was created or changed, or with a nil Value one that was removed. The object must not be
// changed afterwards.
type Change struct {
	Kind         string
	Seq          int64
	Created      bool // since the last transaction
	ID           string
	Owner, Clock string
	At, Due      int64 // when it was created, and when the clock has to do with it
	Value        any
}

// Event is an event for the ring. Object is encoded once when it is also the Value of a change.
type Event struct {
	N            int64
	Head, Object any
}

// Answer is what an idempotency key was answered: Value, an object of a Kind and an ID, or Body.
type Answer struct {
	Key, Request []byte
	At, Status   int64
	Kind, ID     string
	Value        any
	Body         []byte
}

// Tx is one transaction. Head replaces the head that there was; nil leaves it.
type Tx struct {
	Head    any
	Changes []Change
	Events  []Event
	Answer  *Answer
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
	if t.Answer != nil {
		b.answers = append(b.answers, t.Answer)
	}
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
	created := earlier.Created
	*earlier = *c
	earlier.Created = created
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
	return s.failed
}

// settle writes what is waiting, or waits for whoever does. It is called under the lock.
func (s *Store) settle() {
	if s.writing {
		s.settled.Wait()
		return
	}
	b, until := s.open, s.queued
	s.open, s.writing = newBatch(), true
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

// write writes a batch in one transaction of SQLite's.
func (s *Store) write(b *batch) error {
	if err := s.writer.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := s.fill(b)
	if err == nil {
		err = s.writer.exec("COMMIT")
	}
	if err != nil {
		_ = s.writer.exec("ROLLBACK") // what failed is said
		return err
	}
	if info, err := os.Stat(s.path + walSuffix); err != nil || info.Size() < walMost {
		return err
	}
	return s.checkpoint()
}

func (s *Store) fill(b *batch) error {
	answered := map[any]*Answer{}
	for _, a := range b.answers {
		if a.Value != nil {
			answered[a.Value] = a
		}
	}
	shared := map[any][]byte{} // what events need as well, encoded with its nulls
	if extra := len(b.events) - int(b.keep); extra > 0 {
		b.events = b.events[extra:]
	}
	for _, e := range b.events {
		shared[e.Object] = nil
	}
	if err := s.remove(b); err != nil {
		return err
	}
	for _, c := range b.changes {
		if c.Value == nil {
			continue
		}
		if err := s.put(c, answered[c.Value], shared); err != nil {
			return fmt.Errorf("%s %s: %w", c.Kind, c.ID, err)
		}
		delete(answered, c.Value)
	}
	if b.forget > 0 {
		if err := s.writer.exec("DELETE FROM answer WHERE at <= ?", b.forget); err != nil {
			return err
		}
	}
	if err := s.answers(b.answers, answered); err != nil {
		return err
	}
	if err := s.events(b, shared); err != nil || b.head == nil {
		return err
	}
	text, err := json.Marshal(b.head)
	if err != nil {
		return err
	}
	return s.writer.exec("INSERT INTO head VALUES (1, ?) ON CONFLICT DO UPDATE SET state = excluded.state", text)
}

// remove comes first: an ID may be given again.
func (s *Store) remove(b *batch) error {
	for _, c := range b.changes {
		if c.Value == nil && !c.Created {
			if err := s.writer.exec("DELETE FROM "+quote(c.Kind)+" WHERE seq = ?", c.Seq); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Store) put(c *Change, answer *Answer, shared map[any][]byte) error {
	body, err := json.Marshal(c.Value)
	if err != nil {
		return err
	}
	if _, wanted := shared[c.Value]; wanted {
		shared[c.Value] = body
	}
	body = dropNulls(body)
	var key []byte
	if answer != nil {
		key = answer.Key
	}
	if c.Created {
		return s.writer.exec("INSERT INTO "+quote(c.Kind)+" VALUES (?, ?, ?, ?, ?, ?, ?, ?)", c.Seq, c.ID, c.Owner, c.Clock, c.At, c.Due, key, body)
	}
	// The owner apart, because it hardly ever changes and is in an index.
	if err := s.writer.exec("UPDATE "+quote(c.Kind)+" SET owner = ? WHERE seq = ? AND owner != ?", c.Owner, c.Seq, c.Owner); err != nil {
		return err
	}
	return s.writer.exec("UPDATE "+quote(c.Kind)+" SET due = ?, answer = ?, body = ? WHERE seq = ?", c.Due, key, body, c.Seq)
}

// answers writes the answers; later are those whose object has changed since, which are written in full.
func (s *Store) answers(all []*Answer, later map[any]*Answer) error {
	for _, a := range all {
		body := a.Body
		if a.Value != nil && later[a.Value] == a {
			var err error
			if body, err = encode(a.Value); err != nil {
				return err
			}
		}
		err := s.writer.exec("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET request = excluded.request,"+
			" at = excluded.at, status = excluded.status, kind = excluded.kind, id = excluded.id, body = excluded.body",
			a.Key, a.Request, a.At, a.Status, a.Kind, a.ID, body)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) events(b *batch, encoded map[any][]byte) error {
	for _, e := range b.events {
		head, err := json.Marshal(e.Head)
		if err != nil {
			return err
		}
		body := encoded[e.Object]
		if body == nil {
			if body, err = json.Marshal(e.Object); err != nil {
				return err
			}
		}
		err = s.writer.exec("INSERT INTO event VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = excluded.n, head = excluded.head, body = excluded.body",
			e.N%b.keep, e.N, head, body)
		if err != nil {
			return err
		}
	}
	return nil
}

// checkpoint moves the write-ahead log into the database, after the checksums of what will be there then.
func (s *Store) checkpoint() error {
	log, err := readWAL(s.path + walSuffix)
	if err != nil {
		return err
	}
	next, err := s.sums.after(log, s.path+walSuffix)
	if err == nil {
		err = next.write(s.sumsPath)
	}
	if err != nil {
		return err
	}
	s.sums = next
	var busy, frames, moved int
	// A log that a reader keeps from being emptied is moved the next time.
	return s.writer.one("PRAGMA wal_checkpoint(TRUNCATE)", nil, &busy, &frames, &moved)
}
