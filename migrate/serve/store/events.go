package store

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
)

var accountID = regexp.MustCompile(`^acct_[A-Za-z0-9_]{1,64}$`)

// IsAccount tells whether a text looks like the ID of an account, also of an embedded sandbox. Nothing else becomes part of a
// file's name.
func IsAccount(text string) bool { return accountID.MatchString(text) }

// EventAccount is where events come from.
type EventAccount struct {
	Account  string `json:"account"`
	Livemode bool   `json:"livemode"`
}

// Event is something that Stripe has told of by a webhook, as it came.
type Event struct {
	EventAccount
	ID         string            `json:"id"`
	Number     int64             `json:"number"` // the order in which the account's events were stored, from 1 without gaps
	Type       string            `json:"type"`
	APIVersion string            `json:"api_version"` // in which Raw is written; "" when it does not say
	Created    csvspec.Timestamp `json:"created"`
	Received   csvspec.Timestamp `json:"received"`
	Raw        []byte            `json:"-"`
	State      EventState        `json:"state"`
	Note       string            `json:"note,omitempty"` // what came of it, or why nothing
}

// EventState is what became of an event.
type EventState string

// The states of an event.
const (
	EventWaiting EventState = "waiting" // to be applied by a job
	EventApplied EventState = "applied"
	EventLeft    EventState = "left" // it is about nothing that is watched, or is not understood
)

const eventColumns = "account, livemode, id, number, type, api_version, created, received, raw, state, note"

func readEvent(row scanner) (e Event, err error) {
	err = row.Scan(&e.Account, &e.Livemode, &e.ID, &e.Number, &e.Type, &e.APIVersion, (*int64)(&e.Created), (*int64)(&e.Received), &e.Raw, (*string)(&e.State), &e.Note)
	return e, err
}

// PutEvent stores an event that is to be applied, once: it returns false when the account has one with this ID. Number and
// Received are set here. When it returns nil, the event is durable.
func (s *Store) PutEvent(ctx context.Context, e Event) (bool, error) {
	added := int64(0)
	err := s.tx(ctx, func(tx *sql.Tx) error {
		// Its row's lock is held until the commit, so that the same event, sent twice at once, is stored once.
		if _, err := s.exec(ctx, tx, `INSERT INTO serve_event_heads (account, livemode, last, worker, held_until) VALUES ($1, $2, 1, '', 0)
			ON CONFLICT (account, livemode) DO UPDATE SET last = serve_event_heads.last + 1`, e.Account, e.Livemode); err != nil {
			return err
		}
		var err error
		if added, err = s.exec(ctx, tx, `INSERT INTO serve_events (`+eventColumns+`)
			SELECT $1, $2, $3, last, $4, $5, $6, $7, $8, $9, $10 FROM serve_event_heads WHERE account = $1 AND livemode = $2
			ON CONFLICT (account, livemode, id) DO NOTHING`, e.Account, e.Livemode, e.ID, e.Type, e.APIVersion, int64(e.Created), int64(s.now()),
			e.Raw, string(EventWaiting), ""); err != nil || added > 0 {
			return err
		}
		_, err = s.exec(ctx, tx, "UPDATE serve_event_heads SET last = last - 1 WHERE account = $1 AND livemode = $2", e.Account, e.Livemode)
		return err
	})
	return added > 0, err
}

// HoldEvents makes a worker the only one who applies the events of an account, for some time, and is called again before that
// has passed. It returns false when somebody else is.
func (s *Store) HoldEvents(ctx context.Context, a EventAccount, worker string, within time.Duration) (bool, error) {
	now := s.clock.Now()
	n, err := s.exec(ctx, s.db, `UPDATE serve_event_heads SET worker = $3, held_until = $4 WHERE account = $1 AND livemode = $2
		AND (worker = $3 OR held_until < $5)`, a.Account, a.Livemode, worker, int64(csvspec.At(now.Add(within))), int64(csvspec.At(now)))
	return n > 0, err
}

// LeaveEvents ends HoldEvents.
func (s *Store) LeaveEvents(ctx context.Context, a EventAccount, worker string) error {
	_, err := s.exec(ctx, s.db, "UPDATE serve_event_heads SET worker = '', held_until = 0 WHERE account = $1 AND livemode = $2 AND worker = $3", a.Account, a.Livemode, worker)
	return err
}

