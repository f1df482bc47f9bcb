package migrate

import (
	"context"
	"time"

	"github.com/subferry/subferry/migrate/ledger"
)

// cancelRow cancels what one row has become, as far as it may be canceled, by the status that its schedule has in
// Stripe at this moment.
func (c *cancellation) cancelRow(ctx context.Context, e ledger.Entry) error {
	j := job{entry: e, from: e.State}
	if e.State.Open() || e.State == ledger.Refused {
		state, found, err := c.op.findSchedule(ctx, e)
		switch {
		case err != nil:
			return err
		case !found && e.State == ledger.Refused:
			return nil
		case !found:
			return c.op.record(ctx, &j, ledger.Canceled)
		}
		j.entry.ScheduleID = state.ID
		if err := c.op.record(ctx, &j, ledger.Scheduled); err != nil {
			return err
		}
	}
	until, done := c.op.untilStop(ctx)
	defer done()
	s, err := c.op.readSchedule(until, j.entry.ScheduleID)
	switch failure := asStripeError(err); {
	case failure == nil:
	case failure.missing() && !c.op.migration.Livemode: // deleted with the test data, or with a test clock
		return c.op.record(ctx, &j, ledger.Canceled)
	default:
		return c.recordFailure(ctx, &j, failure)
	}
	live := s.Subscription != "" || s.Status == StatusActive || c.aboutToStart(s)
	switch {
	case s.Status == StatusCanceled:
		return c.op.record(ctx, &j, ledger.Canceled)
	case live && !c.includeLive, s.Status == StatusCompleted:
		c.live.Add(1)
		return c.leaveAlone(ctx, &j, s)
	case s.Status == StatusReleased && s.Subscription == "":
		return c.leaveAlone(ctx, &j, s)
	}
	return c.sendCancel(ctx, &j, s)
}

// errAboutToStart is a cancel that was held up until the schedule had come too close to its start. It was not sent.
var errAboutToStart = &StripeError{Outcome: Refused, Message: "not sent: the schedule is about to start"}

// sendCancel asks Stripe to cancel what there is: the schedule while it governs the subscription, else the
// subscription. A request of unknown outcome is not repeated under its key, under which Stripe may have stored an
// error: it is asked how things stand, and the next attempt has a key of its own. Canceling twice is harmless.
func (c *cancellation) sendCancel(ctx context.Context, j *job, s ScheduleState) error {
	for attempt := 1; ; attempt++ {
		j.chooseKeyTo("cancel", c.op.migration, c.op.m.clock.Now())
		if err := c.op.record(ctx, j, ledger.Canceling); err != nil {
			return err
		}
		_, err := send(ctx, c.op.requester, writing, func() (struct{}, error) {
			if s.Status == StatusReleased {
				return struct{}{}, c.op.m.gateway.CancelSubscription(ctx, s.Subscription)
			}
			if c.aboutToStart(s) && !c.includeLive {
				return struct{}{}, errAboutToStart
			}
			_, err := c.op.m.gateway.CancelSchedule(ctx, s.ID, j.entry.Key)
			return struct{}{}, err
		})
		failure := asStripeError(err)
		if failure == errAboutToStart {
			c.live.Add(1)
			return c.leaveAlone(ctx, j, s)
		}
		if failure == nil || s.Status == StatusReleased && failure.missing() {
			return c.op.record(ctx, j, ledger.Canceled)
		}
		now, err := c.op.readSchedule(ctx, j.entry.ScheduleID) // somebody else may have canceled it a moment ago
		switch {
		case err != nil:
			return err
		case now.Status == StatusCanceled:
			return c.op.record(ctx, j, ledger.Canceled)
		case failure.Outcome != Unknown || attempt == maxAttempts:
			return c.recordFailure(ctx, j, failure)
		}
	}
}

// beforeStart is how close to its start a schedule is left alone: it may go live while it is being canceled.
const beforeStart = time.Minute

// aboutToStart tells whether a schedule may go live before a request about it arrives.
func (c *cancellation) aboutToStart(s ScheduleState) bool {
	return s.Status == StatusNotStarted && !c.op.m.clock.Now().Add(beforeStart).Before(s.StartDate.Time())
}

// leaveAlone leaves alone what is live or governs nothing, and takes back an intent to cancel or release that an
// earlier command left behind.
func (c *cancellation) leaveAlone(ctx context.Context, j *job, s ScheduleState) error {
	if s.Status == StatusReleased && j.from != ledger.Released {
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
