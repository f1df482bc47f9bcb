package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

const (
	insertUsageEvent = `INSERT INTO usage_events (run, row, book, line, identifier, customer, meter, at, value, digest, state,
		intended_at, request, error_code, error, updated_at)
		SELECT $1, $2, book, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 FROM usage_runs WHERE number = $1
		ON CONFLICT DO NOTHING`
	updateUsageEvent = `UPDATE usage_events SET line = $3, customer = $5, meter = $6, at = $7, value = $8, digest = $9, state = $10,
		intended_at = $11, request = $12, error_code = $13, error = $14, updated_at = $15
		WHERE run = $1 AND row = $2 AND identifier = $4 AND state = $16`
	usageRunColumns = `r.id, b.account, b.livemode, r.file, r.path, r.sha256, r.options, r.events, r.created_at, r.settled_at, r.status,
		r.api_base FROM usage_runs r JOIN usage_books b ON b.number = r.book`
	usageEventColumns = `SELECT r.id, e.row, e.line, e.identifier, e.customer, e.meter, e.at, e.value, e.digest, e.state, e.intended_at,
		e.request, e.error_code, e.error, e.updated_at FROM usage_events e JOIN usage_runs r ON r.number = e.run`
)

// BeginUsage implements ledger.Usage.
func (s *Store) BeginUsage(_ context.Context, r ledger.UsageRun) error {
	return s.do("", r.ID,
		step{0, "INSERT INTO usage_books (account, livemode) VALUES ($1, $2) ON CONFLICT DO NOTHING", func(int64) []any { return []any{text(r.Account), r.Livemode} }, nil},
		step{0, `INSERT INTO usage_runs (id, book, file, path, sha256, options, events, created_at, settled_at, status, api_base)
			SELECT $1, number, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM usage_books WHERE account = $2 AND livemode = $3 ON CONFLICT DO NOTHING`,
			func(int64) []any {
				return []any{
					text(r.ID), text(r.Account), r.Livemode, text(r.File), text(r.Path), text(r.SHA256), text(string(r.Options)), r.Events, int64(r.CreatedAt),
					int64(r.SettledAt), string(r.Status), text(r.APIBase),
				}
			}, fmt.Errorf("%w: %s", ledger.ErrExists, r.ID)})
}

// UsageRun implements ledger.Usage.
func (s *Store) UsageRun(ctx context.Context, id string) (ledger.UsageRun, error) {
	r, found, err := one(ctx, s, scanUsageRun, "SELECT "+usageRunColumns+" WHERE r.id = $1", text(id))
	if err == nil && !found {
		err = notFound(id)
	}
	return r, err
}

// UsageRuns implements ledger.Usage.
func (s *Store) UsageRuns(ctx context.Context) ([]ledger.UsageRun, error) {
	return collect(ctx, s, scanUsageRun, "SELECT "+usageRunColumns+" ORDER BY r.number DESC")
}

func scanUsageRun(row pgx.CollectableRow) (r ledger.UsageRun, err error) {
	var options string
	err = row.Scan(stored{&r.ID}, stored{&r.Account}, &r.Livemode, stored{&r.File}, stored{&r.Path}, stored{&r.SHA256}, stored{&options}, &r.Events,
		(*int64)(&r.CreatedAt), (*int64)(&r.SettledAt), (*string)(&r.Status), stored{&r.APIBase})
	r.Options = []byte(options)
	return r, err
}

// SetUsageStatus implements ledger.Usage.
func (s *Store) SetUsageStatus(_ context.Context, id string, status ledger.UsageStatus, at csvspec.Timestamp) error {
	return s.change("UPDATE usage_runs SET status = $2, settled_at = $3 WHERE id = $1", id, string(status), int64(at))
}

// PutUsage implements ledger.Usage, as Put does ledger.Ledger.
func (s *Store) PutUsage(_ context.Context, id string, steps []ledger.UsageStep) error {
	all := make([]step, len(steps))
	for i := range steps {
		from, e := steps[i].From, &steps[i].Event
		if !ledger.LegalUsage(from, e.State) {
			return fmt.Errorf("%w: event %s from %q to %q", ledger.ErrIllegal, e.Identifier, from, e.State)
		}
		values := func(run int64) []any {
			return []any{
				run, e.Row, e.Line, text(e.Identifier), text(e.Customer), text(e.Meter), int64(e.Timestamp), text(e.Value), text(e.Digest), string(e.State),
				int64(e.IntendedAt), text(e.RequestID), text(e.ErrorCode), text(e.Error), int64(e.UpdatedAt),
			}
		}
		all[i] = step{e.Row, insertUsageEvent, values, fmt.Errorf("%w: event %s of %s is not %q", ledger.ErrConflict, e.Identifier, id, from)}
		if from != ledger.UsageNew {
			all[i].statement, all[i].values = updateUsageEvent, func(run int64) []any { return append(values(run), string(from)) }
		}
	}
	return s.do("usage_runs", id, all...)
}

// UsageEvents implements ledger.Usage. It reads page by page, as Entries does.
func (s *Store) UsageEvents(ctx context.Context, id string, states ...ledger.UsageState) iter.Seq2[ledger.UsageEvent, error] {
	if len(states) == 0 {
		states = ledger.UsageStates()
	}
	return pages(func(after *ledger.UsageEvent) ([]ledger.UsageEvent, error) {
		behind := int64(-1)
		if after != nil {
			behind = after.Row
		}
		return collect(ctx, s, scanUsageEvent, usageEventColumns+` WHERE e.run = (SELECT number FROM usage_runs WHERE id = $1) AND e.row > $2
			AND e.state = ANY ($3::text[]) ORDER BY e.row LIMIT $4`, text(id), behind, words(states), pageSize)
	})
}

// UsageOf implements ledger.Usage.
func (s *Store) UsageOf(ctx context.Context, a ledger.UsageAccount) iter.Seq2[ledger.UsageEvent, error] {
	return pages(func(after *ledger.UsageEvent) ([]ledger.UsageEvent, error) {
		behind := ""
		if after != nil {
			behind = text(after.Identifier)
		}
		return collect(ctx, s, scanUsageEvent, usageEventColumns+` WHERE e.book = (SELECT number FROM usage_books WHERE account = $1 AND livemode = $2)
			AND e.identifier > $3 ORDER BY e.identifier LIMIT $4`, text(a.ID), a.Livemode, behind, pageSize)
	})
}

func scanUsageEvent(row pgx.CollectableRow) (e ledger.UsageEvent, err error) {
	err = row.Scan(stored{&e.Run}, &e.Row, &e.Line, stored{&e.Identifier}, stored{&e.Customer}, stored{&e.Meter}, (*int64)(&e.Timestamp), stored{&e.Value},
		stored{&e.Digest}, (*string)(&e.State), (*int64)(&e.IntendedAt), stored{&e.RequestID}, stored{&e.ErrorCode}, stored{&e.Error}, (*int64)(&e.UpdatedAt))
	return e, err
}

// UsageCounts implements ledger.Usage.
func (s *Store) UsageCounts(ctx context.Context, id string) (map[ledger.UsageState]int64, error) {
	type counted struct {
		State string
		N     int64
	}
	all, err := collect(ctx, s, pgx.RowToStructByPos[counted], `SELECT state, count(*) FROM usage_events
		WHERE run = (SELECT number FROM usage_runs WHERE id = $1) GROUP BY state`, text(id))
	counts := map[ledger.UsageState]int64{}
	for _, n := range all {
		counts[ledger.UsageState(n.State)] = n.N
	}
	return counts, err
}
