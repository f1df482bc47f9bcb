package migrate_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
)

// mixed is a file with every strategy, and with a customer who has the same subscription twice.
func mixed() []byte {
	at := func(days int) string { return fmt.Sprint(today.AddDate(0, 0, days).Unix()) }
	month := fmt.Sprint(today.AddDate(0, 1, 10).Unix())
	lines := []string{
		"customer,start_date,price,quantity,trial_end,billing_cycle_anchor,proration_behavior,cancel_at_period_end,coupon,backdate_start_date,metadata.third_party_sub_id",
		"cus_plain," + at(10) + ",price_gold,1,,,,,,,old_1",
		"cus_twice," + at(10) + ",price_gold,2,,,,,,,old_2",
		"cus_twice," + at(10) + ",price_gold,2,,,,,,,old_3",
		"cus_trial," + at(10) + ",price_gold,1," + at(20) + ",,,,,,old_4",
		"cus_bridge," + at(10) + ",price_gold,1,," + at(25) + ",none,,FOREVER,,old_5",
		"cus_renewal," + at(10) + ",price_gold,1,," + month + ",none,,,,old_6",
		"cus_backdated," + at(10) + ",price_gold,1,," + at(25) + ",none,,," + at(-100) + ",old_7",
		"cus_ending," + at(10) + ",price_gold,1,,,,true,,,old_8",
		"cus_ending_anchor," + at(10) + ",price_gold,1,," + at(25) + ",none,true,,,old_9",
		"cus_ending_trial," + at(10) + ",price_gold,1," + at(20) + ",,,true,,,old_10",
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

const mixedRows = 10

func TestRunSchedulesEveryRowOnce(t *testing.T) {
	w := newTestEnv(t, mixed())
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, "scheduled", summary.Status)
	require.EqualValues(t, mixedRows, summary.Scheduled)
	require.WithinDuration(t, today.Add(migrate.Window), *summary.CancelBefore, 5*time.Second, "ten hours from the last row")
	w.exactlyOne(summary.ID, mixedRows)

	strategies := map[string]bool{}
	for _, line := range w.report(summary.ID) {
		strategies[line.Strategy] = true
	}
	for _, s := range schedule.Strategies() {
		require.Equal(t, !s.IsDirect(), strategies[string(s)], "the file has every strategy of a schedule: %s", s)
	}
}

func TestTheSameFileIsRefused(t *testing.T) {
	w := newTestEnv(t, mixed())
	first, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)

	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	var already *migrate.AlreadyMigratedError
	require.ErrorAs(t, err, &already)
	require.Equal(t, first.ID, already.ID)

	again, err := w.process(&crashtest.Crash{}).runWith(wantedAgain(), migrate.RunOptions{})
	require.NoError(t, err)
	require.NotEqual(t, first.ID, again.ID)
	w.exactlyOne(first.ID, mixedRows)
}

func TestALostLedgerMakesNoDuplicates(t *testing.T) {
	for name, later := range map[string]time.Duration{"within a day": time.Hour, "when the keys are forgotten": 60 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newTestEnv(t, mixed())
			first, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			w.ledger = ledger.NewMemory()
			w.clock.advance(later)

			second, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			require.Equal(t, first.ID, second.ID)
			w.exactlyOne(second.ID, mixedRows)
		})
	}
}

// The idempotency memory must not hand out schedules that were canceled in the meantime.
func TestALostLedgerAfterACancelSchedulesAnew(t *testing.T) {
	w := newTestEnv(t, mixed())
	first, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	_, err = w.process(&crashtest.Crash{}).Cancel(context.Background(), first.ID, migrate.CancelOptions{})
	require.NoError(t, err)
	w.ledger = ledger.NewMemory()

	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	_, byStatus := w.schedules(first.ID)
	require.Equal(t, map[string]int{migrate.StatusCanceled: mixedRows, migrate.StatusNotStarted: mixedRows}, byStatus)
}

