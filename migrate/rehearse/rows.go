package rehearse

import (
	"context"
	"fmt"
	"math"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// scheduled is what the ledger knows of one row that became a schedule; the zero value is any other row.
type scheduled struct {
	line               int32
	customer, sourceID string
	strategy           string
}

func (s *stage) row(number int64) Row {
	r := s.rows[number]
	return Row{Number: number, Line: int64(r.line), Customer: r.customer, SourceID: r.sourceID, Strategy: r.strategy}
}

// know notes which rows became schedules, and which were refused.
func (s *stage) know(ctx context.Context) error {
	if s.result.Review.Report.Rows >= math.MaxInt32 {
		return fmt.Errorf("%s: %d rows are more than a rehearsal can hold", s.result.File, s.result.Review.Report.Rows)
	}
	s.rows = make([]scheduled, s.result.Review.Report.Rows+1)
	migrations, err := s.ledger.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range migrations { // the ledger was empty: there is one
		for one, err := range migrate.Report(ctx, s.ledger, m.ID) {
			if err != nil {
				return err
			}
			s.note(one)
		}
	}
	return nil
}

func (s *stage) note(one migrate.ReportLine) {
	if one.State == string(ledger.Scheduled) {
		s.rows[one.Row] = scheduled{line: int32(one.Line), customer: one.Customer, sourceID: one.SourceID, strategy: one.Strategy}
		return
	}
	s.result.Failures.add(Failure{
		Kind: RowRefused, Code: one.Code, Message: one.Error,
		Row: Row{Number: one.Row, Line: one.Line, Customer: one.Customer, SourceID: one.SourceID, Strategy: one.Strategy},
	})
}

// each reads the file once more and shows what every row that was scheduled had been planned to be, which
// may be kept.
func (s *stage) each(ctx context.Context, visit func(number int64, planned *schedule.Planned)) error {
	file, err := s.Input.Open()
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w", s.Input.Name, err)
	}
	defer file.Close()
	_, err = validate.Each(ctx, s.Input.Name, file, s.Options.Validation(s.result.From, s.result.Review.AccountData),
		func(row *csvspec.Row, _ []validate.Finding) error {
			number := int64(row.Source.Row)
			if number >= int64(len(s.rows)) || s.rows[number] == (scheduled{}) {
				return nil
			}
			planned, err := schedule.FromRow(row.Clone(), s.result.Review.AccountData)
			if err != nil {
				return migrate.ErrChanged // it was planned a moment ago
			}
			visit(number, &planned)
			return nil
		})
	return err
}

// match finds out which row each subscription belongs to: the schedule that made it says so in its metadata.
func (s *stage) match(ctx context.Context) error {
	rows := make(map[string]int64, s.result.Scheduled)
	for f := (migrate.ScheduleFilter{}); ; {
		page, err := s.gateway.Schedules(ctx, f)
		if err != nil {
			return err
		}
		for _, one := range page.Schedules {
			if tag, ok := schedule.ParseTag(one.Metadata); ok && tag.Row < int64(len(s.rows)) {
				rows[one.Subscription] = tag.Row
			}
			f.After = one.ID
		}
		if !page.More {
			break
		}
	}
	return s.sort(rows)
}
