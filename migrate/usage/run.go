package usage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
	judge "github.com/subferry/subferry/validate/usage"
)

// RunOptions say how far a run goes.
type RunOptions struct {
	Stop   <-chan struct{} // closed: finish what is in flight and begin nothing new; nil is never
	Assume Assumption      // what becomes of events of which it cannot be found out whether they count
}

// Assumption is what somebody who has looked says about events of unknown outcome.
type Assumption string

// The assumptions.
const (
	AssumeNothing Assumption = ""       // leave them as they are
	AssumeSent    Assumption = "sent"   // they count
	AssumeUnsent  Assumption = "unsent" // they do not count, and are sent
)

// Again says whether something is done a second time.
type Again bool

// job is an event, or for the stream a batch, on its way to Stripe.
type job struct {
	from   ledger.UsageState
	event  ledger.UsageEvent
	packet Message
	again  bool // an error report has named it: Stripe may remember its identifier from then
}

// run is one run of a file.
type run struct {
	*Runner
	id       string
	finished bool // before this run
	review   *Review
	options  RunOptions
	sender   migrate.Sender
	open     map[string]ledger.UsageEvent // by identifier: begun by any run in the account, and not settled
	unclear  map[string]bool              // of open: whether they count cannot be found out

	total, before, done, refused, elsewhere, unknown, old atomic.Int64

	session Session
	renewal sync.Mutex // of the session; held while one is begun
}

// Run sends what the ledger does not know to be sent of a reviewed file. Running again, at any time, sends nothing twice.
//
// The error is ErrInterrupted when it was asked to stop, a *RefusedError when Stripe said no to some events, an
// *UnsettledError when it cannot be found out whether some count, a *migrate.StripeError when Stripe cannot be reached or
// the key is not accepted. Whatever it is, the same call goes on.
func (r *Runner) Run(ctx context.Context, v *Review, o RunOptions) (*Summary, error) {
	unlock, err := r.Ledger.Lock(r.lockID())
	if err != nil {
		return nil, fmt.Errorf("%w: wait for it, or stop it first", err)
	}
	defer unlock()
	finished, err := r.begin(ctx, v)
	if err != nil {
		return nil, err
	}
	one := &run{Runner: r, id: v.ID, finished: finished, review: v, options: o, sender: r.Sender.Until(o.Stop), open: map[string]ledger.UsageEvent{}, unclear: map[string]bool{}}
	failure := interruption(ctx, one.do(ctx))
	summary, err := Status(context.WithoutCancel(ctx), r.Ledger, v.ID)
	if summary != nil {
		summary.SentNow, summary.SentBefore = one.done.Load()-one.refused.Load()-one.unknown.Load(), v.Sent
	}
	return summary, errors.Join(failure, err)
}

// begin makes sure that the ledger has a record of the run, and tells whether it was finished before.
func (r *Runner) begin(ctx context.Context, v *Review) (finished bool, err error) {
	known, err := r.Ledger.UsageRun(ctx, v.ID)
	if !errors.Is(err, ledger.ErrNotFound) {
		return known.Status == ledger.UsageDone, err
	}
	how, err := json.Marshal(v.Options)
	if err != nil {
		return false, err
	}
	now := r.now()
	return false, r.Ledger.BeginUsage(ctx, ledger.UsageRun{
		ID: v.ID, Account: r.Account.ID, Livemode: r.Account.Livemode, File: v.Input.Name, Path: v.Input.Path, SHA256: v.Report.SHA256, Options: how,
		Events: v.Ready + v.settled(), CreatedAt: now, SettledAt: now, Status: ledger.UsageInProgress, APIBase: r.APIBase,
	})
}

// do is the run, step by step: what was begun before, what is left to send.
func (r *run) do(ctx context.Context) error {
	if r.review.Ready == 0 && r.finished {
		return nil // the ledger keeps when it was sent
	}
	if err := r.Ledger.SetUsageStatus(ctx, r.id, ledger.UsageInProgress, r.now()); err != nil {
		return err
	}
	// Since the review, another command may have sent some of it: what counts is the ledger as it is under the lock.
	known, err := r.loadKnown(ctx, func(e ledger.UsageEvent, how earlier) {
		if !how.settled(r.review.Options.Rejected) {
			r.open[e.Identifier] = e
		}
	})
	if err != nil {
		return err
	}
	r.review.known = known
	r.before.Store(r.review.settled())
	r.total.Store(r.review.settled() + r.review.Ready)
	r.report()
	if err := r.settleOld(ctx); err != nil {
		return err
	}
	if err := r.sendAll(ctx); err != nil {
		return err
	}
	if err := r.leaveOut(ctx); err != nil {
		return err
	}
	if n := r.unknown.Load(); n > 0 {
		return &UnsettledError{Events: n, Old: r.old.Load()}
	}
	if err := r.Ledger.SetUsageStatus(ctx, r.id, ledger.UsageDone, r.now()); err != nil {
		return err
	}
	if n := r.refused.Load(); n > 0 {
		return &RefusedError{n, r.elsewhere.Load()}
	}
	return nil
}

