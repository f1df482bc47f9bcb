package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate/ledger"
)

// maxBatch bounds how many Puts share a transaction, and so how long one of them waits for the others.
const maxBatch = 256

// put is one Put, PutSource, PutVerified or PutUsage on its way to the disk. Its steps are all of one migration, or of one
// run of usage.
type put struct {
	table string // in which id stands
	id    string
	steps []step
	reply chan error
}

// step writes one row. When no row is as the statement wants it, it fails with conflict.
type step struct {
	statement *sql.Stmt
	values    func(migration int64) []any
	conflict  error
}

// errClosed is what a Put gets that comes after Close.
var errClosed = errors.New("the ledger is closed")

// Put implements ledger.Ledger. A cancelled context does not take back what is being written: Put waits for it,
// because an intent of which nobody knows whether it was recorded would be worse than a late answer.
func (s *Store) Put(_ context.Context, id string, from ledger.State, e ledger.Entry) (err error) {
	if !ledger.Legal(from, e.State) {
		return fmt.Errorf("%w: row %d from %q to %q", ledger.ErrIllegal, e.Row, from, e.State)
	}
	return s.put(id, step{s.statementOf(from), func(migration int64) []any {
		values := []any{
			migration, e.Row, e.Line, e.Customer, e.SourceID, int64(e.Start), e.Strategy, string(e.State), e.Attempt, e.Key,
			int64(e.IntendedAt), e.ScheduleID, e.RequestID, e.ErrorCode, e.Error, int64(e.UpdatedAt),
			e.SubscriptionID,
		}
		if from == ledger.New {
			return values
		}
		return append(values[2:], migration, e.Row, string(from))
	}, fmt.Errorf("%w: row %d of %s is not %q", ledger.ErrConflict, e.Row, id, from)})
}

func (s *Store) statementOf(from ledger.State) *sql.Stmt {
	if from == ledger.New {
		return s.insert
	}
	return s.update
}

// PutSource implements ledger.Ledger, as Put does.
func (s *Store) PutSource(_ context.Context, id string, from ledger.SourceState, e ledger.Entry) error {
	if !ledger.LegalSource(from, e.Source) {
		return fmt.Errorf("%w: the source of row %d from %q to %q", ledger.ErrIllegal, e.Row, from, e.Source)
	}
	return s.put(id, step{s.source, func(migration int64) []any {
		return []any{
			string(e.Source), e.SourceStop, e.SourceNote, e.SourceAttempt, e.SourceKey, int64(e.SourceAt), migration, e.Row, string(from),
		}
	}, fmt.Errorf("%w: the source of row %d of %s is not %q", ledger.ErrConflict, e.Row, id, from)})
}

// PutVerified implements ledger.Ledger, as Put does.
func (s *Store) PutVerified(_ context.Context, id string, rows []ledger.Verified) error {
	steps := make([]step, 0, len(rows))
	for _, v := range rows {
		steps = append(steps, step{s.verified, func(migration int64) []any {
			return []any{int64(v.At), v.Hash, migration, v.Row}
		}, fmt.Errorf("%w: row %d of %s has no entry", ledger.ErrConflict, v.Row, id)})
	}
	return s.put(id, steps...)
}

// PutPayments implements ledger.Ledger, as Put does. The statement itself names the states from which the step is legal.
func (s *Store) PutPayments(_ context.Context, id string, rows []ledger.Payment) error {
	steps := make([]step, 0, len(rows))
	for _, p := range rows {
		var from []string
		for _, state := range append(ledger.PaymentStates(), ledger.PaymentUnseen) {
			if ledger.LegalPayment(state, p.State) {
				from = append(from, string(state))
			}
		}
		steps = append(steps, step{s.payment, func(migration int64) []any {
			return []any{string(p.State), p.Code, int64(p.At), migration, p.Row, strings.Join(append([]string{"from"}, from...), "|") + "|"}
		}, fmt.Errorf("%w: the first invoice of row %d of %s to %q", ledger.ErrIllegal, p.Row, id, p.State)})
	}
	return s.put(id, steps...)
}