func TestCanaryThenTheRest(t *testing.T) {
	w := newTestEnv(t, mixed())
	canary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 7})
	require.NoError(t, err)
	require.Equal(t, "in_progress", canary.Status)
	require.EqualValues(t, 7, canary.Scheduled)
	strategies := map[string]bool{}
	for _, line := range w.report(canary.ID) {
		strategies[line.Strategy] = true
	}
	require.Len(t, strategies, 7, "one of each strategy first")

	rest, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, canary.ID, rest.ID)
	w.exactlyOne(rest.ID, mixedRows)
}

// A canary ran while the clock was days ahead; then another machine ran the rest. Stripe has forgotten its keys when this
// ledger's run goes on, and by the clock its search was never done.
func TestAClockThatWasSetBackDoesNotHideOtherRuns(t *testing.T) {
	w := newTestEnv(t, mixed())
	ahead := func(c *migrate.Config) { c.Clock = &clock{now: today.Add(72 * time.Hour)} }
	canary, err := w.processOn(w.stripe.Transport(), &crashtest.Crash{}, ahead).run(migrate.RunOptions{Canary: 1})
	require.NoError(t, err)
	mine := w.ledger
	w.ledger = ledger.NewMemory()
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	w.ledger = mine
	w.clock.advance(48 * time.Hour)

	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(canary.ID, mixedRows)
}

func TestOtherAmountsAreNotMixedIntoAnUnfinishedMigration(t *testing.T) {
	w := newTestEnv(t, mixed())
	_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 1})
	require.NoError(t, err)

	p, ctx := w.process(&crashtest.Crash{}), context.Background()
	other := options
	other.Unit = csvspec.UnitMajor
	review, err := p.Review(ctx, w.input, other)
	require.NoError(t, err)
	_, err = p.Run(ctx, review, migrate.RunOptions{})
	var mixedUp *migrate.OtherOptionsError
	require.ErrorAs(t, err, &mixedUp)
}

// Two users have looked at the same file, read in two ways; the first has run it when the second one agrees to what he was shown.
func TestARunSinceTheReviewWithOtherAmounts(t *testing.T) {
	for _, canary := range []int64{0, 1} {
		w := newTestEnv(t, mixed())
		p, ctx := w.process(&crashtest.Crash{}), context.Background()
		other := options
		other.Unit = csvspec.UnitMajor
		review, err := p.Review(ctx, w.input, other)
		require.NoError(t, err)
		first, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: canary})
		require.NoError(t, err)
		_, err = p.Run(ctx, review, migrate.RunOptions{})
		var mixedUp *migrate.OtherOptionsError
		require.ErrorAs(t, err, &mixedUp, "nobody is told that it has become what he was shown")
		require.Equal(t, first.ID, mixedUp.ID)
	}
}

func TestAChangedFileIsNotRun(t *testing.T) {
	w := newTestEnv(t, mixed())
	p, ctx := w.process(&crashtest.Crash{}), context.Background()
	review, err := p.Review(ctx, w.input, options)
	require.NoError(t, err)
	review.Input = bytesInput("subs.csv", []byte(strings.ReplaceAll(string(mixed()), ",1,", ",9,")))
	_, err = p.Run(ctx, review, migrate.RunOptions{})
	require.ErrorIs(t, err, migrate.ErrChanged)
	_, byStatus := w.schedules("")
	require.Empty(t, byStatus)
}

func TestTwoRunsAtOnce(t *testing.T) {
	w := newTestEnv(t, mixed())
	canary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 1})
	require.NoError(t, err)
	release, err := w.ledger.Lock(canary.ID)
	require.NoError(t, err)
	defer release()
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.ErrorIs(t, err, ledger.ErrLocked)
}

