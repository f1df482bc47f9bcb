package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/subferry/subferry/migrate/ledger"
)

const (
	maxBatch     = 256 // how many calls share a transaction
	maxDeadlocks = 10  // how often a transaction is tried that the server has ended because of another one's locks
)

// write is what one call writes, on its way to the server. Its steps are all of one migration, or of one run of usage.
type write struct {
	table string // in which id stands under the number that the steps need; "" when they need none
	id    string
	steps []step
	reply chan error
}

// step writes one row, of a migration or of a run of usage where it has a number. When no row is as the statement wants it, it fails with none, unless that is nil.
type step struct {
	row       int64
	statement string
	values    func(number int64) []any
	none      error
}

// errClosed is what a write gets that comes after Close.
var errClosed = errors.New("the ledger is closed")

// do hands steps to the writer and waits for it, also when the caller's context ends meanwhile: an intent of which nobody
// knows whether it was recorded would be worse than a late answer.
func (s *Store) do(table, id string, steps ...step) error {
	w := write{table: table, id: id, steps: steps, reply: make(chan error, 1)}
	select {
	case <-s.quit:
		return errClosed
	case s.writes <- w:
		return <-w.reply
	}
}

// write is the one goroutine that writes. It takes whatever is waiting and commits it together: the server's disk is
// synced once for all of them.
func (s *Store) write() {
	defer close(s.done)
	for {
		select {
		case <-s.quit:
			return
		case first := <-s.writes:
			batch := []write{first}
			for more := true; more && len(batch) < maxBatch; {
				select {
				case w := <-s.writes:
					batch = append(batch, w)
				default:
					more = false
				}
			}
			for i, err := range s.settle(batch) {
				batch[i].reply <- err
			}
		}
	}
}

// settle writes a batch and returns what to tell each of those who wait for it.
func (s *Store) settle(batch []write) []error {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	results := make([]error, len(batch))
	var open []int // those that are not settled yet
	for i, w := range batch {
		if results[i] = s.mayWrite(w.id); results[i] == nil {
			open = append(open, i)
		}
	}
	if len(open) == 0 {
		return results
	}
	err := s.connected(ctx)
	if err != nil {
		err = s.explain(err)
	} else if err = s.commit(ctx, batch, open, results); err != nil {
		err = s.failed(err)
	}
	if err != nil {
		for _, i := range open {
			results[i] = err
		}
	}
	return results
}

// commit writes a batch in one transaction, and tries again what the server has rolled back because of a deadlock: two
// machines that send the same events of usage in another order. A row in an unexpected state fails alone; the others are written.
func (s *Store) commit(ctx context.Context, batch []write, open []int, results []error) error {
	for tries := 1; ; tries++ {
		err := s.send(ctx, batch, open, results)
		var refused *pgconn.PgError
		if tries == maxDeadlocks || !errors.As(err, &refused) || refused.Code != "40P01" {
			return err
		}
	}
}

// send sends a batch with a fence in front of it. It is one implicit transaction: it is committed when everything was sent,
// and what an error comes from keeps all of it from happening.
func (s *Store) send(ctx context.Context, batch []write, open []int, results []error) error {
	conn := s.session.conn
	type place struct {
		step
		number int64
		result int
	}
	places := []place{{step: step{statement: fence, values: func(int64) []any { return []any{s.session.pid, layout} }}}}
	for _, i := range open {
		results[i] = nil
		number, err := s.number(ctx, conn, batch[i])
		if errors.Is(err, ledger.ErrNotFound) {
			results[i] = err
			continue
		}
		if err != nil {
			return err
		}
		for _, step := range batch[i].steps {
			places = append(places, place{step, number, i})
		}
	}
	// Transactions that lock rows in the same order do not wait for each other in a circle.
	slices.SortStableFunc(places[1:], func(x, y place) int { return cmp.Or(cmp.Compare(x.number, y.number), cmp.Compare(x.row, y.row)) })
	queue := &pgx.Batch{}
	for _, p := range places {
		queue.Queue(p.statement, p.values(p.number)...)
	}
	answers := conn.SendBatch(ctx, queue)
	for _, p := range places {
		tag, err := answers.Exec()
		if err != nil {
			_ = answers.Close()
			return err
		}
		if tag.RowsAffected() == 0 && p.none != nil {
			results[p.result] = p.none
		}
	}
	return answers.Close() // after the commit
}

// number returns the number under which the rows of a migration, or of a run of usage, are kept: nearly always the same.
func (s *Store) number(ctx context.Context, conn *pgx.Conn, w write) (number int64, err error) {
	if w.table == "" {
		return 0, nil
	}
	key := w.table + " " + w.id
	if number, known := s.numbers[key]; known {
		return number, nil
	}
	err = conn.QueryRow(ctx, "SELECT number FROM "+w.table+" WHERE id = $1", text(w.id)).Scan(&number)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, notFound(w.id)
	}
	if err == nil {
		s.numbers[key] = number
	}
	return number, err
}

// notFound is the error for a migration, or a run, that the ledger does not know.
func notFound(id string) error { return fmt.Errorf("%w: %s", ledger.ErrNotFound, id) }
