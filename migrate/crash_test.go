package migrate_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
)

// The process dies before and after every write to the ledger, every request and every response, one run per point.
// Afterwards the same command is given once more, at once or when Stripe has forgotten the idempotency keys.
func TestARunDiesAtEveryPoint(t *testing.T) {
	undisturbed := newDirectEnv(t)
	summary, err := undisturbed.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	want, parameters := anonymous(undisturbed.report(summary.ID)), undisturbed.parameters()

	for name, pause := range map[string]time.Duration{"resumed at once": time.Minute, "resumed days later": 73 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			points := atEveryPoint(t, func(t *testing.T, w *testEnv, d *crashtest.Crash) {
				w.process(d).run(migrate.RunOptions{})
				w.clock.advance(pause)
				resumed, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
				if already := (*migrate.AlreadyMigratedError)(nil); !errorsAs(err, &already) {
					require.NoError(t, err)
					require.Equal(t, summary.ID, resumed.ID)
				}
				w.exactlyOne(summary.ID, w.rows)
				require.Equal(t, want, anonymous(w.report(summary.ID)))
				require.Equal(t, parameters, w.parameters(), "what was asked for is what exists")
			})
			t.Logf("%d points of death", points)
			require.Greater(t, points, 4*mixedDirectRows, "two writes, a request and a response for each row")
		})
	}
}

// A cancel dies at every point; the same command once more finishes it.
func TestACancelDiesAtEveryPoint(t *testing.T) {
	points := atEveryPoint(t, func(t *testing.T, w *testEnv, d *crashtest.Crash) {
		summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
		require.NoError(t, err)
		ctx := context.Background()
		w.process(d).Cancel(ctx, summary.ID, migrate.CancelOptions{})
		result, err := w.process(&crashtest.Crash{}).Cancel(ctx, summary.ID, migrate.CancelOptions{})
		require.NoError(t, err)
		require.Equal(t, "canceled", result.Status)
		require.EqualValues(t, w.rows, result.Canceled)
		w.nothingLeft(summary.ID)
	})
	t.Logf("%d points of death", points)
	require.Greater(t, points, 6*mixedDirectRows, "two writes, two requests and two responses for each row")
}

// A run dies at every point, and is then canceled instead of resumed: nothing may be left behind.
func TestADeadRunIsCanceled(t *testing.T) {
	atEveryPoint(t, func(t *testing.T, w *testEnv, d *crashtest.Crash) {
		w.process(d).run(migrate.RunOptions{})
		for _, m := range w.migrations() {
			_, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), m.ID, migrate.CancelOptions{})
			require.NoError(t, err)
		}
		w.nothingLeft("")
	})
}

// atEveryPoint lives through a story once for each point at which its process can die, and returns how many there are.
func atEveryPoint(t *testing.T, story func(t *testing.T, w *testEnv, d *crashtest.Crash)) int {
	step := 1
	if testing.Short() { // beside the race detector; without it the tests live through all of them
		step = 5
	}
	for at := 1; ; at += step {
		w, d := newDirectEnv(t), &crashtest.Crash{At: at}
		story(t, w, d)
		if !d.Dead() {
			return at - 1
		}
		if t.Failed() {
			t.Fatalf("at point %d", at)
		}
	}
}

// anonymous takes Stripe's IDs out of a report: Stripe draws new ones each time.
func anonymous(lines []migrate.ReportLine) []migrate.ReportLine {
	for i := range lines {
		lines[i].ScheduleID, lines[i].SubscriptionID = "", ""
	}
	return lines
}

func (w *testEnv) migrations() []ledger.Migration {
	all, err := w.ledger.Migrations(context.Background())
	require.NoError(w.t, err)
	return all
}

// nothingLeft requires that no schedule is left to go live, and no direct subscription, and that the ledger says so.
func (w *testEnv) nothingLeft(migration string) {
	w.t.Helper()
	_, byStatus := w.schedules(migration)
	delete(byStatus, migrate.StatusCanceled)
	require.Empty(w.t, byStatus)
	for tag, made := range w.subscriptions(migration) {
		for _, s := range made {
			require.Equal(w.t, migrate.StatusCanceled, s.Status, tag)
		}
	}
	for _, m := range w.migrations() {
		require.Equal(w.t, ledger.StatusCanceled, m.Status)
		for _, line := range w.report(m.ID) {
			require.Equal(w.t, string(ledger.Canceled), line.State)
		}
	}
}
