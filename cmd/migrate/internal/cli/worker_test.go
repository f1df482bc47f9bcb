//go:build unix

// Processes are stopped and continued here.

package cli

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/serve/jobs"
	"github.com/subferry/subferry/migrate/serve/store"
)

// limitedAccount is a sandbox with a limit of its own, as one of several accounts behind one address.
type limitedAccount struct {
	*sandbox.Server
	limit int // requests a second

	mu       sync.Mutex
	began    time.Time
	answered int
	limited  int // of those, 429
	most     int // answered other than 429 within one second
	second   time.Time
	inSecond int
}

// count notes what became of a request.
func (a *limitedAccount) count(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if a.answered == 0 {
		a.began = now
	}
	a.answered++
	if status == http.StatusTooManyRequests {
		a.limited++
		return
	}
	if now.Sub(a.second) >= time.Second {
		a.second, a.inSecond = now, 0
	}
	a.inSecond++
	a.most = max(a.most, a.inSecond)
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// worker is a process of migrate worker.
type worker struct {
	*exec.Cmd
	ended chan struct{} // closed when it has
}

// end sends a signal that ends it, and waits for that.
func (w *worker) end(s os.Signal) {
	w.Process.Signal(syscall.SIGCONT)
	w.Process.Signal(s)
	<-w.ended
}

// hasEnded tells whether it has ended by itself.
func (w *worker) hasEnded() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// workedService is what worker processes work for: a store in Postgres, an address behind which there are several accounts, and their
// keys.
type workedService struct {
	*testing.T
	database string // as the workers reach it
	store    *store.Store
	ledger   ledger.Ledger
	engine   *jobs.Engine // which queues only
	accounts map[string]*limitedAccount
	address  string
	keys     string
	workers  []*worker
	log      string // the file of all their logs
}

func newService(t *testing.T, database, direct string, limits ...int) *workedService {
	ctx := context.Background()
	s := &workedService{T: t, database: database, accounts: map[string]*limitedAccount{}, keys: t.TempDir(), log: filepath.Join(t.TempDir(), "workers.log")}
	byKey := map[string]*limitedAccount{}
	for i, limit := range limits {
		box, err := sandbox.Open(sandbox.Options{Seed: fmt.Sprint("workers", i), Limits: sandbox.Limits{Global: limit}, Latency: 30 * time.Millisecond})
		require.NoError(t, err)
		t.Cleanup(func() { box.Close() })
		one, key := &limitedAccount{Server: box, limit: limit}, fmt.Sprintf("sk_test_account%d", i)
		s.accounts[box.Account()], byKey[key] = one, one
		require.NoError(t, os.WriteFile(filepath.Join(s.keys, box.Account()), []byte(key), 0o600))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		one := byKey[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		if one == nil {
			http.Error(w, "no such key", http.StatusUnauthorized)
			return
		}
		seen := &statusWriter{w, http.StatusOK}
		one.ServeHTTP(seen, r)
		one.count(seen.status)
	}))
	t.Cleanup(server.Close)
	s.address = server.URL
	var err error
	s.store, err = store.Open(ctx, direct)
	require.NoError(t, err)
	t.Cleanup(func() { s.store.Close() })
	s.ledger, err = postgres.Open(ctx, direct)
	require.NoError(t, err)
	t.Cleanup(func() { s.ledger.Close() })
	s.engine, err = jobs.New(ctx, jobs.Config{Store: s.store, Ledger: s.ledger})
	require.NoError(t, err)
	t.Cleanup(func() {
		if text, err := os.ReadFile(s.log); err == nil && t.Failed() {
			t.Logf("the end of the workers' logs:\n%s", text[max(0, len(text)-6000):])
		}
	})
	return s
}

