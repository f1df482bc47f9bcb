package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/serve/cron"
	"github.com/subferry/subferry/migrate/serve/store"
)

func (a *app) scheduleRunsCommand() *cobra.Command {
	var state stateFlag
	var limit int64
	var output bool
	cmd := &cobra.Command{
		Use: "runs [NAME]", Short: "Show the runs of a schedule, or of all, newest first; also the moments that were missed",
		Long: `Shows what became of each moment: done, failed (with the exit code), running, missed (nobody worked at that time), skipped
(the run before had not ended), or lost (its machine died: what it did is not known, and it is not repeated). JSON has the
beginning and the end of what each command has printed, as --show-output shows it.`,
		Example: "  migrate schedule runs nightly\n  migrate schedule runs nightly --limit 1 --show-output",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return oneArgument("NAME")(cmd, args)
			}
			return nil
		},
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			if limit < 0 {
				return &usageError{"--limit must not be negative"}
			}
			return a.withService(ctx, state, func(s *store.Store) error {
				name := strings.Join(args, "")
				runs, err := s.Runs(ctx, name, limit)
				if err == nil && len(runs) == 0 && name != "" {
					if _, err = s.Schedule(ctx, name); err != nil {
						err = a.unknownSchedule(ctx, s, name, err)
					}
				}
				if err != nil {
					return err
				}
				return a.showRuns(runs, output)
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	state.add(cmd)
	cmd.Flags().Int64Var(&limit, "limit", 20, "show at most `N` runs (0 shows all)")
	cmd.Flags().BoolVar(&output, "show-output", false, "also show what the commands have printed")
	return cmd
}

// runOutcome is a run as JSON shows it. Times are RFC 3339, "" when there is none.
type runOutcome struct {
	Schedule  string     `json:"schedule"`
	Moment    string     `json:"moment"`
	State     string     `json:"state"`
	StartedBy string     `json:"started_by"` // schedule, or a person
	Machine   string     `json:"machine"`
	BeganAt   string     `json:"began_at"`
	EndedAt   string     `json:"ended_at"`
	ExitCode  int        `json:"exit_code"`
	Missed    int64      `json:"missed"` // moments, of which this is the last
	Since     string     `json:"since"`  // the first of them
	Note      string     `json:"note"`
	Output    string     `json:"output"`
	Error     *errorJSON `json:"error,omitempty"`
}

func newRunOutcome(r store.ScheduleRun, failure *errorJSON) runOutcome {
	return runOutcome{
		Schedule: r.Schedule, Moment: r.Moment.String(), State: string(r.State), StartedBy: r.StartedBy, Machine: r.Machine, BeganAt: r.BeganAt.String(),
		EndedAt: r.EndedAt.String(), ExitCode: r.ExitCode, Missed: r.Missed, Since: r.Since.String(), Note: r.Note, Output: r.Output, Error: failure,
	}
}

func (a *app) showRuns(runs []store.ScheduleRun, output bool) error {
	if !a.textMode() {
		all := make([]runOutcome, len(runs))
		for i, r := range runs {
			all[i] = newRunOutcome(r, nil)
		}
		return a.printJSON(all)
	}
	if len(runs) == 0 {
		a.say("No runs yet.")
		return nil
	}
	t := tabwriter.NewWriter(a.stdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "MOMENT\tSCHEDULE\tSTATE\tEXIT\tTOOK\tNOTE")
	for _, r := range runs {
		state, exit, took := string(r.State), "", ""
		if r.Missed > 1 {
			state = fmt.Sprintf("missed %d since %s", r.Missed, r.Since.Time().In(a.env.Zone).Format("2006-01-02 15:04"))
		}
		if !r.BeganAt.IsBlank() && !r.EndedAt.IsBlank() {
			exit, took = fmt.Sprint(r.ExitCode), r.EndedAt.Time().Sub(r.BeganAt.Time()).Round(time.Second).String()
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Moment.Time().In(a.env.Zone).Format("2006-01-02 15:04:05 MST"), r.Schedule, state, exit, took, r.Note)
		if output && r.Output != "" {
			for line := range strings.Lines(r.Output) {
				fmt.Fprintf(t, "  | %s\n", strings.TrimRight(line, "\r\n"))
			}
		}
	}
	return t.Flush()
}

func (a *app) scheduleRunCommand() *cobra.Command {
	var state stateFlag
	cmd := &cobra.Command{
		Use: "run NAME", Short: "Run a schedule's command now, beside its set times",
		Long: `Runs the command at once and on this machine, with this environment, whether or not a service is up, and records the run.
The exit code is that of the command.`,
		Example: "  migrate schedule run nightly", Args: oneArgument("NAME"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			return a.withService(ctx, state, func(s *store.Store) error { return a.runSchedule(ctx, s, state, args[0]) })
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	state.add(cmd)
	return cmd
}

func (a *app) runSchedule(ctx context.Context, s *store.Store, state stateFlag, name string) error {
	ctx, release := a.abortable(ctx)
	defer release()
	output := a.stdout()
	if !a.textMode() {
		output = io.Discard
	}
	r, err := a.ticker(s, state, slog.New(slog.DiscardHandler), nil).RunNow(ctx, name, a.person(), output)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return a.unknownSchedule(ctx, s, name, err)
	case errors.Is(err, store.ErrExists):
		return fmt.Errorf("%s was begun at this very second: wait one, and say it again", name)
	case err != nil:
		return err
	}
	var failure error
	if r.State != store.RunDone {
		failure = &commandFailed{r.ExitCode, strings.TrimSpace(fmt.Sprintf("the command of %s has ended with exit code %d. %s", name, r.ExitCode, r.Note))}
	}
	if !a.textMode() {
		return joined(asPrinted(failure), a.printJSON(newRunOutcome(r, a.errorJSON(failure))))
	}
	return failure
}

// commandFailed is the error of a command that another one was run for; its exit code is that one's.
type commandFailed struct {
	exit int
	text string
}

func (e *commandFailed) Error() string { return e.text }

// ticker returns what finds and runs what is due.
func (a *app) ticker(s *store.Store, state stateFlag, log *slog.Logger, enqueue func(ctx context.Context, schedule string, moment csvspec.Timestamp) error) *cron.Ticker {
	host, _ := os.Hostname()
	return cron.New(cron.Config{
		Store: s, Clock: a.clock(timeFlag{}), Log: log, Machine: fmt.Sprintf("%s (process %d)", host, os.Getpid()), Enqueue: enqueue,
		Run: func(ctx context.Context, c store.Schedule, output io.Writer) (int, error) {
			return a.runScheduled(ctx, c, state, output)
		},
	})
}
