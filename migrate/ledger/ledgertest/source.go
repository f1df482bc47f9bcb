package ledgertest

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
)

// source returns the entry of a scheduled row whose source is in a state.
func source(row int64, s ledger.SourceState) ledger.Entry {
	e := entry(row, ledger.Scheduled)
	e.Source, e.SourceStop, e.SourceNote = s, "at:1800000000", "über \"alles\""
	e.SourceAttempt, e.SourceKey, e.SourceAt = 3, "sf_source", 1700000003
	return e
}

func sourceSteps(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	ways := map[ledger.SourceState][]ledger.SourceState{
		ledger.SourceUntouched: {},
		ledger.SourceStopping:  {ledger.SourceStopping},
		ledger.SourceStopped:   {ledger.SourceStopped},
		ledger.SourceEnds:      {ledger.SourceEnds},
		ledger.SourceRefused:   {ledger.SourceStopping, ledger.SourceRefused},
		ledger.SourceRestoring: {ledger.SourceStopped, ledger.SourceRestoring},
		ledger.SourceRestored:  {ledger.SourceStopped, ledger.SourceRestoring, ledger.SourceRestored},
	}
	all := append(ledger.SourceStates(), ledger.SourceUntouched)
	row := int64(0)
	for _, from := range all {
		for _, to := range all {
			row++
			reach(t, l, row, ledger.Scheduled)
			before := ledger.SourceUntouched
			for _, step := range ways[from] {
				require.NoError(t, l.PutSource(ctx, id, before, source(row, step)))
				before = step
			}
			err := l.PutSource(ctx, id, from, source(row, to))
			if ledger.LegalSource(from, to) {
				require.NoError(t, err, "%q to %q", from, to)
			} else {
				require.ErrorIs(t, err, ledger.ErrIllegal, "%q to %q", from, to)
			}
		}
	}
}

// sourceApart: the two states of a row are written apart, whatever else the entry says that is handed in.
func sourceApart(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	require.ErrorIs(t, l.PutSource(ctx, "mig_none", ledger.SourceUntouched, source(1, ledger.SourceStopping)), ledger.ErrNotFound)
	require.ErrorIs(t, l.PutSource(ctx, id, ledger.SourceUntouched, source(1, ledger.SourceStopping)), ledger.ErrConflict, "the row has no entry")
	reach(t, l, 1, ledger.Scheduled)
	require.ErrorIs(t, l.PutSource(ctx, id, ledger.SourceStopping, source(1, ledger.SourceStopped)), ledger.ErrConflict)

	stopping := source(1, ledger.SourceStopping)
	stopping.State, stopping.Customer, stopping.VerifiedHash = ledger.Canceled, "cus_other", "hash"
	require.NoError(t, l.PutSource(ctx, id, ledger.SourceUntouched, stopping))
	require.Equal(t, []ledger.Entry{source(1, ledger.SourceStopping)}, collect(t, l))

	require.NoError(t, l.PutVerified(ctx, id, []ledger.Verified{{Row: 1, At: 5, Hash: "h"}}))
	require.NoError(t, l.Put(ctx, id, ledger.Scheduled, entry(1, ledger.Canceling)), "an entry that knows nothing of the source")
	want := source(1, ledger.SourceStopping)
	want.State, want.VerifiedAt, want.VerifiedHash = ledger.Canceling, 5, "h"
	require.Equal(t, []ledger.Entry{want}, collect(t, l))

	counted, err := l.Counts(ctx, id, 0)
	require.NoError(t, err)
	require.Equal(t, map[ledger.SourceState]int64{ledger.SourceStopping: 1}, counted.BySource)

	first := entry(2, ledger.Intended)
	first.Source, first.VerifiedAt = ledger.SourceStopped, 7
	require.NoError(t, l.Put(ctx, id, ledger.New, first))
	require.Equal(t, []ledger.Entry{want, entry(2, ledger.Intended)}, collect(t, l), "a new row says nothing of a source either")
}

func oneSourceWins(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	for row := range int64(10) {
		reach(t, l, row, ledger.Scheduled)
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if l.PutSource(ctx, id, ledger.SourceUntouched, source(row, ledger.SourceStopping)) == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, won.Load())
	}
}

func verified(t *testing.T, l ledger.Ledger) {
	begun(t, l)
	for row := range int64(3) {
		reach(t, l, row, ledger.Scheduled)
	}
	require.NoError(t, l.PutVerified(ctx, id, nil))
	require.ErrorIs(t, l.PutVerified(ctx, "mig_none", []ledger.Verified{{Row: 1, At: 1}}), ledger.ErrNotFound)
	require.ErrorIs(t, l.PutVerified(ctx, id, []ledger.Verified{{Row: 0, At: 9, Hash: "a"}, {Row: 99, At: 9, Hash: "b"}, {Row: 2, At: 9, Hash: "c"}}),
		ledger.ErrConflict, "row 99 has no entry")
	count := func() int64 {
		c, err := l.Counts(ctx, id, 0)
		require.NoError(t, err)
		return c.Verified
	}
	require.EqualValues(t, 2, count())
	require.NoError(t, l.PutVerified(ctx, id, []ledger.Verified{{Row: 0, Hash: "d"}}))
	require.EqualValues(t, 1, count(), "row 0 was found different")
	different, plain, same := entry(0, ledger.Scheduled), entry(1, ledger.Scheduled), entry(2, ledger.Scheduled)
	different.VerifiedHash = "d"
	same.VerifiedAt, same.VerifiedHash = 9, "c"
	require.Equal(t, []ledger.Entry{different, plain, same}, collect(t, l))
}