// start starts a worker in place n.
func (s *workedService) start(n int) {
	s.Helper()
	for len(s.workers) <= n {
		s.workers = append(s.workers, nil)
	}
	cmd := exec.Command("migrate", "worker", "--keys", s.keys, "--api-base", s.address, "--sandbox")
	cmd.Env = append(os.Environ(), "STRIPE_API_KEY=", "STRIPE_API_KEY_FILE=", databaseVariable+"="+s.database)
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(s, err)
	defer log.Close()
	cmd.Stderr = log
	require.NoError(s, cmd.Start())
	w := &worker{cmd, make(chan struct{})}
	go func() { defer close(w.ended); cmd.Wait() }()
	s.workers[n] = w
	s.Cleanup(func() { w.end(syscall.SIGKILL) })
}

// upload makes a move of a file with so many rows, whose IDs no other file has, into an account that has what it names.
func (s *workedService) upload(to, name string, n int) store.Move {
	s.Helper()
	ctx := context.Background()
	var text strings.Builder
	text.WriteString("customer,start_date,price,metadata_third_party_sub_id\n")
	wanted := sandbox.Wanted{Prices: []sandbox.WantedPrice{{ID: "price_A", Currency: "usd", Interval: "month"}}}
	begin := time.Now().Add(30 * 24 * time.Hour).Unix()
	for i := range n {
		customer := fmt.Sprintf("cus_%s_%d", name, i%(n*2/3+1))
		wanted.Customers = append(wanted.Customers, customer)
		fmt.Fprintf(&text, "%s,%d,price_A,old_%s_%d\n", customer, begin+int64(i)*60, name, i)
	}
	_, err := s.accounts[to].Provision(wanted)
	require.NoError(s, err)
	sha, _, err := s.store.PutBlob(ctx, strings.NewReader(text.String()), 1<<30)
	require.NoError(s, err)
	m, err := s.store.CreateMove(ctx, store.Move{
		ID: store.NewID("mov"), Account: to, File: name + ".csv", Upload: sha, State: store.Reviewing, Options: migrate.Options{Unit: csvspec.UnitMinor},
	})
	require.NoError(s, err)
	require.NoError(s, s.engine.Wake(ctx, m.ID))
	return m
}

// step moves a move on as a person does, and tells whether there is nothing more to do for it.
func (s *workedService) step(id string) bool {
	ctx := context.Background()
	m, err := s.store.Move(ctx, id)
	if err != nil {
		return false // the database is away
	}
	switch m.State {
	case store.Reviewed:
		if _, err := s.store.UpdateMove(ctx, id, func(m *store.Move) error {
			if m.State == store.Reviewed {
				m.Begin(0)
			}
			return nil
		}); err == nil {
			_ = s.engine.Wake(ctx, id) // or the sweep does it
		}
	case store.Scheduled:
		return true
	case store.Paused, store.Failed, store.Invalid:
		require.Failf(s, "stuck", "%s is %s: %s", id, m.State, m.Error)
	}
	return false
}

// checkOnce makes sure that each row of the moves has one schedule, in the account and in the ledger, and says how the account was asked.
func (s *workedService) checkOnce(moves map[string]int) {
	s.Helper()
	ctx := context.Background()
	want := map[string]int{}
	for id, rows := range moves {
		m, err := s.store.Move(ctx, id)
		require.NoError(s, err)
		want[m.Account] += rows
		seen := map[int64]bool{}
		for e, err := range s.ledger.Entries(ctx, m.Migration) {
			require.NoError(s, err)
			require.Equal(s, ledger.Scheduled, e.State, "%s row %d: %s", id, e.Row, e.Error)
			seen[e.Row] = true
		}
		require.Len(s, seen, rows)
	}
	for id, one := range s.accounts {
		count := schedulesOf(s.T, gateway.Config{HTTP: one.Transport()})
		require.Len(s, count, want[id])
		for row, n := range count {
			require.Equal(s, 1, n, row)
		}
		passed := time.Since(one.began).Seconds()
		s.Logf("%s: limit %d/s, %.1f/s on average, at most %d in one second, %.1f %% of %d requests answered with 429",
			id, one.limit, float64(one.answered-one.limited)/passed, one.most, 100*float64(one.limited)/float64(max(1, one.answered)), one.answered)
	}
}

