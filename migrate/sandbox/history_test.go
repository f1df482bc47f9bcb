package sandbox

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox/internal/store"
	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// TestHistoryTakesNoRoom updates a few objects thousands of times, and compares every answer before and after opening
// the directory again.
func TestHistoryTakesNoRoom(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	path := filepath.Join(opts.Dir, disk.Name)
	b := open4test(t, opts).stock()
	b.check = nil
	changed := b.keyed("changed", schedulesPath, schedule()...).ok()
	kept := b.keyed("kept", schedulesPath, schedule("customer=cus_2")...).ok()
	b.do("DELETE", "/v1/coupons/TEN").ok()
	for range store.EventsKept + 10 {
		b.post(schedulesPath+"/"+changed.text("id"), "metadata[a]=b").ok()
	}
	list, events := b.get(schedulesPath).ok().raw, b.get("/v1/events", "limit=100").ok().raw
	b = reopen(t, b, opts)
	before, err := os.Stat(path)
	require.NoError(t, err)
	for range 2 {
		b.check = nil
		require.Equal(t, list, b.get(schedulesPath).ok().raw)
		require.Equal(t, events, b.get("/v1/events", "limit=100").ok().raw)
		require.Equal(t, changed.raw, b.keyed("changed", schedulesPath, schedule()...).ok().raw)
		require.Equal(t, kept.raw, b.keyed("kept", schedulesPath, schedule("customer=cus_2")...).ok().raw)
		b.get("/v1/coupons/TEN").fails(404, "resource_missing", "coupon", "No such coupon")
		b = reopen(t, b, opts)
	}
	for range store.EventsKept {
		b.check = nil
		b.post(schedulesPath+"/"+changed.text("id"), "metadata[a]=b").ok()
	}
	require.Equal(t, changed.raw, b.keyed("changed", schedulesPath, schedule()...).ok().raw)
	reopen(t, b, opts)
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.Less(t, after.Size(), before.Size()*11/10)
	require.Equal(t, os.FileMode(0o600), after.Mode().Perm())
}
