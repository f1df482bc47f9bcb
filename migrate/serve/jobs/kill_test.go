package jobs_test

import (
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger/sqlite"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve/accounts"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// engineVariable names the directory of the engine that this test binary is to be, as a process that can be killed.
const engineVariable = "SUBFERRY_TEST_ENGINE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(engineVariable); dir != "" {
		if err := workIn(dir); err != nil {
			slog.Error(err.Error())
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// workIn is a service without pages on the embedded default, until it is killed.
func workIn(dir string) error {
	s, err := store.Open(ctx, dir)
	if err != nil {
		return err
	}
	book, err := sqlite.Open(ctx, dir)
	if err != nil {
		return err
	}
	box, err := sandbox.Open(sandbox.Options{Dir: filepath.Join(dir, "sandbox"), Latency: 10 * time.Millisecond})
	if err != nil {
		return err
	}
	all, err := accounts.NewEmbedded(accounts.Config{Ledger: book, Workers: 8}, box)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	engine, err := jobs.New(ctx, jobs.Config{Store: s, Ledger: book, Accounts: all, Log: log, Work: true, Rows: 20})
	if err != nil {
		return err
	}
	if err := engine.Start(ctx); err != nil {
		return err
	}
	select {}
}

// TestTheEmbeddedEngineIsKilled kills the only process of a service at random moments, while it reviews, divides, runs and
// cancels files, and starts it again.
//
// A few kills belong to every test; SUBFERRY_SOAK=1 makes them 50.
func TestTheEmbeddedEngineIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes, which the race detector does not see into")
	}
	t.Parallel()
	kills := 6
	if os.Getenv("SUBFERRY_SOAK") != "" {
		kills = 50
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	dir := t.TempDir()
	box, err := sandbox.Open(sandbox.Options{Dir: filepath.Join(dir, "sandbox")})
	require.NoError(t, err)
	account := box.Account()
	require.NoError(t, box.Close())
	s, err := store.Open(ctx, dir)
	require.NoError(t, err)
	defer s.Close()
	e := &testEnv{T: t, store: s, box: box}
	process := startEngine(t, dir)
	defer func() { process.Process.Kill() }()
	for round := 0; kills > 0 || round < 2; round++ {
		m := e.uploadOnly(account, fileOf(150, round))
		target, canceling, here := store.Reviewed, false, 0
		for deadline := time.Now().Add(5 * time.Minute); ; {
			require.True(t, time.Now().Before(deadline), "it does not end: %+v", m)
			if kills > 0 && here < 4 { // of each step, so that all have some
				here++
				time.Sleep(time.Duration(200+random.IntN(1500)) * time.Millisecond)
				require.NoError(t, process.Process.Kill())
				process.Wait()
				process = startEngine(t, dir)
				kills--
			}
			m, err = s.Move(ctx, m.ID)
			require.NoError(t, err)
			require.NotContains(t, []store.State{store.Paused, store.Failed, store.Invalid}, m.State, m.Error)
			if m.State != target {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			here = 0
			switch {
			case target == store.Reviewed:
				target = store.Scheduled
				e.changeOnly(m.ID, func(m *store.Move) { m.Begin(0) })
			case target == store.Scheduled && round%2 == 1:
				target, canceling = store.Canceled, true
				e.changeOnly(m.ID, func(m *store.Move) { m.State = store.Canceling })
			default:
				target = ""
			}
			if target == "" {
				break
			}
		}
		t.Logf("round %d: %d kills to go; canceled: %v", round, kills, canceling)
	}
	require.NoError(t, process.Process.Signal(syscall.SIGKILL))
	process.Wait()
	e.checkEmbedded(dir)
}

func startEngine(t *testing.T, dir string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), engineVariable+"="+dir)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	return cmd
}

// uploadOnly makes a move that nobody is told of: the engine that starts finds it.
func (e *testEnv) uploadOnly(account, text string) store.Move {
	e.Helper()
	return e.create(account, text, nil)
}

// changeOnly changes a move without waking anybody.
func (e *testEnv) changeOnly(id string, change func(*store.Move)) {
	e.Helper()
	_, err := e.store.UpdateMove(ctx, id, func(m *store.Move) error { change(m); return nil })
	require.NoError(e, err)
}

// checkEmbedded compares what the sandbox has with what the ledger says, move by move.
func (e *testEnv) checkEmbedded(dir string) {
	e.Helper()
	var err error
	e.box, err = sandbox.Open(sandbox.Options{Dir: filepath.Join(dir, "sandbox")})
	require.NoError(e, err)
	defer e.box.Close()
	e.ledger, err = sqlite.Open(ctx, dir)
	require.NoError(e, err)
	defer e.ledger.Close()
	count, want := e.schedules(), 0
	all, err := e.store.Moves(ctx, store.MoveFilter{})
	require.NoError(e, err)
	for _, m := range all {
		expected := map[store.State]int{store.Scheduled: 150}[m.State]
		require.Equal(e, expected, e.scheduled(m.Migration), "%s is %s", m.ID, m.State)
		want += expected
	}
	require.Len(e, count, want)
	for source, n := range count {
		require.Equal(e, 1, n, source)
	}
}

// fileOf returns a file whose rows no other round has.
func fileOf(rows, round int) string { return fileNamed(rows, "r"+strconv.Itoa(round)+"_") }
