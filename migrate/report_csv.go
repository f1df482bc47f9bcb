package migrate

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/report"
)

// ReportCSV writes what became of every row as a table, a line for each ReportLine. No cell is a formula.
type ReportCSV struct {
	w      *csv.Writer
	direct schedule.Direct
	begun  bool
}

// NewReportCSV returns a writer. It has a column for direct subscriptions unless the migration was run without any.
func NewReportCSV(w io.Writer, direct schedule.Direct) *ReportCSV {
	return &ReportCSV{w: csv.NewWriter(w), direct: direct}
}

// Row writes a line.
func (c *ReportCSV) Row(l ReportLine) error {
	if err := c.begin(); err != nil {
		return err
	}
	cells := []string{
		strconv.FormatInt(l.Row, 10), strconv.FormatInt(l.Line, 10), l.Customer, l.SourceID, l.ScheduleID,
		l.Strategy, l.Start.String(), l.State, l.Code, l.Error,
	}
	if c.direct != schedule.Never {
		cells = append(cells, l.SubscriptionID)
	}
	for i := range cells {
		cells[i] = report.EscapeFormula(cells[i])
	}
	return c.w.Write(cells)
}

// End ends the table, which has a header even without lines.
func (c *ReportCSV) End() error {
	if err := c.begin(); err != nil {
		return err
	}
	c.w.Flush()
	return c.w.Error()
}

func (c *ReportCSV) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	header := []string{"row", "line", "customer", "source_id", "schedule_id", "strategy", "start", "state", "code", "error"}
	if c.direct != schedule.Never {
		header = append(header, "subscription_id")
	}
	return c.w.Write(header)
}
