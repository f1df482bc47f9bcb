package usage

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
)

// tries is how often a request is sent whose outcome is unknown: once, and twice more.
const tries = 3

// firstPause is waited before the second try, and twice as long before the third.
const firstPause = time.Second

// send records that events are about to leave, sends them, and records what came of it. The intent is durable before the
// request leaves; the identifier makes a second try harmless for a day.
func (r *run) send(ctx context.Context, batch []job) error {
	now := r.now()
	again := false // an earlier try may have got through
	for i := range batch {
		j := &batch[i]
		again = again || j.from.Open()
		if !j.from.Open() || j.event.IntendedAt == 0 {
			j.event.IntendedAt = now
		}
		j.event.ErrorCode, j.event.Error, j.event.RequestID = "", "", ""
	}
	if err := r.record(ctx, batch, ledger.UsageIntended); err != nil {
		return err
	}
	return r.sendIntended(ctx, batch, again)
}

// sendIntended is send for events whose intent is recorded.
func (r *run) sendIntended(ctx context.Context, batch []job, again bool) error {
	id, again, err := r.attempt(ctx, batch, again)
	if err == nil {
		for i := range batch {
			batch[i].event.RequestID = id
		}
		return r.finish(ctx, batch, ledger.UsageSent)
	}
	var failure *migrate.StripeError
	if !errors.As(err, &failure) {
		return err
	}
	switch {
	case failure.Status == 401 || failure.Status == 403, failure.Outcome == migrate.Retryable:
		// Every other request would fare the same, or nothing is begun any more.
		return r.release(ctx, batch, failure, again)
	case failure.Outcome == migrate.Unknown:
		r.note(batch, failure)
		return r.finish(ctx, batch, ledger.UsageUnknown)
	case len(batch) > 1: // one of them is to blame, and only single ones tell which
		for i := range batch {
			if err := r.sendIntended(ctx, batch[i:i+1:i+1], again); err != nil {
				return err
			}
		}
		return nil
	case duplicate(failure) && again:
		batch[0].event.RequestID = failure.RequestID
		return r.finish(ctx, batch, ledger.UsageSent) // an earlier try has got through
	}
	r.note(batch, failure)
	switch {
	case duplicate(failure) && batch[0].again:
		batch[0].event.ErrorCode = codeDuplicate // a day later it can be sent
	case duplicate(failure):
		batch[0].event.ErrorCode = CodeElsewhere
		r.elsewhere.Add(1)
	}
	return r.finish(ctx, batch, ledger.UsageRefused)
}

// attempt sends a request until it is known what came of it, three times at most. Behind a try of unknown outcome, again is
// true.
func (r *run) attempt(ctx context.Context, batch []job, before bool) (id string, again bool, err error) {
	again = before
	for n, pause := 1, firstPause; ; n, pause = n+1, 2*pause {
		id, err = migrate.Tell(ctx, r.sender, func() (string, error) { return r.request(ctx, batch) })
		var failure *migrate.StripeError
		if !errors.As(err, &failure) || failure.Outcome != migrate.Unknown {
			return id, again, err
		}
		if again = true; n == tries {
			return id, again, err
		}
		r.Log.Info("usage will be sent again under the same identifiers", slog.Any("error", failure), slog.Int("events", len(batch)))
		if r.Clock.Sleep(ctx, pause) != nil {
			return id, again, err
		}
	}
}

// request makes one request.
func (r *run) request(ctx context.Context, batch []job) (string, error) {
	if len(batch) == 1 && !r.review.Options.Stream {
		return r.Gateway.SendUsage(ctx, batch[0].packet)
	}
	packets := make([]Message, len(batch))
	for i := range batch {
		packets[i] = batch[i].packet
	}
	return r.stream(ctx, packets)
}

// codeDuplicate is Stripe's error code for an identifier that it has had within the last day.
const codeDuplicate = "duplicate_meter_event"

// duplicate tells whether Stripe has an event with the identifier, received within the last day.
func duplicate(failure *migrate.StripeError) bool {
	return failure.Code == codeDuplicate || strings.Contains(failure.Message, "already exists with identifier")
}

// CodeElsewhere is the error code of an event under whose identifier Stripe has had one that this ledger has not sent. It is
// not sent again: when Stripe has forgotten the identifier, it would count twice.
const CodeElsewhere = "sent_elsewhere"

// CodeNotSent is the error code of an event that was certainly not executed when a run ended: the next one sends it.
const CodeNotSent = "not_sent"

// release ends the run, because the next requests would fare the same. Events that were certainly not sent are recorded as
// such; those of which an earlier try may have got through stay begun.
func (r *run) release(ctx context.Context, batch []job, failure *migrate.StripeError, again bool) error {
	if !again {
		r.note(batch, failure)
		for i := range batch {
			if failure.Outcome == migrate.Retryable {
				batch[i].event.ErrorCode = CodeNotSent
			}
		}
		if err := r.record(ctx, batch, ledger.UsageRefused); err != nil {
			return err
		}
	}
	if errors.Is(failure, ErrInterrupted) {
		return ErrInterrupted
	}
	return failure
}

// note writes down what Stripe said.
func (r *run) note(batch []job, failure *migrate.StripeError) {
	for i := range batch {
		e := &batch[i].event
		e.RequestID, e.ErrorCode, e.Error = failure.RequestID, failure.Code, failure.Message
		if e.Error == "" {
			e.Error = failure.Error()
		}
	}
}

// finish records an outcome and counts it.
func (r *run) finish(ctx context.Context, batch []job, to ledger.UsageState) error {
	if err := r.record(ctx, batch, to); err != nil {
		return err
	}
	n := int64(len(batch))
	switch to {
	case ledger.UsageRefused:
		r.refused.Add(n)
	case ledger.UsageUnknown:
		r.unknown.Add(n)
	}
	r.done.Add(n)
	r.report()
	return nil
}

// record writes a step of events into the ledger.
func (r *run) record(ctx context.Context, batch []job, to ledger.UsageState) error {
	steps := make([]ledger.UsageStep, len(batch))
	for i := range batch {
		j := &batch[i]
		j.event.State, j.event.UpdatedAt = to, r.now()
		steps[i] = ledger.UsageStep{From: j.from, Event: j.event}
	}
	for len(steps) > 0 { // those of one run after the other; nearly always there is one
		n := 1
		for n < len(steps) && steps[n].Event.Run == steps[0].Event.Run {
			n++
		}
		if err := r.Ledger.PutUsage(ctx, steps[0].Event.Run, steps[:n]); err != nil {
			return err
		}
		steps = steps[n:]
	}
	for i := range batch {
		batch[i].from = to
	}
	return nil
}
