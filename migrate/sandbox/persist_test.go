package sandbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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

func TestTheJournalIsPrivate(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	open4test(t, opts)
	for _, name := range []string{journalName, lockName} {
		info, err := os.Stat(filepath.Join(opts.Dir, name))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), name)
	}
}

// TestATornLineIsCutOff cuts the journal at every byte of its last line: the
// change that was not finished is gone, everything before is there.
func TestATornLineIsCutOff(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	path := filepath.Join(opts.Dir, journalName)
	b := open4test(t, opts).stock()
	kept := b.post(schedulesPath, schedule()...).ok()
	before, err := os.Stat(path)
	require.NoError(t, err)
	b.post(schedulesPath, schedule()...).ok()
	require.NoError(t, b.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)

	for size := before.Size(); size < int64(len(whole)); size += 7 {
		require.NoError(t, os.WriteFile(path, whole[:size], 0o600))
		s, err := Open(Options{Dir: opts.Dir, Now: func() time.Time { return start }})
		require.NoError(t, err)
		again := &bench{TB: t, Server: s, clock: b.clock}
		require.Equal(t, []string{kept.text("id")}, again.get(schedulesPath).ids())
		again.post(schedulesPath, schedule()...).ok()
		require.Len(t, again.get(schedulesPath).ids(), 2)
		require.NoError(t, s.Close())
	}
}

func TestADamagedJournalIsNamed(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	require.NoError(t, os.WriteFile(filepath.Join(opts.Dir, journalName), []byte("{\"account\":{\"version\":1}}\n{garbage}\n"), 0o600))
	_, err := Open(opts)
	require.ErrorContains(t, err, "line 2 is damaged")
	require.ErrorContains(t, err, "move the file away")
}

func TestDropNulls(t *testing.T) {
	for in, want := range map[string]string{
		`{"a":null}`:                        `{}`,
		`{"a":1,"b":null}`:                  `{"a":1}`,
		`{"a":null,"b":1}`:                  `{"b":1}`,
		`{"a":null,"b":null}`:               `{}`,
		`{"a":null,"b":null,"c":1}`:         `{"c":1}`,
		`{"a":0,"b":null,"c":1}`:            `{"a":0,"c":1}`,
		`{"a":":null,","b":"\":null"}`:      `{"a":":null,","b":"\":null"}`,
		`{"a":{"b":null},"c":[{"d":null}]}`: `{"a":{},"c":[{}]}`,
		`{"a":[null]}`:                      `{"a":[null]}`,
	} {
		require.Equal(t, want, string(dropNulls([]byte(in))), in)
		require.True(t, json.Valid(dropNulls([]byte(in))))
	}
}

func TestANewerJournalIsLeftAlone(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	path := filepath.Join(opts.Dir, journalName)
	newer := `{"account":{"version":2,"id":"acct_1","seed":"x","created":1}}` + "\n"
	require.NoError(t, os.WriteFile(path, []byte(newer), 0o600))
	_, err := Open(opts)
	require.ErrorContains(t, err, "version 2")
	left, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, newer, string(left))
}
