package cli

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/account"
	"github.com/subferry/subferry/validate/report"
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
A workbook with date cells, which have no time zone, is not written again by -o csv, -o xlsx and --split: migrate fix
--dates ZONE says the zone first.

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
	f.online.preflight.add(cmd)
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
	lead, shown := validate.LiveLead, 0 // all
	if f.online.session.mode.sandbox {
		lead = validate.SandboxLead
	}
	if a.output == formatText {
		shown = f.limit
	}
	v := validation{app: a, flags: f, name: name, in: in, options: validate.Options{
		Now: a.clock(f.online.session.now).Now(), Lead: lead, Margin: f.file.margin, Unit: f.file.unit, Strict: f.strict, AllowColumns: f.file.allow,
		Sheet: f.file.sheet, Direct: f.file.direct, Shown: shown,
		Unhashed: a.output == formatText || a.output == formatCSV || a.output == formatXLSX, // which do not show the hash
	}}
	source, err := f.online.preflight.sourceIDs()
	if err != nil {
		return joined(err, in.Close())
	}
	if source != nil {
		v.options.Account = &account.Account{SourceIDs: source}
	}
	v.commands = a.mendCommands(mendTarget{path, readingWords(f.file.unit, nil, f.file.sheet, schedule.Never)})
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

// conclude says what comes next, and fails when something must be mended.
func (v *validation) conclude(r *validate.Report, path string) error {
	ready, sheet := path, v.flags.file.sheet
	if v.flags.split != "" && r.Valid > 0 {
		ready, sheet = filepath.Join(v.flags.split, report.ReadyFile), ""
	}
	if r.OK() {
		if regular(ready) && !v.refused { // why it would be refused was said
			v.say("Next: %s", v.runLine(fileWord(ready), sheet))
		}
		return nil
	}
	if v.strongestMend != "" && v.commands != nil {
		switch v.strongestMend {
		case validate.MendConvert:
			v.say("A template can be made of it; you will be asked for what the export does not know.")
		case validate.MendFix:
			v.say("What has one meaning only can be mended; the rest is for you.")
		case validate.MendFixDates:
			v.say("What has one meaning only can be mended, dates too with your own time zone behind --dates; the rest is for you.")
		default:
			v.say("What has one meaning only can be mended, dates too with your own time zone behind --dates and dmy, mdy or ymd behind --date-order; the rest is for you.")
		}
		v.say("Next: %s", v.commands(v.strongestMend))
	}
	text := fmt.Sprintf("%s: the file as a whole must be mended; correct it and validate it again", r.File)
	switch {
	case r.Invalid > 0:
		text = fmt.Sprintf("%s: %d of %s must be mended; correct the file and validate it again", r.File, r.Invalid, plural(r.Rows, "row"))
	case r.Deferred > 0 && r.Valid == 0:
		text = fmt.Sprintf("%s: every row starts too soon; move the start dates", r.File)
	}
	return &alreadyPrinted{&invalidFile{text}}
}

// runLine returns the command line that runs the file as it was judged: in the account that was asked, or without a
// key.
func (v *validation) runLine(path, sheet string) string {
	f := v.flags
	words := append([]string{path}, readingWords(f.file.unit, f.file.allow, sheet, f.file.direct)...)
	words = append(words, marginWords(f.file.margin)...)
	if v.session == nil {
		words = append([]string{"run", "--sandbox"}, append(words, nowWords(f.online.session.now)...)...)
		return v.commandLine(stateFlag{}, words...)
	}
	words = append([]string{"run"}, words...)
	if f.online.data != "" {
		words = append(words, "--sandbox-data", f.online.data)
	}
	if f.online.checks.set {
		words = append(words, f.online.checks.word())
	}
	return v.session.fileCommand(words...)
}
