package migrate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
)

// split reviews the file and splits it into shards of 4 rows, which it writes and reads as a queue of jobs does.
func (p *process) split(o migrate.RunOptions) (shards []migrate.Shard, err error) {
	ctx := context.Background()
	review, err := p.Review(ctx, p.env.input, p.env.how)
	if err != nil {
		return nil, err
	}
	_, err = p.Split(ctx, review, o, 4, func(s migrate.Shard) error {
		var read migrate.Shard
		text, err := json.Marshal(s)
		require.NoError(p.env.t, err)
		require.NoError(p.env.t, json.Unmarshal(text, &read))
		require.Equal(p.env.t, s, read)
		shards = append(shards, read)
		return nil
	})
	return shards, err
}

// runAll is what a run in shards does, to its first error.
func (p *process) runAll(o migrate.RunOptions) (*migrate.Summary, error) {
	shards, err := p.split(o)
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	for _, s := range shards {
		if _, err := p.RunShard(ctx, s, o); err != nil {
			return nil, err
		}
	}
	return p.Finish(ctx, p.env.migrations()[0].ID)
}

func TestShardsMakeWhatARunMakes(t *testing.T) {
	whole := newDirectEnv(t)
	want, err := whole.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)

	w, ctx := newDirectEnv(t), context.Background()
	shards, err := w.process(&crashtest.Crash{}).split(migrate.RunOptions{})
	require.NoError(t, err)
	require.Len(t, shards, 4)
	for i, s := range shards { // each by a machine of its own
		require.Equal(t, i, s.Number)
		require.EqualValues(t, 4*i+1, s.First)
		require.EqualValues(t, s.Last, s.Rows[len(s.Rows)-1].Row)
		result, err := w.process(&crashtest.Crash{}).RunShard(ctx, s, migrate.RunOptions{})
		require.NoError(t, err)
		require.Equal(t, migrate.ShardResult{Done: int64(len(s.Rows))}, result)
	}
	require.Equal(t, "in_progress", w.status().Status)
	last := w.clock.Now()
	w.clock.advance(3 * time.Hour)
	for range 2 {
		got, err := w.process(&crashtest.Crash{}).Finish(ctx, shards[0].Migration)
		require.NoError(t, err)
		require.Equal(t, "scheduled", got.Status)
		require.Equal(t, want.Scheduled, got.Scheduled)
		require.WithinDuration(t, last.Add(migrate.Window), *got.CancelBefore, time.Second, "from the last row on")
	}
	w.exactlyOne(shards[0].Migration, w.rows)
	require.Equal(t, whole.parameters(), w.parameters())
	requests := 0
	w.fault = func(*http.Request) sandbox.Fault { requests++; return sandbox.Fault{} }
	result, err := w.process(&crashtest.Crash{}).RunShard(ctx, shards[1], migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, migrate.ShardResult{Done: 4}, result, "of what is finished, nothing is sent")
	require.Equal(t, 1, requests, "whose account it is")
}

func (w *testEnv) status() *migrate.Summary {
	s, err := migrate.Status(context.Background(), w.ledger, w.migrations()[0].ID, w.clock.Now())
	require.NoError(w.t, err)
	return s
}

// A process dies at every point of a run in shards. Another one goes on with the shards that there are, or splits again.
func TestShardsDieAtEveryPoint(t *testing.T) {
	for name, pause := range map[string]time.Duration{"at once": time.Minute, "days later": 73 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			points := atEveryPoint(t, func(t *testing.T, w *testEnv, d *crashtest.Crash) {
				ctx, first := context.Background(), w.process(d)
				shards, err := first.split(migrate.RunOptions{})
				for _, s := range shards {
					if err == nil {
						_, err = first.RunShard(ctx, s, migrate.RunOptions{})
					}
				}
				if err == nil {
					_, _ = first.Finish(ctx, w.migrations()[0].ID)
				}
				w.clock.advance(pause)
				next := w.process(&crashtest.Crash{})
				for _, s := range shards {
					_, err := next.RunShard(ctx, s, migrate.RunOptions{})
					if !errors.Is(err, migrate.ErrSearchAgain) {
						require.NoError(t, err)
					}
				}
				_, err = next.runAll(migrate.RunOptions{})
				if already := (*migrate.AlreadyMigratedError)(nil); !errorsAs(err, &already) {
					require.NoError(t, err)
				}
				w.exactlyOne(w.migrations()[0].ID, w.rows)
				require.Equal(t, "scheduled", w.status().Status)
			})
			t.Logf("%d points of death", points)
			require.Greater(t, points, 4*mixedDirectRows)
		})
	}
}

