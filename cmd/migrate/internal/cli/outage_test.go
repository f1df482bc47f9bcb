package cli

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// blackHole takes connections and never answers.
func blackHole(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	return "http://" + l.Addr().String()
}

// closedPort is an address at which nothing listens.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return "http://" + l.Addr().String()
}

// While nothing answers, every command says so within two seconds, and Ctrl-C ends it at once.
func TestWhatIsWaitedForIsSaid(t *testing.T) {
	t.Parallel()
	signals(t)
	hole, file := blackHole(t), rows(t, 2)
	host := strings.TrimPrefix(hole, "http://")
	p := newProgram(t, keyVariable+"=sk_test_123")
	for name, args := range map[string][]string{
		"plan":     {"plan", "--sandbox", file},
		"run":      {"run", "--sandbox", "--yes", file},
		"validate": {"validate", "--online", "--sandbox", file},
	} {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log.json")
			cmd := p.command(append(args, "--api-base", hole, "--log", log)...)
			var said transcript
			cmd.Stderr = &said
			began := time.Now()
			require.NoError(t, cmd.Start())
			want := "waiting for an answer from " + host + ", attempt 1, trying until "
			require.Eventually(t, func() bool { return strings.Contains(said.String(), want) }, 20*time.Second, 20*time.Millisecond, "%v", &said)
			require.Less(t, time.Since(began), 2*time.Second+slowMachine)
			require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
			require.Error(t, cmd.Wait())
			require.Equal(t, ExitInterrupted, cmd.ProcessState.ExitCode(), said.String())
			require.NotContains(t, said.String(), "No connection was had")
			logged, err := os.ReadFile(log)
			require.NoError(t, err)
			require.Contains(t, string(logged), want)
		})
	}
}

// slowMachine is how much later a process of a busy machine may speak.
const slowMachine = 3 * time.Second

// Resume and cancel of a migration whose server does not answer any more say so as well, and one Ctrl-C ends them.
func TestCancelAndResumeSayWhatTheyWaitFor(t *testing.T) {
	t.Parallel()
	signals(t)
	var away atomic.Bool
	gone := make(chan struct{})
	inner := newProgram(t)
	address, _ := inner.serve("--sandbox-data", "../../../../examples/sandbox.json")
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if away.Load() {
			<-gone
			return
		}
		forward(t, address, w, r)
	}))
	t.Cleanup(proxy.Close)
	t.Cleanup(func() { close(gone) })

	p := newProgram(t, keyVariable+"=sk_test_123")
	out, said, code := p.output("run", "--sandbox", "--yes", "--canary", "2", "--api-base", proxy.URL, "../../../../examples/basic.csv")
	require.Equal(t, ExitDone, code, said)
	id := migrationID(out)
	require.Contains(t, said, "--api-base "+proxy.URL)
	_, said, _ = p.output("status", id)
	require.Contains(t, said, "To schedule the rest: migrate resume "+id+" --api-base "+proxy.URL, "the ledger knows where it was")
	away.Store(true)
	for _, command := range []string{"cancel", "resume"} {
		t.Run(command, func(t *testing.T) {
			cmd := p.command(command, "--yes", "--api-base", proxy.URL, id)
			var said transcript
			cmd.Stderr = &said
			require.NoError(t, cmd.Start())
			require.Eventually(t, func() bool { return strings.Contains(said.String(), "waiting for an answer from ") }, 20*time.Second, 20*time.Millisecond)
			began := time.Now()
			require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
			require.Error(t, cmd.Wait())
			require.Less(t, time.Since(began), 10*time.Second)
			require.Equal(t, ExitInterrupted, cmd.ProcessState.ExitCode(), said.String())
		})
	}
}

// forward hands a request on to another server.
func forward(t *testing.T, address string, w http.ResponseWriter, r *http.Request) {
	out, err := http.NewRequest(r.Method, address+r.URL.String(), r.Body)
	if err != nil {
		t.Error(err)
		return
	}
	out.Header = r.Header
	res, err := http.DefaultTransport.RoundTrip(out)
	if err != nil {
		t.Error(err)
		return
	}
	defer res.Body.Close()
	for k, v := range res.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(res.StatusCode)
	if _, err := io.Copy(w, res.Body); err != nil {
		t.Error(err)
	}
}

// An address at which nothing listens ends the program soon, with what to look at.
func TestARefusedConnectionEndsSoon(t *testing.T) {
	t.Parallel()
	base, file := closedPort(t), rows(t, 2)
	host := strings.TrimPrefix(base, "http://")
	p := newProgram(t, keyVariable+"=sk_test_123")
	for _, command := range []string{"run", "validate"} {
		args := []string{command, "--sandbox", "--api-base", base, file, "-o", "json"}
		if command == "validate" {
			args = append(args, "--online")
		}
		began := time.Now()
		out, said, code := p.output(args...)
		require.Less(t, time.Since(began), 15*time.Second)
		require.Equal(t, ExitFailure, code, said)
		for _, attempt := range []string{"1", "2", "3"} {
			require.Regexp(t, `no connection to `+host+`, attempt `+attempt+`, trying until \d\d:\d\d:\d\d `, said)
		}
		require.Contains(t, said, "check the network")
		require.Contains(t, out, `"code": "stripe"`)
	}
}

// A server that is away for a while is waited for, and it is said when it answers again.
func TestAServerThatRecoversIsWaitedFor(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusInternalServerError, http.StatusTooManyRequests} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			inner := newProgram(t)
			address, _ := inner.serve("--sandbox-data", "../../../../examples/sandbox.json")
			until := time.Now().Add(4 * time.Second)
			proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if time.Now().Before(until) {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(status)
					fmt.Fprint(w, `{"error": {"type": "api_error", "message": "away for a while"}}`)
					return
				}
				forward(t, address, w, r)
			}))
			t.Cleanup(proxy.Close)
			p := newProgram(t, keyVariable+"=sk_test_123")
			_, said, code := p.output("plan", "--sandbox", "--api-base", proxy.URL, "../../../../examples/basic.csv")
			require.Equal(t, ExitDone, code, said)
			host := strings.TrimPrefix(proxy.URL, "http://")
			require.Regexp(t, fmt.Sprintf(`%s answered %d, attempt \d+, trying until \d\d:\d\d \(away for a while\)`, host, status), said)
			require.Contains(t, said, host+" answers again")
		})
	}
}
