package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/sandbox"
)

// program is migrate as a process of its own, on a state directory.
type program struct {
	t     *testing.T
	state string
	env   []string
}

func newProgram(t *testing.T, env ...string) *program {
	return &program{t: t, state: t.TempDir(), env: append(os.Environ(), append([]string{"STRIPE_API_KEY=", "STRIPE_API_KEY_FILE=", databaseVariable + "="}, env...)...)}
}

// command returns a command on the program's state.
func (p *program) command(args ...string) *exec.Cmd {
	cmd := exec.Command("migrate", append(args, "--state", p.state)...)
	cmd.Env = p.env
	return cmd
}

// output runs a command to its end.
func (p *program) output(args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	cmd := p.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if err != nil {
		require.IsType(p.t, &exec.ExitError{}, err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// rows writes a file of n rows and returns its name.
func rows(t *testing.T, n int) string {
	name := filepath.Join(t.TempDir(), "subs.csv")
	var text strings.Builder
	text.WriteString("customer,start_date,price,metadata.third_party_sub_id\n")
	for i := range n {
		fmt.Fprintf(&text, "cus_%d,%d,price_A,old_%d\n", i%(n*2/3+1), 2059203600+i*60, i)
	}
	require.NoError(t, os.WriteFile(name, []byte(text.String()), 0o600))
	return name
}

// schedules counts, by the ID in the old system, the schedules that the program's embedded sandbox holds.
func (p *program) schedules() map[string]int {
	box, err := sandbox.Open(sandbox.Options{Dir: sandboxPath(p.state, commonSandbox)})
	require.NoError(p.t, err)
	defer box.Close()
	return schedulesOf(p.t, gateway.Config{HTTP: box.Transport()})
}

// directOf counts the direct subscriptions of an account by the ID in the old system.
func directOf(t *testing.T, cfg gateway.Config) map[string]int {
	var err error
	cfg.Key, err = gateway.NewKey("sk_test_counting")
	require.NoError(t, err)
	api, err := gateway.New(cfg)
	require.NoError(t, err)
	count := map[string]int{}
	for f := (migrate.SubscriptionFilter{Canceled: true}); ; {
		page, err := api.Subscriptions(context.Background(), f)
		require.NoError(t, err)
		for _, s := range page.Subscriptions { // of schedules, none has gone live
			count[s.Metadata["third_party_sub_id"]]++
			f.After = s.ID
		}
		if !page.More {
			return count
		}
	}
}

// schedulesOf counts the schedules of an account by the ID in the old system.
func schedulesOf(t *testing.T, cfg gateway.Config) map[string]int {
	var err error
	cfg.Key, err = gateway.NewKey("sk_test_counting")
	require.NoError(t, err)
	api, err := gateway.New(cfg)
	require.NoError(t, err)
	count := map[string]int{}
	for f := (migrate.ScheduleFilter{}); ; {
		page, err := api.Schedules(context.Background(), f)
		require.NoError(t, err)
		for _, s := range page.Schedules {
			count[s.Metadata["third_party_sub_id"]]++
			f.After = s.ID
		}
		if !page.More {
			return count
		}
	}
}

// begun waits until a migration of the program has scheduled something.
func (p *program) begun() {
	require.Eventually(p.t, func() bool {
		out, _, _ := p.output("list", "-o", "json")
		return regexp.MustCompile(`"scheduled": [1-9]`).MatchString(out)
	}, time.Minute, 50*time.Millisecond)
}

// transcript keeps what a process says.
type transcript struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// once is what schedules must be after a whole run.
func once(n int) map[string]int {
	count := map[string]int{}
	for i := range n {
		count[fmt.Sprintf("old_%d", i)] = 1
	}
	return count
}

func TestKilledRunsAreContinuedWithoutDuplicates(t *testing.T) {
	t.Parallel()
	p, file := newProgram(t), rows(t, 90)
	killed := 0
	for i := range 6 {
		cmd := p.command("run", "--sandbox", file)
		require.NoError(t, cmd.Start())
		time.Sleep(time.Duration(120+170*i) * time.Millisecond)
		require.NoError(t, cmd.Process.Kill())
		if cmd.Wait(); !cmd.ProcessState.Exited() || cmd.ProcessState.ExitCode() != 0 {
			killed++
		}
	}
	require.Greater(t, killed, 2)
	_, stderr, code := p.output("run", "--sandbox", file)
	require.Contains(t, []int{ExitDone, ExitRefused}, code, stderr) // refused: the last one was not killed soon enough
	require.Equal(t, once(90), p.schedules())
	out, _, _ := p.output("list", "-o", "json")
	require.Equal(t, 1, strings.Count(out, `"id"`))
	require.Contains(t, out, `"scheduled": 90`)
}

// signals skips a test on a system whose processes cannot be sent a Ctrl-C from outside.
func signals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals that one process could send another")
	}
}

func TestCtrlCAtTheQuestionBeginsNothing(t *testing.T) {
	t.Parallel()
	signals(t)
	p := newProgram(t, keyVariable+"=sk_test_123")
	cmd := p.command("run", "--sandbox", "--api-base", stripeMock(t), "../../../../examples/basic.csv", "-o", "json")
	_, err := cmd.StdinPipe() // nobody types
	require.NoError(t, err)
	var out, said transcript
	cmd.Stdout, cmd.Stderr = &out, &said
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return strings.Contains(said.String(), "Type yes") }, time.Minute, 10*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	require.Error(t, cmd.Wait())
	require.Equal(t, ExitInterrupted, cmd.ProcessState.ExitCode(), said.String())
	require.Contains(t, out.String(), `"interrupted; nothing was changed"`)
}

