package usage

import (
	"cmp"
	"context"
	"math/big"
	"slices"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	judge "github.com/subferry/subferry/validate/usage"
)

// hour is the window in which sums are compared, in seconds.
const hour = 3600

// Reconciliation is what comparing a run with the meters has shown.
type Reconciliation struct {
	ID          string        `json:"id"`
	Account     string        `json:"account"`
	Compared    int64         `json:"compared"` // sums of a customer, meter and hour
	Events      int64         `json:"events"`   // of the run that should count
	Differences []Difference  `json:"differences"`
	Reports     []ErrorReport `json:"error_reports"`
	Rejected    int64         `json:"rejected"` // events of the run that error reports name
	Finished    bool          `json:"finished"` // the run has dealt with every row of its file
}

// Clean tells whether the whole file was sent, and Stripe has counted it and has reported no errors.
func (r *Reconciliation) Clean() bool { return r.Finished && len(r.Differences)+len(r.Reports) == 0 }

// Difference is an hour in which a meter has counted something else than was sent.
type Difference struct {
	Meter    string            `json:"meter"` // event name
	MeterID  string            `json:"meter_id"`
	Customer string            `json:"customer"`
	Hour     csvspec.Timestamp `json:"-"`
	Start    time.Time         `json:"hour"`
	Sent     string            `json:"sent"`   // by this run and all others that the ledger knows
	Stripe   string            `json:"stripe"` // counted
	Meaning  string            `json:"meaning"`
}

// hourly is the events of a customer and meter.
type hourly struct {
	meter, customer string
}

// ours is what the ledger says of an hour.
type ours struct {
	sum    *big.Rat
	latest csvspec.Timestamp // for meters that take the last value
	mine   bool              // the run has events in it
	open   bool              // events of unknown outcome lie in it
}

// Reconcile compares what a run has sent with what the meters have counted, per customer and hour, and takes error reports
// into the ledger and the result: those of the events list, and those handed in.
func (r *Runner) Reconcile(ctx context.Context, run ledger.UsageRun, extra []ErrorReport) (*Reconciliation, error) {
	unlock, err := r.Ledger.Lock(r.lockID())
	if err != nil {
		return nil, err
	}
	defer unlock()
	meters, err := r.meters(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := r.listReports(ctx, run)
	if err != nil {
		return nil, err
	}
	result := &Reconciliation{ID: run.ID, Account: run.Account, Differences: []Difference{}, Finished: run.Status == ledger.UsageDone}
	if result.Reports, result.Rejected, err = r.takeReports(ctx, run, append(listed, extra...)); err != nil {
		return nil, err
	}
	sums, err := r.hourlySums(ctx, run, meters, result)
	if err != nil {
		return nil, err
	}
	total, done := int64(len(sums)), int64(0)
	keys := make([]hourly, 0, len(sums))
	for k := range sums {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b hourly) int {
		return cmp.Or(cmp.Compare(a.meter, b.meter), cmp.Compare(a.customer, b.customer))
	})
	for _, k := range keys {
		if err := r.compare(ctx, meters[k.meter], k, sums[k], result); err != nil {
			return nil, err
		}
		done++
		r.Observe(migrate.Progress{Total: total, Done: done})
	}
	return result, nil
}

// hourlySums sums up what the ledger says of the customers and hours in which the run has events.
func (r *Runner) hourlySums(ctx context.Context, run ledger.UsageRun, meters map[string]judge.Meter, result *Reconciliation) (map[hourly]map[csvspec.Timestamp]*ours, error) {
	all := map[hourly]map[csvspec.Timestamp]*ours{}
	for e, err := range r.Ledger.UsageOf(ctx, r.book()) {
		if err != nil {
			return nil, err
		}
		k, start := hourly{e.Meter, e.Customer}, e.Timestamp-e.Timestamp%hour
		if all[k] == nil {
			all[k] = map[csvspec.Timestamp]*ours{}
		}
		o := all[k][start]
		if o == nil {
			o = &ours{sum: new(big.Rat)}
			all[k][start] = o
		}
		o.mine = o.mine || e.Run == run.ID && (e.State != ledger.UsageRefused || sentElsewhere(e))
		o.open = o.open || e.State.Open()
		if !e.State.Counts() && !sentElsewhere(e) {
			continue
		}
		if e.Run == run.ID {
			result.Events++
		}
		if m := meters[e.Meter]; m.Formula == "last" {
			if e.Timestamp >= o.latest {
				o.latest = e.Timestamp
				o.sum.Set(rat(e.Value))
			}
		} else {
			o.sum.Add(o.sum, weight(m, e))
		}
	}
	for k, hours := range all {
		for start, o := range hours {
			if !o.mine {
				delete(hours, start)
			}
		}
		if len(hours) == 0 {
			delete(all, k)
		}
	}
	return all, nil
}

// compare compares the hours of a customer with what the meter has counted.
func (r *Runner) compare(ctx context.Context, m judge.Meter, k hourly, hours map[csvspec.Timestamp]*ours, result *Reconciliation) error {
	first, last := csvspec.Timestamp(0), csvspec.Timestamp(0)
	for start := range hours {
		if first == 0 || start < first {
			first = start
		}
		last = max(last, start)
	}
	counted := map[csvspec.Timestamp]*big.Rat{}
	for q := (SummaryQuery{Meter: m.ID, Customer: k.customer, Start: first, End: last + hour, Window: WindowHour}); m.ID != ""; {
		page, err := migrate.Ask(ctx, r.Migrator.Until(nil), func() (SummaryPage, error) { return r.Gateway.Summaries(ctx, q) })
		if err != nil {
			return err
		}
		for _, s := range page.Summaries {
			if counted[s.Start] == nil {
				counted[s.Start] = new(big.Rat)
			}
			counted[s.Start].Add(counted[s.Start], rat(s.Value))
			q.After = s.ID
		}
		if !page.More || len(page.Summaries) == 0 {
			break
		}
	}
	starts := make([]csvspec.Timestamp, 0, len(hours))
	for start := range hours {
		starts = append(starts, start)
	}
	slices.Sort(starts)
	for _, start := range starts {
		result.Compared++
		o, stripe := hours[start], counted[start]
		if stripe == nil {
			stripe = new(big.Rat)
		}
		if o.sum.Cmp(stripe) != 0 {
			result.Differences = append(result.Differences, Difference{
				Meter: k.meter, MeterID: m.ID, Customer: k.customer, Hour: start, Start: start.Time(), Sent: decimal(o.sum), Stripe: decimal(stripe),
				Meaning: meaning(m, o, stripe),
			})
		}
	}
	return nil
}

// meaning says what a difference may come from.
func meaning(m judge.Meter, o *ours, stripe *big.Rat) string {
	switch {
	case m.ID == "":
		return "the account has no meter with this event name any more"
	case o.open:
		return "the outcome of some events in this hour is not known: the same file, run again, finds out"
	case stripe.Cmp(o.sum) < 0:
		return "Stripe has counted less than was sent: events were dropped, which an error report tells of, or are still being counted (wait some minutes)"
	}
	return "Stripe has counted more than this computer has sent: another program sends usage too, or an event was counted twice"
}
