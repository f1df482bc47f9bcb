package sandbox

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

// written is a directory with a few changes, closed, and as it was while it was open.
func written(t *testing.T) (closed, killedThen string) {
	closed = t.TempDir()
	b := open4test(t, Options{Dir: closed}).stock()
	b.keyed("k", schedulesPath, schedule("phases[0][coupon]=TEN")...).ok()
	require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 0, 5)))
	killedThen = killed(t, closed)
	require.NoError(t, b.Close())
	return closed, killedThen
}

// refused opens a directory that is expected to be damaged, and returns why.
func refused(t *testing.T, dir string, damage string) error {
	t.Helper()
	before, err := os.ReadFile(filepath.Join(dir, damage))
	require.NoError(t, err)
	s, openErr := Open(Options{Dir: dir, Now: func() time.Time { return start }})
	if openErr == nil {
		require.NoError(t, s.Close())
		return nil
	}
	left, err := os.ReadFile(filepath.Join(dir, damage))
	require.NoError(t, err)
	require.Equal(t, before, left, "what is damaged is left as it is")
	return openErr
}

// TestEveryChangedByteIsNoticed changes bytes all over the files. Most leave a valid database: another amount, another
// date, an ID that is not found.
func TestEveryChangedByteIsNoticed(t *testing.T) {
	t.Parallel()
	closed, open := written(t)
	for _, one := range []struct {
		dir, name string
		step      int
		end       func(whole []byte) int
	}{
		{closed, disk.Name, 1013, func(whole []byte) int { return len(whole) }},
		{closed, "sandbox.sums", 7, func(whole []byte) int { return len(whole) }},
		// What is behind the last whole transaction may be torn.
		{open, walName, 1013, func(whole []byte) int { return len(whole) - 8*(4096+24) }},
	} {
		whole, err := os.ReadFile(filepath.Join(one.dir, one.name))
		require.NoError(t, err)
		dir := killed(t, one.dir)
		require.Greater(t, one.end(whole), 100*one.step/10)
		for i := 0; i < one.end(whole); i += one.step {
			damaged := bytes.Clone(whole)
			damaged[i] ^= 1
			require.NoError(t, os.WriteFile(filepath.Join(dir, one.name), damaged, 0o600))
			err := refused(t, dir, one.name)
			require.Error(t, err, "%s, byte %d", one.name, i)
			require.Regexp(t, "damaged|newer program", err.Error(), "%s, byte %d", one.name, i)
			require.ErrorContains(t, err, filepath.Join(dir, disk.Name))
		}
	}
}

// TestWhatIsMissingIsNoticed cuts and removes the files.
func TestWhatIsMissingIsNoticed(t *testing.T) {
	closed, open := written(t)
	cut := func(name string, size int64) func(dir string) error {
		return func(dir string) error { return os.Truncate(filepath.Join(dir, name), size) }
	}
	for name, one := range map[string]struct {
		dir    string
		damage func(dir string) error
		says   string
	}{
		"an empty database":        {closed, cut(disk.Name, 0), "it ends after 0 of"},
		"half a database":          {closed, cut(disk.Name, 5*4096), "it ends after 5 of"},
		"half a page":              {closed, cut(disk.Name, 5*4096+100), "page 6 of"},
		"half the sums":            {closed, cut("sandbox.sums", 50), "checksums of its pages are damaged"},
		"no sums":                  {closed, func(dir string) error { return os.Remove(filepath.Join(dir, "sandbox.sums")) }, "checksums of its pages are missing"},
		"no database, but its log": {open, func(dir string) error { return os.Remove(filepath.Join(dir, disk.Name)) }, "it is missing"},
		"a text": {closed, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, disk.Name), []byte("Dear diary"), 0o600)
		}, "page 1 of"},
		"zeros, as a lost block has": {closed, func(dir string) error { return overwrite(filepath.Join(dir, disk.Name), 8192, make([]byte, 4096)) }, "page 3 of"},
		"something at its end":       {closed, func(dir string) error { return overwrite(filepath.Join(dir, disk.Name), 1<<20, []byte("x")) }, "it is longer than"},
		"another log": {closed, func(dir string) error {
			return os.WriteFile(filepath.Join(dir, walName), bytes.Repeat([]byte("x"), 9000), 0o600)
		}, "write-ahead log"},
	} {
		dir := killed(t, one.dir)
		require.NoError(t, one.damage(dir), name)
		_, err := Open(Options{Dir: dir})
		require.ErrorContains(t, err, one.says, name)
		require.ErrorContains(t, err, "move the file away", name)
	}
}

