package usage_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/usage"
)

// aged makes n events that lie so far back, a minute apart.
func aged(n int, back time.Duration) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		fmt.Fprintf(&b, "use-%d,%d,calls,cus_%d,%d\n", i, today.Add(-back).Unix()+int64(i)*60, i%customers, i+1)
	}
	return b.String()
}

// drops loses the answers, or the requests, of all events from the nth on.
func drops(n int, fault sandbox.Fault) func(*http.Request) sandbox.Fault {
	serial := make(chan struct{}, 1)
	return func(r *http.Request) sandbox.Fault {
		serial <- struct{}{}
		defer func() { <-serial }()
		if strings.HasSuffix(r.URL.Path, "/meter_events") {
			if n--; n <= 0 {
				return fault
			}
		}
		return sandbox.Fault{}
	}
}

// A file that was sent stays sent when its rows have become too old to be sent, and its customers and meters are gone.
func TestSentRowsMayBecomeTooOld(t *testing.T) {
	e := newEnv(t)
	text := aged(20, 34*24*time.Hour)
	_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	posts := e.posts.Load()
	e.clock.advance(40 * 24 * time.Hour)
	s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, []int64{0, 20}, []int64{s.SentNow, s.SentBefore})
	require.Equal(t, posts, e.posts.Load())

	// A row that was not sent is still too old, and the only one that is named.
	_, err = e.run(&crashtest.Crash{}, text+strings.Replace(aged(1, 34*24*time.Hour)[len(header):], "use-0", "new", 1), usage.RunOptions{})
	var invalid *usage.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.EqualValues(t, 1, invalid.Report.Invalid)
	require.Equal(t, "usage_timestamp_too_old", invalid.Report.Findings[0].Code)
}

// An event of unknown outcome that cannot be sent any more is settled by what its meter has counted.
func TestUnknownEventsMayBecomeTooOld(t *testing.T) {
	for when, want := range map[sandbox.Moment][]int64{sandbox.AfterExecuting: {1, 0}, sandbox.BeforeExecuting: {0, 1}} {
		e := newEnv(t)
		text := aged(1, 35*24*time.Hour-time.Hour)
		e.fault = drops(1, sandbox.Fault{Kind: sandbox.Drop, When: when})
		_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
		require.Error(t, err)
		e.fault = nil
		counted := e.counted("calls")
		posts := e.posts.Load()
		e.clock.advance(2 * time.Hour)
		s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
		if want[0] == 1 {
			require.NoError(t, err)
		} else {
			var refused *usage.RefusedError
			require.ErrorAs(t, err, &refused)
		}
		require.EqualValues(t, want, []int64{s.Sent, s.Refused}, when)
		require.Equal(t, "done", s.Status)
		require.Equal(t, posts, e.posts.Load())
		require.Equal(t, counted, e.counted("calls"))
	}
}

// Dates of another zone, or another map of customers, make other events of rows without identifiers: they are refused for a
// file that was begun, and the first options go on. Worksheets of a workbook are runs of their own.
func TestAFileWithOtherOptionsIsRefused(t *testing.T) {
	e := newEnv(t)
	text := "timestamp,event_name,payload_stripe_customer_id,payload_value\n2027-03-09 10:00,calls,old,1\n"
	run := func(o usage.Options) (*usage.Summary, error) {
		p := e.process(&crashtest.Crash{})
		v, err := p.Review(t.Context(), input(text), o)
		if err != nil {
			return nil, err
		}
		return p.Run(t.Context(), v, usage.RunOptions{})
	}
	first := usage.Options{Zone: "UTC", Customers: map[string]string{"old": "cus_0"}}
	s, err := run(first)
	require.NoError(t, err)
	for _, o := range []usage.Options{{Zone: "Europe/Berlin", Customers: first.Customers}, {Zone: "UTC", Customers: map[string]string{"old": "cus_1"}}} {
		_, err = run(o)
		var other *usage.OtherOptionsError
		require.ErrorAs(t, err, &other)
		require.ErrorContains(t, err, s.ID)
	}
	s, err = run(first)
	require.NoError(t, err)
	require.EqualValues(t, 1, s.SentBefore)
	require.Equal(t, "1", e.counted("calls")["cus_0"])
	require.Equal(t, "done", s.Status)
	require.NotEqual(t, usage.RunID(e.process(&crashtest.Crash{}).Account, "a", "January"), usage.RunID(e.process(&crashtest.Crash{}).Account, "a", "February"))
}

