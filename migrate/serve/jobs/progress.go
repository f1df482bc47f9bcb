package jobs

import (
	"context"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/serve/store"
)

// Progress is how far the jobs of a move have come, by the ledger.
type Progress struct {
	Total    int64     `json:"total"`  // rows that are to be dealt with; of a canary, its own
	Done     int64     `json:"done"`   // of those, dealt with: scheduled or refused, or canceled by a cancel
	Failed   int64     `json:"failed"` // refused
	Unknown  int64     `json:"unknown"`
	Rate     float64   `json:"rate"`              // rows a second, of late; 0 while nothing moves
	Deadline time.Time `json:"deadline,omitzero"` // until when a scheduled migration can be canceled as a whole
}

// pace is what Progress has seen of a move before, to say how fast it goes.
type pace struct {
	at   time.Time
	done int64
	rate float64 // smoothed
}

// smoothing is the time over which a rate is averaged, about.
const smoothing = 5 * time.Second

// Progress returns how far the jobs of a move have come. It reads counts only, and may be asked every second.
func (e *Engine) Progress(ctx context.Context, m store.Move) (p Progress, err error) {
	if m.Migration == "" {
		return p, nil
	}
	mig, err := e.Ledger.Migration(ctx, m.Migration)
	if err != nil {
		return p, err
	}
	counts, err := e.Ledger.Counts(ctx, m.Migration, 0)
	if err != nil {
		return p, err
	}
	began := int64(0)
	for state, n := range counts.ByState {
		began += n
		if state.Settled() || state == ledger.Refused {
			p.Done += n
		}
	}
	p.Failed, p.Unknown = counts.ByState[ledger.Refused], counts.ByState[ledger.Unknown]
	p.Total = max(mig.Rows, p.Done)
	switch {
	case m.State == store.Canceling || m.State == store.Canceled:
		p.Total, p.Done = began, counts.ByState[ledger.Canceled]
	case m.Canary > 0:
		p.Total = min(p.Total, max(m.Canary, p.Done))
	}
	if m.State == store.Scheduled {
		p.Deadline = mig.SettledAt.Time().Add(migrate.Window).UTC()
	}
	p.Rate = e.rate(m.ID, p.Done)
	return p, nil
}

// rate returns how many rows a second a move makes, from what was seen of it before.
func (e *Engine) rate(id string, done int64) float64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.machine.Now()
	last, known := e.paces[id]
	passed := now.Sub(last.at)
	switch {
	case !known || passed > time.Minute || done < last.done: // nobody has looked for a while
		e.paces[id] = pace{at: now, done: done}
		return 0
	case passed < 500*time.Millisecond: // somebody else looks as well
		return last.rate
	}
	seen := float64(done-last.done) / passed.Seconds()
	weight := min(1, passed.Seconds()/smoothing.Seconds())
	if last.rate == 0 {
		weight = 1
	}
	next := pace{at: now, done: done, rate: last.rate + (seen-last.rate)*weight}
	if next.rate < 0.05 {
		next.rate = 0
	}
	e.paces[id] = next
	return next.rate
}
