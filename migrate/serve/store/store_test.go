package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/serve/store"
)

var ctx = context.Background()

// onBoth runs a test on SQLite and on Postgres. reopen opens the same store once more.
func onBoth(t *testing.T, test func(t *testing.T, s *store.Store, reopen func() *store.Store)) {
	open := func(t *testing.T, where string) *store.Store {
		s, err := store.Open(ctx, where)
		require.NoError(t, err)
		t.Cleanup(func() { s.Close() })
		return s
	}
	for name, where := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return filepath.Join(t.TempDir(), "state?#%") },
		"postgres": func(t *testing.T) string { return pgtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			at := where(t)
			test(t, open(t, at), func() *store.Store { return open(t, at) })
		})
	}
}

// aMove makes a move of an uploaded file.
func aMove(t *testing.T, s *store.Store, change func(*store.Move)) store.Move {
	t.Helper()
	sha, _, err := s.PutBlob(ctx, strings.NewReader("customer,start_date\n"), 1<<20)
	require.NoError(t, err)
	m := store.Move{ID: store.NewID("mov"), Account: "acct_1", File: "subs.csv", Upload: sha, State: store.Reviewing, CreatedBy: "ann"}
	if change != nil {
		change(&m)
	}
	m, err = s.CreateMove(ctx, m)
	require.NoError(t, err)
	return m
}

func TestMoves(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, reopen func() *store.Store) {
		first := aMove(t, s, func(m *store.Move) {
			m.File = "a\x00b\xff Ü.csv" // as a browser may call it
			m.Options = migrate.Options{Unit: csvspec.UnitMajor, AllowColumns: []string{"note"}, Lead: time.Hour, SkipInvalid: true}
		})
		second := aMove(t, s, func(m *store.Move) { m.Account, m.State, m.Livemode = "acct_2", store.Running, true })
		require.Equal(t, int64(1), first.Version)
		_, err := s.CreateMove(ctx, first)
		require.ErrorIs(t, err, store.ErrExists)
		_, err = s.Move(ctx, "mov_none")
		require.ErrorIs(t, err, store.ErrNotFound)

		changed, err := s.UpdateMove(ctx, first.ID, func(m *store.Move) error {
			m.State, m.Review, m.Migration, m.ID = store.Reviewed, json.RawMessage(`{"rows":3}`), "mig_1", "mov_other"
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, int64(2), changed.Version)
		again := reopen()
		read, err := again.Move(ctx, first.ID)
		require.NoError(t, err)
		require.Equal(t, changed, read)
		require.Equal(t, first.Options, read.Options)
		require.Equal(t, "a\x00b\ufffd Ü.csv", read.File)
		of, err := again.MoveOf(ctx, "mig_1")
		require.NoError(t, err)
		require.Equal(t, first.ID, of.ID)

		broken := errors.New("no")
		_, err = s.UpdateMove(ctx, first.ID, func(m *store.Move) error { m.State = store.Failed; return broken })
		require.ErrorIs(t, err, broken)
		now, err := again.Standing(ctx, first.ID)
		require.NoError(t, err)
		require.Equal(t, store.Standing{State: store.Reviewed}, now)

		list, err := again.Moves(ctx, store.MoveFilter{})
		require.NoError(t, err)
		require.Len(t, list, 2)
		require.Equal(t, []string{second.ID, first.ID}, []string{list[0].ID, list[1].ID})
		require.Nil(t, list[1].Review, "a list does without")
		for _, one := range []struct {
			filter store.MoveFilter
			ids    []string
		}{
			{store.MoveFilter{Account: "acct_1"}, []string{first.ID}},
			{store.MoveFilter{States: []store.State{store.Running, store.Paused}}, []string{second.ID}},
			{store.MoveFilter{Before: second.ID}, []string{first.ID}},
			{store.MoveFilter{Before: first.ID}, nil},
			{store.MoveFilter{Limit: 1}, []string{second.ID}},
			{store.MoveFilter{Account: "acct_1", States: []store.State{store.Running}}, nil},
		} {
			list, err := again.Moves(ctx, one.filter)
			require.NoError(t, err)
			var ids []string
			for _, m := range list {
				ids = append(ids, m.ID)
			}
			require.Equal(t, one.ids, ids, "%+v", one.filter)
		}
	})
}

