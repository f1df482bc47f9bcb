package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/store"
)

// input returns a move's file, as the packages read it. It is read as long as the context lives.
func (e *Engine) input(ctx context.Context, m store.Move) migrate.Input {
	return migrate.Input{Name: m.File, Open: func() (io.ReadSeekCloser, error) {
		f, _, err := e.Store.OpenBlob(ctx, m.Upload)
		return f, err
	}}
}

func accountOf(m store.Move) migrate.Account {
	return migrate.Account{ID: m.Account, Livemode: m.Livemode}
}

// options returns how a move's file is read in an account.
func options(m store.Move, c *accounts.Connection) migrate.Options {
	o := m.Options
	o.Account = m.Account
	if o.Lead == 0 {
		o.Lead = c.Lead
	}
	return o
}

// split divides the file into shards of rows that are to be created. It begins a new round, so that whoever still works on an
// earlier one, or divides the same file because it was taken for dead, does no harm.
func (e *Engine) split(ctx context.Context, t SplitArgs, stop <-chan struct{}) error {
	m, err := e.Store.UpdateMove(ctx, t.ID, func(m *store.Move) error {
		if m.State != store.Running || m.Stop || m.Divided {
			return errVoid
		}
		m.Round++
		m.Error = ""
		return nil
	})
	if errors.Is(err, errVoid) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := e.divide(ctx, m, stop); err != nil {
		return &splitError{m.Round, err}
	}
	return errors.Join(e.Store.DropShards(ctx, m.ID, m.Round), e.Store.DropWorks(ctx, m.ID+"/shards/"))
}

// divide divides a move's file for its present round.
func (e *Engine) divide(ctx context.Context, m store.Move, stop <-chan struct{}) error {
	release, err := e.mayReadLarge(ctx, m, stop)
	if err != nil {
		return err
	}
	defer release()
	c, err := e.Accounts.Open(ctx, accountOf(m))
	if err != nil {
		return err
	}
	until, done := untilStop(ctx, stop)
	defer done()
	review, err := c.Migrator.Review(until, e.input(until, m), options(m, c))
	if err != nil {
		return interrupted(err, stop)
	}
	o, shards := migrate.RunOptions{Resume: m.Migration, Canary: m.Canary, Stop: stop}, int64(0)
	mig, err := c.Migrator.Split(ctx, review, o, e.Rows, func(h migrate.Shard) error {
		if m.Migration == "" { // before anything can be created, so that a cancel finds it
			if err := e.notAnothers(ctx, m, h.Migration); err != nil {
				return err
			}
			if m, err = e.begun(ctx, m, h.Migration); err != nil {
				return err
			}
		}
		shards++
		return e.putShard(ctx, m, h)
	})
	if n := int64(review.Report.Deferred); err == nil && n > 0 {
		err = e.Ledger.SetDeferred(ctx, mig.ID, n, DeferredCSV)
	}
	if err != nil {
		return err
	}
	if m.Migration == "" {
		if err := e.notAnothers(ctx, m, mig.ID); err != nil {
			return err
		}
	}
	detail := map[string]any{"shards": shards, "rows": mig.Rows, "round": m.Round}
	return e.record(ctx, m.ID, "split", detail, func(now *store.Move) error {
		if now.Round != m.Round {
			return errAgain
		}
		now.Migration, now.Divided, now.Shards = mig.ID, true, shards
		return nil
	})
}

// anothersError is a file that was uploaded twice and started twice: what became of its rows belongs to the first one.
type anothersError struct{ store.Move }

// Error says where to go on.
func (e *anothersError) Error() string {
	return fmt.Sprintf("this file was started before, and its rows belong to that migration, which is %s: go on there (/moves/%s)", e.State, e.ID)
}

// notAnothers refuses a migration of the ledger that another move has become: each would say of rows what the other has done
// to them, and would not be stopped with it.
func (e *Engine) notAnothers(ctx context.Context, m store.Move, migration string) error {
	other, err := e.Store.MoveOf(ctx, migration)
	if errors.Is(err, store.ErrNotFound) || err == nil && other.ID == m.ID {
		return nil
	}
	if err != nil {
		return err
	}
	return &anothersError{other}
}

// putShard stores a shard for whoever takes it.
func (e *Engine) putShard(ctx context.Context, m store.Move, h migrate.Shard) error {
	content, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return e.Store.PutShard(ctx, store.Shard{
		Move: m.ID, Round: m.Round, Number: int64(h.Number), First: h.First, Last: h.Last, Rows: int64(len(h.Rows)), Content: content,
	})
}

// begun records which migration of the ledger a move has become.
func (e *Engine) begun(ctx context.Context, m store.Move, id string) (store.Move, error) {
	err := e.record(ctx, m.ID, "begin", map[string]any{"round": m.Round}, func(now *store.Move) error {
		if now.Round != m.Round || now.State != store.Running {
			return errAgain
		}
		now.Migration = id
		return nil
	})
	m.Migration = id
	return m, err
}

