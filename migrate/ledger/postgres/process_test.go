package postgres_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// Tests that need a process to kill run this binary again, with these variables.
const (
	childAct     = "SUBFERRY_TEST_ACT"
	childAddress = "SUBFERRY_TEST_ADDRESS"
)

func TestMain(m *testing.M) {
	switch act := os.Getenv(childAct); act {
	case "":
		os.Exit(m.Run())
	default:
		s, err := postgres.Open(ctx, os.Getenv(childAddress))
		if err == nil {
			err = map[string]func(*postgres.Store) error{"hold": hold, "share": share, "send": send, "own": own}[act](s)
		}
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
}

// hold takes the lock and puts one row after the other until somebody ends it.
func hold(s *postgres.Store) error {
	if _, err := s.Lock("mig_1"); err != nil {
		return err
	}
	counts, err := s.Counts(ctx, "mig_1", 0)
	if err != nil {
		return err
	}
	for row := counts.ByState[ledger.Intended] + 1; ; row++ {
		if err := s.Put(ctx, "mig_1", ledger.New, ledger.Entry{Row: row, State: ledger.Intended}); err != nil {
			return err
		}
		fmt.Println("put", row)
	}
}

const sharedRows = 120

// share works on the migration whenever it is free, a few rows at a time, until all rows are scheduled.
func share(s *postgres.Store) error {
	fmt.Println("ready")
	for {
		release, err := s.Lock("mig_1")
		if errors.Is(err, ledger.ErrLocked) {
			continue
		}
		if err != nil {
			return err
		}
		settled, err := s.Settled(ctx, "mig_1")
		if err != nil {
			return err
		}
		done := 0
		for row := int64(1); row <= sharedRows && done < 7; row++ {
			if settled.Has(row) {
				continue
			}
			e := ledger.Entry{Row: row, State: ledger.Intended, Attempt: int64(os.Getpid())}
			if err := s.Put(ctx, "mig_1", ledger.New, e); err != nil {
				return err
			}
			e.State = ledger.Scheduled
			if err := s.Put(ctx, "mig_1", ledger.Intended, e); err != nil {
				return err
			}
			fmt.Println("put", row)
			done++
		}
		release()
		if done == 0 {
			return nil
		}
		time.Sleep(30 * time.Millisecond) // the other one tries now and then
	}
}

// child starts this binary again; its lines are read from the result.
func child(t *testing.T, act, address string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childAct+"="+act, childAddress+"="+address)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, bufio.NewScanner(out)
}

// Whoever holds the lock and is killed has lost it at once, has lost nothing that it was told is recorded, and nothing that
// it had sent arrives later.
func TestTheHolderOfTheLockIsKilled(t *testing.T) {
	address := pgtest.URL(t)
	s := open(t, address)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	for range 5 {
		before, err := s.Counts(ctx, "mig_1", 0)
		require.NoError(t, err)
		cmd, lines := child(t, "hold", address)
		least := before.ByState[ledger.Intended]
		for range 50 {
			require.True(t, lines.Scan())
			require.True(t, strings.HasPrefix(lines.Text(), "put "), lines.Text())
			least++
		}
		_, err = s.Lock("mig_1")
		require.ErrorIs(t, err, ledger.ErrLocked)
		require.NoError(t, cmd.Process.Kill())
		for lines.Scan() { // what it has said before it died
			least++
		}
		release, err := s.Lock("mig_1")
		require.NoError(t, err)
		after, err := s.Counts(ctx, "mig_1", 0)
		require.NoError(t, err)
		require.GreaterOrEqual(t, after.ByState[ledger.Intended], least)
		require.LessOrEqual(t, after.ByState[ledger.Intended], least+1, "one may be recorded of which nobody was told")
		time.Sleep(100 * time.Millisecond)
		later, err := s.Counts(ctx, "mig_1", 0)
		require.NoError(t, err)
		require.Equal(t, after, later)
		release()
	}
}

// Two processes take turns, and each row is dealt with by one of them.
func TestTwoProcesses(t *testing.T) {
	address := pgtest.URL(t)
	s := open(t, address)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	release, err := s.Lock("mig_1")
	require.NoError(t, err)
	first, of1 := child(t, "share", address)
	second, of2 := child(t, "share", address)
	require.True(t, of1.Scan() && of2.Scan(), "both are ready")
	release()
	said := make(chan string, 2*sharedRows+10)
	for _, lines := range []*bufio.Scanner{of1, of2} {
		go func() {
			for lines.Scan() {
				said <- lines.Text()
			}
			said <- io.EOF.Error()
		}()
	}
	times := map[string]int{}
	for ended := 0; ended < 2; {
		line := <-said
		if line == io.EOF.Error() {
			ended++
			continue
		}
		require.True(t, strings.HasPrefix(line, "put "), line)
		times[line]++
	}
	require.NoError(t, first.Wait())
	require.NoError(t, second.Wait())
	require.Len(t, times, sharedRows)
	workers := map[int64]int{}
	for e, err := range s.Entries(ctx, "mig_1") {
		require.NoError(t, err)
		require.Equal(t, ledger.Scheduled, e.State)
		require.Equal(t, 1, times[fmt.Sprint("put ", e.Row)], "row %d", e.Row)
		workers[e.Attempt]++
	}
	require.Len(t, workers, 2, "both have worked")
}
