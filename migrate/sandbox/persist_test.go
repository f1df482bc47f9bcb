package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// walName is SQLite's write-ahead log.
const walName = disk.Name + "-wal"

// reopen closes a bench and opens its directory again.
func reopen(t *testing.T, b *bench, opts Options) *bench {
	t.Helper()
	require.NoError(t, b.Close())
	next := open4test(t, opts)
	next.clock.at = b.clock.at
	return next
}

func TestStateSurvives(t *testing.T) {
	opts := Options{Dir: filepath.Join(t.TempDir(), "state")}
	b := open4test(t, opts).stock()
	require.NoError(t, b.Load(strings.NewReader(`{"customers":[{"id":"cus_live","livemode":true}]}`)))
	made := b.keyed("k", schedulesPath, schedule("metadata[a]=b:null,", "phases[0][default_tax_rates][]=txr_1")...).ok()
	gone := b.post("/v1/customers", "email=x@example.com").ok().text("id")
	b.do("DELETE", "/v1/customers/"+gone).ok()
	account := b.Account()

	b = reopen(t, b, opts)
	require.Equal(t, account, b.Account())
	require.Equal(t, made.raw, b.get(schedulesPath+"/"+made.text("id")).ok().raw)
	replay := b.keyed("k", schedulesPath, schedule("metadata[a]=b:null,", "phases[0][default_tax_rates][]=txr_1")...).ok()
	require.Equal(t, "true", replay.header.Get("Idempotent-Replayed"))
	require.Equal(t, made.raw, replay.raw)
	require.Equal(t, true, b.get("/v1/customers/"+gone).ok().at("deleted"))
	b.get("/v1/customers/cus_live").fails(404, "resource_missing", "id", "live mode")
	require.NotEqual(t, made.text("id"), b.post(schedulesPath, schedule()...).ok().text("id"), "IDs are not given twice")

	b.clock.pass(2 * day)
	require.Equal(t, "active", b.get(schedulesPath+"/"+made.text("id")).ok().text("status"))
}

func TestOneProcessOwnsADirectory(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	open4test(t, opts)
	_, err := Open(opts)
	require.ErrorIs(t, err, ErrInUse)
	require.ErrorContains(t, err, opts.Dir)
}

func TestTheFilesArePrivate(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	b := open4test(t, opts).stock()
	files, err := os.ReadDir(opts.Dir)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 4)
	for _, one := range files {
		info, err := one.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), one.Name())
	}
	require.NoError(t, b.Close())
}

// killed copies a directory as a process leaves it that is killed now.
func killed(t *testing.T, dir string) string {
	t.Helper()
	left := t.TempDir()
	require.NoError(t, os.CopyFS(left, os.DirFS(dir)))
	return left
}

// openAgain opens a directory with the tests' clock.
func openAgain(t *testing.T, dir string, at time.Time) *bench {
	t.Helper()
	b := open4test(t, Options{Dir: dir})
	b.clock.at = at
	return b
}

// TestATornTransactionIsCutOff cuts the write-ahead log all over its last transaction: the change that was not finished
// is gone, everything before is there, and so is what is done next, also after another death.
func TestATornTransactionIsCutOff(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	b := open4test(t, opts).stock()
	b.check = nil
	kept := b.post(schedulesPath, schedule()...).ok()
	before, err := os.Stat(filepath.Join(opts.Dir, walName))
	require.NoError(t, err)
	b.post(schedulesPath, schedule()...).ok()
	left := killed(t, opts.Dir)
	whole, err := os.ReadFile(filepath.Join(left, walName))
	require.NoError(t, err)
	require.Greater(t, int64(len(whole)), before.Size())

	for size := before.Size(); size < int64(len(whole)); size += 1777 {
		torn := killed(t, left)
		require.NoError(t, os.WriteFile(filepath.Join(torn, walName), whole[:size], 0o600))
		again := openAgain(t, torn, b.clock.at)
		require.Equal(t, []string{kept.text("id")}, again.get(schedulesPath).ids())
		again.post("/v1/customers/cus_1", "name=Jo").ok()

		again = openAgain(t, killed(t, torn), b.clock.at)
		require.Equal(t, []string{kept.text("id")}, again.get(schedulesPath).ids())
		require.Equal(t, "Jo", again.get("/v1/customers/cus_1").text("name"))
		again.post(schedulesPath, schedule()...).ok()
		require.Len(t, again.get(schedulesPath).ids(), 2)
	}
}

