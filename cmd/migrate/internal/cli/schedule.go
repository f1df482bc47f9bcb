package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/serve/cron"
	"github.com/subferry/subferry/migrate/serve/store"
)

// scheduleCommand holds the commands about what is run at set times.
func (a *app) scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "schedule", Short: "Run exports, monitors and the like at set times",
		Long: `Keeps commands of this program that are to be run at set times. Whoever works runs them (migrate serve, or one of the
migrate workers with the same DATABASE_URL), each moment once. What was missed while nobody worked is said by schedule runs:
the latest moment is run up to an hour late, earlier ones are not.

An expression has five fields, as in crontab: minute, hour, day of the month, month, day of the week; or it is @hourly,
@daily, @weekly, @monthly or @yearly. When the clocks change, a time of day that is left out is run at the moment of the
change, and one that comes twice the first time; an expression whose hour is * is run whenever a clock shows its minute.

What can be scheduled reads or watches: ` + strings.Join(scheduled(), ", ") + `.
Nothing that creates, changes or cancels anything in an account can.`,
		Args: a.onlySubcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { a.started = true; return cmd.Help() },
	}
	cmd.AddCommand(a.scheduleCreateCommand(), a.scheduleListCommand(), a.scheduleRemoveCommand(), a.scheduleRunsCommand(), a.scheduleRunCommand())
	return cmd
}

var scheduleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`)

// shownMoments is how many moments a new schedule shows.
const shownMoments = 3

func (a *app) scheduleCreateCommand() *cobra.Command {
	var state stateFlag
	var zone string
	cmd := &cobra.Command{
		Use:   `create NAME "MINUTE HOUR DAY MONTH WEEKDAY" --timezone ZONE -- COMMAND…`,
		Short: "Run a command at set times",
		Long: `Stores a schedule under a name. The command stands behind --, as it would be typed; it is run in the directory in which
