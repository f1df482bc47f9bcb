package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/validate"
)

// validateFlags are the flags of migrate validate.
type validateFlags struct {
	file   fileFlags
	online onlineFlags
	strict bool
	limit  int
	split  string
}

// validateCommand judges a file by itself.
func (a *app) validateCommand() *cobra.Command {
	var f validateFlags
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: "Say everything that is wrong with a file, in one pass",
		Long: `Reads a CSV file of any of the three templates and lists what is wrong with it: where, what was found, and how
to mend it. Nothing is sent anywhere and no key is needed, unless --online asks the account about what the file names:
then everything that migrate plan and migrate run would find is shown, in every form of output. The key is read from the
environment, as for a run; with --sandbox-data the account is a file, and --online goes without saying.

As sarif, code hosts show the findings on the pull request that adds the file. FILE may be - for standard input.
Exits with 3 when something must be mended; rows that only start too soon do not count, unless there are no others.`,
		Example: `  migrate validate subs.csv
  migrate validate --amount-unit minor -o json subs.csv
  migrate validate -o csv subs.csv > back.csv          the same file with a column processing_error
  migrate validate -o xlsx subs.csv > back.xlsx        the same as a workbook, faulty cells marked and commented
  migrate validate -o html subs.csv > report.html      a page for finance
  migrate validate --split out subs.csv                ready.csv, deferred.csv, errors.csv
  migrate validate --allow-column cancel_at subs.csv   leave that column out, on purpose
  migrate validate --sandbox-data account.json subs.csv
  STRIPE_API_KEY=sk_test_… migrate validate --online subs.csv`,
		Args: oneArgument("FILE"),
	}
	cmd.RunE = a.asRunE(func(ctx context.Context, args []string) error {
		f.online.given = cmd.Flags().Changed
		return a.validate(ctx, args[0], f)
	})
	a.outputFlag(cmd, formatText, formatJSON, formatNDJSON, formatSARIF, formatCSV, formatHTML, formatXLSX)
	f.file.add(cmd)
	flags := cmd.Flags()
	f.online.session.addReading(cmd)
	flags.Lookup("sandbox").Usage = "judge by a sandbox's rules: start dates need 1 hour of lead instead of 24"
	flags.Lookup("now").Usage = "judge as if it were this time, RFC 3339 or Unix seconds"
	flags.BoolVar(&f.online.online, "online", false, "ask the account about what the file names, as plan and run do (needs a key, --sandbox or --sandbox-data)")
	flags.StringVar(&f.online.data, "sandbox-data", "", "take `FILE` (JSON) for the account")
	f.online.checks.add(cmd, defaultCheck)
	flags.BoolVar(&f.strict, "strict", false, "take warnings for errors")
	flags.IntVar(&f.limit, "limit", defaultLimit, "show at most `N` findings as text (0 shows all)")
	flags.StringVar(&f.split, "split", "", "also write ready.csv, deferred.csv and errors.csv into `DIR`, cells as they are")
	return cmd
}

func (a *app) validate(ctx context.Context, path string, f validateFlags) error {
	if err := f.file.check(); err != nil {
		return err
	}
	if f.limit < 0 {
		return &usageError{"--limit must not be negative; 0 shows all"}
	}
	if a.output == formatXLSX && a.env.Tty.Stdout {
		return &usageError{"a workbook is nothing to look at in a terminal: put > back.xlsx behind the command"}
	}
	f.online.infer()
	if err := f.online.check(); err != nil {
		return err
	}
	in, name, err := a.input(path, a.output == formatCSV || a.output == formatXLSX || f.split != "")
	if err != nil {
		return err
	}
	ctx, release := a.abortable(ctx)
	defer release()
	v := validation{app: a, flags: f, name: name, in: in, options: a.validateOptions(f)}
	v.commands = a.mendCommands(mendTarget{path, readingWords(f.file.unit, nil, f.file.sheet)})
	if f.online.online {
		err = v.lookUp(ctx, path)
	}
	var r *validate.Report
	if err == nil {
		r, err = v.run(ctx)
	}
	if err = joined(err, in.Close()); err != nil {
		return err
	}
	return v.conclude(r, path)
}

func (a *app) validateOptions(f validateFlags) validate.Options {
	lead := validate.LiveLead
	if f.online.session.mode.sandbox {
		lead = validate.SandboxLead
	}
	shown := 0 // all
	if a.output == formatText {
		shown = f.limit
	}
	return validate.Options{
		Now: a.clock(f.online.session.now).Now(), Lead: lead, Margin: f.file.margin, Unit: f.file.unit, Strict: f.strict, AllowColumns: f.file.allow, Sheet: f.file.sheet, Shown: shown,
		Unhashed: a.output == formatText || a.output == formatCSV || a.output == formatXLSX, // which do not show the hash
	}
}
