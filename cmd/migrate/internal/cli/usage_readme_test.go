package cli

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The README's chapter about usage is followed word for word.
func TestTheReadmesUsageChapterWorks(t *testing.T) {
	text, err := os.ReadFile("../../../../README.md")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(text), "<!-- usage: this block runs in the tests -->\n```sh\n")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "```")
	p, dir, id, said := newProgram(t), t.TempDir(), "", ""
	n := 0
	for line := range strings.Lines(block) {
		command, _, _ := strings.Cut(line, "#")
		cmd := exec.Command("sh", "-c", strings.ReplaceAll(command, "use_…", id))
		cmd.Dir, cmd.Env = dir, append(p.env, "XDG_STATE_HOME="+p.state)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", line, out)
		if found := regexp.MustCompile(`use_[a-z0-9]{20}`).Find(out); id == "" && found != nil {
			id = string(found)
		}
		said += string(out)
		n++
	}
	require.Equal(t, 7, n)
	for _, want := range []string{"12 valid", "sent        12", "nothing was sent again", "sample-12", "Stripe has counted what was sent", "retracted   12"} {
		require.Contains(t, said, want)
	}
}