schedule create is run now, with the environment of migrate serve or the worker (keys come from there). The time zone has
its full name, such as Asia/Tokyo; abbreviations are an error.`,
		Example: `  migrate schedule create nightly "10 0 * * *" --timezone Asia/Tokyo -- export events --from-webhooks --out /var/lib/events
  migrate schedule create first-payments @hourly -- monitor -o json mig_…`,
		Args: func(cmd *cobra.Command, args []string) error {
			if dash := cmd.ArgsLenAtDash(); dash != 2 || len(args) == 2 {
				return &usageError{`expected a name, one expression in quotes, and behind -- the command: migrate schedule create nightly "10 0 * * *" --timezone Asia/Tokyo -- export …`}
			}
			return nil
		},
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.createSchedule(ctx, state, zone, args) }),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	state.add(cmd)
	cmd.Flags().StringVar(&zone, "timezone", "UTC", "the `ZONE` whose clocks the expression means, such as Asia/Tokyo")
	return cmd
}

func (a *app) createSchedule(ctx context.Context, state stateFlag, zone string, args []string) error {
	name, expression, command := args[0], args[1], args[2:]
	if !scheduleName.MatchString(name) {
		return &usageError{fmt.Sprintf("%q is no name for a schedule: expected up to 63 letters, digits, and _ . - behind the first", name)}
	}
	spec, err := cron.Parse(expression, zone)
	if err != nil {
		return &usageError{err.Error()}
	}
	if _, err := a.mayBeScheduled(command); err != nil {
		return err
	}
	dir, err := os.Getwd()
	if err != nil {
		return err
	}
	now := a.env.Now()
	c := store.Schedule{Name: name, Expression: spec.String(), Zone: zone, Args: command, Dir: dir, CreatedBy: a.person(), CreatedAt: csvspec.At(now), CheckedAt: csvspec.At(now)}
	return a.withService(ctx, state, func(s *store.Store) error {
		if err := s.CreateSchedule(ctx, c); errors.Is(err, store.ErrExists) {
			return &refusal{"schedule_exists", fmt.Sprintf("there is a schedule %s already: remove it first (%s), or take another name", name, a.commandLine(state, "schedule", "remove", name))}
		} else if err != nil {
			return err
		}
		if !a.textMode() {
			return a.printJSON(newScheduleOutcome(c, spec.Next(now)))
		}
		a.print("schedule    %s\ncommand     %s\nin          %s\n", c.Name, commandOf(c), c.Dir)
		at := now
		for range shownMoments {
			at = spec.Next(at)
			a.print("next        %s  (%s)\n", at.In(spec.Zone()).Format("Mon 2 Jan 2006 15:04 MST"), at.UTC().Format("2006-01-02 15:04 UTC"))
		}
		a.say("It is run as long as migrate serve or a worker is up. Next: %s", a.commandLine(state, "schedule", "runs", name))
		return nil
	})
}

// scheduleOutcome is a schedule as JSON shows it. Times are RFC 3339.
type scheduleOutcome struct {
	Name       string   `json:"name"`
	Expression string   `json:"expression"`
	Zone       string   `json:"timezone"`
	Args       []string `json:"args"`
	Dir        string   `json:"directory"`
	CreatedBy  string   `json:"created_by"`
	CreatedAt  string   `json:"created_at"`
	Next       string   `json:"next"` // "" when the expression is not known to this program
	Last       string   `json:"last"` // the state of the last run; "" when there is none
}

func newScheduleOutcome(c store.Schedule, next time.Time) scheduleOutcome {
	one := scheduleOutcome{Name: c.Name, Expression: c.Expression, Zone: c.Zone, Args: c.Args, Dir: c.Dir, CreatedBy: c.CreatedBy, CreatedAt: c.CreatedAt.String()}
	if !next.IsZero() {
		one.Next = next.UTC().Format(time.RFC3339)
	}
	return one
}

// person names who runs the program.
func (a *app) person() string {
	for _, variable := range []string{"USER", "LOGNAME", "USERNAME"} {
		if name := a.env.getenv(variable); name != "" {
			return name
		}
	}
	return "local"
}

// commandOf writes a schedule's command as it was typed.
func commandOf(c store.Schedule) string {
	words := make([]string, len(c.Args))
	for i, w := range c.Args {
		words[i] = quote(w)
	}
	return strings.Join(words, " ")
}

func (a *app) scheduleListCommand() *cobra.Command {
	var state stateFlag
	cmd := &cobra.Command{
		Use: "list", Short: "List the schedules, with when each is run next and what became of its last run", Args: noArguments,
		Example: "  migrate schedule list\n  migrate schedule list -o json",
		RunE: a.asRunE(func(ctx context.Context, _ []string) error {
			return a.withService(ctx, state, func(s *store.Store) error { return a.listSchedules(ctx, s) })
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	state.add(cmd)
	return cmd
}

func (a *app) listSchedules(ctx context.Context, s *store.Store) error {
	all, err := s.Schedules(ctx)
	if err != nil {
		return err
	}
	shown := []scheduleOutcome{}
	t := tabwriter.NewWriter(a.stdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tWHEN\tTIME ZONE\tNEXT\tLAST\tCOMMAND")
	for _, c := range all {
		var at time.Time
		next := "never: this program does not know the expression or the time zone"
		if spec, err := cron.Parse(c.Expression, c.Zone); err == nil {
			at = spec.Next(a.env.Now())
			next = at.In(spec.Zone()).Format("2006-01-02 15:04 MST")
		}
		one := newScheduleOutcome(c, at)
		runs, err := s.Runs(ctx, c.Name, 1)
		if err != nil {
			return err
		}
		if len(runs) > 0 {
			one.Last = string(runs[0].State)
		}
		shown = append(shown, one)
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", c.Name, c.Expression, c.Zone, next, cmp.Or(one.Last, "none yet"), commandOf(c))
	}
	switch {
	case !a.textMode():
		return a.printJSON(shown)
	case len(all) == 0:
		a.say("No schedules yet. %s explains them.", a.commandLine(stateFlag{}, "schedule", "--help"))
		return nil
	}
	return t.Flush()
}

func (a *app) scheduleRemoveCommand() *cobra.Command {
	var state stateFlag
	cmd := &cobra.Command{
		Use: "remove NAME", Short: "Remove a schedule; what is known of its runs stays", Args: oneArgument("NAME"),
		Example: "  migrate schedule remove nightly",
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			return a.withService(ctx, state, func(s *store.Store) error {
				if err := s.RemoveSchedule(ctx, args[0]); err != nil {
					return a.unknownSchedule(ctx, s, args[0], err)
				}
				a.say("Removed. A run that has begun goes on.")
				return nil
			})
		}),
	}
	state.add(cmd)
	return cmd
}

// unknownSchedule adds the names that there are to the error of one that there is not.
func (a *app) unknownSchedule(ctx context.Context, s *store.Store, name string, err error) error {
	all, failure := s.Schedules(ctx)
	if !errors.Is(err, store.ErrNotFound) || failure != nil {
		return err
	}
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no schedule %s, and none at all", name)
	}
	return fmt.Errorf("there is no schedule %s: there are %s", name, strings.Join(names, ", "))
}
