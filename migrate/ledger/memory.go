package ledger

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/subferry/subferry/csvspec"
)

// Memory is a Ledger that lasts as long as the program: for tests and rehearsals.
type Memory struct {
	mu         sync.Mutex
	order      []string
	migrations map[string]Migration
	rows       map[string]map[int64]Entry
	locked     map[string]map[int]bool // the parts of a migration that are worked on; wholly is all of it
	usage      memoryUsage
}

// NewMemory returns an empty ledger.
func NewMemory() *Memory {
	return &Memory{
		migrations: map[string]Migration{}, rows: map[string]map[int64]Entry{}, locked: map[string]map[int]bool{},
	}
}

// Begin implements Ledger.
func (l *Memory) Begin(_ context.Context, m Migration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.migrations[m.ID]; ok {
		return fmt.Errorf("%w: %s", ErrExists, m.ID)
	}
	l.migrations[m.ID], l.rows[m.ID] = m, map[int64]Entry{}
	l.order = append(l.order, m.ID)
	return nil
}

// Migration implements Ledger.
func (l *Memory) Migration(_ context.Context, id string) (Migration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, ok := l.migrations[id]
	if !ok {
		return Migration{}, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return m, nil
}

// Migrations implements Ledger.
func (l *Memory) Migrations(context.Context) ([]Migration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Migration
	for _, id := range slices.Backward(l.order) {
		all = append(all, l.migrations[id])
	}
	return all, nil
}

// SetStatus implements Ledger.
func (l *Memory) SetStatus(_ context.Context, id string, s Status, at csvspec.Timestamp) error {
	return l.change(id, func(m *Migration) { m.Status, m.SettledAt = s, at })
}

// SetSearched implements Ledger.
func (l *Memory) SetSearched(_ context.Context, id string, at csvspec.Timestamp) error {
	return l.change(id, func(m *Migration) { m.SearchedAt = at })
}

// SetDeferred implements Ledger.
func (l *Memory) SetDeferred(_ context.Context, id string, rows int64, file string) error {
	return l.change(id, func(m *Migration) { m.Deferred, m.DeferredFile = rows, file })
}

// BindSource implements Ledger.
func (l *Memory) BindSource(_ context.Context, id, account string) error {
	bound := ""
	err := l.change(id, func(m *Migration) {
		m.SourceAccount = cmp.Or(m.SourceAccount, account)
		bound = m.SourceAccount
	})
	if err == nil && bound != account {
		err = fmt.Errorf("%w: the subscriptions of %s come from %s, not from %s", ErrConflict, id, bound, account)
	}
	return err
}

func (l *Memory) change(id string, apply func(*Migration)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	m, ok := l.migrations[id]
	if !ok {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	apply(&m)
	l.migrations[id] = m
	return nil
}

// Put implements Ledger.
func (l *Memory) Put(_ context.Context, id string, from State, e Entry) error {
	if !Legal(from, e.State) {
		return fmt.Errorf("%w: row %d from %q to %q", ErrIllegal, e.Row, from, e.State)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	rows, ok := l.rows[id]
	if !ok {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	old := rows[e.Row]
	if old.State != from {
		return fmt.Errorf("%w: row %d is %q, not %q", ErrConflict, e.Row, old.State, from)
	}
	e.VerifiedAt, e.VerifiedHash = old.VerifiedAt, old.VerifiedHash
	e.Payment, e.PaymentCode, e.PaymentAt = old.Payment, old.PaymentCode, old.PaymentAt
	rows[e.Row] = withSource(e, old)
	return nil
}

// withSource returns an entry with what another one says of the source.
func withSource(e, of Entry) Entry {
	e.Source, e.SourceStop, e.SourceNote = of.Source, of.SourceStop, of.SourceNote
	e.SourceAttempt, e.SourceKey, e.SourceAt = of.SourceAttempt, of.SourceKey, of.SourceAt
	return e
}

// PutSource implements Ledger.
func (l *Memory) PutSource(_ context.Context, id string, from SourceState, e Entry) error {
	if !LegalSource(from, e.Source) {
		return fmt.Errorf("%w: the source of row %d from %q to %q", ErrIllegal, e.Row, from, e.Source)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	rows, ok := l.rows[id]
	if !ok {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	old, ok := rows[e.Row]
	if !ok || old.Source != from {
		return fmt.Errorf("%w: the source of row %d is %q, not %q", ErrConflict, e.Row, old.Source, from)
	}
	rows[e.Row] = withSource(old, e)
	return nil
}

// PutVerified implements Ledger.
func (l *Memory) PutVerified(_ context.Context, id string, verified []Verified) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rows, ok := l.rows[id]
	if !ok {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	for _, v := range verified {
		e, ok := rows[v.Row]
		if !ok {
			err = fmt.Errorf("%w: row %d has no entry", ErrConflict, v.Row)
			continue
		}
		e.VerifiedAt, e.VerifiedHash = v.At, v.Hash
		rows[v.Row] = e
	}
	return err
}

// PutPayments implements Ledger.
func (l *Memory) PutPayments(_ context.Context, id string, payments []Payment) (err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	rows, ok := l.rows[id]
	if !ok {
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	for _, p := range payments {
		e, ok := rows[p.Row]
		switch {
		case !ok:
			err = fmt.Errorf("%w: row %d has no entry", ErrConflict, p.Row)
			continue
		case !LegalPayment(e.Payment, p.State):
			err = fmt.Errorf("%w: the first invoice of row %d to %q", ErrIllegal, p.Row, p.State)
			continue
		}
		e.Payment, e.PaymentCode, e.PaymentAt = p.State, p.Code, p.At
		rows[p.Row] = e
	}
	return err
}

// Entries implements Ledger.
func (l *Memory) Entries(_ context.Context, id string, states ...State) iter.Seq2[Entry, error] {
	return l.walk(id, func(e Entry) bool { return len(states) == 0 || slices.Contains(states, e.State) })
}

// Range implements Ledger.
func (l *Memory) Range(_ context.Context, id string, first, last int64) iter.Seq2[Entry, error] {
	return l.walk(id, func(e Entry) bool { return e.Row >= first && e.Row <= last })
}

func (l *Memory) walk(id string, wanted func(Entry) bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		l.mu.Lock()
		rows := maps.Clone(l.rows[id])
		l.mu.Unlock()
		for _, n := range slices.Sorted(maps.Keys(rows)) {
			if wanted(rows[n]) && !yield(rows[n], nil) {
				return
			}
		}
	}
}

// Latest implements Ledger.
func (l *Memory) Latest(_ context.Context, id string, state State) (last csvspec.Timestamp, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range l.rows[id] {
		if e.State == state {
			last = max(last, e.UpdatedAt)
		}
	}
	return last, nil
}

// Settled implements Ledger.
func (l *Memory) Settled(_ context.Context, id string) (RowSet, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var set RowSet
	for n, e := range l.rows[id] {
		if e.State.Settled() {
			set.Add(n)
		}
	}
	return set, nil
}

// Counts implements Ledger.
func (l *Memory) Counts(_ context.Context, id string, now csvspec.Timestamp) (Counts, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := Counts{ByState: map[State]int64{}, BySource: map[SourceState]int64{}, ByPayment: map[PaymentState]int64{}}
	for _, e := range l.rows[id] {
		c.ByState[e.State]++
		if e.Source != SourceUntouched {
			c.BySource[e.Source]++
		}
		if e.Payment != PaymentUnseen {
			c.ByPayment[e.Payment]++
		}
		if !e.VerifiedAt.IsBlank() {
			c.Verified++
		}
		if (e.State == Scheduled || e.State == Releasing) && e.Start <= now {
			c.Live++
			if e.SubscriptionID != "" {
				c.LiveDirect++
			}
		}
		if (e.State == Scheduled || e.State == Canceling) && e.SubscriptionID != "" {
			c.Direct++
		}
	}
	return c, nil
}

// wholly stands for all parts of a migration.
const wholly = -1

// Lock implements Ledger.
func (l *Memory) Lock(id string) (func(), error) {
	return l.lock(id, wholly, func(held map[int]bool) bool { return len(held) == 0 })
}

// LockShard implements Ledger.
func (l *Memory) LockShard(id string, shard int) (func(), error) {
	return l.lock(id, shard, func(held map[int]bool) bool { return !held[wholly] && !held[shard] })
}

func (l *Memory) lock(id string, part int, free func(held map[int]bool) bool) (func(), error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !free(l.locked[id]) {
		return nil, fmt.Errorf("%w: %s", ErrLocked, id)
	}
	if l.locked[id] == nil {
		l.locked[id] = map[int]bool{}
	}
	l.locked[id][part] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.locked[id], part)
	}, nil
}

// AtWork implements Ledger.
func (l *Memory) AtWork(id string) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.locked[id]) > 0, nil
}

// Close implements Ledger.
func (l *Memory) Close() error { return nil }
