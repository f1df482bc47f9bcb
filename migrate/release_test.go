package migrate_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
)

// endingRows are the rows of the mixed file whose subscriptions end by themselves.
const endingRows = 3

// wentLive is a testEnv in which the mixed file has gone live.
func wentLive(t *testing.T) (*testEnv, string) {
	w, id := migrated(t)
	w.clock.advance(11 * 24 * time.Hour)
	return w, id
}

// releasable is how many schedules of a migration can be released, and kept is how many cannot.
func (w *testEnv) releasable(id string) (can, kept int) {
	for _, line := range w.report(id) {
		switch {
		case line.Direct:
		case strings.HasPrefix(line.Customer, "cus_ending"):
			kept++
		default:
			can++
		}
	}
	return can, kept
}

// releasedAsPlanned requires that every live subscription was released, that those which end were left alone, and that the
// ledger says so.
func (w *testEnv) releasedAsPlanned(id string) {
	w.t.Helper()
	_, byStatus := w.schedules(id)
	can, kept := w.releasable(id)
	require.Equal(w.t, map[string]int{migrate.StatusReleased: can, migrate.StatusActive: kept}, byStatus)
	for _, line := range w.report(id) {
		if line.Direct { // nothing to release
			require.Equal(w.t, "scheduled", line.State)
			require.Contains(w.t, []any{"active", "past_due"}, w.get("/v1/subscriptions/" + line.SubscriptionID)["status"])
			continue
		}
		schedule := w.get("/v1/subscription_schedules/" + line.ScheduleID)
		if strings.HasPrefix(line.Customer, "cus_ending") {
			require.Equal(w.t, "scheduled", line.State)
			require.Equal(w.t, "active", schedule["status"])
			continue
		}
		require.Equal(w.t, "released", line.State)
		subscription := w.get("/v1/subscriptions/" + schedule["released_subscription"].(string))
		require.Contains(w.t, []any{"active", "trialing"}, subscription["status"])
		require.Nil(w.t, subscription["schedule"])
		require.Nil(w.t, subscription["cancel_at"])
	}
}

func TestReleaseLetsGoOfWhatIsLive(t *testing.T) {
	w, id := wentLive(t)
	ctx := context.Background()
	result, err := w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows-endingRows, result.Released)
	require.EqualValues(t, endingRows, result.Kept)
	require.Len(t, result.KeptRows, endingRows)
	require.Equal(t, migrate.KeptEnds, result.KeptRows[0].Reason)
	require.Equal(t, "cus_ending", result.KeptRows[0].Customer)
	w.releasedAsPlanned(id)

	again, err := w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
	require.NoError(t, err, "a second release is a no-op")
	require.Equal(t, result, again)
	w.releasedAsPlanned(id)

	status, err := migrate.Status(ctx, w.ledger, id, w.clock.Now())
	require.NoError(t, err)
	require.EqualValues(t, mixedRows, status.Scheduled)
	require.EqualValues(t, mixedRows-endingRows, status.Released)
	require.EqualValues(t, endingRows, status.Live)

	// What was released can be canceled at the end of its period, which a schedule had forbidden.
	w.form("/v1/subscriptions/"+w.liveOf("cus_plain")[0], map[string][]string{"cancel_at_period_end": {"true"}})
}

func TestReleaseOfSomeRows(t *testing.T) {
	for name, c := range map[string]struct {
		options  migrate.ReleaseOptions
		released []int64
	}{
		"a row":                  {migrate.ReleaseOptions{Rows: []int64{2}}, []int64{2}},
		"a customer":             {migrate.ReleaseOptions{Customers: []string{"cus_twice"}}, []int64{2, 3}},
		"both":                   {migrate.ReleaseOptions{Rows: []int64{1}, Customers: []string{"cus_twice"}}, []int64{1, 2, 3}},
		"one that ends":          {migrate.ReleaseOptions{Rows: []int64{8}}, nil},
		"one that ends in trial": {migrate.ReleaseOptions{Rows: []int64{10}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, id := wentLive(t)
			result, err := w.process(&crashtest.Crash{}).Release(context.Background(), id, c.options)
			require.NoError(t, err)
			require.EqualValues(t, len(c.released), result.Released)
			var released []int64
			for _, line := range w.report(id) {
				if line.State == string(ledger.Released) {
					released = append(released, line.Row)
				}
			}
			require.Equal(t, c.released, released)
		})
	}
}

