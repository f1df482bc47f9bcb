package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"github.com/subferry/subferry/csvspec"
)

// Entry is a line of the audit log: who did what, when, to which migration.
type Entry struct {
	Number    int64             `json:"number"` // counts the entries; Audit sets it
	At        csvspec.Timestamp `json:"at"`     // Audit sets it when it is 0
	Actor     string            `json:"actor"`  // a person, or JobActor
	Action    string            `json:"action"` // one or two words: upload, start, approve, cancel …
	Move      string            `json:"move,omitempty"`
	Migration string            `json:"migration,omitempty"`
	Detail    json.RawMessage   `json:"detail,omitempty"` // never a key, never a customer's data
}

// JobActor is the actor of what jobs do.
const JobActor = "job"

// NewEntry returns an entry whose detail is written as JSON; nil is none.
func NewEntry(actor, action string, detail any) (Entry, error) {
	e := Entry{Actor: actor, Action: action}
	if detail == nil {
		return e, nil
	}
	var err error
	e.Detail, err = json.Marshal(detail)
	return e, err
}

// auditKey is where a context carries an entry.
type auditKey struct{}

// WithAudit returns a context whose next change of a move is recorded in the audit log, in the transaction of the change:
// CreateMove and UpdateMove fill in the move, the migration and the moment.
func WithAudit(ctx context.Context, e Entry) context.Context {
	return context.WithValue(ctx, auditKey{}, e)
}

// auditChange records the entry that the context carries.
func (s *Store) auditChange(ctx context.Context, q querier, m Move) error {
	e, ok := ctx.Value(auditKey{}).(Entry)
	if !ok {
		return nil
	}
	e.Move, e.Migration = m.ID, m.Migration
	return s.audit(ctx, q, e)
}

// Audit adds an entry to the audit log, whose entries can be neither changed nor deleted.
func (s *Store) Audit(ctx context.Context, e Entry) error { return s.audit(ctx, s.db, e) }

func (s *Store) audit(ctx context.Context, q querier, e Entry) error {
	if len(e.Detail) > 0 && !json.Valid(e.Detail) {
		return fmt.Errorf("the audit entry %s has a detail that is no JSON", e.Action)
	}
	_, err := s.exec(ctx, q, "INSERT INTO serve_audit (at, actor, action, move, migration, detail) VALUES ($1, $2, $3, $4, $5, $6)",
		int64(cmp.Or(e.At, s.now())), e.Actor, e.Action, e.Move, e.Migration, string(e.Detail))
	return err
}

// AuditFilter says which entries are meant; the zero value is all.
type AuditFilter struct {
	Move   string // "" is any
	Before int64  // only entries with a smaller number; 0 begins with the newest
	Limit  int    // 0 is no limit
}

// AuditLog returns entries, the newest first.
func (s *Store) AuditLog(ctx context.Context, f AuditFilter) ([]Entry, error) {
	query := `SELECT number, at, actor, action, move, migration, detail FROM serve_audit
		WHERE ($1 = '' OR move = $1) AND ($2 = 0 OR number < $2) ORDER BY number DESC`
	if f.Limit > 0 {
		query += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return collect(ctx, s, func(row scanner) (e Entry, err error) {
		var detail string
		err = row.Scan(&e.Number, (*int64)(&e.At), &e.Actor, &e.Action, &e.Move, &e.Migration, &detail)
		if detail != "" {
			e.Detail = json.RawMessage(detail)
		}
		return e, err
	}, query, f.Move, f.Before)
}