func TestNobodyChangesAMoveMeanwhile(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, reopen func() *store.Store) {
		m, other := aMove(t, s, nil), reopen()
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				by := s
				if i%2 == 0 {
					by = other
				}
				_, err := by.UpdateMove(ctx, m.ID, func(m *store.Move) error { m.Round++; return nil })
				require.NoError(t, err)
			})
		}
		all.Wait()
		m, err := s.Move(ctx, m.ID)
		require.NoError(t, err)
		require.Equal(t, int64(40), m.Round)
		require.Equal(t, int64(41), m.Version)
	})
}

func TestTheAuditLogIsWrittenWithTheChangeAndIsAppendOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		m := aMove(t, s, func(m *store.Move) { m.Migration = "mig_9" })
		entry, err := store.NewEntry("ann", "start", map[string]int{"canary": 5})
		require.NoError(t, err)
		_, err = s.UpdateMove(store.WithAudit(ctx, entry), m.ID, func(m *store.Move) error { m.State = store.Running; return nil })
		require.NoError(t, err)
		_, err = s.UpdateMove(store.WithAudit(ctx, entry), m.ID, func(*store.Move) error { return errors.New("refused") })
		require.Error(t, err)
		require.NoError(t, s.Audit(ctx, store.Entry{Actor: "bob", Action: "login", At: 7}))
		require.Error(t, s.Audit(ctx, store.Entry{Actor: "bob", Action: "x", Detail: json.RawMessage("{")}))

		log, err := s.AuditLog(ctx, store.AuditFilter{})
		require.NoError(t, err)
		require.Len(t, log, 2)
		require.Equal(t, store.Entry{Number: log[0].Number, At: 7, Actor: "bob", Action: "login"}, log[0])
		require.Equal(t, store.Entry{
			Number: log[1].Number, At: log[1].At, Actor: "ann", Action: "start", Move: m.ID, Migration: "mig_9", Detail: json.RawMessage(`{"canary":5}`),
		}, log[1])
		require.NotZero(t, log[1].At)
		of, err := s.AuditLog(ctx, store.AuditFilter{Move: m.ID, Limit: 5})
		require.NoError(t, err)
		require.Len(t, of, 1)
		older, err := s.AuditLog(ctx, store.AuditFilter{Before: log[0].Number})
		require.NoError(t, err)
		require.Equal(t, log[1:], older)

		statements := []string{"UPDATE serve_audit SET actor = 'eve'", "DELETE FROM serve_audit", "DELETE FROM serve_audit WHERE number = -1"}
		if s.Pool() != nil {
			statements = append(statements, "TRUNCATE serve_audit")
		} else {
			statements = statements[:2] // a row trigger of SQLite sees no row
		}
		for _, statement := range statements {
			_, err := s.DB().ExecContext(ctx, statement)
			require.ErrorContains(t, err, "append-only", statement)
		}
	})
}

func TestBlobs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, reopen func() *store.Store) {
		noise := rand.NewChaCha8([32]byte{4})
		for _, size := range []int{0, 1, 256<<10 - 1, 256 << 10, 256<<10 + 1, 600_000} {
			content := make([]byte, size)
			noise.Read(content)
			sum := sha256.Sum256(content)
			sha, n, err := s.PutBlob(ctx, iotest.HalfReader(bytes.NewReader(content)), int64(size))
			require.NoError(t, err)
			require.Equal(t, hex.EncodeToString(sum[:]), sha)
			require.Equal(t, int64(size), n)
			again, _, err := s.PutBlob(ctx, bytes.NewReader(content), 1<<30)
			require.NoError(t, err)
			require.Equal(t, sha, again)
			f, n, err := reopen().OpenBlob(ctx, sha)
			require.NoError(t, err)
			require.Equal(t, int64(size), n)
			require.NoError(t, iotest.TestReader(f, content)) // seeks as well
			require.NoError(t, f.Close())
			_, err = f.Seek(-1, io.SeekStart)
			require.Error(t, err)
		}
		_, _, err := s.OpenBlob(ctx, "none")
		require.ErrorIs(t, err, store.ErrNotFound)
		_, _, err = s.PutBlob(ctx, bytes.NewReader(make([]byte, 1001)), 1000)
		require.ErrorIs(t, err, store.ErrTooLarge)
		read := 0
		_, _, err = s.PutBlob(ctx, readerFunc(func(p []byte) (int, error) { read += len(p); return len(p), nil }), 3<<20)
		require.ErrorIs(t, err, store.ErrTooLarge, "a reader without end")
		require.LessOrEqual(t, read, 4<<20)
		_, _, err = s.PutBlob(ctx, iotest.ErrReader(io.ErrClosedPipe), 1000)
		require.ErrorIs(t, err, io.ErrClosedPipe)
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestOrphansAreDropped(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		m := aMove(t, s, nil)
		put := func(text string) string {
			a, err := s.PutArtifact(ctx, m.ID, "plan.json", "application/json", strings.NewReader(text))
			require.NoError(t, err)
			return a.Blob
		}
		old, kept := put("old"), put("new")
		_, _, err := s.PutBlob(ctx, io.MultiReader(bytes.NewReader(make([]byte, 300_000)), iotest.ErrReader(io.ErrUnexpectedEOF)), 1<<20)
		require.Error(t, err, "an upload that broke off")
		n, err := s.DropOrphans(ctx, time.Now().Add(-time.Hour))
		require.NoError(t, err)
		require.Zero(t, n, "they may be of an upload that is under way")
		n, err = s.DropOrphans(ctx, time.Now().Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, int64(2), n)
		_, _, err = s.OpenBlob(ctx, old)
		require.ErrorIs(t, err, store.ErrNotFound)
		for _, sha := range []string{kept, m.Upload} {
			f, _, err := s.OpenBlob(ctx, sha)
			require.NoError(t, err)
			_, err = io.ReadAll(f)
			require.NoError(t, err)
		}
	})
}

