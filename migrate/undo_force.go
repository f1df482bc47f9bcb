package migrate

import (
	"context"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/ledger"
)

// errAboutToStart is a cancel that was held up until the schedule had come too close to its start. It was not sent.
var errAboutToStart = &StripeError{Outcome: Refused, Message: "not sent: the schedule is about to start"}

// force cancels what there is. A request of unknown outcome is not repeated under its key, under which Stripe may have
// stored an error: it is asked how things stand, and the next attempt has a key of its own. Canceling twice is harmless.
func (u *undo) force(ctx context.Context, j *job, s ScheduleState) error {
	for attempt := 1; ; attempt++ {
		if err := u.intendCancel(ctx, j); err != nil {
			return err
		}
		failure := asStripeError(u.request(ctx, j, s))
		if failure == errAboutToStart {
			u.live.Add(1)
			return u.stay(ctx, j, s)
		}
		ended, err := u.ended(ctx, j, s, failure)
		switch {
		case err != nil:
			return err
		case ended:
			return u.step(ctx, j, ledger.Canceled)
		case failure.Outcome != Unknown || attempt == maxAttempts:
			return u.fails(ctx, j, failure)
		}
	}
}

func (u *undo) intendCancel(ctx context.Context, j *job) error {
	j.entry.Attempt++
	j.entry.Key = cancelKey(u.migration.ID, j.entry.ScheduleID, j.entry.Attempt)
	j.entry.IntendedAt = csvspec.At(u.clock.Now())
	return u.record(ctx, j, ledger.Canceling)
}

// request asks Stripe to end what there is: the schedule while it governs the subscription, else the subscription.
func (u *undo) request(ctx context.Context, j *job, s ScheduleState) error {
	if s.Status == StatusReleased {
		_, err := send(ctx, &u.sender, writing, func() (struct{}, error) {
			return struct{}{}, u.gateway.CancelSubscription(ctx, s.Subscription)
		})
		return err
	}
	_, err := send(ctx, &u.sender, writing, func() (ScheduleState, error) {
		if u.aboutToStart(s) && !u.options.IncludeLive {
			return s, errAboutToStart
		}
		return u.gateway.CancelSchedule(ctx, s.ID, j.entry.Key)
	})
	return err
}

// ended tells whether what a request was to cancel is canceled, by that request or by somebody else a moment ago.
func (u *undo) ended(ctx context.Context, j *job, s ScheduleState, failure *StripeError) (bool, error) {
	if failure == nil || s.Status == StatusReleased && gone(failure) {
		return true, nil
	}
	now, err := send(ctx, &u.sender, reading, func() (ScheduleState, error) {
		return u.gateway.Schedule(ctx, j.entry.ScheduleID)
	})
	return err == nil && now.Status == StatusCanceled, err
}