func TestStatusWatchesARunToItsEnd(t *testing.T) {
	t.Parallel()
	p, file := newProgram(t), rows(t, 60)
	_, said, code := p.output("run", "--sandbox", "--canary", "2", file)
	require.Equal(t, ExitDone, code, said)
	list, _, _ := p.output("list", "-o", "json")
	id := migrationID(list)
	run := p.command("resume", "--max-rate", "10", id)
	require.NoError(t, run.Start())
	out, said, code := p.output("status", "--watch", "-o", "json", id)
	require.NoError(t, run.Wait())
	require.Equal(t, ExitDone, code, said)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Greater(t, len(lines), 1)
	require.Contains(t, lines[0], `"status":"in_progress"`)
	require.Contains(t, lines[len(lines)-1], `"status":"scheduled"`)
	require.Contains(t, lines[len(lines)-1], `"scheduled":60`)
}

// migrationID returns the first ID of a list.
func migrationID(list string) string { return list[strings.Index(list, "mig_"):][:24] }

func TestCtrlCStopsGentlyAndTheSameCommandGoesOn(t *testing.T) {
	t.Parallel()
	signals(t)
	const all = 400
	p, file := newProgram(t), rows(t, all)
	cmd := p.command("run", "--sandbox", "--max-rate", "40", file)
	var said transcript
	cmd.Stderr = &said
	require.NoError(t, cmd.Start())
	p.begun()
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	require.Error(t, cmd.Wait())
	require.Equal(t, ExitInterrupted, cmd.ProcessState.ExitCode(), said.String())
	require.Contains(t, said.String(), "what is in flight is being finished")
	require.Contains(t, said.String(), "Next: migrate resume mig_")

	begun := len(p.schedules())
	require.Positive(t, begun)
	require.Less(t, begun, all)
	out, errs, code := p.output("run", "--sandbox", file)
	require.Equal(t, ExitDone, code, errs)
	require.Contains(t, out, "scheduled   400")
	require.Contains(t, errs, "Goes on with mig_")
	require.Equal(t, once(all), p.schedules())
}

func TestTwoRunsAtOnceDoNotDouble(t *testing.T) {
	t.Parallel()
	p, file := newProgram(t), rows(t, 60)
	first := p.command("run", "--sandbox", "--max-rate", "10", file)
	require.NoError(t, first.Start())
	p.begun()
	_, said, code := p.output("run", "--sandbox", file)
	require.NoError(t, first.Wait())
	require.Equal(t, ExitRefused, code, said)
	require.Contains(t, said, "in use by another process")
	require.Equal(t, once(60), p.schedules())
}
