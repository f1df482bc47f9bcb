package migrate

import (
	"context"
	"iter"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// ReportLine is what became of one row: the map from the old subscription to the new schedule, or to the new direct
// subscription.
type ReportLine struct {
	Row        int64             `json:"row"`
	Line       int64             `json:"line"`
	Customer   string            `json:"customer"`
	SourceID   string            `json:"source_id"`
	ScheduleID string            `json:"schedule_id"` // "" for a direct subscription
	Strategy   string            `json:"strategy"`
	Start      csvspec.Timestamp `json:"start"`
	State      string            `json:"state"`
	Code       string            `json:"code"`
	Error      string            `json:"error"` // Stripe's message, word for word

	// SubscriptionID is that of a direct subscription, "" for a schedule. Direct tells which of them the row is, or would
	// have become.
	SubscriptionID string `json:"subscription_id,omitempty"`
	Direct         bool   `json:"direct,omitempty"`
}

// Report walks the rows of a migration in the order of the file. Rows that were never begun have no line.
func Report(ctx context.Context, l ledger.Ledger, id string) iter.Seq2[ReportLine, error] {
	return func(yield func(ReportLine, error) bool) {
		if _, err := l.Migration(ctx, id); err != nil {
			yield(ReportLine{}, err)
			return
		}
		for e, err := range l.Entries(ctx, id) {
			line := ReportLine{
				Row: e.Row, Line: e.Line, Customer: e.Customer, SourceID: e.SourceID, ScheduleID: e.ScheduleID,
				Strategy: e.Strategy, Start: e.Start, State: string(e.State), Code: e.ErrorCode, Error: e.Error,
				SubscriptionID: e.SubscriptionID, Direct: isDirect(e),
			}
			if !yield(line, err) {
				return
			}
		}
	}
}
