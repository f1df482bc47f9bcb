package migrate

import (
	"sync/atomic"
	"time"
)

// Progress is how far a run or a cancel has come.
type Progress struct {
	Total   int64   // rows to deal with, those of Before included
	Before  int64   // rows that earlier runs have dealt with; how fast it goes shows in Done-Before
	Done    int64   // rows dealt with so far, those of Before included
	Failed  int64   // of those, the ones that Stripe refused this time
	Retries int64   // requests that had to be sent again
	Rate    float64 // requests a second that are allowed at present
	Limited bool    // the account's own limit has been met

	// WaitsUntil is when a cancel goes on that waits for requests which a run sent before it died; zero when none does.
	WaitsUntil time.Time
}

// counters is the progress as it is kept.
type counters struct {
	total, before, done, failed, retries atomic.Int64
}

// begin sets how much there is to do, and how much of it was done before.
func (c *counters) begin(total, before int64) {
	c.total.Store(max(total, before))
	c.before.Store(before)
	c.done.Store(before)
}

// report tells the progress to whoever observes the migrator.
func (m *Migrator) report(c *counters) { m.observe(m.progress(c)) }

func (m *Migrator) progress(c *counters) Progress {
	rate, limited := m.pacer.Rate()
	return Progress{
		Total: c.total.Load(), Before: c.before.Load(), Done: c.done.Load(), Failed: c.failed.Load(), Retries: c.retries.Load(),
		Rate: rate, Limited: limited,
	}
}
