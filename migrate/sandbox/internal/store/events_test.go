package store

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox/internal/object"
)

// TestOldEventsTakeNoRoom: what is remembered of events does not grow with their number.
func TestOldEventsTakeNoRoom(t *testing.T) {
	s, err := Open("", "test", func() time.Time { return time.Unix(1_000_000, 0) })
	require.NoError(t, err)
	changed := object.NewCustomer("cus_1", s.Now())
	emit := func(name object.Text) {
		tx := s.Begin(s.Now())
		changed.Name = name
		Emit(tx, "customer.updated", changed)
		require.NoError(t, s.Commit(tx, Fingerprint{}, nil))
	}
	for range 3 * EventsKept {
		emit("Jo")
	}
	require.Len(t, s.events.ring, EventsKept)
	newest := func() []*Event {
		found, _, _ := s.AllEvents().Page(Query[Event]{Limit: 2, Keep: func(*Event) bool { return true }})
		return found
	}
	before := newest()[0]
	emit("Joan")
	require.Equal(t, before, newest()[1])
	require.Equal(t, object.Text("Joan"), newest()[0].Object.(*object.Customer).Name)
	require.Equal(t, object.Text("Jo"), before.Object.(*object.Customer).Name, "an event shows the object as it was")
}
