package usage_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/usage"
)

func TestEveryEventIsSentOnce(t *testing.T) {
	for _, stream := range []bool{false, true} {
		t.Run(fmt.Sprintf("stream %v", stream), func(t *testing.T) {
			e := newEnv(t)
			e.stream = stream
			text := e.file(250)
			s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
			require.NoError(t, err)
			require.EqualValues(t, 250, s.Sent)
			require.EqualValues(t, 250, s.SentNow)
			require.Equal(t, "done", s.Status)
			require.Equal(t, wanted(text), e.counted("calls"))
			require.Equal(t, map[bool]int{false: 250}[stream], e.locks.Turns(), "one event of a customer at a time, but in the stream")

			posts := e.posts.Load()
			for _, later := range []time.Duration{time.Minute, 25 * time.Hour, 20 * 24 * time.Hour} { // Stripe has forgotten the identifiers
				e.clock.advance(later)
				s, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{})
				require.NoError(t, err)
				require.Zero(t, s.SentNow)
				require.EqualValues(t, 250, s.SentBefore)
			}
			require.Equal(t, posts, e.posts.Load(), "nothing was sent twice")
			require.Equal(t, wanted(text), e.counted("calls"))
		})
	}
}

// A file that has grown sends what is new, whichever run has sent the rest.
func TestAGrownFileSendsWhatIsNew(t *testing.T) {
	e := newEnv(t)
	first, all := "", e.file(30)
	lines := strings.SplitAfter(all, "\n")
	first = strings.Join(lines[:21], "")
	_, err := e.run(&crashtest.Crash{}, first, usage.RunOptions{})
	require.NoError(t, err)
	e.clock.advance(48 * time.Hour)
	s, err := e.run(&crashtest.Crash{}, all, usage.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, []int64{10, 20, 10}, []int64{s.SentNow, s.SentBefore, s.Sent})
	require.Equal(t, wanted(all), e.counted("calls"))

	_, err = e.run(&crashtest.Crash{}, header+lines[1]+strings.Replace(lines[2], ",2\n", ",3\n", 1), usage.RunOptions{})
	var invalid *usage.InvalidError
	require.ErrorAs(t, err, &invalid, "another event under the same identifier")
	require.Equal(t, "usage_identifier_taken", invalid.Report.Findings[0].Code)
}

// A process dies at each write, request and answer, one run for each; the next one goes on at once, or days later, and every
// event counts once.
func TestDyingAtEveryStep(t *testing.T) {
	for _, stream := range []bool{false, true} {
		for _, later := range []time.Duration{time.Minute, 26 * time.Hour} {
			t.Run(fmt.Sprintf("stream %v, %v later", stream, later), func(t *testing.T) {
				for at := 1; ; at++ {
					e := newEnv(t)
					e.stream = stream
					text := e.file(7)
					c := &crashtest.Crash{At: at}
					_, err := e.run(c, text, usage.RunOptions{})
					if !c.Dead() {
						require.NoError(t, err)
						require.Greater(t, at, 12)
						return
					}
					require.Error(t, err)
					e.clock.advance(later)
					_, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{})
					require.NoError(t, err, "step %d", at)
					require.Equal(t, wanted(text), e.counted("calls"), "step %d", at)
				}
			})
		}
	}
}

// TestSeeds lives through random faults; SUBFERRY_SEEDS=2000 tries as many, SUBFERRY_SEED=n one.
func TestSeeds(t *testing.T) {
	if seed, err := strconv.ParseUint(os.Getenv("SUBFERRY_SEED"), 10, 64); err == nil {
		simulate(t, seed)
		return
	}
	seeds, err := strconv.ParseUint(os.Getenv("SUBFERRY_SEEDS"), 10, 64)
	if err != nil {
		seeds = 60
	}
	for seed := range seeds {
		if !t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { simulate(t, seed) }) {
			return
		}
	}
}

func simulate(t *testing.T, seed uint64) {
	e := newEnv(t)
	rng := rand.New(rand.NewPCG(seed, 7))
	e.stream = seed%3 == 0
	text := e.file(1 + rng.IntN(60))
	faults := &crashtest.Faults{Rand: rng, Badness: []float64{0.02, 0.1, 0.3, 0.6}[rng.IntN(4)]}
	serial := make(chan struct{}, 1)
	fault := func(r *http.Request) sandbox.Fault {
		serial <- struct{}{}
		defer func() { <-serial }()
		return faults.Draw()
	}
	for range 1 + rng.IntN(6) {
		e.fault = fault
		_, _ = e.run(&crashtest.Crash{At: rng.IntN(150)}, text, usage.RunOptions{})
		e.fault = nil
		e.clock.advance([]time.Duration{time.Second, time.Hour, 25 * time.Hour}[rng.IntN(3)])
	}
	_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	if err != nil { // what was refused by a bad key or a storm is sent now
		_, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	}
	require.NoError(t, err)
	require.Equal(t, wanted(text), e.counted("calls"))
}

// 5xx are tried twice more, then the outcome is unknown; the next run finds out.
func TestAnErrorOfTheServerIsTriedTwiceMore(t *testing.T) {
	e := newEnv(t)
	text := e.file(1)
	e.fault = func(r *http.Request) sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/meter_events") {
			return sandbox.Fault{Kind: sandbox.ServerError}
		}
		return sandbox.Fault{}
	}
	s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	var unsettled *usage.UnsettledError
	require.ErrorAs(t, err, &unsettled)
	require.EqualValues(t, 3, e.posts.Load())
	require.EqualValues(t, 1, s.Unknown)
	e.fault = nil
	_, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, wanted(text), e.counted("calls"))
}

