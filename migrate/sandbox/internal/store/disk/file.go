package disk

import (
	"encoding/json"
	"errors"
	"fmt"
)

// file writes what was noted into the tables, in one transaction that takes the notes away.
//
// Each statement writes one row that its key names: SQLite then needs no journal for taking the statement back alone,
// which would cost as much as the writing.
func (s *Store) file() error {
	if err := s.writer.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := s.fill(s.toFile)
	if err == nil {
		err = s.writer.exec("DELETE FROM note")
	}
	if err == nil {
		err = s.writer.exec("COMMIT")
	}
	if err != nil {
		_ = s.writer.exec("ROLLBACK") // the first error is the one that says what is wrong
		return err
	}
	s.toFile = newToFile()
	return nil
}

// fileNoted files what a process has left that was killed.
func (s *Store) fileNoted() error {
	err := s.writer.each("SELECT n, content, bodies FROM note ORDER BY n", nil, func(scan func(...any) error) error {
		var number int64
		var text, bodies []byte
		if err := scan(&number, &text, &bodies); err != nil {
			return err
		}
		var n note
		if err := errors.Join(json.Unmarshal(text, &n), n.split(bodies)); err != nil {
			return fmt.Errorf("note %d: %w", number, err)
		}
		s.toFile.add(&n)
		return nil
	})
	if err != nil || len(s.toFile.rows)+len(s.toFile.answers)+len(s.toFile.head) == 0 {
		return err
	}
	return s.file()
}

func (s *Store) fill(f *toFile) error {
	for _, r := range f.rows { // first, because an ID may be given again
		if r.Body == nil && !r.Created {
			if err := s.keepAnswer(r); err != nil {
				return err
			}
			if err := s.writer.exec("DELETE FROM "+quote(r.Kind)+" WHERE seq = ?", r.Seq); err != nil {
				return err
			}
		}
	}
	for _, r := range f.rows {
		if r.Body != nil {
			if err := s.put(r); err != nil {
				return fmt.Errorf("%s %s: %w", r.Kind, r.ID, err)
			}
		}
	}
	if f.forget > 0 {
		if err := s.writer.exec("DELETE FROM answer WHERE at <= ?", f.forget); err != nil {
			return err
		}
	}
	for _, a := range f.answers {
		err := s.writer.upsert("INSERT INTO answer (request, at, status, kind, id, body, key) VALUES (?, ?, ?, ?, ?, ?, ?)",
			"UPDATE answer SET request = ?, at = ?, status = ?, kind = ?, id = ?, body = ? WHERE key = ?",
			a.Request, a.At, a.Status, a.Kind, a.ID, []byte(a.Body), a.Key)
		if err != nil {
			return err
		}
	}
	if extra := len(f.events) - int(f.keep); extra > 0 {
		f.events = f.events[extra:]
	}
	for _, e := range f.events {
		err := s.writer.upsert("INSERT INTO event (n, head, body, slot) VALUES (?, ?, ?, ?)",
			"UPDATE event SET n = ?, head = ?, body = ? WHERE slot = ?", e.N, []byte(e.Head), []byte(e.Body), e.N%f.keep)
		if err != nil {
			return err
		}
	}
	if f.head == nil {
		return nil
	}
	return s.writer.upsert("INSERT INTO head (state, only) VALUES (?, 1)", "UPDATE head SET state = ? WHERE only = 1", f.head)
}

// upsert inserts a row, or changes the one that is there.
func (c *connection) upsert(insert, update string, args ...any) error {
	one, err := c.statement(update)
	if err != nil {
		return err
	}
	result, err := one.Exec(args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return c.exec(insert, args...)
}

func (s *Store) put(r *row) error {
	if r.Created {
		s.answered.set(r.Kind, r.Seq, r.Answer != nil)
		return s.writer.exec("INSERT INTO "+quote(r.Kind)+" VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			r.Seq, r.ID, r.Owner, r.Clock, r.At, r.Due, r.Answer, []byte(r.Body))
	}
	if err := s.keepAnswer(r); err != nil {
		return err
	}
	if r.Moved {
		if err := s.writer.exec("UPDATE "+quote(r.Kind)+" SET owner = ? WHERE seq = ?", r.Owner, r.Seq); err != nil {
			return err
		}
	}
	return s.writer.exec("UPDATE "+quote(r.Kind)+" SET due = ?, answer = ?, body = ? WHERE seq = ?", r.Due, r.Answer, []byte(r.Body), r.Seq)
}

// keepAnswer gives the answer that refers to a row a body of its own, before the row changes.
func (s *Store) keepAnswer(r *row) error {
	maybe := s.answered.may(r.Kind, r.Seq)
	s.answered.set(r.Kind, r.Seq, r.Answer != nil)
	if !maybe {
		return nil
	}
	table := quote(r.Kind)
	return s.writer.exec("UPDATE answer SET body = (SELECT body FROM "+table+" WHERE seq = ?) WHERE body IS NULL AND key = (SELECT answer FROM "+table+" WHERE seq = ?)",
		r.Seq, r.Seq)
}

// answered remembers to which rows an answer may refer, a bit for each.
type answered struct {
	bits    map[string][]uint64
	unknown bool // it is not known of any row
}

func (a *answered) may(kind string, seq int64) bool {
	bits := a.bits[kind]
	return a.unknown || int(seq/64) < len(bits) && bits[seq/64]&(1<<(seq%64)) != 0
}

func (a *answered) set(kind string, seq int64, may bool) {
	bits := a.bits[kind]
	for int(seq/64) >= len(bits) {
		bits = append(bits, 0)
	}
	if may {
		bits[seq/64] |= 1 << (seq % 64)
	} else {
		bits[seq/64] &^= 1 << (seq % 64)
	}
	a.bits[kind] = bits
}

// first sets the bits of the first rows.
func (a *answered) first(kind string, rows int64) {
	bits := make([]uint64, rows/64+1)
	for i := range bits {
		bits[i] = ^uint64(0)
	}
	a.bits[kind] = bits
}
