package cli

import (
	"bufio"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/gateway"
)

// serve starts migrate sandbox serve and returns its address.
func (p *program) serve(args ...string) (address string, server *exec.Cmd) {
	server = p.command(append([]string{"sandbox", "serve", "--addr", "127.0.0.1:0"}, args...)...)
	out, err := server.StdoutPipe()
	require.NoError(p.t, err)
	require.NoError(p.t, server.Start())
	p.t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(p.t, err)
	return strings.TrimSpace(line), server
}

func TestServedSandboxIsAnAccountOfItsOwn(t *testing.T) {
	t.Parallel()
	served := newProgram(t)
	address, server := served.serve("--sandbox-data", "../../../../examples/sandbox.json", "--rate", "200", "--latency", "5ms")

	user := newProgram(t, keyVariable+"=sk_test_any")
	out, said, code := user.output("run", "--sandbox", "--yes", "--api-base", address, "../../../../examples/basic.csv", "-o", "json")
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, `"scheduled": 12`)
	require.Len(t, schedulesOf(t, gateway.Config{BaseURL: address}), 12)
	id := out[strings.Index(out, "mig_"):][:24]

	// Without the address the program looks for an embedded sandbox, and says what is missing.
	_, said, code = user.output("cancel", "--yes", id)
	require.Equal(t, ExitRefused, code)
	require.Contains(t, said, "--api-base")
	out, said, code = user.output("cancel", "--yes", "--api-base", address, id)
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, out, "canceled     12")

	signals(t)
	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, server.Wait())
}
