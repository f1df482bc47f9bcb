package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/subferry/subferry/migrate/ledger"
)

// maxBatch bounds how many Puts share a transaction, and so how long one of them waits for the others.
const maxBatch = 256

// put is one Put on its way to the disk.
type put struct {
	id    string
	from  ledger.State
	entry ledger.Entry
	reply chan error
}

// errClosed is what a Put gets that comes after Close.
var errClosed = errors.New("the ledger is closed")

// Put implements ledger.Ledger. A cancelled context does not take back what is being written: Put waits for it,
// because an intent of which nobody knows whether it was recorded would be worse than a late answer.
func (s *Store) Put(_ context.Context, id string, from ledger.State, e ledger.Entry) (err error) {
	if !ledger.Legal(from, e.State) {
		return fmt.Errorf("%w: row %d from %q to %q", ledger.ErrIllegal, e.Row, from, e.State)
	}
	p := put{id: id, from: from, entry: e, reply: make(chan error, 1)}
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
	insert, update := tx.Stmt(s.insert), tx.Stmt(s.update)
	results := make([]error, len(batch))
	for i, p := range batch {
		number, err := s.number(tx, p.id)
		if err == nil {
			results[i], err = step(insert, update, number, p)
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

// number returns the number under which a migration's rows are kept. Only the writer asks, nearly always for the same.
func (s *Store) number(tx *sql.Tx, id string) (number int64, err error) {
	if number, known := s.numbers[id]; known {
		return number, nil
	}
	err = tx.QueryRow("SELECT number FROM migrations WHERE id = ?", id).Scan(&number)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, notFound(id)
	}
	if err == nil {
		s.numbers[id] = number
	}
	return number, err
}

// Each statement writes one row that its primary key names: SQLite then needs no journal for taking the statement back
// alone, which would cost as much as the writing.
const (
	insertRow = `INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	updateRow = `UPDATE rows SET line = ?, customer = ?, source_id = ?, start = ?, strategy = ?, state = ?, attempt = ?,
		key = ?, intended_at = ?, schedule = ?, request = ?, error_code = ?, error = ?, updated_at = ?,
		subscription = ?
		WHERE migration = ? AND row = ? AND state = ?`
)

// step writes one row; the first error is that row's own, the second one spoils the transaction.
func step(insert, update *sql.Stmt, migration int64, p put) (own, fatal error) {
	e := p.entry
	values := []any{
		migration, e.Row, e.Line, e.Customer, e.SourceID, int64(e.Start), e.Strategy, string(e.State), e.Attempt, e.Key,
		int64(e.IntendedAt), e.ScheduleID, e.RequestID, e.ErrorCode, e.Error, int64(e.UpdatedAt),
		e.SubscriptionID,
	}
	var result sql.Result
	var err error
	if p.from == ledger.New {
		result, err = insert.Exec(values...)
	} else {
		result, err = update.Exec(append(values[2:], migration, e.Row, string(p.from))...)
	}
	if err != nil {
		return nil, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return nil, err
	}
	return fmt.Errorf("%w: row %d of %s is not %q", ledger.ErrConflict, e.Row, p.id, p.from), nil
}
