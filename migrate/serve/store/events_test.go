package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve/store"
)

// TestEvents: what comes is numbered in its order, waits until it is settled, and is told once.
func TestEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, reopen func() *store.Store) {
		one, live := store.EventAccount{Account: "acct_1"}, store.EventAccount{Account: "acct_1", Livemode: true}
		for n := 1; n <= 4; n++ {
			kind := []string{"a", "b"}[n%2]
			fresh, err := s.PutEvent(ctx, store.Event{EventAccount: one, ID: fmt.Sprintf("evt_%d", n), Type: kind, APIVersion: "2023-10-16", Created: 1000, Raw: []byte{'{', '}', 0, 255}})
			require.NoError(t, err)
			require.True(t, fresh)
		}
		_, err := s.PutEvent(ctx, store.Event{EventAccount: live, ID: "evt_1", Type: "a", Raw: []byte("{}")})
		require.NoError(t, err)

		s = reopen()
		waiting, err := s.WaitingAccounts(ctx)
		require.NoError(t, err)
		require.Equal(t, []store.EventAccount{one, live}, waiting)
		known, err := s.EventAccounts(ctx)
		require.NoError(t, err)
		require.Equal(t, waiting, known)
		events, err := s.WaitingEvents(ctx, one, 3)
		require.NoError(t, err)
		require.Len(t, events, 3)
		require.Equal(t, []byte{'{', '}', 0, 255}, events[0].Raw)
		require.EqualValues(t, 1, events[0].Number)
		found, err := s.EventsOf(ctx, one, 1000, "a", "c")
		require.NoError(t, err)
		require.Len(t, found, 2)
		found, err = s.EventsOf(ctx, one, 1001, "a", "b")
		require.NoError(t, err)
		require.Empty(t, found)

		notes := []store.EventNote{{Migration: "mig_1", Row: 1, Line: 2, Subject: "sub_1", Kind: "ended", Sentence: "Ended."}, {Migration: "mig_1", Row: 2, Kind: "ended", Sentence: "Ended."}}
		for range 2 { // by two workers
			first := events[0]
			first.State, first.Note = store.EventApplied, "row 1"
			require.NoError(t, s.SettleEvent(ctx, first, notes...))
		}
		told, err := s.EventNotes(ctx, "mig_1")
		require.NoError(t, err)
		require.Len(t, told, 2)
		require.Equal(t, "evt_1", told[0].Event)
		require.EqualValues(t, 1000, told[0].Created)
		events, err = s.WaitingEvents(ctx, one, 9)
		require.NoError(t, err)
		require.Len(t, events, 3)
		after, err := s.EventsAfter(ctx, one, 3, 9)
		require.NoError(t, err)
		require.Len(t, after, 1)
		require.Equal(t, "evt_4", after[0].ID)
	})
}

// TestHoldEvents: one worker at a time applies the events of an account, until it leaves or was not heard of.
func TestHoldEvents(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		one := store.EventAccount{Account: "acct_1"}
		hold := func(worker string, within time.Duration) bool {
			mine, err := s.HoldEvents(ctx, one, worker, within)
			require.NoError(t, err)
			return mine
		}
		require.False(t, hold("a", time.Minute), "an account without events")
		_, err := s.PutEvent(ctx, store.Event{EventAccount: one, ID: "evt_1", Type: "a", Raw: []byte("{}")})
		require.NoError(t, err)
		require.True(t, hold("a", time.Minute))
		require.True(t, hold("a", time.Minute), "again")
		require.False(t, hold("b", time.Minute))
		require.NoError(t, s.LeaveEvents(ctx, one, "b"))
		require.False(t, hold("b", time.Minute), "who does not hold cannot leave")
		require.NoError(t, s.LeaveEvents(ctx, one, "a"))
		require.True(t, hold("b", -time.Minute))
		require.True(t, hold("a", time.Minute), "b was not heard of")
	})
}