// A search of the account is relied on for half a day. Then the shards that were not run are of no use.
func TestAShardIsSearchedForAgain(t *testing.T) {
	w, ctx := newTestEnv(t, many(10)), context.Background()
	p := w.process(&crashtest.Crash{})
	shards, err := p.split(migrate.RunOptions{})
	require.NoError(t, err)
	_, err = p.RunShard(ctx, shards[0], migrate.RunOptions{})
	require.NoError(t, err)
	w.clock.advance(11*time.Hour + time.Second)
	result, err := p.RunShard(ctx, shards[1], migrate.RunOptions{})
	require.ErrorIs(t, err, migrate.ErrSearchAgain)
	require.Equal(t, migrate.ShardResult{Unsettled: 4}, result)
	_, err = p.RunShard(ctx, shards[0], migrate.RunOptions{})
	require.NoError(t, err, "nothing is left to do")
	again, err := p.split(migrate.RunOptions{})
	require.NoError(t, err)
	require.Len(t, again, 2)
	require.Equal(t, shards[1].Number, again[0].Number, "the same part of the file")
	require.Equal(t, shards[1].Rows, again[0].Rows)
	for _, s := range again {
		w.clock.advance(-2 * time.Minute) // of another machine, whose clock is behind
		_, err = p.RunShard(ctx, s, migrate.RunOptions{})
		require.NoError(t, err)
	}
	_, err = p.Finish(ctx, shards[0].Migration)
	require.NoError(t, err)
	w.exactlyOne(shards[0].Migration, 10)
}

func TestACanaryInShards(t *testing.T) {
	w, ctx := newTestEnv(t, mixed()), context.Background()
	p := w.process(&crashtest.Crash{})
	shards, err := p.split(migrate.RunOptions{Canary: 3})
	require.NoError(t, err)
	rows := 0
	for _, s := range shards {
		rows += len(s.Rows)
		_, err := p.RunShard(ctx, s, migrate.RunOptions{})
		require.NoError(t, err)
	}
	require.Equal(t, 3, rows)
	require.EqualValues(t, 3, w.status().Scheduled)
	summary, err := p.runAll(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, "scheduled", summary.Status)
	w.exactlyOne(summary.ID, mixedRows)
}

func TestRefusedRowsAreInALaterSplit(t *testing.T) {
	w, ctx := newTestEnv(t, mixed()), context.Background()
	file := mixed()
	for i := range 3 {
		file = fmt.Appendf(file, "cus_unknown_%d,%d,price_gold,1,,,,,,,\n", i, today.AddDate(0, 0, 9).Unix())
	}
	w.input = bytesInput("subs.csv", file)
	p := w.process(&crashtest.Crash{})
	shards, err := p.split(migrate.RunOptions{})
	require.NoError(t, err)
	var failures *migrate.TooManyFailuresError
	result, err := p.RunShard(ctx, shards[2], migrate.RunOptions{StopAfterFailures: 1})
	require.ErrorAs(t, err, &failures)
	require.Equal(t, migrate.ShardResult{Done: 2, Failed: 1, Unsettled: 1}, result)
	for _, s := range shards {
		_, err := p.RunShard(ctx, s, migrate.RunOptions{})
		require.NoError(t, err)
	}
	summary, err := p.Finish(ctx, shards[0].Migration)
	require.NoError(t, err)
	require.Equal(t, "scheduled", summary.Status)
	require.EqualValues(t, 3, summary.Failed)

	w.provision()
	again, err := p.split(migrate.RunOptions{})
	require.NoError(t, err)
	require.Len(t, again, 2)
	require.Equal(t, "in_progress", w.status().Status)
	for _, s := range again {
		_, err := p.RunShard(ctx, s, migrate.RunOptions{})
		require.NoError(t, err)
	}
	_, err = p.Finish(ctx, shards[0].Migration)
	require.NoError(t, err)
	w.exactlyOne(shards[0].Migration, mixedRows+3)
}

