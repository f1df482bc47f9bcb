package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/serve/store"
)

// TestCheckSchedule: of those who have found the same moments due, one wins; a run is taken from the state that it is in.
func TestCheckSchedule(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		require.NoError(t, s.CreateSchedule(ctx, store.Schedule{Name: "s", Expression: "@daily", Zone: "UTC", Args: []string{"list", "-o", "json"}, Dir: "/", CreatedBy: "ann", CreatedAt: 100}))
		c, err := s.Schedule(ctx, "s")
		require.NoError(t, err)
		require.Equal(t, store.Schedule{Name: "s", Expression: "@daily", Zone: "UTC", Args: []string{"list", "-o", "json"}, Dir: "/", CreatedBy: "ann", CreatedAt: 100, CheckedAt: 100}, c)
		due := store.ScheduleRun{Schedule: "s", Moment: 150, State: store.RunQueued, StartedBy: "schedule"}
		won, err := s.CheckSchedule(ctx, c, 200, []store.ScheduleRun{due})
		require.NoError(t, err)
		require.True(t, won)
		won, err = s.CheckSchedule(ctx, c, 160, []store.ScheduleRun{{Schedule: "s", Moment: 155, State: store.RunQueued}})
		require.NoError(t, err)
		require.False(t, won, "somebody else was faster")
		open, err := s.OpenRuns(ctx)
		require.NoError(t, err)
		require.Equal(t, []store.ScheduleRun{due}, open)
		require.ErrorIs(t, s.PutRun(ctx, due), store.ErrExists)

		due.State = store.RunRunning
		for _, want := range []bool{true, false} {
			won, err = s.UpdateRun(ctx, store.RunQueued, due)
			require.NoError(t, err)
			require.Equal(t, want, won)
		}
		due.State, due.Output, due.ExitCode, due.EndedAt = store.RunFailed, "…\n", 6, 170
		won, err = s.UpdateRun(ctx, store.RunRunning, due)
		require.NoError(t, err)
		require.True(t, won)
		runs, err := s.Runs(ctx, "s", 0)
		require.NoError(t, err)
		require.Equal(t, []store.ScheduleRun{due}, runs)
		require.NoError(t, s.RemoveSchedule(ctx, "s"))
		won, err = s.CheckSchedule(ctx, c, 300, nil)
		require.NoError(t, err)
		require.False(t, won, "it is gone")
	})
}
