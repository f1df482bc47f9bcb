package migrate_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
)

func errorsAs[T error](err error, target *T) bool { return errors.As(err, target) }

// migrated returns a testEnv in which the mixed file was scheduled.
func migrated(t *testing.T) (*testEnv, string) {
	w := newTestEnv(t, mixed())
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	return w, summary.ID
}

func TestCancelCancelsEverythingWithinTheWindow(t *testing.T) {
	w, id := migrated(t)
	w.clock.now = today.Add(migrate.Window - time.Minute)
	result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
	require.NoError(t, err)
	require.Equal(t, &migrate.Canceled{ID: id, Status: "canceled", Canceled: mixedRows}, result)
	w.nothingLeft(id)

	again, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
	require.NoError(t, err, "a second cancel is a no-op")
	require.Equal(t, result, again)
}

func TestTheWindowClosesTenHoursAfterTheLastRow(t *testing.T) {
	w, id := migrated(t)
	ctx := context.Background()
	status, err := migrate.Status(ctx, w.ledger, id, w.clock.Now())
	require.NoError(t, err)
	w.clock.now = status.CancelBefore.Add(time.Second)

	_, err = w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{})
	var closed *migrate.WindowClosedError
	require.ErrorAs(t, err, &closed)
	require.Equal(t, *status.CancelBefore, closed.Deadline)

	result, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows, result.Canceled)
	w.nothingLeft(id)
}

// A run that dies after its last row, and is given once more days later, schedules nothing: the window is over.
func TestAResumeThatSchedulesNothingDoesNotOpenTheWindowAgain(t *testing.T) {
	w, id := migrated(t)
	before, err := migrate.Status(context.Background(), w.ledger, id, w.clock.Now())
	require.NoError(t, err)
	require.NoError(t, w.ledger.SetStatus(context.Background(), id, ledger.StatusInProgress, csvspec.At(today)))
	w.clock.advance(72 * time.Hour)
	after, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.WithinDuration(t, *before.CancelBefore, *after.CancelBefore, time.Second)
}

// What is live is left alone, unless the user says otherwise.
func TestLiveSubscriptionsAreLeftAlone(t *testing.T) {
	w, id := migrated(t)
	w.clock.now = today.AddDate(0, 0, 11) // all have started, none has ended its first period
	ctx := context.Background()
	result, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true})
	require.NoError(t, err)
	require.EqualValues(t, 0, result.Canceled)
	require.EqualValues(t, mixedRows, result.AlreadyLive)
	_, byStatus := w.schedules(id)
	require.Equal(t, map[string]int{migrate.StatusActive: mixedRows}, byStatus)

	result, err = w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{Individually: true, IncludeLive: true})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows, result.Canceled)
	_, byStatus = w.schedules(id)
	require.Equal(t, map[string]int{migrate.StatusCanceled: mixedRows}, byStatus)
}

// A schedule about to go live is not raced for.
func TestASchedulesLastMinuteIsLeftAlone(t *testing.T) {
	w, id := migrated(t)
	w.clock.now = today.AddDate(0, 0, 10).Add(-30 * time.Second)
	result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{Individually: true})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows, result.AlreadyLive)
}

// A cancel that is held up until the schedule has started would end a live subscription: it is not sent any more.
func TestACancelThatWasHeldUpDoesNotEndALiveSubscription(t *testing.T) {
	w, id := migrated(t)
	w.clock.now = today.AddDate(0, 0, 10).Add(-2 * time.Minute)
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method == http.MethodPost && w.clock.Now().Before(today.AddDate(0, 0, 10).Add(time.Minute)) {
			return sandbox.Fault{Kind: sandbox.Unavailable}
		}
		return sandbox.Fault{}
	}
	result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{Individually: true})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows, result.AlreadyLive)
	_, byStatus := w.schedules(id)
	require.Zero(t, byStatus[migrate.StatusCanceled])
	for _, line := range w.report(id) {
		require.Equal(t, "scheduled", line.State)
	}
}

// Somebody canceled one in the Dashboard meanwhile, and released another.
func TestWhatHappenedInTheDashboardIsRecognised(t *testing.T) {
	w, id := migrated(t)
	lines := w.report(id)
	w.post("/v1/subscription_schedules/" + lines[0].ScheduleID + "/cancel")
	w.post("/v1/subscription_schedules/" + lines[1].ScheduleID + "/release")

	result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows-1, result.Canceled)
	require.Equal(t, "released", w.report(id)[1].State)
}