func TestArtifacts(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		m := aMove(t, s, nil)
		for _, name := range []string{"ready.csv", "errors.csv"} {
			_, err := s.PutArtifact(ctx, m.ID, name, "text/csv", strings.NewReader("of "+name))
			require.NoError(t, err)
		}
		all, err := s.Artifacts(ctx, m.ID)
		require.NoError(t, err)
		require.Len(t, all, 2)
		require.Equal(t, "errors.csv", all[0].Name)
		a, f, err := s.OpenArtifact(ctx, m.ID, "ready.csv")
		require.NoError(t, err)
		content, err := io.ReadAll(f)
		require.NoError(t, err)
		require.Equal(t, "of ready.csv", string(content))
		require.Equal(t, all[1], a)
		require.NoError(t, s.DropArtifact(ctx, m.ID, "ready.csv"))
		_, _, err = s.OpenArtifact(ctx, m.ID, "ready.csv")
		require.ErrorIs(t, err, store.ErrNotFound)
		_, err = s.PutArtifact(ctx, "mov_none", "x", "text/plain", strings.NewReader("x"))
		require.Error(t, err, "of no move")
	})
}

func TestShards(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		m := aMove(t, s, nil)
		for n := range int64(3) {
			require.NoError(t, s.PutShard(ctx, store.Shard{Move: m.ID, Round: 2, Number: n, First: n*10 + 1, Last: n*10 + 10, Rows: 9, Content: []byte(fmt.Sprint("shard ", n))}))
		}
		left, err := s.ShardsLeft(ctx, m.ID, 2, 2)
		require.NoError(t, err)
		require.Equal(t, []store.Shard{{Move: m.ID, Round: 2, First: 1, Last: 10, Rows: 9}, {Move: m.ID, Round: 2, Number: 1, First: 11, Last: 20, Rows: 9}}, left)
		h, err := s.Shard(ctx, m.ID, 2, 1)
		require.NoError(t, err)
		require.Equal(t, "shard 1", string(h.Content))
		require.NoError(t, s.ShardDone(ctx, m.ID, 2, 1))
		require.NoError(t, s.ShardDone(ctx, m.ID, 2, 1))
		left, err = s.ShardsLeft(ctx, m.ID, 2, 9)
		require.NoError(t, err)
		require.Len(t, left, 2)
		require.NoError(t, s.PutShard(ctx, store.Shard{Move: m.ID, Round: 2, Number: 1, Content: []byte("again")}))
		left, err = s.ShardsLeft(ctx, m.ID, 2, 9)
		require.NoError(t, err)
		require.Len(t, left, 3, "what is put again is to be done again")
		left, err = s.ShardsLeft(ctx, m.ID, 1, 9)
		require.NoError(t, err)
		require.Empty(t, left)
		require.NoError(t, s.DropShards(ctx, m.ID, 2))
		_, err = s.Shard(ctx, m.ID, 2, 0)
		require.NoError(t, err)
		require.NoError(t, s.DropShards(ctx, m.ID, 3))
		_, err = s.Shard(ctx, m.ID, 2, 0)
		require.ErrorIs(t, err, store.ErrNotFound)
	})
}

