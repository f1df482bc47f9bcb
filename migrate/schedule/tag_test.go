package schedule_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
)

func TestATagLeadsBackToItsRow(t *testing.T) {
	tag := schedule.Tag{Migration: "mig_1", Row: 42}
	read, ok := schedule.ParseTag(map[string]string{schedule.TagKey: tag.String()})
	require.True(t, ok)
	require.Equal(t, tag, read)
	for _, foreign := range []string{"", "mig_1", "mig_1/", "mig_1/x", "mig_1/-1", "mig_1/0", "/1"} {
		_, ok := schedule.ParseTag(map[string]string{schedule.TagKey: foreign})
		require.False(t, ok, foreign)
	}
}

func TestATagStandsOnScheduleAndSubscription(t *testing.T) {
	plain := schedule.Schedule{Metadata: make(csvspec.Metadata, 0, 4)}
	first, second := plain.Tagged(schedule.Tag{Migration: "mig_1", Row: 1}), plain.Tagged(schedule.Tag{Migration: "mig_1", Row: 2})
	require.Equal(t, "mig_1/1", first.Metadata.Get(schedule.TagKey))
	require.Equal(t, "mig_1/1", first.Phase.Metadata.Get(schedule.TagKey), "only the phase's metadata reaches the subscription")
	require.Equal(t, "mig_1/2", second.Metadata.Get(schedule.TagKey))
	require.Empty(t, plain.Metadata)
}