func (s *Store) put(id string, steps ...step) error { return s.putIn("migrations", id, steps...) }

func (s *Store) putIn(table, id string, steps ...step) error {
	p := put{table: table, id: id, steps: steps, reply: make(chan error, 1)}
	select {
	case <-s.quit:
		return errClosed
	case s.puts <- p:
		return <-p.reply
	}
}

// write is the one goroutine that writes rows. It takes whatever is waiting and commits it together: the disk is
// synced once for all of them, which is what makes thousands of rows a second possible.
func (s *Store) write() {
	defer close(s.done)
	for {
		select {
		case <-s.quit:
			return
		case first := <-s.puts:
			s.settle(s.gather(first))
		}
	}
}

// settle commits a batch and tells everybody who waits for it.
func (s *Store) settle(batch []put) {
	results, err := s.commit(batch)
	for i, p := range batch {
		if err != nil {
			p.reply <- explain(err)
			continue
		}
		p.reply <- results[i]
	}
}

func (s *Store) gather(first put) []put {
	batch := []put{first}
	for len(batch) < maxBatch {
		select {
		case p := <-s.puts:
			batch = append(batch, p)
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch in one transaction. A row in an unexpected state fails alone; the others are written.
func (s *Store) commit(batch []put) ([]error, error) {
	tx, err := s.db.Begin()
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	statements := map[*sql.Stmt]*sql.Stmt{}
	for _, statement := range []*sql.Stmt{s.insert, s.update, s.source, s.verified, s.payment, s.insertUsage, s.updateUsage} {
		statements[statement] = tx.Stmt(statement)
	}
	results := make([]error, len(batch))
	for i, p := range batch {
		number, err := s.number(tx, p.table, p.id)
		for _, step := range p.steps {
			if err != nil {
				break
			}
			var result sql.Result
			if result, err = statements[step.statement].Exec(step.values(number)...); err != nil {
				break
			}
			var n int64
			if n, err = result.RowsAffected(); n == 0 {
				results[i] = step.conflict
			}
		}
		if errors.Is(err, ledger.ErrNotFound) {
			results[i], err = err, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return results, tx.Commit()
}

// number returns the number under which the rows of a migration, or of a run of usage, are kept. Only the writer asks, nearly always for the same.
func (s *Store) number(tx *sql.Tx, table, id string) (number int64, err error) {
	if number, known := s.numbers[id]; known {
		return number, nil
	}
	err = tx.QueryRow("SELECT number FROM "+table+" WHERE id = ?", id).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, notFound(id)
	}
	if err == nil && table == "usage_runs" {
		err = s.bookOf(tx, number)
	}
	if err == nil {
		s.numbers[id] = number
	}
	return number, err
}

// Each statement writes one row that its primary key names: SQLite then needs no journal for taking the statement back
// alone, which would cost as much as the writing.
const (
	insertRow = `INSERT INTO rows (migration, row, line, customer, source_id, start, strategy, state, attempt, key,
		intended_at, schedule, request, error_code, error, updated_at, subscription) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	updateRow = `UPDATE rows SET line = ?, customer = ?, source_id = ?, start = ?, strategy = ?, state = ?, attempt = ?,
		key = ?, intended_at = ?, schedule = ?, request = ?, error_code = ?, error = ?, updated_at = ?,
		subscription = ?
		WHERE migration = ? AND row = ? AND state = ?`
	updateSource = `UPDATE rows SET source = ?, source_stop = ?, source_note = ?, source_attempt = ?, source_key = ?, source_at = ?
		WHERE migration = ? AND row = ? AND source = ?`
	updateVerified = `UPDATE rows SET verified_at = ?, verified_hash = ? WHERE migration = ? AND row = ?`
	updatePayment  = `UPDATE rows SET payment = ?, payment_code = ?, payment_at = ?
		WHERE migration = ? AND row = ? AND instr(?, '|' || payment || '|') > 0`
)