func TestActs(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		m := aMove(t, s, nil)
		a, err := s.CreateAct(ctx, m.ID, "verify", "ann")
		require.NoError(t, err)
		b, err := s.CreateAct(ctx, m.ID, "report", "bob")
		require.NoError(t, err)
		a, err = s.UpdateAct(ctx, a.ID, func(a *store.Act) error {
			a.State, a.Artifact, a.EndedAt = store.ActDone, "verify.json", 5
			return nil
		})
		require.NoError(t, err)
		read, err := s.Act(ctx, a.ID)
		require.NoError(t, err)
		require.Equal(t, a, read)
		open, err := s.OpenActs(ctx)
		require.NoError(t, err)
		require.Equal(t, []store.Act{b}, open)
		all, err := s.Acts(ctx, m.ID)
		require.NoError(t, err)
		require.Equal(t, []store.Act{b, a}, all)
	})
}

func TestWorkersAreSeenAndGivenUp(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		seen := func(worker string, attempt int64) bool {
			t.Helper()
			mine, err := s.Seen(ctx, "mov_1/split", worker, attempt)
			require.NoError(t, err)
			return mine
		}
		giveUp := func(attempt int64, patience time.Duration) bool {
			t.Helper()
			next, ours, err := s.GiveUp(ctx, "mov_1/split", attempt, patience)
			require.NoError(t, err)
			require.Equal(t, attempt+1, next)
			return ours
		}
		require.True(t, seen("a", 0))
		require.False(t, giveUp(0, time.Minute), "it was seen just now")
		works, err := s.Works(ctx, "mov_1/")
		require.NoError(t, err)
		w := works["mov_1/split"]
		require.Equal(t, "a", w.Worker)
		require.Less(t, w.Idle, 5*time.Second)
		require.True(t, giveUp(0, 0))
		require.False(t, giveUp(0, 0), "only one is given the next attempt")
		require.False(t, seen("a", 0), "it continues after it was given up")
		require.True(t, seen("b", 1))
		require.True(t, seen("b", 1))

		next, ours, err := s.GiveUp(ctx, "mov_1/review", 0, time.Minute) // nobody was ever seen at it
		require.NoError(t, err)
		require.True(t, ours)
		require.Equal(t, int64(1), next)
		works, err = s.Works(ctx, "mov_1/")
		require.NoError(t, err)
		require.Len(t, works, 2)
		require.Greater(t, works["mov_1/review"].Idle, 24*time.Hour)
		require.NoError(t, s.DropWorks(ctx, "mov_1/r"))
		works, err = s.Works(ctx, "mov_1/")
		require.NoError(t, err)
		require.Len(t, works, 1)
	})
}

func TestOpenedByManyAtOnce(t *testing.T) {
	for name, where := range map[string]func() string{"sqlite": t.TempDir, "postgres": func() string { return pgtest.URL(t) }} {
		t.Run(name, func(t *testing.T) {
			at := where()
			var all sync.WaitGroup
			for range 6 {
				all.Go(func() {
					s, err := store.Open(ctx, at)
					require.NoError(t, err)
					require.NoError(t, s.Ready(ctx))
					require.NoError(t, s.Close())
				})
			}
			all.Wait()
		})
	}
}

func TestANewerStoreIsLeftAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, _ func() *store.Store) {
		_, err := s.DB().ExecContext(ctx, "INSERT INTO serve_layout (step) VALUES ('99_future')")
		require.NoError(t, err)
		where := s.Dir()
		if where == "" {
			where = s.Pool().Config().ConnString()
		}
		_, err = store.Open(ctx, where)
		require.ErrorIs(t, err, store.ErrNewer)
	})
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s, err := store.Open(ctx, dir)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	info, err := os.Stat(filepath.Join(dir, store.Name))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.Equal(t, filepath.Join(dir, store.Name), s.String())
}

func TestThePasswordIsNotShown(t *testing.T) {
	s, err := store.Open(ctx, pgtest.URL(t))
	require.NoError(t, err)
	defer s.Close()
	require.NotContains(t, s.String(), pgtest.Password)
	_, err = store.Open(ctx, "postgres://u:"+pgtest.Password+"@127.0.0.1:1/none")
	require.Error(t, err)
	require.NotContains(t, err.Error(), pgtest.Password)
}
