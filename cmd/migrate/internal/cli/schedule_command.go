package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/serve/store"
)

// scheduled returns the commands that may be run at set times: nobody is there to confirm anything, or to see that it goes
// wrong.
func scheduled() []string {
	return []string{"export", "list", "monitor", "plan", "report", "status", "usage reconcile", "usage report", "usage status", "usage validate", "validate", "verify", "version"}
}

// forbidden are flags that make such a command change something, or never end.
func forbidden() map[string]string {
	return map[string]string{
		"repair": "it changes what is in the account", "apply": "it changes what is in the account", "confirm": "it answers for somebody who is to look",
		"watch": "the command would never end: the schedule runs it again anyway",
	}
}

var secretLike = regexp.MustCompile(`(sk|rk)_(live|test)_|whsec_|absec_|postgres(ql)?://`)

// mayBeScheduled refuses a command line that must not be run at set times, or that would not be understood then. It returns
// the command.
func (a *app) mayBeScheduled(words []string) (*cobra.Command, error) {
	for _, w := range words {
		if secretLike.MatchString(w) {
			return nil, &refusal{"secret_in_schedule", "the command has a key, a secret or a database's address in it, which would be stored and shown: set it in the environment of migrate serve and the workers"}
		}
	}
	inner := &app{env: a.env, output: formatText} // its flags are its own
	inner.env.Args, inner.env.Stdout, inner.env.Stderr = words, io.Discard, io.Discard
	cmd, rest, err := inner.root().Find(words)
	if err == nil && !cmd.HasParent() {
		err = inner.onlySubcommands(cmd, words)
	}
	if err != nil {
		return nil, &usageError{"the command behind -- is not understood: " + err.Error()}
	}
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	if !slices.Contains(scheduled(), name) {
		return nil, &refusal{"not_schedulable", fmt.Sprintf("%q is not run at set times, because nobody would be there to look at it: a schedule may run what reads and watches (%s)",
			strings.Join(append([]string{}, words[:min(len(words), 2)]...), " "), strings.Join(scheduled(), ", "))}
	}
	if err := cmd.ParseFlags(rest); err != nil {
		return nil, &usageError{"the command behind -- is not understood: " + flagError(cmd, err).Error()}
	}
	for flag, why := range forbidden() {
		if f := cmd.Flags().Lookup(flag); f != nil && f.Changed {
			return nil, &refusal{"not_schedulable", fmt.Sprintf("--%s is not for a schedule: %s", flag, why)}
		}
	}
	for _, flag := range []string{"api-base", "source-api-base"} { // whoever can write into the database would be sent the key
		f := cmd.Flags().Lookup(flag)
		if f == nil || !f.Changed {
			continue
		}
		if u, err := url.Parse(f.Value.String()); err != nil || !loopback(u.Hostname()) {
			return nil, &refusal{"not_schedulable", fmt.Sprintf("--%s is not for a schedule, unless it is a server on this machine: the key would be sent there", flag)}
		}
	}
	if err := errors.Join(cmd.ValidateFlagGroups(), cmd.ValidateArgs(cmd.Flags().Args())); err != nil {
		return nil, &usageError{"the command behind -- is not understood: " + err.Error()}
	}
	return cmd, nil
}

// endsWithin is how long a command has to end after it was interrupted.
const endsWithin = 20 * time.Second

// runScheduled runs a schedule's command as a process of its own, so that nothing that it does to itself hurts the service.
// It has this process's environment, and works with its state.
func (a *app) runScheduled(ctx context.Context, c store.Schedule, state stateFlag, output io.Writer) (int, error) {
	cmd, err := a.mayBeScheduled(c.Args) // the program may have learned since what is to be refused
	if err != nil {
		return 0, err
	}
	program, err := os.Executable()
	if err != nil {
		return 0, err
	}
	words := slices.Clone(c.Args)
	if f := cmd.Flags().Lookup("state"); f != nil && !f.Changed && state.dir != "" {
		dir, err := a.stateDir(state)
		if err != nil {
			return 0, err
		}
		end := slices.Index(words, "--") // behind it a flag is none
		if end < 0 {
			end = len(words)
		}
		words = slices.Insert(words, end, "--state", dir)
	}
	child := exec.CommandContext(ctx, program, words...)
	child.Args[0] = a.env.Program
	child.Dir, child.Stdout, child.Stderr = c.Dir, output, output
	child.Cancel = func() error {
		if err := child.Process.Signal(os.Interrupt); err != nil { // Windows has no such signal
			return child.Process.Kill()
		}
		return nil
	}
	child.WaitDelay = endsWithin
	err = child.Run()
	if ended := (*exec.ExitError)(nil); errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	if err != nil && ctx.Err() != nil && child.ProcessState != nil {
		return child.ProcessState.ExitCode(), nil
	}
	return 0, err
}
