package migrate

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/workers"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
)

// CancelOptions says how far a cancel goes. The zero value cancels within the window what is not live.
type CancelOptions struct {
	Individually  bool            // also after the window has closed
	SourceStopped bool            // also rows whose source subscription a cutover has stopped: nobody charges those customers any more
	IncludeLive   bool            // also subscriptions that are live or were charged already, without an invoice and without proration
	Stop          <-chan struct{} // closed: finish what is in flight and begin nothing new; nil is never
}

// Window is how long after its last row was scheduled a migration can be canceled as a whole. It is a policy of
// Stripe's toolkit, which the ledger's clock enforces here.
const Window = 10 * time.Hour

// Canceled is what came of a cancel.
type Canceled struct {
	ID          string `json:"id"`
	Status      string `json:"status"`
	Canceled    int64  `json:"canceled"`          // schedules and direct subscriptions of the migration that are canceled now, whoever did it
	AlreadyLive int64  `json:"already_live"`      // left alone, because they are live or were charged
	Charged     int64  `json:"charged,omitempty"` // subscriptions found with an invoice that is not 0, whether they were left alone or ended

	// What those invoices come to, in minor units by currency. A cancel changes none of them: nothing is paid back, and what is
	// open stays open.
	Collected    map[string]int64 `json:"collected,omitempty"`
	Collecting   map[string]int64 `json:"collecting,omitempty"` // of drafts and open invoices
	OpenInvoices int64            `json:"open_invoices,omitempty"`

	Failed   int64     `json:"failed"`
	Failures []Failure `json:"failures"`
}

// Cancel cancels every schedule of a migration that has not gone live, and returns what came of it. Direct subscriptions
// exist already; they are ended as long as they were charged nothing, within the window also when their start date has come.
// Canceling again is harmless: a cancel that was interrupted goes on where it ended, and one that left rows alone looks at those
// again. Right after a run that died it waits, for a minute or so, until none of the run's requests can be under way any more.
//
// It returns a *SourceStoppedError when a cutover has stopped source subscriptions, a *WindowClosedError after the window, a
// *WrongAccountError when the key is another account's, and ErrInterrupted as Run does.
func (m *Migrator) Cancel(ctx context.Context, id string, o CancelOptions) (*Canceled, error) {
	mig, err := m.ledger.Migration(ctx, id)
	if err != nil {
		return nil, err
	}
	if mig.Status == ledger.StatusCanceled && !o.IncludeLive {
		counts, err := m.ledger.Counts(ctx, mig.ID, 0)
		if err != nil {
			return nil, err
		}
		if counts.ByState[ledger.Scheduled] == 0 { // it has left nothing alone
			return (&cancellation{op: m.newOperation(mig, o.Stop), bills: newBills()}).result(ctx)
		}
	}
	if err := m.checkAccount(ctx, mig, o.Stop); err != nil {
		return nil, err
	}
	deadline := mig.SettledAt.Time().Add(Window)
	if mig.Status == ledger.StatusScheduled && m.clock.Now().After(deadline) && !o.Individually {
		return nil, &WindowClosedError{ID: mig.ID, Deadline: deadline}
	}
	mig, unlock, err := m.lockAndLoad(ctx, mig)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if !o.SourceStopped {
		if err := m.checkSources(ctx, mig.ID); err != nil {
			return nil, err
		}
	}
	inWindow, err := m.windowOpen(ctx, mig)
	if err != nil {
		return nil, err
	}
	c := &cancellation{op: m.newOperation(mig, o.Stop), includeLive: o.IncludeLive, inWindow: inWindow, bills: newBills()}
	failure := interruption(ctx, c.do(ctx))
	result, err := c.result(context.WithoutCancel(ctx))
	return result, errors.Join(failure, err)
}

// checkSources refuses a cancel after which nobody would charge some customers: their sources were stopped for it.
func (m *Migrator) checkSources(ctx context.Context, id string) error {
	counts, err := m.ledger.Counts(ctx, id, 0)
	if err != nil || len(counts.BySource) == 0 {
		return err
	}
	stopped := &SourceStoppedError{ID: id}
	for e, err := range m.ledger.Entries(ctx, id) {
		if err != nil {
			return err
		}
		switch {
		case e.State == ledger.Canceled || !e.Source.Stopped():
		case e.Source == ledger.SourceStopped:
			stopped.Rows++
		default:
			stopped.Unsure++
		}
	}
	if stopped.Rows+stopped.Unsure > 0 {
		return stopped
	}
	return nil
}

// cancellation is one cancel of a migration.
type cancellation struct {
	op          *operation
	includeLive bool
	inWindow    bool
	live        atomic.Int64 // rows that were left alone, because they are live or were charged
	charged     int64        // rows that have an invoice which is not 0, guarded by op.mu
	bills       bills        // what those were charged, guarded likewise
}

// do is the cancel, step by step. Rows of which the ledger knows no schedule come last, so that none turns up later.
func (c *cancellation) do(ctx context.Context) error {
	began := c.op.m.clock.Now()
	if err := c.op.setStatus(ctx, ledger.StatusCanceling); err != nil {
		return err
	}
	if err := c.findUnknown(ctx); err != nil {
		return err
	}
	counts, err := c.op.ledger.Counts(ctx, c.op.migration.ID, 0)
	if err != nil {
		return err
	}
	total := int64(0)
	for state, n := range counts.ByState {
		if c.concerns(state) {
			total += n
		}
	}
	c.op.counts.begin(total, 0)
	c.op.m.report(c.op.counts)
	if err := c.cancelRows(ctx, ledger.Scheduled, ledger.Canceling, ledger.Releasing, ledger.Released); err != nil {
		return err
	}
	if err := c.waitForInFlight(ctx, began); err != nil {
		return err
	}
	if err := c.cancelRows(ctx, ledger.Intended, ledger.Unknown, ledger.Refused); err != nil || c.op.counts.failed.Load() > 0 {
		return err
	}
	return c.op.setStatus(ctx, ledger.StatusCanceled)
}