// TestANewerFileIsLeftAlone: its format may be another one.
func TestANewerFileIsLeftAlone(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	require.NoError(t, open4test(t, opts).Close())
	sums := filepath.Join(opts.Dir, "sandbox.sums")
	require.NoError(t, os.WriteFile(sums, []byte("subferry sandbox sums 2\nsomething else"), 0o600))
	before, err := os.ReadFile(filepath.Join(opts.Dir, disk.Name))
	require.NoError(t, err)
	_, err = Open(opts)
	require.ErrorContains(t, err, "version 2")
	require.ErrorContains(t, err, "use a newer program")
	left, err := os.ReadFile(filepath.Join(opts.Dir, disk.Name))
	require.NoError(t, err)
	require.Equal(t, before, left)
}

// TestWhatIsReadLaterIsWhatWasWritten compares every answer of a sandbox with those after opening its directory again,
// each as the first one.
func TestWhatIsReadLaterIsWhatWasWritten(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	b := open4test(t, opts).stock()
	b.check = nil
	var customers []string
	for range smallTable + 50 { // more than are read at once
		customers = append(customers, b.post("/v1/customers", "payment_method=pm_card_visa").ok().text("id"))
	}
	for i, id := range customers[:60] {
		b.keyed(id, schedulesPath, schedule("customer="+id, "start_date="+unix(int64(2+i%3)*day))...).ok()
	}
	b.do("DELETE", "/v1/customers/"+customers[70]).ok()
	b.do("DELETE", "/v1/coupons/TEN").ok()
	require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 0, 3)))
	questions := [][]string{
		{"/v1/customers", "limit=100"}, {"/v1/customers", "limit=3", "starting_after=" + customers[72]},
		{"/v1/customers", "limit=3", "ending_before=" + customers[69]}, {"/v1/customers", "limit=3", "ending_before=" + customers[0]},
		{"/v1/customers/" + customers[70]}, {"/v1/customers/" + customers[71]},
		{"/v1/customers/" + customers[5] + "/payment_methods"}, {"/v1/payment_methods", "customer=" + customers[900]},
		{schedulesPath, "limit=100"}, {schedulesPath, "customer=" + customers[7]}, {schedulesPath, "limit=2", "created[gte]=" + unix(0)},
		{schedulesPath, "created[lt]=" + unix(0)}, {schedulesPath, "created=" + unix(0), "limit=5"}, {"/v1/subscriptions", "status=all", "limit=100"},
		{"/v1/subscriptions", "customer=" + customers[8]}, {"/v1/invoices", "limit=100"}, {"/v1/invoices", "created[gt]=" + unix(2*day)},
		{"/v1/coupons"}, {"/v1/prices"}, {"/v1/events", "limit=100", "type=customer.deleted"}, {"/v1/events/" + b.get("/v1/events").ids()[3]},
	}
	ask := func(b *bench, question []string) string { return b.get(question[0], question[1:]...).raw }
	var told []string
	for _, one := range questions {
		told = append(told, ask(b, one))
	}
	for i, one := range questions {
		b = reopen(t, b, opts)
		b.check = nil
		require.Equal(t, without(told[i], "request"), without(ask(b, one), "request"), one)
	}
	for i, one := range questions { // and one after the other
		require.Equal(t, without(told[i], "request"), without(ask(b, one), "request"), one)
	}
	left := openAgain(t, killed(t, opts.Dir), b.clock.at)
	left.check = nil
	for _, both := range []*bench{b, left} {
		require.NoError(t, both.Advance(t.Context(), start.AddDate(0, 2, 0)))
	}
	require.Equal(t, len(b.get("/v1/invoices", "limit=100", "customer="+customers[9]).ids()), len(left.get("/v1/invoices", "limit=100", "customer="+customers[9]).ids()))
	require.Len(t, b.get("/v1/invoices", "customer="+customers[9]).ids(), 2)
}

// without leaves out what names the request: a refusal's ID is of the process.
func without(raw, field string) string {
	if at := strings.Index(raw, `"`+field+`_log_url"`); at >= 0 {
		return raw[:at]
	}
	return raw
}
