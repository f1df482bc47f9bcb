package migrate_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
)

// stopped is the ledger of a process that is stopped once, right after an intent was recorded, for some minutes. Its lock may
// be gone after that: then it writes nothing more.
type stopped struct {
	ledger.Ledger
	w         *testEnv
	at        ledger.State
	meanwhile func()
	loses     bool // the lock

	mu   sync.Mutex
	was  bool
	puts int // of the intent of the row at which it was stopped
	row  int64
}

func (l *stopped) Put(ctx context.Context, id string, from ledger.State, e ledger.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.was && l.loses {
		return ledger.ErrLost
	}
	if err := l.Ledger.Put(ctx, id, from, e); err != nil || e.State != l.at {
		return err
	}
	if !l.was {
		l.was, l.row = true, e.Row
		l.w.clock.advance(5 * time.Minute)
		l.meanwhile()
	}
	if e.Row == l.row {
		l.puts++
	}
	return nil
}

// The lock of a process that is stopped may be gone with its connection.
func (l *stopped) Lock(id string) (func(), error) { return func() {}, nil }

func (l *stopped) LockShard(id string, shard int) (func(), error) { return func() {}, nil }

// A process is stopped between the intent and the request, for longer than anybody waits for what is in flight. When its
// lock is gone it sends nothing any more, and else it records the intent once more.
func TestAProcessIsStoppedBeforeARequestLeaves(t *testing.T) {
	ctx := context.Background()
	for name, act := range map[string]struct {
		at     ledger.State
		before func(w *testEnv) // what has been done when the act begins
		do     func(p *process) error
	}{
		"a run": {ledger.Intended, func(*testEnv) {}, func(p *process) error {
			_, err := p.run(migrate.RunOptions{})
			return err
		}},
		"a shard": {ledger.Intended, func(*testEnv) {}, func(p *process) error {
			_, err := p.runAll(migrate.RunOptions{})
			return err
		}},
		"a cancel": {ledger.Canceling, func(w *testEnv) { w.mustRun() }, func(p *process) error {
			_, err := p.Cancel(ctx, p.env.migrations()[0].ID, migrate.CancelOptions{})
			return err
		}},
		"a release": {ledger.Releasing, func(w *testEnv) {
			w.mustRun()
			w.clock.advance(20 * 24 * time.Hour)
		}, func(p *process) error {
			_, err := p.Release(ctx, p.env.migrations()[0].ID, migrate.ReleaseOptions{})
			return err
		}},
	} {
		for _, loses := range []bool{true, false} {
			t.Run(map[bool]string{true: name + " that loses its lock", false: name}[loses], func(t *testing.T) {
				w := newDirectEnv(t)
				act.before(w)
				var sent []string // since it goes on
				l := &stopped{Ledger: w.ledger, w: w, at: act.at, loses: loses, meanwhile: func() {
					w.fault = func(r *http.Request) sandbox.Fault {
						if r.Method != http.MethodGet {
							sent = append(sent, r.URL.Path)
						}
						return sandbox.Fault{}
					}
				}}
				err := act.do(w.processOn(w.stripe.Transport(), &crashtest.Crash{}, func(c *migrate.Config) { c.Ledger = l }))
				require.True(t, l.was)
				if loses {
					require.ErrorIs(t, err, ledger.ErrLost)
					require.Empty(t, sent)
					return
				}
				require.NoError(t, err)
				require.NotEmpty(t, sent)
				require.Equal(t, 2, l.puts, "it was recorded once more before the request has left")
			})
		}
	}
}

func (w *testEnv) mustRun() {
	_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(w.t, err)
}

// While a run is stopped somebody cancels its migration: nothing turns up after that, whether or not the lock is known to be
// gone.
func TestAStoppedRunCreatesNothingAfterACancel(t *testing.T) {
	for name, loses := range map[string]bool{"the lock is known to be gone": true, "it is not": false} {
		t.Run(name, func(t *testing.T) {
			w := newDirectEnv(t)
			l := &stopped{Ledger: w.ledger, w: w, at: ledger.Intended, loses: loses, meanwhile: func() {
				_, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), w.migrations()[0].ID, migrate.CancelOptions{})
				require.NoError(t, err)
			}}
			_, err := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, func(c *migrate.Config) { c.Ledger = l }).run(migrate.RunOptions{})
			require.Error(t, err)
			require.Zero(t, w.total(), "nothing was sent")
		})
	}
}

// A request that is repeated after a while, because Stripe has not executed it, is one that leaves later.
func TestTheIntentOfARepeatedRequestIsRecordedAgain(t *testing.T) {
	w := newTestEnv(t, many(1))
	refusals := 0
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPost && refusals < 8 { // in a minute or so
			refusals++
			return sandbox.Fault{Kind: sandbox.LockTimeout}
		}
		return sandbox.Fault{}
	}
	intents := &intentTimes{Ledger: w.ledger, w: w}
	summary, err := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, func(c *migrate.Config) { c.Ledger = intents }).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, summary.Scheduled)
	require.Greater(t, len(intents.at), 1)
	require.Less(t, len(intents.at), 8, "not before each of them")
	require.Less(t, w.clock.Now().Sub(intents.at[len(intents.at)-1]), 25*time.Second)
}

type intentTimes struct {
	ledger.Ledger
	w  *testEnv
	at []time.Time
}

func (l *intentTimes) Put(ctx context.Context, id string, from ledger.State, e ledger.Entry) error {
	if e.State == ledger.Intended {
		l.at = append(l.at, l.w.clock.Now())
	}
	return l.Ledger.Put(ctx, id, from, e)
}
