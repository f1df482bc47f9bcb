package webhooks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/internal/standing"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/monitor"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/migrate/serve/store"
)

const (
	// together is how many events are applied at a time: a row that several of them are about is read once.
	together = 200

	held  = 30 * time.Second // an account's events, until whoever applies them is taken for dead
	renew = 10 * time.Second
)

// ErrHeld is the error of Apply while somebody else applies the account's events.
var ErrHeld = errors.New("the account's events are being applied")

// Reader reads objects of an account; *gateway.Gateway is one.
type Reader = standing.Reader

// Applier applies stored events.
type Applier struct {
	Store  *store.Store
	Ledger ledger.Ledger
	Clock  migrate.Clock
	Log    *slog.Logger

	// Open returns how an account is read, and at whose pace; a nil migrator means that there is no key for it.
	Open func(ctx context.Context, a store.EventAccount) (*migrate.Migrator, Reader, error)
}

// Apply applies the waiting events of an account, until there are none. It returns ErrHeld when somebody else does it. An error
// leaves events waiting, for the next call.
func (p *Applier) Apply(ctx context.Context, a store.EventAccount) error {
	worker := store.NewID("hook")
	if mine, err := p.Store.HoldEvents(ctx, a, worker, held); err != nil || !mine {
		return cmp.Or(err, ErrHeld)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for p.Clock.Sleep(ctx, renew) == nil {
			if mine, err := p.Store.HoldEvents(ctx, a, worker, held); err == nil && !mine {
				stop(ErrHeld) // it was taken for dead: what it has read may be older than what the other one has
			}
		}
	}()
	var err error
	for err == nil {
		var events []store.Event
		if events, err = p.Store.WaitingEvents(ctx, a, together); err == nil && len(events) == 0 {
			break
		}
		if err == nil {
			err = p.batch(ctx, a, events)
		}
	}
	if cause := context.Cause(ctx); errors.Is(cause, ErrHeld) {
		err = cause
	}
	stop(nil)
	<-done
	end, release := context.WithTimeout(context.WithoutCancel(ctx), renew)
	defer release()
	return errors.Join(err, p.Store.LeaveEvents(end, a, worker))
}

// job is one event to be applied.
type job struct {
	stored store.Event
	event  Event
	notes  []store.EventNote
	done   string // what came of it
}

// batch applies events that were read together.
func (p *Applier) batch(ctx context.Context, a store.EventAccount, events []store.Event) error {
	jobs := make([]job, len(events))
	for i, stored := range events {
		jobs[i].stored = stored
		jobs[i].stored.State = store.EventLeft
		var err error
		if jobs[i].event, err = Read(stored.Raw); err != nil {
			jobs[i].stored.Note = err.Error()
		}
	}
	migrator, reader, err := p.Open(ctx, a)
	if err != nil {
		return fmt.Errorf("the account %s cannot be opened: %w", a.Account, err)
	}
	if migrator != nil {
		if err := p.watchPayments(ctx, a, jobs, migrator, reader); err != nil {
			return err
		}
	}
	if err := p.noteSources(ctx, a, jobs); err != nil {
		return err
	}
	for i := range jobs {
		noteUsage(&jobs[i])
	}
	for _, j := range jobs {
		switch {
		case j.done != "" || len(j.notes) > 0:
			j.stored.State, j.stored.Note = store.EventApplied, j.done
		case j.stored.Note == "" && migrator == nil:
			j.stored.Note = "the service has no key of this account, and no row's source subscription is meant"
		case j.stored.Note == "":
			j.stored.Note = "it is about nothing that is watched"
		}
		if err := p.Store.SettleEvent(ctx, j.stored, j.notes...); err != nil {
			return err
		}
		p.Log.Info("webhook applied", "event", j.stored.ID, "type", j.stored.Type, "account", a.Account, "state", j.stored.State, "note", j.stored.Note)
	}
	return nil
}

// watchPayments looks at the first invoices of the rows that events are about, as migrate monitor does.
func (p *Applier) watchPayments(ctx context.Context, a store.EventAccount, jobs []job, migrator *migrate.Migrator, reader standing.Reader) error {
	tags, rows := map[string]schedule.Tag{}, map[string]map[int64]bool{}
	from := standing.Account{Reader: reader, Sender: migrator.Until(nil)}
	for i := range jobs {
		e := &jobs[i].event
		if e.Tag.Migration == "" && e.object.Object == "invoice" && e.Subscription != "" {
			tag, known := tags[e.Subscription]
			if !known {
				s, err := standing.Get[standing.Subscription](ctx, from, "subscriptions", e.Subscription, nil)
				if err != nil {
					return fmt.Errorf("the subscription of the event %s cannot be read: %w", e.ID, err)
				}
				if s != nil {
					tag, _ = schedule.ParseTag(s.Metadata)
				}
				tags[e.Subscription] = tag
			}
			e.Tag = tag
		}
		if e.Tag.Row == 0 || e.object.Object == "" {
			continue
		}
		if rows[e.Tag.Migration] == nil {
			rows[e.Tag.Migration] = map[int64]bool{}
		}
		rows[e.Tag.Migration][e.Tag.Row] = true
	}
	look := monitor.New(monitor.Config{Migrator: migrator, Reader: reader, Ledger: p.Ledger, Clock: p.Clock})
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		lines, err := look.LookAt(ctx, id, slices.Sorted(maps.Keys(rows[id])))
		why := ""
		switch other := (*migrate.WrongAccountError)(nil); {
		case errors.Is(err, ledger.ErrNotFound):
			why = "this ledger has no migration " + id
		case errors.As(err, &other):
			why = err.Error()
		case err != nil:
			return fmt.Errorf("the rows of %s cannot be looked at: %w", id, err)
		}
		seen := map[int64]monitor.State{}
		for _, l := range lines {
			seen[l.Row] = l.State
		}
		for i := range jobs {
			if j := &jobs[i]; j.event.Tag.Migration == id && j.event.Tag.Row != 0 {
				j.stored.Note = why
				if why == "" {
					j.done = fmt.Sprintf("row %d of %s: %s", j.event.Tag.Row, id, cmp.Or(monitor.Words(seen[j.event.Tag.Row]), "nothing that could still change"))
				}
			}
		}
	}
	return nil
}