// TestKilledWorkers lets three workers migrate files into two accounts, each with a limit of its own, while they are killed and stopped
// at random moments, and their connections to the database are cut. However it goes, every row has one schedule.
//
// A few kills belong to every test; SUBFERRY_SOAK=1 makes them 200, with 10 restarts of the database.
func TestKilledWorkers(t *testing.T) {
	t.Parallel()
	kills, rows, longest, restarts := 6, 250, 4*time.Second, 0
	if os.Getenv("SUBFERRY_SOAK") != "" {
		kills, rows, longest, restarts = 200, 2000, 60*time.Second, 10
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	database, restart := pgtest.URL(t), func() {}
	if restarts > 0 {
		database, restart = pgtest.Restartable(t)
	}
	database = pgtest.With(t, database, "application_name", "killed_workers")
	s := newService(t, database, database, 80, 25)
	for n := range 3 {
		s.start(n)
	}
	moves, open, stopped := map[string]int{}, map[string]string{}, map[int]time.Time{}
	for round, next := 0, time.Now(); ; {
		for id, m := range open {
			if s.step(m) {
				delete(open, id)
			}
		}
		for n, w := range s.workers { // as a supervisor does: one that finds no database when it starts ends
			if w.hasEnded() {
				t.Logf("worker %d has ended: %v", n, w.ProcessState)
				delete(stopped, n)
				s.start(n)
			}
		}
		for n, until := range stopped {
			if time.Now().After(until) {
				require.NoError(t, s.workers[n].Process.Signal(syscall.SIGCONT))
				delete(stopped, n)
			}
		}
		if kills > 0 {
			for id := range s.accounts {
				if open[id] == "" {
					round++
					m := s.upload(id, "r"+strconv.Itoa(round), rows)
					open[id], moves[m.ID] = m.ID, rows
				}
			}
		} else if len(open) == 0 {
			break
		}
		if kills > 0 && time.Now().After(next) {
			next = time.Now().Add(time.Duration(500+random.IntN(3000)) * time.Millisecond)
			kills--
			n := random.IntN(len(s.workers))
			_, still := stopped[n]
			switch act := random.IntN(5); {
			case act < 2 || still:
				s.workers[n].end(syscall.SIGKILL)
				delete(stopped, n)
				s.start(n)
			case act < 4:
				require.NoError(t, s.workers[n].Process.Signal(syscall.SIGSTOP))
				stopped[n] = time.Now().Add(time.Duration(random.Int64N(int64(longest))))
			default:
				cutConnections(t, database)
			}
			if restarts > 0 && kills%20 == 0 {
				restarts--
				restart()
			}
			t.Logf("%d kills to go", kills)
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.checkOnce(moves)
	for n, w := range s.workers { // and they end in good order
		w.end(syscall.SIGTERM)
		require.True(t, w.ProcessState.Success(), "worker %d: %v", n, w.ProcessState)
	}
}

// cutConnections ends about half of the connections that TestKilledWorkers has to the database, and nobody else's: other tests
// use it at the same time.
func cutConnections(t *testing.T, database string) {
	conn, err := pgx.Connect(context.Background(), database)
	require.NoError(t, err)
	defer conn.Close(context.Background())
	_, err = conn.Exec(context.Background(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND application_name = 'killed_workers' AND random() < 0.5`)
	require.NoError(t, err)
}

// TestAWorkerOutlivesItsDatabase has the database die and start again amid a run.
func TestAWorkerOutlivesItsDatabase(t *testing.T) {
	t.Parallel()
	database, restart := pgtest.Restartable(t)
	s := newService(t, database, database, 40)
	s.start(0)
	for id := range s.accounts {
		m := s.upload(id, "outlives", 200)
		began := func() bool {
			s.step(m.ID)
			now, err := s.store.Move(context.Background(), m.ID)
			return err == nil && now.Divided
		}
		require.Eventually(t, began, time.Minute, 50*time.Millisecond)
		time.Sleep(time.Second)
		restart()
		require.Eventually(t, func() bool { return s.step(m.ID) }, 2*time.Minute, 100*time.Millisecond)
		s.checkOnce(map[string]int{m.ID: 200})
	}
	require.False(t, s.workers[0].hasEnded())
}