// readAhead is how many events are read before they are sent: in a file that is sorted by customer, those of many customers
// are sent at the same time all the same.
const readAhead = 20_000

// sendAll reads the file and sends every event that is not settled.
func (r *run) sendAll(ctx context.Context) error {
	var ahead []job
	report, err := each(ctx, r.review.Input, r.review.reading, func(_ *csvspec.Row, found validate.Findings, e *judge.Event) error {
		if j, ok := r.jobFor(found, e); ok {
			ahead = append(ahead, j)
		}
		if len(ahead) < readAhead {
			return nil
		}
		full := ahead
		ahead = nil
		return r.sendThese(ctx, full)
	})
	if err == nil {
		err = r.sendThese(ctx, ahead)
	}
	if err == nil && report.SHA256 != r.review.Report.SHA256 {
		return migrate.ErrChanged
	}
	return err
}

// sendThese sends events: by the stream in batches, otherwise one by one, those of a customer and meter one after the other.
func (r *run) sendThese(ctx context.Context, jobs []job) error {
	size, key := 1, func(batch []job) string { return batch[0].event.Customer + "\n" + batch[0].event.Meter }
	if r.review.Options.Stream {
		size, key = BatchSize, func(batch []job) string { return batch[0].event.Identifier }
	}
	return workers.Each(r.Workers, r.options.Stop, slices.Collect(slices.Chunk(jobs, size)), key, func(batch []job) error {
		if r.review.Options.Stream { // which does not go by customers
			return r.send(ctx, batch)
		}
		return r.sender.ForCustomer(ctx, r.Account.ID, batch[0].event.Customer, func() error { return r.send(ctx, batch) })
	})
}

// jobFor returns the job of a row; ok is false for one that is settled, or has errors.
func (r *run) jobFor(found validate.Findings, e *judge.Event) (j job, ok bool) {
	if found.HasErrors() || r.unclear[e.Identifier] {
		return j, false
	}
	j.packet = Message{Identifier: e.Identifier, Meter: e.Meter, Timestamp: e.Timestamp, Payload: e.Payload}
	j.event = ledger.UsageEvent{
		Run: r.id, Row: int64(e.Row), Line: int64(e.Line), Identifier: e.Identifier, Customer: e.Customer, Meter: e.Meter, Timestamp: e.Timestamp,
		Value: e.Value, Digest: e.Digest(),
	}
	if open, begun := r.open[e.Identifier]; begun {
		if open.State.Open() && r.tooOld(e.Timestamp) {
			return j, false // Stripe would drop it: leaveOut deals with it
		}
		delete(r.open, e.Identifier)
		j.from, j.event.Run, j.event.Row, j.event.IntendedAt = open.State, open.Run, open.Row, open.IntendedAt
		j.again = open.State == ledger.UsageRejected || open.ErrorCode == codeDuplicate
		return j, true
	}
	_, before := r.review.known[identityOf(e.Identifier)]
	return j, !before
}

// CodeLeftOut is the error code of an event that was begun, does not count, and is not in the file any more, or has errors
// there now.
const CodeLeftOut = "left_out"

// leaveOut records events of this run's file that were begun and cannot be sent any more.
func (r *run) leaveOut(ctx context.Context) error {
	for _, e := range r.open {
		if !e.State.Open() || r.unclear[e.Identifier] || !r.ours(e) {
			continue
		}
		if e.IntendedAt != 0 { // it has become too old meanwhile, and the next run looks up whether it counts
			r.unknown.Add(1)
			continue
		}
		j := job{from: e.State, event: e}
		j.event.ErrorCode, j.event.Error = CodeLeftOut, "not sent: when the run went on, the row had errors, because its time lies too far back now; it does not count"
		if err := r.record(ctx, []job{j}, ledger.UsageRefused); err != nil {
			return err
		}
		r.refused.Add(1)
	}
	return nil
}

// ours tells whether an event stands in this run's file.
func (r *run) ours(e ledger.UsageEvent) bool { return e.Run == r.id || r.review.open[e.Identifier] }

// unsettled tells whether an event is so old that sending it again could count it twice, or that Stripe would not take it
// any more.
func (r *Runner) unsettled(e ledger.UsageEvent) bool {
	return r.Clock.Now().Sub(e.IntendedAt.Time()) >= remembered || r.tooOld(e.Timestamp)
}

// tooOld tells whether a meter takes no events of a time any more.
func (r *Runner) tooOld(at csvspec.Timestamp) bool {
	earliest, _ := judge.Window(r.Clock.Now())
	return at < earliest
}

// lockID is what a command on the account's usage holds, so that only one sends at a time.
func (r *Runner) lockID() string {
	if r.Account.Livemode {
		return "usage_live_" + r.Account.ID
	}
	return "usage_" + r.Account.ID
}

// report tells how far the run has come.
func (r *run) report() {
	r.Observe(migrate.Progress{
		Total: r.total.Load(), Before: r.before.Load(), Done: r.before.Load() + r.done.Load(), Failed: r.refused.Load(), Retries: r.sender.Retries(),
	})
}
