package postgres

import (
	"context"
	"fmt"

	"github.com/subferry/subferry/migrate/ledger"
)

// What one of these statements waits for, because another connection has written the same row and not committed yet, is
// looked at again after that: of two steps from the same state one finds no row.
const (
	insertRow = `INSERT INTO rows (migration, row, line, customer, source_id, start, strategy, state, attempt, key, intended_at,
		schedule, subscription, request, error_code, error, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT DO NOTHING`
	updateRow = `UPDATE rows SET line = $3, customer = $4, source_id = $5, start = $6, strategy = $7, state = $8, attempt = $9, key = $10,
		intended_at = $11, schedule = $12, subscription = $13, request = $14, error_code = $15, error = $16, updated_at = $17
		WHERE migration = $1 AND row = $2 AND state = $18`
	updateSource = `UPDATE rows SET source = $3, source_stop = $4, source_note = $5, source_attempt = $6, source_key = $7, source_at = $8
		WHERE migration = $1 AND row = $2 AND source = $9`
	updateVerified = `UPDATE rows SET verified_at = $3, verified_hash = $4 WHERE migration = $1 AND row = $2`
	updatePayment  = `UPDATE rows SET payment = $3, payment_code = $4, payment_at = $5
		WHERE migration = $1 AND row = $2 AND payment = ANY ($6::text[])`
)

// Put implements ledger.Ledger. A cancelled context does not take back what is being written.
func (s *Store) Put(_ context.Context, id string, from ledger.State, e ledger.Entry) error {
	if !ledger.Legal(from, e.State) {
		return fmt.Errorf("%w: row %d from %q to %q", ledger.ErrIllegal, e.Row, from, e.State)
	}
	put := step{e.Row, insertRow, func(migration int64) []any {
		return []any{
			migration, e.Row, e.Line, text(e.Customer), text(e.SourceID), int64(e.Start), text(e.Strategy), string(e.State), e.Attempt, text(e.Key),
			int64(e.IntendedAt), text(e.ScheduleID), text(e.SubscriptionID), text(e.RequestID), text(e.ErrorCode), text(e.Error), int64(e.UpdatedAt),
		}
	}, fmt.Errorf("%w: row %d of %s is not %q", ledger.ErrConflict, e.Row, id, from)}
	if from != ledger.New {
		inserted := put.values
		put.statement, put.values = updateRow, func(migration int64) []any { return append(inserted(migration), string(from)) }
	}
	return s.do("migrations", id, put)
}

// PutSource implements ledger.Ledger, as Put does.
func (s *Store) PutSource(_ context.Context, id string, from ledger.SourceState, e ledger.Entry) error {
	if !ledger.LegalSource(from, e.Source) {
		return fmt.Errorf("%w: the source of row %d from %q to %q", ledger.ErrIllegal, e.Row, from, e.Source)
	}
	return s.do("migrations", id, step{e.Row, updateSource, func(migration int64) []any {
		return []any{
			migration, e.Row, string(e.Source), text(e.SourceStop), text(e.SourceNote), e.SourceAttempt, text(e.SourceKey), int64(e.SourceAt), string(from),
		}
	}, fmt.Errorf("%w: the source of row %d of %s is not %q", ledger.ErrConflict, e.Row, id, from)})
}

// PutVerified implements ledger.Ledger, as Put does.
func (s *Store) PutVerified(_ context.Context, id string, rows []ledger.Verified) error {
	steps := make([]step, 0, len(rows))
	for _, v := range rows {
		steps = append(steps, step{v.Row, updateVerified, func(migration int64) []any {
			return []any{migration, v.Row, int64(v.At), text(v.Hash)}
		}, fmt.Errorf("%w: row %d of %s has no entry", ledger.ErrConflict, v.Row, id)})
	}
	return s.do("migrations", id, steps...)
}

// PutPayments implements ledger.Ledger, as Put does. The statement itself names the states from which the step is legal.
func (s *Store) PutPayments(_ context.Context, id string, rows []ledger.Payment) error {
	steps := make([]step, 0, len(rows))
	for _, p := range rows {
		from := []string{}
		for _, state := range append(ledger.PaymentStates(), ledger.PaymentUnseen) {
			if ledger.LegalPayment(state, p.State) {
				from = append(from, string(state))
			}
		}
		steps = append(steps, step{p.Row, updatePayment, func(migration int64) []any {
			return []any{migration, p.Row, string(p.State), text(p.Code), int64(p.At), from}
		}, fmt.Errorf("%w: the first invoice of row %d of %s to %q", ledger.ErrIllegal, p.Row, id, p.State)})
	}
	return s.do("migrations", id, steps...)
}