// shard creates what the rows of a shard become.
func (e *Engine) shard(ctx context.Context, t ShardArgs, stop <-chan struct{}) error {
	m, err := e.Store.Move(ctx, t.ID)
	if err != nil {
		return err
	}
	if m.State != store.Running || m.Stop || m.Round != t.Round {
		return nil
	}
	stored, err := e.Store.Shard(ctx, t.ID, t.Round, t.Number)
	if errors.Is(err, store.ErrNotFound) || err == nil && stored.Done {
		return nil
	}
	if err != nil {
		return err
	}
	var h migrate.Shard
	if err := json.Unmarshal(stored.Content, &h); err != nil {
		return fmt.Errorf("%w: shard %d of %s: %w", store.ErrDamaged, t.Number, t.ID, err)
	}
	c, err := e.Accounts.Open(ctx, accountOf(m))
	if err != nil {
		return err
	}
	result, err := c.Migrator.RunShard(ctx, h, migrate.RunOptions{Stop: stop})
	switch {
	case errors.Is(err, migrate.ErrSearchAgain):
		return e.record(ctx, t.ID, "search again", map[string]any{"round": t.Round}, func(now *store.Move) error {
			if now.Round != t.Round || now.State != store.Running {
				return errVoid
			}
			now.Divided, now.Round = false, now.Round+1
			return nil
		})
	case err != nil:
		return err
	case result.Unsettled > 0:
		return fmt.Errorf("shard %d: %w", t.Number, &migrate.UnsettledError{Rows: result.Unsettled})
	}
	e.Log.Info("shard done", slog.String("move", t.ID), slog.String("migration", m.Migration), slog.Int64("round", t.Round), slog.Int64("shard", t.Number),
		slog.Int64("done", result.Done), slog.Int64("failed", result.Failed))
	return e.Store.ShardDone(ctx, t.ID, t.Round, t.Number)
}

// finish ends a migration whose shards were all run, or leaves it to a person after a canary.
func (e *Engine) finish(ctx context.Context, t FinishArgs, _ <-chan struct{}) error {
	m, err := e.Store.Move(ctx, t.ID)
	if err != nil {
		return err
	}
	if m.State != store.Running || m.Stop || m.Round != t.Round || !m.Divided {
		return nil
	}
	state, action, detail := store.CanaryDone, "canary done", any(nil)
	if m.Canary == 0 {
		c, err := e.Accounts.Open(ctx, accountOf(m))
		if err != nil {
			return err
		}
		summary, err := c.Migrator.Finish(ctx, m.Migration)
		if err != nil {
			return err
		}
		state, action = store.Scheduled, "scheduled"
		detail = map[string]any{"scheduled": summary.Scheduled, "failed": summary.Failed, "rows": summary.Rows}
	}
	err = e.record(ctx, t.ID, action, detail, func(now *store.Move) error {
		if now.State != store.Running || now.Round != t.Round {
			return errVoid
		}
		now.State, now.Error = state, ""
		return nil
	})
	if err != nil {
		return err
	}
	return errors.Join(e.Store.DropShards(ctx, t.ID, t.Round+1), e.Store.DropWorks(ctx, t.ID+"/"))
}

// pause leaves a move to a person, after a job about one of its rounds has failed. Since then, somebody may have begun another
// one.
func (e *Engine) pause(ctx context.Context, id string, round int64, failure error) error {
	return e.record(ctx, id, "paused", map[string]string{"error": failure.Error()}, func(m *store.Move) error {
		if m.State != store.Running || m.Round != round {
			return errVoid
		}
		m.State, m.Error = store.Paused, failure.Error()
		return nil
	})
}

func (e *Engine) failShard(ctx context.Context, t ShardArgs, failure error) error {
	return e.pause(ctx, t.ID, t.Round, failure)
}

func (e *Engine) failFinish(ctx context.Context, t FinishArgs, failure error) error {
	return e.pause(ctx, t.ID, t.Round, failure)
}

// splitError is why a file could not be divided, in a round.
type splitError struct {
	round int64
	error
}

func (e *splitError) Unwrap() error { return e.error }

// failSplit is pause, but for a file that cannot be begun as it is: it goes back to review, which shows why.
func (e *Engine) failSplit(ctx context.Context, t SplitArgs, failure error) error {
	var of *splitError
	if !errors.As(failure, &of) { // the round was not begun
		return nil
	}
	if !is[*migrate.InvalidFileError](failure) && !is[*migrate.AlreadyScheduledError](failure) && !is[*migrate.AlreadyMigratedError](failure) &&
		!is[*migrate.OtherOptionsError](failure) && !is[*anothersError](failure) {
		return e.pause(ctx, t.ID, of.round, failure)
	}
	return e.record(ctx, t.ID, "not begun", map[string]string{"error": failure.Error()}, func(m *store.Move) error {
		switch {
		case m.State != store.Running || m.Round != of.round:
			return errVoid
		case m.Migration != "": // rows exist, and have to be seen
			m.State, m.Error = store.Paused, failure.Error()
		default:
			m.State, m.Error = store.Reviewing, failure.Error()
		}
		return nil
	})
}

// untilStop returns a context that ends when stop is closed, for what can only be ended by its context.
func untilStop(ctx context.Context, stop <-chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// interrupted returns ErrInterrupted in place of the error of something that stop has ended.
func interrupted(err error, stop <-chan struct{}) error {
	select {
	case <-stop:
		return migrate.ErrInterrupted
	default:
		return err
	}
}

// largeFile is the size from which a process reads one file at a time, so that its memory stays bounded.
const largeFile = 16 << 20

// mayReadLarge waits until the process reads no other large file, when the move's file is one.
func (e *Engine) mayReadLarge(ctx context.Context, m store.Move, stop <-chan struct{}) (release func(), err error) {
	f, size, err := e.Store.OpenBlob(ctx, m.Upload)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil || size < largeFile {
		return func() {}, err
	}
	select {
	case e.large <- struct{}{}:
		return func() { <-e.large }, nil
	case <-stop:
		return nil, migrate.ErrInterrupted
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