func TestRowsThatStripeRefusesDoNotStopTheOthers(t *testing.T) {
	w := newTestEnv(t, mixed())
	w.input = bytesInput("subs.csv", append(mixed(), []byte("cus_unknown,"+fmt.Sprint(today.AddDate(0, 0, 9).Unix())+",price_gold,1,,,,,,,\n")...))
	summary, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, mixedRows, summary.Scheduled)
	require.EqualValues(t, 1, summary.Failed)
	require.Equal(t, migrate.Failure{Row: 11, Line: 12, Code: "resource_missing", Message: "No such customer: 'cus_unknown'"},
		summary.Failures[0])

	w.provision() // the customer is created, and the same command mends the rest
	mended, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, summary.ID, mended.ID)
	w.exactlyOne(mended.ID, mixedRows+1)
}

func TestStopAfterFailures(t *testing.T) {
	w := newTestEnv(t, mixed())
	w.input = bytesInput("subs.csv", []byte(strings.ReplaceAll(string(mixed()), "cus_", "cus_un")))
	_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{StopAfterFailures: 3})
	var tooMany *migrate.TooManyFailuresError
	require.ErrorAs(t, err, &tooMany)
	require.EqualValues(t, 3, tooMany.Failures)
}

// A key that is revoked, or lacks a permission, ends the run: every other row would fare the same. With another key the
// rows that met it are scheduled like all others.
func TestAKeyThatIsNotAcceptedAnyMoreEndsTheRun(t *testing.T) {
	for status, message := range map[int]string{401: "Invalid API Key provided", 403: "The provided key does not have the required permissions"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			const rows, accepted = 300, 20
			w := newTestEnv(t, many(rows))
			var sent atomic.Int64
			revoked := roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPost || sent.Add(1) <= accepted {
					return w.stripe.Transport().RoundTrip(r)
				}
				return &http.Response{StatusCode: status, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(
					`{"error": {"type": "invalid_request_error", "message": "` + message + `"}}`))}, nil
			})
			summary, err := w.processOn(revoked, &crashtest.Crash{}, busy).run(migrate.RunOptions{})
			var refused *migrate.StripeError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, status, refused.Status)
			require.Equal(t, "in_progress", summary.Status)
			require.LessOrEqual(t, sent.Load(), int64(accepted+32), "one request for each worker")

			_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
			require.NoError(t, err)
			w.exactlyOne(summary.ID, rows)
		})
	}
}

// A schedule that arrives after its start would charge at once: a row that waited too long is not sent.
func TestARowWhoseStartCameTooCloseIsNotSent(t *testing.T) {
	w := newTestEnv(t, many(6))
	w.clock.now = today.AddDate(0, 0, 10).Add(-7 * time.Minute)
	hung := false
	w.fault = func(r *http.Request) sandbox.Fault {
		if r.Method != http.MethodPost || hung {
			return sandbox.Fault{}
		}
		hung = true
		w.clock.advance(4 * time.Minute)
		return sandbox.Fault{Kind: sandbox.Unavailable}
	}
	p, ctx, hasty := w.process(&crashtest.Crash{}), context.Background(), options
	hasty.Lead = time.Minute
	review, err := p.Review(ctx, w.input, hasty)
	require.NoError(t, err)
	summary, err := p.Run(ctx, review, migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 2, summary.Failed, "the two rows that start on the tenth day")
	require.EqualValues(t, 4, summary.Scheduled)
	require.Equal(t, migrate.CodeTooLate, summary.Failures[0].Code)
}

func TestAnOldReviewIsNotRun(t *testing.T) {
	w := newTestEnv(t, mixed())
	p, ctx := w.process(&crashtest.Crash{}), context.Background()
	review, err := p.Review(ctx, w.input, options)
	require.NoError(t, err)
	w.clock.advance(2*time.Hour + time.Second)
	_, err = p.Run(ctx, review, migrate.RunOptions{})
	var stale *migrate.StaleReviewError
	require.ErrorAs(t, err, &stale)
}