// What an error report has named is sent again when that is asked for, once: the same report, read again, is about the first
// sending.
func TestRejectedEventsAreSentAgainOnce(t *testing.T) {
	e := newEnv(t)
	text := e.file(3)
	_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	_, err = e.api().CancelUsage(t.Context(), "calls", "use-1") // as if it had been dropped
	require.NoError(t, err)
	reports, err := usage.ReadReports(strings.NewReader(fmt.Sprintf(`{"id":"evt_1","type":"v1.billing.meter.error_report_triggered","created":%d,"data":{"reason":{"error_types":[
		{"code":"archived_meter","error_count":1,"sample_errors":[{"error_message":"x","request":{"identifier":"use-1"}}]}]}}}`, today.Unix())))
	require.NoError(t, err)
	require.EqualValues(t, 1, e.reconcile(reports...).Rejected)

	again := func() (*usage.Summary, error) {
		p := e.process(&crashtest.Crash{})
		v, err := p.Review(t.Context(), input(text), usage.Options{Rejected: true})
		require.NoError(t, err)
		return p.Run(t.Context(), v, usage.RunOptions{})
	}
	e.clock.advance(time.Hour) // Stripe remembers the identifier: this event's own, not that of another computer
	s, err := again()
	var refused *usage.RefusedError
	require.ErrorAs(t, err, &refused)
	require.EqualValues(t, []int64{1, 0}, []int64{s.Refused, s.Elsewhere})
	e.clock.advance(25 * time.Hour)
	s, err = again()
	require.NoError(t, err)
	require.EqualValues(t, []int64{1, 3, 0}, []int64{s.SentNow, s.Sent, s.Rejected})
	require.Equal(t, wanted(text), e.counted("calls"))
	for range 2 {
		require.True(t, e.reconcile(reports...).Clean())
		s, err = again()
		require.NoError(t, err)
		require.Zero(t, s.SentNow)
		e.clock.advance(25 * time.Hour)
	}
	require.Equal(t, wanted(text), e.counted("calls"))
}

// The same file on two computers, each with a ledger of its own: Stripe knows the identifiers for a day, and what it knew
// then is not sent later either, when it has forgotten.
func TestTwoLedgersCountOnce(t *testing.T) {
	for _, stream := range []bool{false, true} {
		e := newEnv(t)
		e.stream = stream
		text := e.file(30)
		_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
		require.NoError(t, err)
		e.ledger = ledger.NewMemory()
		e.clock.advance(time.Hour)
		s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
		var refused *usage.RefusedError
		require.ErrorAs(t, err, &refused)
		require.EqualValues(t, []int64{30, 30}, []int64{refused.Events, refused.Elsewhere})
		require.ErrorContains(t, err, "another computer or program")
		require.EqualValues(t, []int64{0, 30}, []int64{s.Refused, s.Elsewhere})
		require.True(t, e.reconcile().Clean())

		e.clock.advance(48 * time.Hour)
		s, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{})
		require.NoError(t, err)
		require.Zero(t, s.SentNow)
		require.Equal(t, wanted(text), e.counted("calls"))
	}
}