func TestAnotherAccountsKeyCancelsNothing(t *testing.T) {
	w, id := migrated(t)
	other := newTestEnv(t, mixed())
	other.ledger = w.ledger
	other.otherAccount()
	_, err := other.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
	var wrong *migrate.WrongAccountError
	require.ErrorAs(t, err, &wrong)
	_, byStatus := w.schedules(id)
	require.Equal(t, map[string]int{migrate.StatusNotStarted: mixedRows}, byStatus)
}

// A schedule that somebody released before it began governs nothing: ending the live ones as well has nothing to do there.
func TestAReleasedScheduleWithoutASubscriptionStaysReleased(t *testing.T) {
	w, id := migrated(t)
	ctx := context.Background()
	w.post("/v1/subscription_schedules/" + w.report(id)[1].ScheduleID + "/release")
	_, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{})
	require.NoError(t, err)
	result, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{IncludeLive: true})
	require.NoError(t, err)
	require.Equal(t, "canceled", result.Status)
	require.Equal(t, "released", w.report(id)[1].State)
}

// A subscription of a released schedule that was ended by somebody else, or by a request whose answer was lost, is ended.
func TestAReleasedSubscriptionIsEndedOnce(t *testing.T) {
	for name, fault := range map[string]sandbox.Fault{
		"ended by somebody else": {},
		"the answer was lost":    {Kind: sandbox.Drop, When: sandbox.AfterExecuting},
	} {
		t.Run(name, func(t *testing.T) {
			w, id := migrated(t)
			w.clock.now = today.AddDate(0, 0, 11)
			path := "/v1/subscription_schedules/" + w.report(id)[0].ScheduleID
			w.post(path + "/release")
			subscription := w.get(path)["released_subscription"].(string)
			if fault.Kind == sandbox.NoFault {
				w.send(http.MethodDelete, "/v1/subscriptions/"+subscription)
			}
			once := fault
			w.fault = func(r *http.Request) (f sandbox.Fault) {
				if r.Method == http.MethodDelete {
					f, once = once, f
				}
				return f
			}
			result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id,
				migrate.CancelOptions{Individually: true, IncludeLive: true})
			require.NoError(t, err)
			require.Empty(t, result.Failures)
			require.EqualValues(t, mixedRows, result.Canceled)
			require.Equal(t, "canceled", w.get("/v1/subscriptions/" + subscription)["status"])
		})
	}
}

// Schedules that are gone from the account (deleted test data, a deleted test clock) do not keep a cancel from finishing.
func TestAScheduleThatIsGoneIsCanceled(t *testing.T) {
	w, id := migrated(t)
	released := w.report(id)[0]
	w.post("/v1/subscription_schedules/" + released.ScheduleID + "/release")
	ctx := context.Background()
	_, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{})
	require.NoError(t, err)
	w.forget()
	result, err := w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{IncludeLive: true})
	require.NoError(t, err)
	require.Equal(t, &migrate.Canceled{ID: id, Status: "canceled", Canceled: mixedRows}, result)

	w, id = migrated(t)
	w.forget()
	result, err = w.process(&crashtest.Crash{}).Cancel(ctx, id, migrate.CancelOptions{})
	require.NoError(t, err)
	require.Equal(t, &migrate.Canceled{ID: id, Status: "canceled", Canceled: mixedRows}, result)
}

// An error that Stripe has stored under a key comes back for as long as the key is used: the next attempt has another.
func TestAStoredErrorDoesNotStopACancel(t *testing.T) {
	w, id := migrated(t)
	failed := false
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method != http.MethodPost || failed {
			return sandbox.Fault{}
		}
		failed = true
		return sandbox.Fault{Kind: sandbox.ServerError}
	}
	began := w.clock.Now()
	result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), id, migrate.CancelOptions{})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows, result.Canceled)
	require.Less(t, w.clock.Now().Sub(began), time.Minute)
}

// What another machine scheduled for the same migration, because it ran the same file, is the migration's as well: left
// behind, it would charge, and a new run of the file would schedule it a second time.
func TestACancelFindsWhatAnotherMachineScheduled(t *testing.T) {
	for name, mine := range map[string]migrate.RunOptions{"never begun here": {Canary: 2}, "refused here": {}} {
		t.Run(name, func(t *testing.T) {
			w := newTestEnv(t, mixed())
			if mine.Canary == 0 {
				w.forget()
				w.provision("cus_plain")
			}
			here, err := w.process(&crashtest.Crash{}).run(mine)
			require.NoError(t, err)
			w.provision()
			ledgerHere := w.ledger
			w.ledger = ledger.NewMemory()
			_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			w.exactlyOne(here.ID, mixedRows)

			w.ledger = ledgerHere
			result, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), here.ID, migrate.CancelOptions{})
			require.NoError(t, err)
			require.EqualValues(t, mixedRows, result.Canceled)
			w.nothingLeft(here.ID)
		})
	}
}
