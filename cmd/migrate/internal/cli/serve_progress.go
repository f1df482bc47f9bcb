package cli

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

type engineProgress struct {
	*jobs.Engine
	book ledger.Ledger
}

func (e engineProgress) Progress(ctx context.Context, m store.Move) (p serve.Progress, err error) {
	if m.Migration == "" {
		return p, nil
	}
	mig, err := e.book.Migration(ctx, m.Migration)
	if err != nil {
		return p, err
	}
	c, err := e.book.Counts(ctx, m.Migration, csvspec.Timestamp(0))
	if err != nil {
		return p, err
	}
	p.Total = mig.Rows
	if m.Canary > 0 {
		p.Total = min(p.Total, m.Canary)
	}
	for state, n := range c.ByState {
		if state.Settled() || state == ledger.Refused {
			p.Done += n
		}
	}
	p.Failed = c.ByState[ledger.Refused]
	if m.State == store.Canceling {
		p.Total, p.Done = p.Done, c.ByState[ledger.Canceled]
	}
	return p, nil
}
