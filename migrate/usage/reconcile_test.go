package usage_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/usage"
)

// theRun returns the only run of the ledger.
func (e *env) theRun() ledger.UsageRun {
	runs, err := e.ledger.UsageRuns(e.Context())
	require.NoError(e, err)
	require.Len(e, runs, 1)
	return runs[0]
}

func (e *env) reconcile(extra ...usage.ErrorReport) *usage.Reconciliation {
	r, err := e.process(&crashtest.Crash{}).Reconcile(e.Context(), e.theRun(), extra)
	require.NoError(e, err)
	return r
}

func TestReconcilingWhatWasSent(t *testing.T) {
	e := newEnv(t)
	text := e.file(400) // 13 hours of five customers
	_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	r := e.reconcile()
	require.True(t, r.Clean(), r)
	require.EqualValues(t, 400, r.Events)
	require.Greater(t, r.Compared, int64(50))

	// Somebody else sends usage into one of the hours, and an event is canceled behind our back.
	_, err = e.api().SendUsage(t.Context(), usage.Message{Identifier: "elsewhere", Meter: "calls", Timestamp: floorMinute(today.Add(-time.Hour)), Payload: pairs("cus_3", "1000")})
	require.NoError(t, err)
	_, err = e.api().CancelUsage(t.Context(), "calls", "use-0")
	require.NoError(t, err)
	r = e.reconcile()
	require.Len(t, r.Differences, 2)
	for _, d := range r.Differences {
		switch d.Customer {
		case "cus_3":
			require.Contains(t, d.Meaning, "more than this computer has sent")
		case "cus_0":
			require.Contains(t, d.Meaning, "less than was sent")
		default:
			t.Fatal(d)
		}
		require.NotEqual(t, d.Sent, d.Stripe)
	}
}

// Each code that Stripe documents is told of with its remedy, once, and its event is recorded as rejected. What an event
// lacks shows only to Stripe: the events are sent past our own rules.
func TestEveryErrorCode(t *testing.T) {
	old, soon := floorMinute(today.AddDate(0, 0, -36)), floorMinute(today.Add(time.Hour))
	now := floorMinute(today)
	for code, m := range map[string]usage.Message{
		"meter_event_customer_not_found":  {Meter: "calls", Timestamp: now, Payload: pairs("cus_none", "1")},
		"meter_event_no_customer_defined": {Meter: "calls", Timestamp: now, Payload: pairs("", "1")},
		"meter_event_value_not_found":     {Meter: "calls", Timestamp: now, Payload: pairs("cus_0", "")},
		"meter_event_invalid_value":       {Meter: "calls", Timestamp: now, Payload: pairs("cus_0", "many")},
		"timestamp_too_far_in_past":       {Meter: "calls", Timestamp: old, Payload: pairs("cus_0", "1")},
		"timestamp_in_future":             {Meter: "calls", Timestamp: soon, Payload: pairs("cus_0", "1")},
		"archived_meter":                  {Meter: "seats", Timestamp: now, Payload: pairs("cus_0", "1")},
		"no_meter":                        {Meter: "none", Timestamp: now, Payload: pairs("cus_0", "1")},
	} {
		t.Run(code, func(t *testing.T) {
			e := newEnv(t)
			_, err := e.run(&crashtest.Crash{}, e.file(3), usage.RunOptions{})
			require.NoError(t, err)
			// The ledger has the event as sent; what arrived was faulty.
			m.Identifier = "faulty"
			run := e.theRun()
			one := ledger.UsageEvent{Row: 9, Line: 10, Identifier: "faulty", Customer: "cus_0", Meter: "calls", Timestamp: now, Value: "1", State: ledger.UsageIntended}
			require.NoError(t, e.ledger.PutUsage(t.Context(), run.ID, []ledger.UsageStep{{Event: one}}))
			one.State = ledger.UsageSent
			require.NoError(t, e.ledger.PutUsage(t.Context(), run.ID, []ledger.UsageStep{{From: ledger.UsageIntended, Event: one}}))
			if code == "archived_meter" {
				e.deactivate(m.Meter)
			}
			_, err = e.api().SendUsage(t.Context(), m)
			require.NoError(t, err, "errors come later")

			for range 2 { // the second time, the ledger knows
				r := e.reconcile()
				require.False(t, r.Clean())
				require.Empty(t, r.Differences, "what is rejected is not expected to count")
				require.Len(t, r.Reports, 1)
				require.Equal(t, code, r.Reports[0].Code)
				require.EqualValues(t, 1, r.Reports[0].Count)
				require.Equal(t, usage.Remedy(code), r.Reports[0].Remedy)
				require.NotContains(t, r.Reports[0].Remedy, "not known here")
				require.EqualValues(t, 10, r.Reports[0].Samples[0].Line)
			}
			s, err := usage.Status(t.Context(), e.ledger, run.ID)
			require.NoError(t, err)
			require.EqualValues(t, []int64{3, 1}, []int64{s.Sent, s.Rejected})
		})
	}
	require.NotContains(t, usage.Remedy("meter_event_dimension_count_too_high"), "not known here") // the sandbox has no dimensions
	require.Contains(t, usage.Remedy("something_new"), "not known here")
}

