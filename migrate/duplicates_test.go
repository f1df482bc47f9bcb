package migrate_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
)

func wantedAgain() migrate.Options   { o := options; o.Again = true; return o }
func skipScheduled() migrate.Options { o := options; o.SkipScheduled = true; return o }

// corrected is the file after its first run: one row has another quantity, one is new.
func corrected() []byte {
	text := bytes.Replace(mixed(), []byte("price_gold,1,"), []byte("price_gold,3,"), 1)
	return append(text, fmt.Sprintf("cus_new,%d,price_gold,1,,,,,,,old_11\n", today.AddDate(0, 0, 10).Unix())...)
}

// afterFirstRun is a testEnv in which mixed has been migrated, and whose file is now the corrected one.
func afterFirstRun(t *testing.T) (*testEnv, *migrate.Summary) {
	w := newTestEnv(t, mixed())
	first, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	w.input = bytesInput("corrected.csv", corrected())
	w.provision()
	return w, first
}

// total is how many schedules and direct subscriptions Stripe has in all.
func (w *testEnv) total() (n int) {
	_, byStatus := w.schedules("")
	for _, each := range byStatus {
		n += each
	}
	for _, made := range w.subscriptions("") {
		n += len(made)
	}
	return n
}

func TestACorrectedFileDoesNotScheduleItsRowsTwice(t *testing.T) {
	w, first := afterFirstRun(t)
	_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	var refusal *migrate.AlreadyScheduledError
	require.ErrorAs(t, err, &refusal)
	require.EqualValues(t, mixedRows, refusal.Rows)
	require.Equal(t, migrate.Duplicate{Row: 1, Line: 2, Customer: "cus_plain", SourceID: "old_1", ScheduleID: w.report(first.ID)[0].ScheduleID, Migration: first.ID},
		refusal.First[0])
	require.ErrorContains(t, err, "line 2: old_1 is sub_sched_")
	require.Equal(t, mixedRows, w.total(), "nothing was sent")

	second, err := w.process(&crashtest.Crash{}).runWith(skipScheduled(), migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, second.Scheduled)
	require.Equal(t, mixedRows+1, w.total())
}

func TestAgainSchedulesASecondTime(t *testing.T) {
	w, _ := afterFirstRun(t)
	d := &crashtest.Crash{At: 20}
	_, err := w.process(d).runWith(wantedAgain(), migrate.RunOptions{})
	require.Error(t, err)
	require.True(t, d.Dead())
	_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err, "the run that goes on wants what the first one wanted")
	require.Equal(t, 2*mixedRows+1, w.total())
}

func TestWhatWasCanceledIsFreeAgain(t *testing.T) {
	w, first := afterFirstRun(t)
	_, err := w.process(&crashtest.Crash{}).Cancel(context.Background(), first.ID, migrate.CancelOptions{})
	require.NoError(t, err)
	second, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
	require.NoError(t, err)
	w.exactlyOne(second.ID, mixedRows+1)
}

// A ledger that was lost, or is on another machine, knows nothing of the first run: the account does.
func TestTheAccountShowsWhatTheLedgerDoesNotKnow(t *testing.T) {
	w, first := afterFirstRun(t)
	w.ledger = ledger.NewMemory()
	_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{Canary: 1})
	var refusal *migrate.AlreadyScheduledError
	require.ErrorAs(t, err, &refusal)
	require.EqualValues(t, mixedRows, refusal.Rows)
	require.Equal(t, first.ID, refusal.First[0].Migration)
	require.Equal(t, mixedRows, w.total(), "nothing was sent")

	_, err = w.process(&crashtest.Crash{At: 14}).runWith(skipScheduled(), migrate.RunOptions{})
	require.Error(t, err)
	w.clock.advance(time.Hour)
	second, err := w.process(&crashtest.Crash{}).runWith(skipScheduled(), migrate.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 1, second.Scheduled, "the run that goes on leaves out what the first one left out")
	require.Equal(t, mixedRows+1, w.total())
}

// Without a source ID in one of them, two subscriptions are told apart by customer and start.
func TestWhatMakesTwoSubscriptionsTheSame(t *testing.T) {
	at := func(days int) int64 { return today.AddDate(0, 0, days).Unix() }
	row := func(customer string, days int, source string) []byte {
		return fmt.Appendf(nil, "customer,start_date,price,metadata.old_Stripe_sub_id\n%s,%d,price_gold,%s\n", customer, at(days), source)
	}
	for _, c := range []struct {
		name          string
		before, after []byte
		same          bool
	}{
		{"same source ID, other start", row("cus_1", 10, "old_1"), row("cus_1", 11, "old_1"), true},
		{"same source ID, other customer", row("cus_1", 10, "old_1"), row("cus_2", 10, "old_1"), false},
		{"other source ID", row("cus_1", 10, "old_1"), row("cus_1", 10, "old_2"), false},
		{"source ID only before", row("cus_1", 10, "old_1"), row("cus_1", 10, ""), true},
		{"source ID only now", row("cus_1", 10, ""), row("cus_1", 10, "old_1"), true},
		{"no source IDs, other start", row("cus_1", 10, ""), row("cus_1", 11, ""), false},
		{"no source IDs, other customer", row("cus_1", 10, ""), row("cus_2", 10, ""), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, lost := range []bool{false, true} {
				w := newTestEnv(t, c.before)
				_, err := w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
				require.NoError(t, err)
				w.input = bytesInput("after.csv", append(c.after, '\n'))
				w.provision()
				if lost {
					w.ledger = ledger.NewMemory()
				}
				_, err = w.process(&crashtest.Crash{}).run(migrate.RunOptions{})
				var refusal *migrate.AlreadyScheduledError
				require.Equal(t, c.same, err != nil, "ledger lost: %v: %v", lost, err)
				if c.same {
					require.ErrorAs(t, err, &refusal)
				}
			}
		})
	}
}
