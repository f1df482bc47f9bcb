package migrate

import (
	"errors"
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// CodeScheduledAlready is the code of a finding about a row whose subscription is scheduled already.
const CodeScheduledAlready = "already_scheduled"

// Judge returns what a run would hold against a row beyond what the rules have found in it: that it cannot be expressed
// as a schedule, or that its subscription is scheduled already. A row that the rules leave out is not judged.
func (r *Review) Judge(row *csvspec.Row, found []validate.Finding) []validate.Finding {
	if leftOut(found) {
		return nil
	}
	if _, err := schedule.FromRow(row, r.AccountData); err != nil {
		return []validate.Finding{notExpressible(row, err)}
	}
	n := int64(row.Source.Row)
	if !r.taken.rows.Has(n) || r.Options.Again {
		return nil
	}
	message := "the subscription of this row is scheduled already"
	if t, ok := r.taken.first[n]; ok {
		message = t.String()
	}
	severity, fix := validate.Error, "Delete the row, or leave out all such rows with --skip-scheduled; scheduled again, the customer is charged twice."
	if r.Options.SkipScheduled {
		severity, fix = validate.Warning, "The row is left out, as --skip-scheduled says."
	}
	return []validate.Finding{{
		Code: CodeScheduledAlready, Severity: severity, Line: row.Source.Line, Row: row.Source.Row, Message: message, Fix: fix,
	}}
}

// notExpressible turns a row that passed the rules and still becomes no schedule into a finding like any other.
func notExpressible(row *csvspec.Row, err error) validate.Finding {
	finding := validate.Finding{
		Code: "not_expressible", Severity: validate.Error, Line: row.Source.Line, Row: row.Source.Row, Message: err.Error(),
	}
	var why *schedule.NotExpressibleError
	if errors.As(err, &why) {
		finding.Code, finding.Column, finding.Message = why.Code, why.Column, why.Reason
		finding.Fix = strings.Join(why.Ways, "; or ")
		if cell, ok := row.Cell(why.Column); ok {
			at, _ := row.Source.Header.Lookup(why.Column)
			finding.Value, finding.Cell, finding.ColumnNumber = cell.Text, cell.Ref, at.Index+1
		}
	}
	return finding
}
