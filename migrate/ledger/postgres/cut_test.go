package postgres_test

import (
	"bytes"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/ledger/postgres/pgtest"
)

// cut is where a line cuts the next conversation that says anything.
type cut int32

const (
	nowhere  cut = iota
	atOnce       // when the program sends something: the server sees nothing of it
	midway       // after half of what the program sends
	answered     // when the server answers: it has done what was asked
)

// line is a network between the program and the server, which can be cut.
type line struct {
	network, server string
	cut             atomic.Int32
	mu              sync.Mutex
	conns           []net.Conn
}

// newLine returns a line to the server of an address, and the address that leads over it.
func newLine(t *testing.T, address string) (*line, string) {
	t.Helper()
	cfg, err := pgx.ParseConfig(address)
	require.NoError(t, err)
	l := &line{}
	l.network, l.server = pgconn.NetworkAddress(cfg.Host, cfg.Port)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close(); l.cutAll() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial(l.network, l.server)
			if err != nil {
				near.Close()
				continue
			}
			l.mu.Lock()
			l.conns = append(l.conns, near, far)
			l.mu.Unlock()
			go l.carry(far, near, atOnce)
			go l.carry(near, far, answered)
		}
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	_, err = strconv.Atoi(port)
	require.NoError(t, err)
	return l, pgtest.With(t, pgtest.With(t, pgtest.With(t, address, "host", "127.0.0.1"), "port", port), "sslmode", "disable")
}

// carry carries bytes one way until the line is cut there.
func (l *line) carry(to, from net.Conn, way cut) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		switch c := cut(l.cut.Load()); {
		case c == nowhere:
		case c == way:
			if way == answered && !bytes.Contains(buffer[:n], []byte{'Z', 0, 0, 0, 5}) {
				break // the server is not through
			}
			return
		case c == midway && way == atOnce:
			_, _ = to.Write(buffer[:n/2])
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// cutAll cuts all connections.
func (l *line) cutAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

func states(t *testing.T, s ledger.Ledger) (all []ledger.State) {
	t.Helper()
	for e, err := range s.Entries(ctx, "mig_1") {
		require.NoError(t, err)
		all = append(all, e.State)
	}
	return all
}

func put(s ledger.Ledger, row int64, from, to ledger.State) error {
	return s.Put(ctx, "mig_1", from, ledger.Entry{Row: row, State: to})
}

// A connection that ends in the middle of a Put leaves its caller without an answer: the error says so, the next reading
// tells, and nothing more is written under the lock that has ended with the connection.
func TestTheConnectionIsCutInTheMiddleOfAPut(t *testing.T) {
	for name, test := range map[string]struct {
		at   cut
		want []ledger.State
	}{
		"before the server has heard of it":   {atOnce, []ledger.State{ledger.Intended}},
		"half way":                            {midway, []ledger.State{ledger.Intended}},
		"after the server has written it":     {answered, []ledger.State{ledger.Scheduled}},
		"while nothing is said, before a Put": {nowhere, []ledger.State{ledger.Intended}},
	} {
		t.Run(name, func(t *testing.T) {
			address := pgtest.URL(t)
			line, over := newLine(t, address)
			s, other := open(t, over), open(t, address)
			release, err := s.Lock("mig_1")
			require.NoError(t, err)
			require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
			require.NoError(t, put(s, 1, ledger.New, ledger.Intended))
			require.NoError(t, put(s, 2, ledger.New, ledger.Intended)) // so that the update below is not the first statement of its kind
			require.NoError(t, put(s, 2, ledger.Intended, ledger.Intended))
			require.NoError(t, put(s, 2, ledger.Intended, ledger.Scheduled))

			line.cut.Store(int32(test.at))
			if test.at == nowhere {
				line.cutAll()
			}
			err = put(s, 1, ledger.Intended, ledger.Scheduled)
			require.ErrorIs(t, err, ledger.ErrLost)
			if test.at != nowhere {
				require.ErrorContains(t, err, "whether it was is not known here")
			}
			line.cut.Store(int32(nowhere))
			require.ErrorIs(t, put(s, 3, ledger.New, ledger.Intended), ledger.ErrLost, "the line is there again, the lock is not")
			require.ErrorIs(t, s.SetStatus(ctx, "mig_1", ledger.StatusScheduled, 1), ledger.ErrLost)
			require.ErrorIs(t, s.BeginUsage(ctx, ledger.UsageRun{ID: "use_1"}), ledger.ErrLost, "nor what is written under another name")

			free, err := other.Lock("mig_1")
			require.NoError(t, err, "whoever has lost the lock keeps nobody from it")
			require.Equal(t, test.want, states(t, other)[:1])
			require.Len(t, states(t, other), 2)
			require.Equal(t, states(t, other), states(t, s), "also who has lost the connection can read")
			require.ErrorIs(t, put(s, 3, ledger.New, ledger.Intended), ledger.ErrLost)
			release()
			_, err = s.Lock("mig_1")
			require.ErrorIs(t, err, ledger.ErrLocked)
			free()
			release, err = s.Lock("mig_1")
			require.NoError(t, err)
			require.NoError(t, put(s, 3, ledger.New, ledger.Intended))
			release()
		})
	}
}

// terminate ends all connections of a program on the server's side, as an administrator or a restart does.
func terminate(t *testing.T, address, program string) {
	t.Helper()
	conn, err := pgx.Connect(ctx, address)
	require.NoError(t, err)
	defer conn.Close(ctx)
	var n int
	require.NoError(t, conn.QueryRow(ctx, "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = $1", program).Scan(&n))
	require.Positive(t, n)
}

func TestTheServerEndsTheConnections(t *testing.T) {
	address := pgtest.URL(t)
	s, other := open(t, pgtest.With(t, address, "application_name", t.Name())), open(t, address)
	require.NoError(t, s.Begin(ctx, ledger.Migration{ID: "mig_1"}))
	require.NoError(t, put(s, 1, ledger.New, ledger.Intended))
	terminate(t, address, t.Name())
	require.NoError(t, put(s, 2, ledger.New, ledger.Intended), "without a lock nothing is lost")

	release, err := s.Lock("mig_1")
	require.NoError(t, err)
	of2, err := s.Lock("mig_2")
	require.NoError(t, err)
	terminate(t, address, t.Name())
	require.ErrorIs(t, put(s, 3, ledger.New, ledger.Intended), ledger.ErrLost)
	require.ErrorIs(t, put(s, 3, ledger.New, ledger.Intended), ledger.ErrLost)
	of3, err := s.Lock("mig_3")
	require.NoError(t, err, "what was never lost can be taken")
	terminate(t, address, t.Name())
	of4, err := s.Lock("mig_4")
	require.NoError(t, err, "also by whoever notices the loss")
	of3()
	of4()
	free, err := other.Lock("mig_1")
	require.NoError(t, err)
	require.NoError(t, put(other, 4, ledger.New, ledger.Intended))
	free()
	of2()
	require.ErrorIs(t, put(s, 3, ledger.New, ledger.Intended), ledger.ErrLost, "the lock of another migration is another matter")
	release()
	release, err = s.Lock("mig_1")
	require.NoError(t, err)
	require.NoError(t, put(s, 3, ledger.New, ledger.Intended))
	require.Len(t, states(t, s), 4)
	terminate(t, address, t.Name())
	release() // of a lock that was lost without anybody noticing
	held, err := other.AtWork("mig_1")
	require.NoError(t, err)
	require.False(t, held)
}