// concerns tells whether a cancel has something to do about rows in a state.
func (c *cancellation) concerns(s ledger.State) bool {
	return s != ledger.Canceled && (s != ledger.Released || c.includeLive)
}

// findUnknown makes sure that the ledger knows every schedule of the migration that has not started, and every direct
// subscription, also of those rows that it has no entry for: a runner on another machine, maybe with other options, may have
// made them, and left behind they would charge. When the run was complete, every row has its entry.
func (c *cancellation) findUnknown(ctx context.Context) error {
	if c.op.migration.Status == ledger.StatusScheduled {
		return nil
	}
	known, err := c.op.ledger.Settled(ctx, c.op.migration.ID)
	if err != nil {
		return err
	}
	for e, err := range c.op.ledger.Entries(ctx, c.op.migration.ID, ledger.Intended, ledger.Unknown, ledger.Refused) {
		if err != nil {
			return err
		}
		known.Add(e.Row)
	}
	until, done := c.op.untilStop(ctx)
	defer done()
	_, err = c.op.listSchedules(until, ScheduleFilter{NotStarted: true}, allPages, func(s ScheduleState) error {
		row, mine := c.op.rowOf(s.Metadata)
		if !mine || known.Has(row) || s.Status != StatusNotStarted {
			return nil
		}
		known.Add(row)
		return c.op.record(ctx, &job{entry: ledger.Entry{
			Row: row, Customer: s.Customer, SourceID: validate.SourceID(metadataPairs(s.Metadata)), Start: s.StartDate,
			IntendedAt: csvspec.At(c.op.m.clock.Now()), ScheduleID: s.ID, RequestID: s.RequestID,
		}}, ledger.Scheduled)
	})
	if err != nil {
		return err
	}
	_, err = c.op.listSubscriptions(until, SubscriptionFilter{}, allPages, func(s SubscriptionState) error {
		row, mine := c.op.rowOf(s.Metadata)
		if !mine || known.Has(row) || s.Schedule != "" || s.Status == statusExpired {
			return nil
		}
		known.Add(row)
		return c.op.record(ctx, &job{entry: ledger.Entry{
			Row: row, Customer: s.Customer, SourceID: validate.SourceID(metadataPairs(s.Metadata)), SubscriptionID: s.ID,
			Start:      cmp.Or(s.TrialEnd, s.BillingCycleAnchor), // the row's own is not known; nothing is charged before this
			IntendedAt: csvspec.At(c.op.m.clock.Now()), RequestID: s.RequestID,
		}}, ledger.Scheduled)
	})
	return err
}

// cancelRows cancels all rows in some states.
func (c *cancellation) cancelRows(ctx context.Context, states ...ledger.State) error {
	pool := workers.New(c.op.m.workers, c.op.m.seed, c.op.stop, func(e ledger.Entry) error {
		if err := c.op.forCustomer(ctx, c.op.migration.Account, e.Customer, func() error { return c.cancelRow(ctx, e) }); err != nil {
			return err
		}
		c.op.rowDone()
		return nil
	})
	for e, err := range c.op.ledger.Entries(ctx, c.op.migration.ID, states...) {
		if err != nil {
			pool.Halt(err)
			break
		}
		if c.concerns(e.State) && pool.Submit(e.Customer, e) != nil {
			break
		}
	}
	return pool.Wait()
}

// recent is how long after the intent of a row its last request may have left.
const recent = 2 * patience

// waitForInFlight waits until nothing can be in flight any more that a run sent before it died: nothing has left since
// this cancel began, because it holds the migration's lock. A look-up that came before such a request would find
// nothing, and its schedule would go live after the cancel.
func (c *cancellation) waitForInFlight(ctx context.Context, began time.Time) error {
	last := csvspec.Timestamp(0)
	for e, err := range c.op.ledger.Entries(ctx, c.op.migration.ID, ledger.Intended, ledger.Unknown) {
		if err != nil {
			return err
		}
		last = max(last, e.UpdatedAt)
	}
	if began.Sub(last.Time()) > recent {
		return nil
	}
	progress := c.op.m.progress(c.op.counts)
	progress.WaitsUntil = began.Add(c.op.m.inFlightTimeout)
	c.op.m.log.Info("waiting for requests that may still be under way", slog.Time("until", progress.WaitsUntil))
	for c.op.m.clock.Now().Before(progress.WaitsUntil) {
		c.op.m.observe(progress)
		if c.op.stopping() || c.op.m.clock.Sleep(ctx, time.Second) != nil {
			return ErrInterrupted
		}
	}
	return nil
}

// result says how the migration stands by the ledger after a cancel.
func (c *cancellation) result(ctx context.Context) (*Canceled, error) {
	s, err := Status(ctx, c.op.ledger, c.op.migration.ID, c.op.m.clock.Now())
	if err != nil {
		return nil, err
	}
	live := max(c.live.Load(), s.Live+s.Released) // a released subscription goes on charging, too
	if s.Status == string(ledger.StatusCanceled) {
		live = max(live, s.Scheduled) // whatever was left alone
	}
	result := &Canceled{
		ID: s.ID, Status: s.Status, Canceled: s.Canceled, AlreadyLive: live, Charged: c.charged, OpenInvoices: c.bills.open,
		Failed: c.op.counts.failed.Load(), Failures: c.op.failures,
	}
	if len(c.bills.collected) > 0 {
		result.Collected = c.bills.collected
	}
	if len(c.bills.collecting) > 0 {
		result.Collecting = c.bills.collecting
	}
	return result, nil
}
