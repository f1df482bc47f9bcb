package sandbox

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox/internal/store/disk"
)

const (
	journalName  = "sandbox.jsonl"
	importedName = journalName + ".imported"

	// A line of a journal ends with the checksum of what stands before it.
	sealBegins = `,"crc":"`
	sealLength = len(sealBegins) + 8 + len(`"}`)
)

// goldenJournal was written by the last program that kept a journal. With it is what that program answered.
func goldenJournal(t *testing.T) (journal []byte, answers map[string]string) {
	journal, err := os.ReadFile("testdata/journal/sandbox.jsonl")
	require.NoError(t, err)
	text, err := os.ReadFile("testdata/journal/answers.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &answers))
	return journal, answers
}

// TestAJournalIsImported compares all that a sandbox answers after the import, after opening it again, and after a
// death, with what it answered before.
func TestAJournalIsImported(t *testing.T) {
	journal, want := goldenJournal(t)
	dir := t.TempDir()
	path := filepath.Join(dir, journalName)
	require.NoError(t, os.WriteFile(path, journal, 0o600))
	check := func(dir string) *bench {
		b := openAgain(t, dir, start)
		for question, answer := range want {
			method, what, _ := strings.Cut(question, " ")
			var got *reply
			switch {
			case method == "GET" && what == "/v1/account":
				got = b.get(what)
			case method == "GET":
				got = b.get(what, "limit=100")
			case what == "kept":
				got = b.keyed("kept", schedulesPath, schedule("customer=cus_2", "start_date="+unix(80*day), "metadata[a]=b:null,")...)
			default:
				got = b.keyed("changed later", "/v1/customers/cus_1", "name=Jo")
			}
			require.Equal(t, answer, got.ok().raw, question)
		}
		b.get("/v1/customers/cus_live").fails(404, "resource_missing", "id", "live mode")
		gone := regexp.MustCompile(`"removed":\{"customer":\["(\w+)"`).FindSubmatch(journal)
		require.Equal(t, true, b.get("/v1/customers/"+string(gone[1])).ok().at("deleted"))
		return b
	}
	b := check(dir)
	require.NoFileExists(t, path)
	kept, err := os.ReadFile(filepath.Join(dir, importedName))
	require.NoError(t, err)
	require.Equal(t, journal, kept)
	b = reopenTo(t, b, func() *bench { return check(killed(t, dir)) })
	b = reopenTo(t, b, func() *bench { return check(dir) })
	made := b.post(schedulesPath, schedule("start_date="+unix(60*day))...).ok().text("id")
	require.NotContains(t, string(journal), made, "IDs are not given twice")
	require.NoError(t, b.Advance(t.Context(), start.AddDate(0, 0, 65)))
	require.Equal(t, "active", b.get(schedulesPath+"/"+made).text("status"))
	require.NoError(t, b.Close())

	// A death before the journal got its other name.
	require.NoError(t, os.Rename(filepath.Join(dir, importedName), path))
	b = openAgain(t, dir, start)
	require.Equal(t, "active", b.get(schedulesPath+"/"+made).text("status"))
	require.NoFileExists(t, path)
	require.NoError(t, b.Close())

	// A journal that an older program has begun since.
	require.NoError(t, os.WriteFile(path, journal[:len(journal)/2], 0o600))
	_, err = Open(Options{Dir: dir})
	require.ErrorContains(t, err, "an older program has used the directory")
	require.FileExists(t, path)
}

func reopenTo(t *testing.T, b *bench, next func() *bench) *bench {
	t.Helper()
	require.NoError(t, b.Close())
	return next()
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

// TestEveryChangedByteOfAJournalIsNoticed changes bytes all over a journal. Most leave it valid JSON: another amount,
// another date.
func TestEveryChangedByteOfAJournalIsNoticed(t *testing.T) {
	t.Parallel()
	whole, _ := goldenJournal(t)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for i := 0; i < last; i += 211 {
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

// TestATornLineOfAJournalIsLeftOut: it belongs to a change that was never answered.
func TestATornLineOfAJournalIsLeftOut(t *testing.T) {
	whole, _ := goldenJournal(t)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for size := last; size < len(whole); size += 101 {
		path, err := openJournalOf(t, whole[:size])
		require.NoError(t, err)
		left, err := os.ReadFile(filepath.Join(filepath.Dir(path), importedName))
		require.NoError(t, err)
		require.Equal(t, whole[:size], left)
	}
}

// TestWhatIsNoJournalIsLeftAlone: nothing is imported before it is known to be a journal that this program can read,
// and nothing is changed.
func TestWhatIsNoJournalIsLeftAlone(t *testing.T) {
	for name, one := range map[string]struct{ content, says string }{
		"a text without a line's end":   {"Dear diary", "line 1 is damaged: it is no journal"},
		"zeros, as a lost block leaves": {strings.Repeat("\x00", 4096), "line 1 is damaged: it is no journal"},
		"other JSON":                    {"{}\n{\"cus", "line 1 is damaged: the first line must say whose account it is"},
		"garbage":                       {"{\"account\":{\"version\":1}}\n{garbage}\n", "line 2 is damaged"},
		"a newer journal":               {`{"account":{"version":2,"id":"acct_1","seed":"x","created":1}}` + "\n", "version 2"},
		"a newer journal, torn":         {`{"account":{"version":2,"id":"acct_1","seed":"x","created":1}}` + "\n{\"cus", "version 2"},
	} {
		path, err := openJournalOf(t, []byte(one.content))
		require.ErrorContains(t, err, one.says, name)
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, one.content, string(left), name)

		// Out of the way, it is no longer asked for.
		require.NoError(t, os.Rename(path, path+".bad"))
		s, err := Open(Options{Dir: filepath.Dir(path)})
		require.NoError(t, err)
		require.NoError(t, s.Close())
	}
	path, err := openJournalOf(t, []byte(`{"account":{"ver`))
	require.NoError(t, err, "a death while the first line was written")
	require.FileExists(t, filepath.Join(filepath.Dir(path), disk.Name))
}

// TestAJournalWithoutChecksumsIsRead: they came after the first journals.
func TestAJournalWithoutChecksumsIsRead(t *testing.T) {
	whole, _ := goldenJournal(t)
	var old []byte
	for line := range bytes.Lines(whole) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		require.True(t, bytes.HasPrefix(line[len(line)-sealLength:], []byte(sealBegins)))
		old = append(append(old, line[:len(line)-sealLength]...), "}\n"...)
	}
	_, err := openJournalOf(t, old)
	require.NoError(t, err)
}
