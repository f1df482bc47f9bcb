package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// Advance moves the sandbox's clock forward to a time and does everything
// that falls due on the way, in order: schedules start, subscriptions renew,
// drafts are finalized and paid. From then on the sandbox's clock is ahead of
// the handed-in one by as much. Customers on a test clock are not touched.
//
// It fails when the time has passed already. A canceled context leaves the
// clock where it was, with the part done that was done: the next Advance or
// request goes on.
func (s *Server) Advance(ctx context.Context, to time.Time) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.caught(&err)
	if s.broken != nil {
		return s.broken
	}
	if now := s.now(); to.Unix() < now {
		return fmt.Errorf("sandbox: the clock says %s and cannot be moved back to %s", time.Unix(now, 0).UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
	}
	if err := s.run(ctx, "", to.Unix()); err != nil {
		return err
	}
	s.state.offset = to.Unix() - s.opts.Now().Unix()
	s.answers.forget(to.Unix())
	s.writeHead()
	return s.settle()
}

// Now is the sandbox's time.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Unix(s.now(), 0).UTC()
}

// catchUp does what the sandbox's clock has passed. It is called under the
// lock, before a request executes.
func (s *Server) catchUp() error { return s.run(context.Background(), "", s.now()) }

// run does what falls due on one clock until a time, each thing at its own
// time and in a transaction of its own.
func (s *Server) run(ctx context.Context, clock object.Text, until int64) error {
	queue := s.state.queue(clock)
	for {
		e, due := queue.next(until)
		if !due {
			return nil
		}
		if err := ctx.Err(); err != nil {
			queue.add(e)
			return err
		}
		if !s.state.holds(e) {
			continue
		}
		t := s.state.begin(e.at)
		t.step(e)
		if err := s.commit(t, fingerprint{}, nil); err != nil {
			return err
		}
	}
}

// step does one thing that is due.
func (t *tx) step(e dueEntry) {
	switch e.rank {
	case dueSchedule:
		t.stepSchedule(t.schedules.edit(e.id))
	case dueSubscription:
		t.stepSubscription(t.subscriptions.edit(e.id))
	case dueInvoice:
		t.finalize(t.invoices.edit(e.id))
	}
}
