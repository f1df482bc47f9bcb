package disk

import (
	"database/sql"
	"errors"
	"fmt"
)

// Object is an object that was stored.
type Object struct {
	Seq  int64
	ID   string
	Due  int64
	Body []byte // JSON without nulls
}

// wrap names the file in an error.
func (s *Store) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sandbox file %s: %w", s.path, err)
}

// Head returns what the last transaction had as its Head; nil in a new directory.
func (s *Store) Head() (head []byte, err error) {
	err = s.reader.one("SELECT state FROM head WHERE only = 1", nil, &head)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return head, s.wrap(err)
}

// Position returns the sequence number of an object; ok is false when there is none.
func (s *Store) Position(kind, id string) (seq int64, ok bool, err error) {
	err = s.reader.one("SELECT seq FROM "+quote(kind)+" WHERE id = ?", []any{id}, &seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return seq, err == nil, s.wrap(err)
}

// Positions hands the ID and sequence number of every object of a kind to a function.
func (s *Store) Positions(kind string, each func(id string, seq int64)) error {
	return s.wrap(s.reader.each("SELECT id, seq FROM "+quote(kind), nil, func(scan func(...any) error) error {
		var id string
		var seq int64
		err := scan(&id, &seq)
		each(id, seq)
		return err
	}))
}

// ByID returns the object of an ID, or none.
func (s *Store) ByID(kind, id string) ([]Object, error) {
	return s.objects(kind, "WHERE id = ?", id)
}

// At returns the object with a sequence number, or none.
func (s *Store) At(kind string, seq int64) ([]Object, error) {
	return s.objects(kind, "WHERE seq = ?", seq)
}

// All returns all objects of a kind in their order.
func (s *Store) All(kind string) ([]Object, error) { return s.objects(kind, "ORDER BY seq") }

// Of returns the objects of an owner in their order.
func (s *Store) Of(kind, owner string) ([]Object, error) {
	return s.objects(kind, "WHERE owner = ? AND owner != '' ORDER BY seq", owner)
}

// OnClock returns the objects on a test clock in their order.
func (s *Store) OnClock(kind, clock string) ([]Object, error) {
	return s.objects(kind, "WHERE clock = ? AND clock != '' ORDER BY seq", clock)
}

// Range is a part of the objects of a kind: by the order in which they were created, and by the time, both ends
// included.
type Range struct {
	From, To     int64 // sequence numbers
	Since, Until int64 // times; only these when Timed is set
	Timed        bool
	Limit        int
}

// Newest returns the last objects in a range, the last one first.
func (s *Store) Newest(kind string, r Range) ([]Object, error) { return s.ranged(kind, r, "DESC") }

// Oldest returns the first objects in a range, in their order.
func (s *Store) Oldest(kind string, r Range) ([]Object, error) { return s.ranged(kind, r, "ASC") }

func (s *Store) ranged(kind string, r Range, order string) ([]Object, error) {
	order = " ORDER BY seq " + order
	if !r.Timed {
		return s.objects(kind, "WHERE seq BETWEEN ? AND ?"+order+" LIMIT ?", r.From, r.To, r.Limit)
	}
	// The index alone is walked, in the order of the answer: the objects themselves are a hundred times as large.
	return s.objects(kind, "WHERE seq IN (SELECT seq FROM "+quote(kind)+" INDEXED BY "+quote(kind+" created")+
		" WHERE seq BETWEEN ? AND ? AND created BETWEEN ? AND ?"+order+" LIMIT ?)"+order, r.From, r.To, r.Since, r.Until, r.Limit)
}

// Due returns the objects that a clock has to do with, the earliest ones first, behind the given time and sequence
// number.
func (s *Store) Due(kind, clock string, due, seq int64, limit int) ([]Object, error) {
	return s.objects(kind, "WHERE clock = ? AND due != 0 AND (due, seq) > (?, ?) ORDER BY due, seq LIMIT ?", clock, due, seq, limit)
}

func (s *Store) objects(kind, where string, args ...any) (found []Object, err error) {
	err = s.reader.each("SELECT seq, id, due, body FROM "+quote(kind)+" "+where, args, func(scan func(...any) error) error {
		var o Object
		err := scan(&o.Seq, &o.ID, &o.Due, &o.Body)
		found = append(found, o)
		return err
	})
	return found, s.wrap(err)
}

// Events hands the head and the body of every event that is kept to a function, the oldest one first.
func (s *Store) Events(each func(n int64, head, body []byte) error) error {
	return s.wrap(s.reader.each("SELECT n, head, body FROM event ORDER BY n", nil, func(scan func(...any) error) error {
		var n int64
		var head, body []byte
		if err := scan(&n, &head, &body); err != nil {
			return err
		}
		return each(n, head, body)
	}))
}

// HasAnswers tells whether any idempotency key has an answer.
func (s *Store) HasAnswers() (bool, error) {
	var any bool
	err := s.reader.one("SELECT EXISTS (SELECT 1 FROM answer)", nil, &any)
	return any, s.wrap(err)
}

// Answer returns what an idempotency key was answered, nil when nothing was. Its Body is the object's when it has a
// kind.
func (s *Store) Answer(key []byte) (*Answer, error) {
	a := &Answer{Key: key}
	err := s.reader.one("SELECT request, at, status, kind, id, body FROM answer WHERE key = ?", []any{key},
		&a.Request, &a.At, &a.Status, &a.Kind, &a.ID, &a.Body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil && a.Body == nil {
		err = s.reader.one("SELECT body FROM "+quote(a.Kind)+" WHERE id = ? AND answer = ?", []any{a.ID, key}, &a.Body)
	}
	return a, s.wrap(err)
}