func TestReleaseOfRowsThatThereAreNot(t *testing.T) {
	w, id := wentLive(t)
	_, err := w.process(&crashtest.Crash{}).Release(context.Background(), id, migrate.ReleaseOptions{Rows: []int64{1, 99}, Customers: []string{"cus_nobody"}})
	var none *migrate.NoSuchRowsError
	require.ErrorAs(t, err, &none)
	require.ErrorContains(t, err, "has no row 99, customer cus_nobody: nothing was done")
	_, byStatus := w.schedules(id)
	require.Equal(t, map[string]int{migrate.StatusActive: mixedRows}, byStatus)
}

func TestReleaseLeavesAloneWhatHasNotStarted(t *testing.T) {
	w, id := migrated(t)
	result, err := w.process(&crashtest.Crash{}).Release(context.Background(), id, migrate.ReleaseOptions{})
	require.NoError(t, err)
	require.Equal(t, &migrate.Released{ID: id, NotStarted: mixedRows}, result)
	_, byStatus := w.schedules(id)
	require.Equal(t, map[string]int{migrate.StatusNotStarted: mixedRows}, byStatus)
}

func TestReleaseRefuses(t *testing.T) {
	w, id := wentLive(t)
	ctx := context.Background()
	require.NoError(t, w.ledger.SetStatus(ctx, id, ledger.StatusCanceling, 1))
	_, err := w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
	var canceling *migrate.BeingCanceledError
	require.ErrorAs(t, err, &canceling)

	unlock, err := w.ledger.Lock(id)
	require.NoError(t, err)
	_, err = w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
	require.ErrorIs(t, err, ledger.ErrLocked)
	unlock()

	w.otherAccount()
	_, err = w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
	var wrong *migrate.WrongAccountError
	require.ErrorAs(t, err, &wrong)
	_, err = w.process(&crashtest.Crash{}).Release(ctx, "mig_none", migrate.ReleaseOptions{})
	require.ErrorIs(t, err, ledger.ErrNotFound)
}

// Somebody has released one by hand, canceled another, and given a third one a phase more.
func TestReleaseFindsWhatOthersDid(t *testing.T) {
	w, id := wentLive(t)
	lines := w.report(id)
	w.post("/v1/subscription_schedules/" + lines[0].ScheduleID + "/release")
	w.post("/v1/subscription_schedules/" + lines[1].ScheduleID + "/cancel")
	phase := w.get("/v1/subscription_schedules/" + lines[2].ScheduleID)["phases"].([]any)[0].(map[string]any)
	w.form("/v1/subscription_schedules/"+lines[2].ScheduleID, map[string][]string{
		"phases[0][start_date]": {number(phase["start_date"])}, "phases[0][end_date]": {number(phase["end_date"])},
		"phases[0][items][0][price]": {"price_gold"}, "phases[0][items][0][quantity]": {"2"},
		"phases[1][items][0][price]": {"price_gold"}, "phases[1][items][0][quantity]": {"5"}, "phases[1][iterations]": {"1"},
	})
	result, err := w.process(&crashtest.Crash{}).Release(context.Background(), id, migrate.ReleaseOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, result.Ended)
	require.EqualValues(t, endingRows+1, result.Kept)
	require.Equal(t, migrate.Kept{Row: 3, Line: 4, Customer: "cus_twice", ScheduleID: lines[2].ScheduleID, Reason: migrate.KeptChanges}, result.KeptRows[0])
	after := w.report(id)
	require.Equal(t, []string{"released", "canceled", "scheduled"}, []string{after[0].State, after[1].State, after[2].State})
}

// A released row is not canceled, unless live ones are to be ended as well.
func TestCancelAfterARelease(t *testing.T) {
	w, id := wentLive(t)
	ctx := context.Background()
	_, err := w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
	require.NoError(t, err)
	result, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
	require.NoError(t, err)
	require.Zero(t, result.Canceled)
	w.releasedAsPlanned(id)

	result, err = w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true, IncludeLive: true})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows, result.Canceled)
	require.Empty(t, w.liveOf("cus_plain"))
}