// An event that only people can settle holds up its own file, and no other.
func TestAnUnclearEventHoldsUpItsOwnFileOnly(t *testing.T) {
	e := newEnv(t)
	e.fault = drops(1, sandbox.Fault{Kind: sandbox.Drop})
	unclear := e.file(1)
	_, err := e.run(&crashtest.Crash{}, unclear, usage.RunOptions{})
	require.Error(t, err)
	e.fault = nil
	_, err = e.api().SendUsage(t.Context(), usage.Message{Identifier: "elsewhere", Meter: "calls", Timestamp: floorMinute(today.Add(-2 * time.Minute)), Payload: pairs("cus_0", "40")})
	require.NoError(t, err)
	e.clock.advance(30 * time.Hour)
	other := strings.ReplaceAll(e.file(4), "use-", "other-")
	s, err := e.run(&crashtest.Crash{}, other, usage.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, []int64{4, 0}, []int64{s.SentNow, s.Unknown})
	require.Equal(t, "done", s.Status)
	_, err = e.run(&crashtest.Crash{}, unclear, usage.RunOptions{})
	var unsettled *usage.UnsettledError
	require.ErrorAs(t, err, &unsettled)
	require.EqualValues(t, 1, unsettled.Old)
}

// A run of which rows are missing is not clean, though what was sent was counted.
func TestAnUnfinishedRunIsNotClean(t *testing.T) {
	e := newEnv(t)
	e.fault = drops(3, sandbox.Fault{Kind: sandbox.ServerError})
	_, err := e.run(&crashtest.Crash{}, e.file(6), usage.RunOptions{})
	require.Error(t, err)
	e.fault = nil
	r := e.reconcile()
	require.Empty(t, r.Differences)
	require.False(t, r.Finished)
	require.False(t, r.Clean())
}

// What may count is not forgotten when a run is taken back.
func TestEventsOfUnknownOutcomeAreNotTakenForRetracted(t *testing.T) {
	e := newEnv(t)
	e.fault = drops(3, sandbox.Fault{Kind: sandbox.Drop, When: sandbox.AfterExecuting})
	text := e.file(6)
	_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.Error(t, err)
	e.fault = nil
	r, err := e.process(&crashtest.Crash{}).Retract(t.Context(), e.theRun(), nil, nil)
	require.NoError(t, err)
	require.EqualValues(t, []int64{2, 4}, []int64{r.Retracted, r.Unknown})
	_, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	r, err = e.process(&crashtest.Crash{}).Retract(t.Context(), e.theRun(), nil, nil)
	require.NoError(t, err)
	require.EqualValues(t, []int64{6, 0}, []int64{r.Retracted, r.Unknown})
	require.True(t, e.reconcile().Clean())
}

// Between the review, which waits for somebody to say yes, and the run, another command has sent the file.
func TestTheLedgerMayChangeBetweenReviewAndRun(t *testing.T) {
	e := newEnv(t)
	text := e.file(6)
	e.fault = drops(3, sandbox.Fault{Kind: sandbox.ServerError})
	_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.Error(t, err)
	e.fault = nil
	grown := text + strings.ReplaceAll(e.file(2)[len(header):], "use-", "more-")
	p := e.process(&crashtest.Crash{})
	v, err := p.Review(t.Context(), input(grown), usage.Options{})
	require.NoError(t, err)
	_, err = e.run(&crashtest.Crash{}, grown, usage.RunOptions{})
	require.NoError(t, err)
	s, err := p.Run(t.Context(), v, usage.RunOptions{})
	require.NoError(t, err)
	require.Zero(t, s.SentNow)
	require.Equal(t, wanted(grown), e.counted("calls"))
}

// Some destinations get events without data.
func TestAReportWithoutDataSaysWhereItIs(t *testing.T) {
	_, err := usage.ReadReports(strings.NewReader(`{"id":"evt_7","object":"v2.core.event","type":"v1.billing.meter.no_meter_found","created":"2027-03-10T12:00:00Z"}`))
	require.ErrorContains(t, err, "GET /v2/core/events/evt_7")
}