// Reports come as events of the second API too, alone, in a row or in an array, and the same one twice.
func TestReportsOfWebhooks(t *testing.T) {
	thin := func(id string) string {
		return fmt.Sprintf(`{"id":%q,"object":"v2.core.event","type":"v1.billing.meter.error_report_triggered","related_object":{"id":"mtr_1","type":"billing.meter","url":"/v1/x"},
			"data":{"developer_message_summary":"There are 2","reason":{"error_count":2,"error_types":[
			{"code":"meter_event_customer_not_found","error_count":2,"sample_errors":[{"error_message":"No such customer","request":{"identifier":"use-1"}}]}]},"validation_end":"2027","validation_start":"2027"}}`, id)
	}
	other := `{"id":"evt_9","type":"invoice.paid","data":{"object":{"id":"in_1","reason":"x"}}}`
	for _, text := range []string{thin("evt_1") + "\n" + other, "[" + other + "," + thin("evt_1") + "]", thin("evt_1") + thin("evt_1")} {
		reports, err := usage.ReadReports(strings.NewReader(text))
		require.NoError(t, err, text)
		e := newEnv(t)
		_, err = e.run(&crashtest.Crash{}, e.file(3), usage.RunOptions{})
		require.NoError(t, err)
		r := e.reconcile(reports...)
		require.Len(t, r.Reports, 1)
		require.Equal(t, "mtr_1", r.Reports[0].Meter)
		require.EqualValues(t, 2, r.Reports[0].Count)
		require.EqualValues(t, 3, r.Reports[0].Samples[0].Line)
		require.NotEmpty(t, r.Differences, "the sandbox has counted what the report calls dropped")
	}
	for _, bad := range []string{"{", "not json", "[1]"} {
		_, err := usage.ReadReports(strings.NewReader(bad))
		require.Error(t, err, bad)
	}
}

func FuzzReadReports(f *testing.F) {
	f.Add(`{"id":"evt_1","type":"v1.billing.meter.no_meter_found","data":{"reason":{"error_types":[{"code":"no_meter"}]}}}`)
	f.Add(`[{"data":null}]`)
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := usage.ReadReports(strings.NewReader(text))
		if err != nil {
			require.Empty(t, all)
		}
	})
}

func TestRetractingWithinADay(t *testing.T) {
	e := newEnv(t)
	text := e.file(20)
	_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	p := e.process(&crashtest.Crash{})
	r, err := p.Retract(t.Context(), e.theRun(), []string{"use-3", "use-4"}, nil)
	require.NoError(t, err)
	require.EqualValues(t, 2, r.Retracted)
	require.True(t, e.reconcile().Clean())
	r, err = p.Retract(t.Context(), e.theRun(), []string{"use-3"}, nil)
	require.NoError(t, err)
	require.EqualValues(t, 2, r.Retracted, "again is harmless")
	_, err = p.Retract(t.Context(), e.theRun(), []string{"use-99"}, nil)
	var none *usage.NoSuchEventError
	require.ErrorAs(t, err, &none)

	s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	require.Zero(t, s.SentNow, "what was taken back is not sent again under its identifier")

	e.clock.advance(25 * time.Hour)
	_, err = p.Retract(t.Context(), e.theRun(), nil, nil)
	var late *usage.TooLateError
	require.ErrorAs(t, err, &late)
	require.EqualValues(t, 18, late.Events)
}

// A retraction that dies at any step goes on, and nothing is left or canceled twice.
func TestRetractingDiesAtEveryStep(t *testing.T) {
	for at := 1; ; at++ {
		e := newEnv(t)
		text := e.file(4)
		_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
		require.NoError(t, err)
		c := &crashtest.Crash{At: at}
		_, err = e.process(c).Retract(t.Context(), e.theRun(), nil, nil)
		if !c.Dead() {
			require.NoError(t, err)
			require.Greater(t, at, 10)
			return
		}
		r, err := e.process(&crashtest.Crash{}).Retract(t.Context(), e.theRun(), nil, nil)
		require.NoError(t, err, "step %d", at)
		require.EqualValues(t, 4, r.Retracted)
		for _, value := range e.counted("calls") {
			require.Equal(t, "0", value)
		}
	}
}