func overwrite(path string, at int64, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt(content, at)
	return err
}

// TestADraftOfADeadProcessIsRemoved: it would take room for ever.
func TestADraftOfADeadProcessIsRemoved(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	left := filepath.Join(opts.Dir, disk.Name+".new")
	require.NoError(t, os.WriteFile(left, []byte("half"), 0o600))
	open4test(t, opts)
	require.NoFileExists(t, left)
}

// TestAFailedWriteEndsTheServer: what the disk did not take is answered with an error, and so is all that follows,
// instead of something that will be gone.
func TestAFailedWriteEndsTheServer(t *testing.T) {
	for name, change := range map[string]func(*bench) error{
		"a request": func(b *bench) error {
			b.post("/v1/customers/cus_1", "name=Al").fails(500, "", "", disk.Name)
			return nil
		},
		"the clock": func(b *bench) error { return b.Advance(t.Context(), start.AddDate(0, 0, 1)) },
	} {
		opts := Options{Dir: t.TempDir()}
		b := open4test(t, opts).stock()
		b.post("/v1/customers/cus_1", "name=Jo").ok()
		release := occupied(t, filepath.Join(opts.Dir, disk.Name))
		if err := change(b); err != nil {
			require.ErrorContains(t, err, disk.Name, name)
		}
		b.get("/v1/customers/cus_1").fails(500, "", "", disk.Name)
		release()
		require.ErrorContains(t, b.Close(), disk.Name, name)
		next := openAgain(t, opts.Dir, start)
		require.Equal(t, "Jo", next.get("/v1/customers/cus_1").ok().text("name"), name)
		next.post("/v1/customers/cus_1", "name=Al").ok()
		require.NoError(t, next.Close())
	}
}

// occupied keeps others from writing to a database.
func occupied(t *testing.T, path string) (release func()) {
	db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=wal_autocheckpoint(0)")
	require.NoError(t, err)
	tx, err := db.Begin()
	require.NoError(t, err)
	return func() {
		require.NoError(t, tx.Rollback())
		require.NoError(t, db.Close())
	}
}

// TestDamageThatShowsLater: a file that changes while it is open is noticed when the object is read, and from then on
// nothing is answered.
func TestDamageThatShowsLater(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	b := open4test(t, opts).stock()
	b.check = nil
	b.post("/v1/customers/cus_1", "name=Jo").ok()
	b = reopen(t, b, opts)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(opts.Dir, disk.Name)+"?_pragma=wal_autocheckpoint(0)")
	require.NoError(t, err)
	_, err = db.Exec("UPDATE customer SET body = '{' WHERE id = 'cus_1'")
	require.NoError(t, err)
	b.get("/v1/customers/cus_1").fails(500, "", "", "customer cus_1")
	b.get("/v1/customers/cus_2").fails(500, "", "", "customer cus_1")
	require.ErrorContains(t, b.Advance(t.Context(), start.AddDate(0, 0, 1)), "customer cus_1")
	require.NoError(t, db.Close())
}

// TestAFailedOpenSpoilsNothing: what a killed process left is still there, and no damage, after somebody could not open
// it.
func TestAFailedOpenSpoilsNothing(t *testing.T) {
	t.Parallel()
	_, left := written(t)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(left, disk.Name)+"?_txlock=immediate&_pragma=wal_autocheckpoint(0)")
	require.NoError(t, err)
	tx, err := db.Begin()
	require.NoError(t, err)
	_, err = Open(Options{Dir: left}) // nobody else may write
	require.ErrorContains(t, err, disk.Name)
	require.NoError(t, tx.Rollback())
	b := openAgain(t, left, start)
	require.Len(t, b.get(schedulesPath).ids(), 1)
	require.NoError(t, b.Close())
	require.NoError(t, db.Close())
	require.Len(t, openAgain(t, left, start).get(schedulesPath).ids(), 1)
}
