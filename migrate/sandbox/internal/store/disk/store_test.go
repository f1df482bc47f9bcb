package disk

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type thing struct {
	Name string  `json:"name"`
	Note *string `json:"note"`
}

func openStore(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, []string{"thing", "other.thing"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// copied is a directory as a process leaves it that is killed now.
func copied(t *testing.T, dir string) string {
	t.Helper()
	left := t.TempDir()
	require.NoError(t, os.CopyFS(left, os.DirFS(dir)))
	return left
}

func commit(t *testing.T, s *Store, tx *Tx) {
	t.Helper()
	require.NoError(t, s.Wait(s.Queue(tx)))
}

// told is all that a store says of the objects 0 to 9 and of the answers to them.
func told(t *testing.T, s *Store) (all []string) {
	t.Helper()
	for i := range 10 {
		id := fmt.Sprint("id", i)
		found, err := s.ByID("thing", id)
		require.NoError(t, err)
		for _, o := range found {
			all = append(all, fmt.Sprintf("%d %s %s", o.Seq, o.ID, o.Body))
		}
		a, err := s.Answer([]byte("key" + id))
		require.NoError(t, err)
		if a != nil {
			all = append(all, fmt.Sprintf("%s: %s %s", a.Key, a.ID, a.Body))
		}
	}
	head, err := s.Head()
	require.NoError(t, err)
	return append(all, string(head))
}

// TestAnAnswerIsWhatWasAnswered: an answer that refers to an object keeps what the object was, whether the change comes
// in the same transaction of SQLite's, before the note is filed, after, or after another opening.
func TestAnAnswerIsWhatWasAnswered(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	put := func(s *Store, i int, name string, created, answered bool) uint64 {
		id, value := fmt.Sprint("id", i), &thing{Name: name}
		tx := &Tx{Head: name, Changes: []Change{{Kind: "thing", Seq: int64(i), Created: created, ID: id, Value: value}}}
		if answered {
			tx.Answers = []*Answer{{Key: []byte("key" + id), Request: []byte("r"), Kind: "thing", ID: id, Value: value}}
		}
		return s.Queue(tx)
	}
	for i := range 5 {
		require.NoError(t, s.Wait(put(s, i, "first", true, true)))
	}
	require.NoError(t, s.Wait(put(s, 0, "second", false, false))) // noted, not filed
	put(s, 5, "first", true, true)
	require.NoError(t, s.Wait(put(s, 5, "second", false, false))) // together
	left := copied(t, dir)
	require.NoError(t, s.Close())

	want := []string{
		`0 id0 {"name":"second"}`, `keyid0: id0 {"name":"first"}`,
		`1 id1 {"name":"first"}`, `keyid1: id1 {"name":"first"}`,
		`2 id2 {"name":"first"}`, `keyid2: id2 {"name":"first"}`,
		`3 id3 {"name":"first"}`, `keyid3: id3 {"name":"first"}`,
		`4 id4 {"name":"first"}`, `keyid4: id4 {"name":"first"}`,
		`5 id5 {"name":"second"}`, `keyid5: id5 {"name":"first"}`, `"second"`,
	}
	for _, one := range []string{dir, left} {
		s = openStore(t, one)
		require.Equal(t, want, told(t, s))
		require.Equal(t, int64(6), s.Next("thing"))
		require.NoError(t, s.Wait(put(s, 1, "second", false, true)))
		require.NoError(t, s.Wait(put(s, 2, "second", false, false)))
		commit(t, s, &Tx{Changes: []Change{{Kind: "thing", Seq: 3}}}) // removed, and its ID given again
		commit(t, s, &Tx{Changes: []Change{{Kind: "thing", Seq: 6, Created: true, ID: "id3", Value: &thing{Name: "new"}}}})
		commit(t, s, &Tx{Changes: []Change{{Kind: "thing", Seq: 7, Created: true, ID: "id7", Value: &thing{}}}})
		commit(t, s, &Tx{Changes: []Change{{Kind: "thing", Seq: 7}}})
		again := openStore(t, copied(t, one))
		require.NoError(t, s.Close())
		for _, after := range []*Store{again, openStore(t, one)} {
			got := told(t, after)
			require.Equal(t, []string{`1 id1 {"name":"second"}`, `keyid1: id1 {"name":"second"}`}, got[2:4])
			require.Equal(t, []string{`2 id2 {"name":"second"}`, `keyid2: id2 {"name":"first"}`}, got[4:6])
			require.Equal(t, []string{`6 id3 {"name":"new"}`, `keyid3: id3 {"name":"first"}`}, got[6:8])
			require.Len(t, got, 13)
			require.Equal(t, int64(7), after.Next("thing"))
			require.NoError(t, after.Close())
		}
	}
}

// TestEventsAreARing: the newest ones are kept, whatever was written at once.
func TestEventsAreARing(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	for n := range int64(100) {
		value := &thing{Name: fmt.Sprint(n)}
		tx := &Tx{Keep: 8, Events: []Event{{N: n, Head: n, Kind: "thing", Object: value}}}
		if n%2 == 0 {
			tx.Changes = []Change{{Kind: "thing", Seq: n / 2, Created: true, ID: fmt.Sprint(n), Value: value}}
		}
		if s.Queue(tx); n%7 == 0 {
			require.NoError(t, s.Wait(uint64(n+1)))
		}
	}
	require.NoError(t, s.Wait(100))
	for _, one := range []string{copied(t, dir), dir} {
		if one == dir {
			require.NoError(t, s.Close())
		}
		again := openStore(t, one)
		next := int64(92)
		require.NoError(t, again.Events(func(n int64, head, body []byte) error {
			require.Equal(t, next, n)
			require.Equal(t, fmt.Sprint(n), string(head))
			require.Equal(t, fmt.Sprintf(`{"name":"%d"}`, n), string(body))
			next++
			return nil
		}))
		require.Equal(t, int64(100), next)
		require.NoError(t, again.Close())
	}
}

// TestCheckpointsAndDeaths writes more than the write-ahead log may hold, and opens copies made all the while.
func TestCheckpointsAndDeaths(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	s.walMost = 1 << 20
	name := strings.Repeat("x", 2400)
	emptied, before := 0, int64(0)
	for round := range 8 {
		for i := range 300 {
			seq := int64(round*300 + i)
			s.Queue(&Tx{Changes: []Change{{Kind: "thing", Seq: seq, Created: true, ID: fmt.Sprint(seq), Value: &thing{Name: name[:seq]}}}})
			if i%10 == 0 {
				require.NoError(t, s.Wait(s.Queued()))
				info, err := os.Stat(s.path + walSuffix)
				require.NoError(t, err)
				if info.Size() < before {
					emptied++
				}
				before = info.Size()
			}
		}
		require.NoError(t, s.Wait(uint64((round+1)*300)))
		again := openStore(t, copied(t, dir))
		require.Equal(t, int64((round+1)*300), again.Next("thing"))
		found, err := again.At("thing", int64(round*300+299))
		require.NoError(t, err)
		var one thing
		require.NoError(t, json.Unmarshal(found[0].Body, &one))
		require.Len(t, one.Name, round*300+299)
		require.NoError(t, again.Close())
	}
	require.Greater(t, emptied, 3, "checkpoints")
}
