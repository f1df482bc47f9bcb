package cli

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// pages starts migrate serve, and returns the address that it prints.
func (p *program) pages(args ...string) (address string, server *exec.Cmd, said *strings.Builder) {
	server, said = p.command(append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...), &strings.Builder{}
	out, err := server.StdoutPipe()
	require.NoError(p.t, err)
	server.Stderr = said
	require.NoError(p.t, server.Start())
	p.t.Cleanup(func() { server.Process.Kill(); server.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(p.t, err, "%s", said)
	return strings.TrimSpace(line), server, said
}

// With nothing but --sandbox the printed address opens the pages, once; Ctrl-C ends the service, and what it knows is
// there when it is started again.
func TestServiceWithNothingButASandbox(t *testing.T) {
	t.Parallel()
	signals(t)
	p := newProgram(t)
	address, server, said := p.pages("--sandbox")
	base, token, found := strings.Cut(address, "/login?token=")
	require.True(t, found, address)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	get := func(url string) (int, string) {
		resp, err := browser.Get(url)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return resp.StatusCode, string(text)
	}
	status, _ := get(address)
	require.Equal(t, http.StatusOK, status)
	status, text := get(base + "/")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, "Nothing has been uploaded yet")
	resp, err := browser.PostForm(base+"/moves", map[string][]string{"text": {"customer,start_date,price\ncus_1,2051859600,price_1\n"}, "name": {"mine.csv"}})
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)

	// A second one does not take the port, or the directory, of the first.
	_, wrong, code := p.output("serve", "--sandbox", "--addr", strings.TrimPrefix(base, "http://"))
	require.Equal(t, ExitFailure, code)
	require.Contains(t, wrong, "another program listens on")
	_, wrong, code = p.output("serve", "--sandbox", "--addr", "127.0.0.1:0")
	require.NotEqual(t, ExitDone, code)
	require.NotContains(t, wrong, "panic")

	require.NoError(t, server.Process.Signal(syscall.SIGTERM))
	require.NoError(t, server.Wait(), "%s", said)
	require.Contains(t, said.String(), "What is left goes on when the service is started again.")
	require.NotContains(t, said.String(), token, "the token is on standard output alone")

	address, server, said = p.pages("--sandbox")
	require.NotContains(t, address, token, "each start prints a token of its own")
	status, _ = get(address)
	require.Equal(t, http.StatusOK, status)
	base, _, _ = strings.Cut(address, "/login")
	status, text = get(base + "/")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, text, "mine.csv")
	require.NoError(t, server.Process.Signal(syscall.SIGINT))
	require.NoError(t, server.Wait(), "%s", said)
}
