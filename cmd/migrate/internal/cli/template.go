package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
)

// maxSample bounds a sample, which is made in memory.
const maxSample = 1_000_000

// templateCommand writes a template.
func (a *app) templateCommand() *cobra.Command {
	var sample int
	var now timeFlag
	var names []string
	for _, t := range csvspec.Templates() {
		names = append(names, t.String())
	}
	cmd := &cobra.Command{
		Use:   "template basic|multi-item|ad-hoc",
		Short: "Write an empty CSV template, or one with sample rows",
		Long: `Writes a CSV file with the columns of the template to standard output: basic sells one existing price,
multi-item several, ad-hoc amounts that the file itself states.

With --sample N it has N rows that show how the columns are used. They start a few days from now, so they are
valid as they are. Their IDs are made up: replace them with yours, or run the file with --sandbox.`,
		Example: `  migrate template basic > subs.csv
  migrate template ad-hoc --sample 12 > sample.csv`,
		Args: oneArgument("TEMPLATE"), ValidArgs: names,
		RunE: a.asRunE(func(_ context.Context, args []string) error { return a.template(args[0], sample, now) }),
	}
	cmd.Flags().IntVar(&sample, "sample", 0, "write `N` sample rows")
	now.add(cmd, "date the sample rows from this time, RFC 3339 or Unix seconds")
	return cmd
}

func (a *app) template(name string, sample int, now timeFlag) error {
	t, err := csvspec.ParseTemplate(name)
	if err != nil {
		return &usageError{err.Error()}
	}
	if sample < 0 || sample > maxSample {
		return &usageError{"--sample must lie between 0 and 1000000"}
	}
	if sample == 0 {
		return csvspec.WriteTemplate(a.stdout(), t)
	}
	if err := csvspec.Write(a.stdout(), t, csvspec.Sample(t, sample, a.clock(now).Now())); err != nil {
		return err
	}
	a.say("Next: %s, or %s", a.commandLine(stateFlag{}, "validate", "FILE"), a.commandLine(stateFlag{}, "run", "--sandbox", "FILE"))
	return nil
}