// The live rows that a cancel has left alone can be released afterwards.
func TestReleaseAfterACancel(t *testing.T) {
	w, id := wentLive(t)
	ctx := context.Background()
	_, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
	require.NoError(t, err)
	result, err := w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows-endingRows, result.Released)
	w.releasedAsPlanned(id)
}

// What goes wrong on the way is found out: a lost answer, a lost request, a stored error, a limit.
func TestReleaseWithFaults(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"the answer is lost":                  {Kind: sandbox.Drop, When: sandbox.AfterExecuting},
		"the request is lost":                 {Kind: sandbox.Drop, When: sandbox.BeforeExecuting},
		"a stored error":                      {Kind: sandbox.ServerError, When: sandbox.BeforeExecuting},
		"a stored error of what was executed": {Kind: sandbox.ServerError, When: sandbox.AfterExecuting},
		"the limit":                           {Kind: sandbox.RateLimit},
		"a lock":                              {Kind: sandbox.LockTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			w, id := wentLive(t)
			hit := map[string]bool{}
			w.fault = func(r *http.Request) sandbox.Fault {
				if r.Method != http.MethodPost || hit[r.URL.Path] {
					return sandbox.Fault{}
				}
				hit[r.URL.Path] = true
				return fault
			}
			result, err := w.process(&crashtest.Crash{}).Release(context.Background(), id, migrate.ReleaseOptions{})
			require.NoError(t, err)
			require.Zero(t, result.Failed)
			require.EqualValues(t, mixedRows-endingRows, result.Released)
			w.releasedAsPlanned(id)
		})
	}
}

func TestAReleaseThatIsStoppedGoesOn(t *testing.T) {
	w, id := wentLive(t)
	stop := make(chan struct{})
	seen := 0
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPost {
			if seen++; seen == 3 {
				close(stop)
			}
		}
		return sandbox.Fault{}
	}
	result, err := w.process(&crashtest.Crash{}).Release(context.Background(), id, migrate.ReleaseOptions{Stop: stop})
	require.ErrorIs(t, err, migrate.ErrInterrupted)
	require.EqualValues(t, 3, result.Released)
	w.fault = nil
	result, err = w.process(&crashtest.Crash{}).Release(context.Background(), id, migrate.ReleaseOptions{})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows-endingRows, result.Released)
}

// A release dies before and after every write, request and response. The same command once more finishes it; a cancel
// instead leaves alone what is live, or ends all of it.
func TestAReleaseDiesAtEveryPoint(t *testing.T) {
	ctx := context.Background()
	for name, after := range map[string]func(*testing.T, *testEnv, string){
		"released again": func(t *testing.T, w *testEnv, id string) {
			result, err := w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
			require.NoError(t, err)
			can, _ := w.releasable(id)
			require.EqualValues(t, can, result.Released)
			w.releasedAsPlanned(id)
		},
		"canceled and released again": func(t *testing.T, w *testEnv, id string) {
			_, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
			require.NoError(t, err)
			for _, line := range w.report(id) {
				require.Contains(t, []string{"scheduled", "released"}, line.State)
			}
			_, err = w.process(&crashtest.Crash{}).Release(ctx, id, migrate.ReleaseOptions{})
			require.NoError(t, err)
			w.releasedAsPlanned(id)
		},
		"ended": func(t *testing.T, w *testEnv, id string) {
			result, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true, IncludeLive: true})
			require.NoError(t, err)
			require.EqualValues(t, w.rows, result.Canceled)
			require.Empty(t, w.get("/v1/subscriptions?limit=100")["data"])
		},
	} {
		t.Run(name, func(t *testing.T) {
			points := atEveryPoint(t, func(t *testing.T, w *testEnv, d *crashtest.Crash) {
				summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
				require.NoError(t, err)
				w.clock.advance(11 * 24 * time.Hour)
				w.process(d).Release(ctx, summary.ID, migrate.ReleaseOptions{})
				w.clock.advance(time.Minute)
				after(t, w, summary.ID)
			})
			t.Logf("%d points of death", points)
			require.Greater(t, points, 6*5, "five can be released: two writes, two requests and two responses for each row")
		})
	}
}

// number writes a number of an answer as a parameter.
func number(v any) string { return strconv.FormatInt(int64(v.(float64)), 10) }
