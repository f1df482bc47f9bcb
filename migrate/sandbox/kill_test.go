package sandbox

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	childDir = "SUBFERRY_SANDBOX_CHILD_DIR"
	kills    = 12
)

// TestKilledChild is the process that TestKillLosesNoAnswer kills: it creates schedules and prints each ID once the
// answer has arrived.
func TestKilledChild(t *testing.T) {
	dir := os.Getenv(childDir)
	if dir == "" {
		t.Skip("only TestKillLosesNoAnswer runs this")
	}
	b := open4test(t, Options{Dir: dir}).stock()
	b.check = nil
	for i := 0; ; i++ {
		id := b.keyed(fmt.Sprintf("%d-%d", os.Getpid(), i), schedulesPath, schedule(fmt.Sprintf("customer=cus_%d", 1+i%2))...).ok().text("id")
		fmt.Println("ANSWERED", id)
		if i%50 == 49 {
			b.post(schedulesPath + "/" + id + "/cancel").ok()
			fmt.Println("CANCELED", id)
		}
		if i == mostPerCustomer {
			time.Sleep(time.Minute) // whoever kills may be slow to read
		}
	}
}

// TestKillLosesNoAnswer kills a process at moments spread over its work: what it was answered is there when the
// directory is opened again.
func TestKillLosesNoAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	for round := range kills {
		dir := t.TempDir()
		answered := killedAfter(t, dir, 1+round*round*3)
		b := open4test(t, Options{Dir: dir})
		for id, status := range answered {
			got := b.get(schedulesPath + "/" + id).ok().text("status")
			if got != status {
				// The cancel was executed, and its answer was lost with the process.
				require.Equal(t, []string{"not_started", "canceled"}, []string{status, got}, "round %d", round)
			}
		}
		b.post(schedulesPath, schedule()...).ok()
	}
}

// killedAfter runs the child until it has printed some answers, kills it, and returns the state it was last told of
// each schedule.
func killedAfter(t *testing.T, dir string, answers int) map[string]string {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKilledChild$")
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	deadline := time.AfterFunc(time.Minute, func() { _ = child.Process.Kill() })
	defer deadline.Stop()
	known := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		what, id, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "ANSWERED":
			known[id] = "not_started"
		case "CANCELED":
			known[id] = "canceled"
		}
		if len(known) == answers {
			require.NoError(t, child.Process.Kill())
		}
	}
	require.Error(t, child.Wait(), "the child must have been killed")
	require.GreaterOrEqual(t, len(known), answers)
	return known
}