// WaitingEvents returns the first events of an account that are to be applied, in the order of their arrival.
func (s *Store) WaitingEvents(ctx context.Context, a EventAccount, limit int) ([]Event, error) {
	return collect(ctx, s, readEvent, "SELECT "+eventColumns+" FROM serve_events WHERE account = $1 AND livemode = $2 AND state = 'waiting' ORDER BY number LIMIT $3",
		a.Account, a.Livemode, limit)
}

// WaitingAccounts returns the accounts that have events which are to be applied.
func (s *Store) WaitingAccounts(ctx context.Context) ([]EventAccount, error) {
	return collect(ctx, s, func(row scanner) (a EventAccount, err error) {
		return a, row.Scan(&a.Account, &a.Livemode)
	}, "SELECT DISTINCT account, livemode FROM serve_events WHERE state = 'waiting' ORDER BY account, livemode")
}

// EventAccounts returns the accounts of which events were stored.
func (s *Store) EventAccounts(ctx context.Context) ([]EventAccount, error) {
	return collect(ctx, s, func(row scanner) (a EventAccount, err error) {
		return a, row.Scan(&a.Account, &a.Livemode)
	}, "SELECT account, livemode FROM serve_event_heads WHERE last > 0 ORDER BY account, livemode")
}

// EventsAfter returns events of an account in the order of their arrival, from behind a number on.
func (s *Store) EventsAfter(ctx context.Context, a EventAccount, number int64, limit int) ([]Event, error) {
	return collect(ctx, s, readEvent, "SELECT "+eventColumns+" FROM serve_events WHERE account = $1 AND livemode = $2 AND number > $3 ORDER BY number LIMIT $4",
		a.Account, a.Livemode, number, limit)
}

// EventsOf returns the events of an account that have one of these types and happened since a moment, in the order in which
// they arrived.
func (s *Store) EventsOf(ctx context.Context, a EventAccount, since csvspec.Timestamp, types ...string) ([]Event, error) {
	values, places := []any{a.Account, a.Livemode, int64(since)}, make([]string, len(types))
	for i, one := range types {
		values = append(values, one)
		places[i] = fmt.Sprintf("$%d", len(values))
	}
	return collect(ctx, s, readEvent, "SELECT "+eventColumns+` FROM serve_events WHERE account = $1 AND livemode = $2 AND created >= $3
		AND type IN (`+strings.Join(places, ", ")+") ORDER BY number", values...)
}

// EventNote is what an event has told of a row that a person should know.
type EventNote struct {
	EventAccount
	Event     string            `json:"event"`
	Migration string            `json:"migration"` // "" for what is of no migration
	Row       int64             `json:"row"`
	Line      int64             `json:"line"`
	Subject   string            `json:"subject"` // the subscription, or the meter
	Kind      string            `json:"kind"`    // ended, stopped, goes_on, changed, renewed, usage_dropped
	Sentence  string            `json:"sentence"`
	Created   csvspec.Timestamp `json:"created"` // when it happened
}

// SettleEvent records what became of an event, with what it has told. Doing it again changes nothing.
func (s *Store) SettleEvent(ctx context.Context, e Event, notes ...EventNote) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, n := range notes {
			if _, err := s.exec(ctx, tx, `INSERT INTO serve_event_notes (account, livemode, event, migration, row, line, subject, kind, sentence, created)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (account, livemode, event, migration, row) DO NOTHING`,
				e.Account, e.Livemode, e.ID, n.Migration, n.Row, n.Line, n.Subject, n.Kind, n.Sentence, int64(e.Created)); err != nil {
				return err
			}
		}
		_, err := s.exec(ctx, tx, "UPDATE serve_events SET state = $4, note = $5 WHERE account = $1 AND livemode = $2 AND id = $3 AND state = 'waiting'",
			e.Account, e.Livemode, e.ID, string(e.State), e.Note)
		return err
	})
}

// EventNotes returns what events have told of a migration's rows, in the order in which it happened.
func (s *Store) EventNotes(ctx context.Context, migration string) ([]EventNote, error) {
	return collect(ctx, s, func(row scanner) (n EventNote, err error) {
		err = row.Scan(&n.Account, &n.Livemode, &n.Event, &n.Migration, &n.Row, &n.Line, &n.Subject, &n.Kind, &n.Sentence, (*int64)(&n.Created))
		return n, err
	}, `SELECT account, livemode, event, migration, row, line, subject, kind, sentence, created FROM serve_event_notes
		WHERE migration = $1 ORDER BY created, event, row`, migration)
}
