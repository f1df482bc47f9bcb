package cutover_test

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/crashtest"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/ledger"
)

// edited is a wire on which the form of every change is edited.
type edited struct {
	http.RoundTripper
	edit func(url.Values)
}

func (e edited) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return e.RoundTripper.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	e.edit(form)
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form.Encode())), int64(len(form.Encode()))
	return e.RoundTripper.RoundTrip(r)
}

// An answer is not taken for a proof: what counts is the subscription as it is read afterwards.
func TestWhatIsNotStoppedIsNotCalledStopped(t *testing.T) {
	w := newEnv(t, 1)
	wire := edited{w.source.Transport(), func(form url.Values) { form.Del("cancel_at_period_end") }}
	r, err := w.processOn(wire, &crashtest.Crash{}).Apply(context.Background(), w.id, cutover.Options{})
	var unsettled *cutover.UnsettledError
	require.ErrorAs(t, err, &unsettled)
	require.Zero(t, r.Done)
	require.EqualValues(t, 1, r.Unsettled)
	require.Equal(t, ledger.SourceStopping, w.entry(1).Source)
	require.EqualValues(t, 1, w.bills().Counts[cutover.BySource])
	require.EqualValues(t, 1, w.apply(cutover.Options{}).Done)
}

func TestWhatIsNotRestoredIsNotCalledRestored(t *testing.T) {
	w := newEnv(t, 1)
	w.apply(cutover.Options{})
	wire := edited{w.source.Transport(), func(form url.Values) { form.Del("cancel_at_period_end") }}
	r, err := w.processOn(wire, &crashtest.Crash{}).Undo(context.Background(), w.id, cutover.Options{})
	require.NoError(t, err)
	require.Equal(t, "not_restored", r.Failures[0].Code)
	require.Contains(t, r.Failures[0].Sentence, "look at it in the Dashboard")
	require.Equal(t, ledger.SourceStopped, w.entry(1).Source)
}

// A change whose sender has given up, and died, arrives while the next command waits for it: it is seen, and undone.
func TestAChangeThatArrivesLate(t *testing.T) {
	w := newEnv(t, 1)
	sky := &weather{w: w}
	lost := lateWire{sky, &crashtest.Crash{}}
	_, err := w.processOn(lost, lost.d).Apply(context.Background(), w.id, cutover.Options{})
	require.Error(t, err)
	require.Len(t, sky.late, 1)
	require.Equal(t, ledger.SourceStopping, w.entry(1).Source)
	died := w.clock.Now()
	w.clock.slept = func() {
		if w.clock.Now().Sub(died) > time.Minute {
			sky.arrive(len(sky.late))
		}
	}
	require.EqualValues(t, 1, w.undo(cutover.Options{}).Done)
	sky.arrive(len(sky.late))
	require.Equal(t, false, w.old(1)["cancel_at_period_end"])
	require.EqualValues(t, 1, w.bills().Counts[cutover.BySource])
}

// lateWire holds up every change, and then the process dies.
type lateWire struct {
	*weather
	d *crashtest.Crash
}

func (l lateWire) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodPost {
		return l.w.source.Transport().RoundTrip(r)
	}
	alone := r.Clone(context.Background())
	body, err := io.ReadAll(r.Body)
	alone.Body = io.NopCloser(strings.NewReader(string(body)))
	l.late = append(l.late, alone)
	l.d.Die()
	if err == nil {
		err = crashtest.ErrDead
	}
	return nil, err
}