// An event of unknown outcome that is older than a day, in a minute in which somebody else has sent usage as well: nobody
// can tell, so that it is neither sent again nor taken for sent until somebody says so.
func TestWhatCannotBeToldIsLeftToPeople(t *testing.T) {
	for _, assume := range []usage.Assumption{usage.AssumeSent, usage.AssumeUnsent} {
		e := newEnv(t)
		text := e.file(1)
		e.fault = func(r *http.Request) sandbox.Fault {
			if strings.HasSuffix(r.URL.Path, "/meter_events") {
				return sandbox.Fault{Kind: sandbox.Drop}
			}
			return sandbox.Fault{}
		}
		_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
		require.Error(t, err)
		e.fault = nil
		other := usage.Message{Identifier: "elsewhere", Meter: "calls", Timestamp: floorMinute(today.Add(-2 * time.Minute)), Payload: pairs("cus_0", "40")}
		_, err = e.api().SendUsage(t.Context(), other)
		require.NoError(t, err)
		e.clock.advance(30 * time.Hour)
		posts := e.posts.Load()
		s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
		var unsettled *usage.UnsettledError
		require.ErrorAs(t, err, &unsettled)
		require.EqualValues(t, 1, unsettled.Old)
		require.EqualValues(t, 1, s.Unknown)
		require.Equal(t, posts, e.posts.Load())
		s, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{Assume: assume})
		require.NoError(t, err)
		require.EqualValues(t, 1, s.Sent)
		want := map[usage.Assumption]string{usage.AssumeSent: "40", usage.AssumeUnsent: "41"}[assume]
		require.Equal(t, want, e.counted("calls")["cus_0"])
	}
}

// Usage that was refused by Stripe counts as refused; mended under the same identifier, it is sent.
func TestRefusedEventsAreSentWhenTheyAreMended(t *testing.T) {
	e := newEnv(t)
	text := e.file(3)
	e.fault = func(r *http.Request) sandbox.Fault { return sandbox.Fault{} }
	foreign := usage.Message{Identifier: "use-1", Meter: "seats", Timestamp: floorMinute(today), Payload: pairs("cus_0", "9")}
	_, err := e.api().SendUsage(t.Context(), foreign) // another machine, which has another ledger
	require.NoError(t, err)
	s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	var refused *usage.RefusedError
	require.ErrorAs(t, err, &refused)
	require.EqualValues(t, []int64{2, 0, 1}, []int64{s.Sent, s.Refused, s.Elsewhere})
	text = strings.Replace(text, "use-1,", "use-1b,", 1)
	s, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	require.EqualValues(t, []int64{1, 2}, []int64{s.SentNow, s.SentBefore})
	require.Equal(t, wanted(text), e.counted("calls"))
}

func TestTheStreamIsForLiveModeOnly(t *testing.T) {
	e := newEnv(t)
	p := e.process(&crashtest.Crash{})
	p.StreamAnywhere = false
	_, err := p.Review(t.Context(), input(e.file(1)), usage.Options{Stream: true})
	require.ErrorIs(t, err, usage.ErrStream)
}

// A session of 15 minutes is renewed before it ends, and once more when Stripe says that it has ended.
func TestTheSessionIsRenewed(t *testing.T) {
	e := newEnv(t)
	e.stream = true
	sessions := 0
	e.fault = func(r *http.Request) sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, "/meter_event_session") {
			sessions++
		} else if strings.HasSuffix(r.URL.Path, "/meter_event_stream") {
			e.clock.advance(20 * time.Second) // a session is renewed a minute before its end: some requests come too late for theirs
		}
		return sandbox.Fault{}
	}
	text := e.file(15_000)
	_, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	require.Greater(t, sessions, 2)
	require.Equal(t, wanted(text), e.counted("calls"))
}

func TestAStopLeavesTheRestForTheNextRun(t *testing.T) {
	e := newEnv(t)
	text := e.file(300)
	stop := make(chan struct{})
	n := 0
	e.fault = func(r *http.Request) sandbox.Fault {
		if n++; n == 60 {
			close(stop)
		}
		return sandbox.Fault{}
	}
	var serial = make(chan struct{}, 1)
	inner := e.fault
	e.fault = func(r *http.Request) sandbox.Fault {
		serial <- struct{}{}
		defer func() { <-serial }()
		return inner(r)
	}
	s, err := e.run(&crashtest.Crash{}, text, usage.RunOptions{Stop: stop})
	require.ErrorIs(t, err, usage.ErrInterrupted)
	require.Less(t, s.Sent, int64(300))
	require.Zero(t, s.Refused, "what was not sent was not refused")
	require.Equal(t, "in_progress", s.Status)
	e.fault = nil
	_, err = e.run(&crashtest.Crash{}, text, usage.RunOptions{})
	require.NoError(t, err)
	require.Equal(t, wanted(text), e.counted("calls"))
	for one, err := range e.ledger.UsageEvents(t.Context(), s.ID) {
		require.NoError(t, err)
		require.Equal(t, ledger.UsageSent, one.State)
	}
}

func TestAWrongKeyEndsTheRunAtOnce(t *testing.T) {
	e := newEnv(t)
	_, err := e.run(&crashtest.Crash{}, e.file(2)+"use-x,1,calls,cus_0,1\n", usage.RunOptions{})
	var invalid *usage.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Zero(t, e.posts.Load())
	var _ *migrate.StripeError
}
