package sandbox

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// writtenJournal is the journal of a few changes.
func writtenJournal(t *testing.T) []byte {
	dir := t.TempDir()
	b := open4test(t, Options{Dir: dir}).stock()
	b.keyed("k", schedulesPath, schedule("phases[0][coupon]=TEN")...).ok()
	require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 0, 5)))
	require.NoError(t, b.Close())
	whole, err := os.ReadFile(filepath.Join(dir, journalName))
	require.NoError(t, err)
	return whole
}

// openJournalOf opens a directory with this journal, and returns its path.
func openJournalOf(t *testing.T, journal []byte) (string, error) {
	dir := t.TempDir()
	path := filepath.Join(dir, journalName)
	require.NoError(t, os.WriteFile(path, journal, 0o600))
	s, err := Open(Options{Dir: dir, Now: func() time.Time { return start }})
	if err == nil {
		require.NoError(t, s.Close())
	}
	return path, err
}

// TestEveryChangedByteIsNoticed changes bytes all over a journal. Most leave
// it valid JSON: another amount, another date, a field that nobody reads.
func TestEveryChangedByteIsNoticed(t *testing.T) {
	whole := writtenJournal(t)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for i := 0; i < last; i += 23 {
		if end := i + bytes.IndexByte(whole[i:], '\n'); end-sealLength <= i && i < end-sealLength+len(sealBegins) {
			continue // the checksum's name: what it is of is whole
		}
		damaged := bytes.Clone(whole)
		damaged[i] ^= 1
		path, err := openJournalOf(t, damaged)
		require.ErrorContains(t, err, "is damaged", "byte %d in %q", i, damaged[max(0, i-20):i+20])
		require.ErrorContains(t, err, path)
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, damaged, left, "what is damaged is left as it is")
	}
}

// TestWhatIsNoJournalIsLeftAlone: nothing is cut off a file before it is
// known to be a journal that this program can read.
func TestWhatIsNoJournalIsLeftAlone(t *testing.T) {
	for name, one := range map[string]struct{ content, says string }{
		"a text without a line's end":   {"Dear diary", "line 1 is damaged: it is no journal"},
		"zeros, as a lost block leaves": {strings.Repeat("\x00", 4096), "line 1 is damaged: it is no journal"},
		"other JSON":                    {"{}\n{\"cus", "line 1 is damaged: the first line must say whose account it is"},
		"a newer journal, torn":         {`{"account":{"version":2,"id":"acct_1","seed":"x","created":1}}` + "\n{\"cus", "version 2"},
	} {
		path, err := openJournalOf(t, []byte(one.content))
		require.ErrorContains(t, err, one.says, name)
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, one.content, string(left), name)
	}
	_, err := openJournalOf(t, []byte(`{"account":{"ver`))
	require.NoError(t, err, "a death while the first line was written")
}

// TestAJournalWithoutChecksumsIsRead: they came after the first journals.
func TestAJournalWithoutChecksumsIsRead(t *testing.T) {
	var old []byte
	for line := range bytes.Lines(writtenJournal(t)) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		require.NoError(t, verify(line))
		old = append(append(old, line[:len(line)-sealLength]...), "}\n"...)
	}
	_, err := openJournalOf(t, old)
	require.NoError(t, err)
}

// TestNoRoomToCompact: a journal that cannot be made smaller is used as it is,
// and nothing is left of the attempt.
func TestNoRoomToCompact(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	path := filepath.Join(opts.Dir, journalName)
	b := open4test(t, opts).stock()
	full := errors.New("no space left on device")
	require.ErrorIs(t, b.journal.draft(func(w io.Writer) error {
		_, err := w.Write([]byte("half"))
		return errors.Join(err, full)
	}), full)
	require.NoFileExists(t, path+newSuffix)

	b.check = nil
	for range 2 * compactLeast {
		b.post("/v1/customers/cus_1", "name=Jo").ok()
	}
	// A directory where the draft would be is as good as a full disk.
	require.NoError(t, b.Close())
	require.NoError(t, os.MkdirAll(filepath.Join(path+newSuffix, "kept"), 0o700))
	var log strings.Builder
	opts.Logger = slog.New(slog.NewTextHandler(&log, nil))
	b = open4test(t, opts)
	require.Equal(t, "Jo", b.get("/v1/customers/cus_1").text("name"))
	b.post("/v1/customers/cus_1", "name=Al").ok()
	require.Contains(t, log.String(), "not made smaller")
}

// TestADraftOfADeadProcessIsRemoved: it would take room for ever.
func TestADraftOfADeadProcessIsRemoved(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	left := filepath.Join(opts.Dir, journalName+newSuffix)
	require.NoError(t, os.WriteFile(left, []byte("half"), 0o600))
	open4test(t, opts)
	require.NoFileExists(t, left)
}

// TestAFailedWriteEndsTheServer: what the disk did not take is answered with
// an error, and so is all that follows, instead of something that will be gone.
func TestAFailedWriteEndsTheServer(t *testing.T) {
	for name, change := range map[string]func(*bench) error{
		"a request": func(b *bench) error {
			b.post("/v1/customers/cus_1", "name=Al").fails(500, "", "", journalName)
			return nil
		},
		"the clock": func(b *bench) error { return b.Advance(t.Context(), start.AddDate(0, 0, 1)) },
	} {
		opts := Options{Dir: t.TempDir()}
		b := open4test(t, opts).stock()
		b.post("/v1/customers/cus_1", "name=Jo").ok()
		whole := b.journal.file
		refusing, err := os.Open(b.journal.path) // read only
		require.NoError(t, err)
		b.journal.file = refusing
		if err := change(b); err != nil {
			require.ErrorContains(t, err, journalName, name)
		}
		b.get("/v1/customers/cus_1").fails(500, "", "", journalName)
		require.NoError(t, whole.Close())
		require.Equal(t, "Jo", reopen(t, b, opts).get("/v1/customers/cus_1").ok().text("name"), name)
	}
}