// What was begun, does not exist, and starts too soon by now is in no shard; Split says what has become of it.
func TestARowThatNoShardHasIsSettled(t *testing.T) {
	w, ctx := newTestEnv(t, many(6)), context.Background()
	p := w.process(&crashtest.Crash{})
	shards, err := p.split(migrate.RunOptions{})
	require.NoError(t, err)
	w.fault = func(r *http.Request) sandbox.Fault {
		return sandbox.Fault{Kind: map[string]sandbox.FaultKind{http.MethodPost: sandbox.Drop}[r.Method]}
	}
	result, err := p.RunShard(ctx, shards[0], migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, migrate.ShardResult{Unsettled: 4}, result)
	var unsettled *migrate.UnsettledError
	_, err = p.Finish(ctx, shards[0].Migration)
	require.ErrorAs(t, err, &unsettled)
	require.EqualValues(t, 4, unsettled.Rows)
	require.Equal(t, "in_progress", w.status().Status)

	w.fault = nil
	w.clock.now = today.AddDate(0, 0, 9).Add(12 * time.Hour) // the first and the last row start in 12 hours
	summary, err := p.runAll(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 4, summary.Scheduled)
	require.Equal(t, migrate.CodeLeftOut, summary.Failures[0].Code)
	require.EqualValues(t, 1, summary.Failures[0].Row)
}

func TestShardsThatMustNotBeRun(t *testing.T) {
	w, ctx := newTestEnv(t, many(10)), context.Background()
	p := w.process(&crashtest.Crash{})
	shards, err := p.split(migrate.RunOptions{})
	require.NoError(t, err)
	id := shards[0].Migration

	unlock, err := w.ledger.Lock(id)
	require.NoError(t, err)
	_, err = p.RunShard(ctx, shards[0], migrate.RunOptions{})
	require.ErrorIs(t, err, ledger.ErrLocked)
	_, err = p.Finish(ctx, id)
	require.ErrorIs(t, err, ledger.ErrLocked)
	unlock()

	unlock, err = w.ledger.LockShard(id, 0)
	require.NoError(t, err)
	_, err = p.RunShard(ctx, shards[0], migrate.RunOptions{})
	require.ErrorIs(t, err, ledger.ErrLocked, "somebody has it")
	_, err = p.RunShard(ctx, shards[1], migrate.RunOptions{})
	require.NoError(t, err)
	for name, err := range map[string]error{
		"finish": second(p.Finish(ctx, id)), "cancel": second(p.Cancel(ctx, id, migrate.CancelOptions{})),
		"run": second(p.run(migrate.RunOptions{})), "split": second(p.split(migrate.RunOptions{})),
	} {
		require.ErrorIs(t, err, ledger.ErrLocked, name)
	}
	unlock()

	stop := make(chan struct{})
	close(stop)
	_, err = p.RunShard(ctx, shards[0], migrate.RunOptions{Stop: stop})
	require.ErrorIs(t, err, migrate.ErrInterrupted)
	_, err = p.split(migrate.RunOptions{Stop: stop})
	require.ErrorIs(t, err, migrate.ErrInterrupted)

	_, err = p.Cancel(ctx, id, migrate.CancelOptions{})
	require.NoError(t, err)
	var canceled *migrate.BeingCanceledError
	_, err = p.RunShard(ctx, shards[0], migrate.RunOptions{})
	require.ErrorAs(t, err, &canceled)
	_, err = p.Finish(ctx, id)
	require.ErrorAs(t, err, &canceled)
	w.nothingLeft(id)

	_, err = p.RunShard(ctx, migrate.Shard{Migration: "mig_none"}, migrate.RunOptions{})
	require.ErrorIs(t, err, ledger.ErrNotFound)
	_, err = p.Finish(ctx, "mig_none")
	require.ErrorIs(t, err, ledger.ErrNotFound)
	w.otherAccount()
	require.NoError(t, w.ledger.SetStatus(ctx, id, ledger.StatusInProgress, 1))
	var wrong *migrate.WrongAccountError
	_, err = w.process(&crashtest.Crash{}).RunShard(ctx, shards[0], migrate.RunOptions{})
	require.ErrorAs(t, err, &wrong)
}

func second[T any](_ T, err error) error { return err }

func TestASplitEndsWithTheErrorOfItsReceiver(t *testing.T) {
	w, ctx := newTestEnv(t, many(10)), context.Background()
	p, full := w.process(&crashtest.Crash{}), errors.New("the queue is full")
	review, err := p.Review(ctx, w.input, options)
	require.NoError(t, err)
	handedOut := 0
	_, err = p.Split(ctx, review, migrate.RunOptions{}, 4, func(migrate.Shard) error {
		if handedOut++; handedOut == 2 {
			return full
		}
		return nil
	})
	require.ErrorIs(t, err, full)
	require.Equal(t, 2, handedOut)
	_, err = p.Split(ctx, review, migrate.RunOptions{}, 0, nil)
	require.ErrorContains(t, err, "a shard has at least one row, not 0")
	summary, err := p.runAll(migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(summary.ID, 10)
}
