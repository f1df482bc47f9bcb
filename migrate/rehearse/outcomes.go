package rehearse

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// outcome is what the ledger knows of one row that became a schedule; the zero value is any other row.
type outcome struct {
	line               int32
	customer, sourceID string
	strategy           string
}

// loadOutcomes notes which rows became schedules, and which were refused.
func (r *rehearsal) loadOutcomes(ctx context.Context, l ledger.Ledger, migration string) error {
	if r.result.Review.Report.Rows >= math.MaxInt32 {
		return fmt.Errorf("%s: %d rows are more than a rehearsal can hold", r.result.File, r.result.Review.Report.Rows)
	}
	r.rows = make([]outcome, r.result.Review.Report.Rows+1)
	r.result.Failures = Failures{Counts: map[FailureKind]int64{}}
	for one, err := range migrate.Report(ctx, l, migration) {
		switch {
		case err != nil:
			return err
		case one.State == string(ledger.Scheduled):
			if schedule.Strategy(one.Strategy).IsDirect() {
				r.result.Direct++
			}
			r.rows[one.Row] = outcome{
				line: int32(one.Line), strategy: one.Strategy,
				customer: strings.Clone(one.Customer), sourceID: strings.Clone(one.SourceID), // not pieces of the text of many rows
			}
		default:
			r.result.Failures.add(Failure{
				Kind: RowRefused, Code: one.Code, Message: one.Error,
				Row: Row{Number: one.Row, Line: one.Line, Customer: one.Customer, SourceID: one.SourceID, Strategy: one.Strategy},
			})
		}
	}
	return nil
}

// each reads the file once more and shows what every row that was scheduled had been planned to be, which
// may be kept; before that is known, every row that is ready.
func (r *rehearsal) each(ctx context.Context, visit func(number int64, planned *schedule.Planned)) error {
	file, err := r.Input.Open()
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", r.Input.Name, err)
	}
	defer file.Close()
	_, err = validate.Each(ctx, r.Input.Name, file, r.Options.Validation(r.result.From, r.result.Review.AccountData),
		func(row *csvspec.Row, findings []validate.Finding) error {
			number := int64(row.Source.Row)
			wanted := r.rows == nil && validate.Findings(findings).State() == validate.Valid && !r.result.Review.LeavesOut(number)
			if number < int64(len(r.rows)) {
				wanted = r.rows[number] != outcome{}
			}
			if !wanted {
				return nil
			}
			planned, err := r.result.Review.Planner().FromRow(row.Clone())
			if err == nil {
				visit(number, &planned)
			} else if r.rows != nil {
				return migrate.ErrChanged // it was planned a moment ago
			}
			return nil
		})
	return err
}
