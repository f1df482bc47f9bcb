package sandbox

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCompactionChangesNothingButTheSize updates a few objects until the
// journal is nearly all history, and compares every answer before and after.
func TestCompactionChangesNothingButTheSize(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	path := filepath.Join(opts.Dir, journalName)
	b := open4test(t, opts).stock()
	b.check = nil
	changed := b.keyed("changed", schedulesPath, schedule()...).ok()
	kept := b.keyed("kept", schedulesPath, schedule("customer=cus_2")...).ok()
	b.do("DELETE", "/v1/coupons/TEN").ok()
	for range 2 * compactLeast {
		b.post(schedulesPath+"/"+changed.text("id"), "metadata[a]=b").ok()
	}
	before, err := os.Stat(path)
	require.NoError(t, err)
	list := b.get(schedulesPath).ok().raw

	for range 2 {
		b = reopen(t, b, opts)
		require.Equal(t, list, b.get(schedulesPath).ok().raw)
		require.Equal(t, changed.raw, b.keyed("changed", schedulesPath, schedule()...).ok().raw)
		require.Equal(t, kept.raw, b.keyed("kept", schedulesPath, schedule("customer=cus_2")...).ok().raw)
		b.get("/v1/coupons/TEN").fails(404, "resource_missing", "coupon", "No such coupon")
	}
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.Less(t, after.Size(), before.Size()/2)
	require.Equal(t, os.FileMode(0o600), after.Mode().Perm())
}
