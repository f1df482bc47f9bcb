package migrate_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
)

// A row that was begun, was found not to exist, and starts too soon to be sent by the time the run goes on: the ledger
// says so, and does not call its outcome unknown for ever.
func TestARowThatCannotBeSentAnyMoreIsSettled(t *testing.T) {
	for name, state := range map[string]ledger.State{"intended": ledger.Intended, "unknown": ledger.Unknown} {
		t.Run(name, func(t *testing.T) {
			w := newTestEnv(t, many(6))
			w.fault = func(r *http.Request) sandbox.Fault {
				return sandbox.Fault{Kind: map[string]sandbox.FaultKind{http.MethodPost: sandbox.Drop}[r.Method]}
			}
			d := &crashtest.Crash{}
			p := w.process(d)
			ctx := context.Background()
			review, err := p.Review(ctx, w.input, options)
			require.NoError(t, err)
			if state == ledger.Unknown {
				w.fault = func(r *http.Request) sandbox.Fault { // the look-ups fail as well
					if r.Method == http.MethodPost || r.URL.Query().Has("customer") {
						return sandbox.Fault{Kind: sandbox.Drop}
					}
					return sandbox.Fault{}
				}
			}
			_, err = p.Run(ctx, review, migrate.RunOptions{})
			require.Error(t, err)
			require.Equal(t, string(state), w.report(w.migrations()[0].ID)[0].State)

			w.fault = nil
			w.clock.now = today.AddDate(0, 0, 9).Add(12 * time.Hour) // the first and the last row start in 12 hours
			summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			require.Equal(t, "scheduled", summary.Status)
			require.EqualValues(t, 4, summary.Scheduled)
			require.Zero(t, summary.Unknown)
			require.Equal(t, migrate.CodeLeftOut, summary.Failures[0].Code)
			require.EqualValues(t, 1, summary.Failures[0].Row)
		})
	}
}

// Whoever stops a run before it has looked up what an earlier one began must not be told that nothing was created.
func TestAStopBeforeTheLookUpSettlesNothing(t *testing.T) {
	w, ctx := newTestEnv(t, many(1)), context.Background()
	answer := sandbox.Fault{Kind: sandbox.Drop, When: sandbox.AfterExecuting}
	w.fault = func(r *http.Request) sandbox.Fault { // the schedule is made, and neither its answer nor the look-up's arrives
		if r.Method == http.MethodPost || r.URL.Query().Has("customer") {
			return answer
		}
		return sandbox.Fault{}
	}
	_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.Error(t, err)
	id := w.migrations()[0].ID

	w.clock.now = today.AddDate(0, 0, 9).Add(12 * time.Hour) // the row starts too soon to be sent now
	stop := make(chan struct{})
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.URL.Query().Has("scheduled") {
			close(stop)
		}
		return sandbox.Fault{}
	}
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{Stop: stop})
	require.ErrorIs(t, err, migrate.ErrInterrupted)
	require.Equal(t, string(ledger.Unknown), w.report(id)[0].State)

	w.fault = nil
	_, err = w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{})
	require.NoError(t, err)
	w.nothingLeft(id)
}
