package plan

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/forecast"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// together forecasts the rows that depend on other rows of their customer, by their numbers. It reads the file once
// more when a customer has several rows, and twice when such a customer has a balance, a discount for once, or a charge
// that is carried on.
func (m *maker) together(ctx context.Context) (map[int64]forecast.Forecast, error) {
	if report := m.review.Report; report.Rows > 0 && report.Customers >= report.Rows {
		return nil, nil
	}
	joint := forecast.NewJoint(m.review.AccountData)
	err := m.eachPlanned(ctx, func(_ int64, planned *schedule.Planned) { joint.See(planned) })
	if err != nil || !joint.More() {
		return nil, err
	}
	err = m.eachPlanned(ctx, joint.Keep)
	return joint.Forecasts(m.config.Renewals), err
}

// eachPlanned reads the file and shows every row that is planned, with its number. What it shows may be kept.
func (m *maker) eachPlanned(ctx context.Context, visit func(int64, *schedule.Planned)) error {
	_, err := readRows(ctx, m.review, m.config.Now, func(row *csvspec.Row, findings validate.Findings) error {
		if findings.State() != validate.Valid {
			return nil
		}
		if planned, err := schedule.FromRow(row.Clone(), m.review.AccountData); err == nil && !m.review.LeavesOut(int64(row.Source.Row)) {
			visit(int64(row.Source.Row), &planned)
		}
		return nil
	})
	return err
}
