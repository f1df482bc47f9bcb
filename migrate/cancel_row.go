package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/schedule"
)

// cancelRow cancels what one row has become, as far as it may be canceled, by the status that it has in Stripe at this
// moment.
func (c *cancellation) cancelRow(ctx context.Context, e ledger.Entry) error {
	j := job{entry: e, from: e.State}
	if e.State.Open() || e.State == ledger.Refused {
		state, found, err := c.op.find(ctx, e)
		switch {
		case err != nil:
			return err
		case !found && e.State == ledger.Refused:
			return nil
		case !found:
			return c.op.record(ctx, &j, ledger.Canceled)
		}
		setID(&j.entry, state)
		if err := c.op.record(ctx, &j, ledger.Scheduled); err != nil {
			return err
		}
	}
	until, done := c.op.untilStop(ctx)
	defer done()
	m, err := c.op.read(until, kindOf(j.entry), idOf(j.entry))
	switch failure := asStripeError(err); {
	case failure == nil:
	case failure.missing() && !c.op.migration.Livemode: // deleted with the test data, or with a test clock
		return c.op.record(ctx, &j, ledger.Canceled)
	default:
		return c.recordFailure(ctx, &j, failure)
	}
	if m.direct {
		return c.cancelDirect(ctx, &j, m)
	}
	if m.subscription != "" {
		if _, err := c.look(ctx, m.subscription, false); err != nil {
			return err
		}
	}
	live := m.subscription != "" || m.status == StatusActive || c.aboutToStart(m)
	switch {
	case m.gone():
		return c.op.record(ctx, &j, ledger.Canceled)
	case live && !c.includeLive, m.status == StatusCompleted:
		c.live.Add(1)
		return c.leaveAlone(ctx, &j, m)
	case m.status == StatusReleased && m.subscription == "":
		return c.leaveAlone(ctx, &j, m)
	}
	return c.sendCancel(ctx, &j, m)
}

// cancelDirect cancels a direct subscription. It exists since the run: what counts is whether anything was charged, and after
// the window also whether its row's start date has come. One that does not carry the tag of its row any more is somebody
// else's now.
func (c *cancellation) cancelDirect(ctx context.Context, j *job, m made) error {
	if row, mine := c.op.rowOf(m.metadata); !m.gone() && (!mine || row != j.entry.Row) {
		return c.recordFailure(ctx, j, &StripeError{Outcome: Refused, Message: fmt.Sprintf("not sent: the metadata of %s have %q as %s, and not this "+
			"row's tag; somebody has changed it, so look at it in the Dashboard and cancel it there if it is this row's", m.id,
			m.metadata[schedule.TagKey], schedule.TagKey)})
	}
	b, err := c.look(ctx, m.id, !m.gone() && !c.includeLive)
	if failure := asStripeError(err); failure != nil {
		return c.recordFailure(ctx, j, failure)
	}
	m.start = j.entry.Start
	switch {
	case m.gone():
		return c.op.record(ctx, j, ledger.Canceled)
	case !c.includeLive && (b.charged || c.aboutToStart(m)):
		c.live.Add(1)
		return c.leaveAlone(ctx, j, m)
	}
	return c.sendCancel(ctx, j, m)
}

// errAboutToStart is a cancel that was held up until its start had come too close. It was not sent.
var errAboutToStart = &StripeError{Outcome: Refused, Message: "not sent: the subscription is about to start"}

// sendCancel asks Stripe to cancel what there is. A request of unknown outcome is not repeated under its key, under
// which Stripe may have stored an error: it is asked how things stand, and the next attempt has a key of its own.
// Canceling twice is harmless.
func (c *cancellation) sendCancel(ctx context.Context, j *job, m made) error {
	is := kindOf(j.entry)
	for attempt := 1; ; attempt++ {
		release, err := c.op.acquire(ctx)
		if err != nil {
			return err
		}
		j.chooseKeyTo("cancel", c.op.migration, c.op.m.clock.Now())
		_, failure, err := sendIntended(ctx, c.op.requester, release, func() error { return c.op.record(ctx, j, ledger.Canceling) }, func() (struct{}, error) {
			if c.aboutToStart(m) && !c.includeLive {
				return struct{}{}, errAboutToStart
			}
			return struct{}{}, is.cancel(ctx, c.op.m.gateway, m, j.entry.Key)
		})
		if err != nil {
			return err
		}
		if failure == errAboutToStart {
			c.live.Add(1)
			return c.leaveAlone(ctx, j, m)
		}
		if failure == nil || (m.direct || m.status == StatusReleased) && failure.missing() {
			return c.op.record(ctx, j, ledger.Canceled)
		}
		now, err := c.op.read(ctx, is, idOf(j.entry)) // somebody else may have canceled it a moment ago
		switch {
		case err != nil:
			return err
		case now.gone():
			return c.op.record(ctx, j, ledger.Canceled)
		case failure.Outcome != Unknown || attempt == maxAttempts:
			return c.recordFailure(ctx, j, failure)
		}
	}
}

// beforeStart is how close to its start something is left alone: it may go live while it is being canceled.
const beforeStart = time.Minute

// aboutToStart tells whether a schedule may go live before a request about it arrives, or a direct subscription be charged.
// After the window a direct subscription is live from its row's start date on.
func (c *cancellation) aboutToStart(m made) bool {
	started := !c.op.m.clock.Now().Add(beforeStart).Before(m.start.Time())
	if m.direct {
		return c.aboutToBeCharged(m) || started && !c.inWindow
	}
	return started && m.status == StatusNotStarted
}

// leaveAlone leaves alone what is live or governs nothing, and takes back an intent to cancel or release that an
// earlier command left behind.
func (c *cancellation) leaveAlone(ctx context.Context, j *job, m made) error {
	if !m.direct && m.status == StatusReleased && j.from != ledger.Released {
		return c.op.record(ctx, j, ledger.Released)
	}
	if j.from == ledger.Canceling || j.from == ledger.Releasing {
		return c.op.record(ctx, j, ledger.Scheduled)
	}
	return nil
}

// recordFailure records why a row could not be canceled.
func (c *cancellation) recordFailure(ctx context.Context, j *job, failure *StripeError) error {
	if err := c.op.recordFailure("not canceled", j, failure); err != nil || j.from != ledger.Canceling {
		return err
	}
	return c.op.record(ctx, j, ledger.Scheduled)
}
