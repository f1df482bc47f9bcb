package usage

import (
	"context"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
)

// Summary is how a run stands.
type Summary struct {
	ID         string    `json:"id"`
	Status     string    `json:"status"` // in_progress or done
	File       string    `json:"file"`
	Account    string    `json:"account"`
	Livemode   bool      `json:"livemode"`
	CreatedAt  time.Time `json:"created_at"`
	SettledAt  time.Time `json:"settled_at"`
	Events     int64     `json:"events"`         // of the file
	Sent       int64     `json:"sent"`           // by this run, as far as it stands in the ledger
	Refused    int64     `json:"refused"`        // Stripe said no
	Elsewhere  int64     `json:"sent_elsewhere"` // Stripe has had their identifiers from another ledger or program
	NotSent    int64     `json:"not_sent"`       // begun and certainly not executed when a run ended
	Rejected   int64     `json:"rejected"`
	Unknown    int64     `json:"unknown"` // begun, without a known outcome
	Retracted  int64     `json:"retracted"`
	SentNow    int64     `json:"sent_now"`    // by this command
	SentBefore int64     `json:"sent_before"` // by earlier commands, of this file or another; not sent again
	APIBase    string    `json:"-"`
}

// Status returns how a run stands by the ledger.
func Status(ctx context.Context, l ledger.Usage, id string) (*Summary, error) {
	r, err := l.UsageRun(ctx, id)
	if err != nil {
		return nil, err
	}
	counts, err := l.UsageCounts(ctx, id)
	if err != nil {
		return nil, err
	}
	notSent, elsewhere := int64(0), int64(0)
	for e, err := range l.UsageEvents(ctx, id, ledger.UsageRefused) {
		if err != nil {
			return nil, err
		}
		switch e.ErrorCode {
		case CodeNotSent:
			notSent++
		case CodeElsewhere:
			elsewhere++
		}
	}
	return &Summary{
		ID: r.ID, Status: string(r.Status), File: r.File, Account: r.Account, Livemode: r.Livemode, CreatedAt: r.CreatedAt.Time(), SettledAt: r.SettledAt.Time(),
		Events: r.Events, Sent: counts[ledger.UsageSent] + counts[ledger.UsageRetracting], Refused: counts[ledger.UsageRefused] - notSent - elsewhere, Elsewhere: elsewhere, NotSent: notSent, Rejected: counts[ledger.UsageRejected],
		Unknown: counts[ledger.UsageIntended] + counts[ledger.UsageUnknown], Retracted: counts[ledger.UsageRetracted], APIBase: r.APIBase,
	}, nil
}
