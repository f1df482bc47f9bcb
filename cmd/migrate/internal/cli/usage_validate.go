package cli

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/report"
	judge "github.com/subferry/subferry/validate/usage"
)

// usageValidateFlags are the flags of migrate usage validate.
type usageValidateFlags struct {
	file    usageFileFlags
	session sessionFlags
	data    string
	online  bool
	strict  bool
	limit   int
}

// usageValidateCommand judges a file of usage.
func (a *app) usageValidateCommand() *cobra.Command {
	var f usageValidateFlags
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: "Say everything that is wrong with a file of usage, in one pass",
		Long: `Reads a file of usage and lists what is wrong with it: where, what was found, and how to mend it. Nothing is sent, and no
key is needed, unless --online asks the account about its meters and customers. FILE may be - for standard input.

Exits with 3 when something must be mended.`,
		Example: `  migrate usage validate usage.csv
  migrate usage validate --dates UTC -o json usage.csv
  migrate usage validate -o csv usage.csv > back.csv
  STRIPE_API_KEY=sk_test_… migrate usage validate --online --customers map.csv usage.csv`,
		Args: oneArgument("FILE"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.usageValidate(ctx, args[0], f) }),
	}
	a.outputFlag(cmd, formatText, formatJSON, formatNDJSON, formatSARIF, formatCSV, formatHTML, formatXLSX)
	f.file.add(cmd)
	f.session.addReading(cmd)
	flags := cmd.Flags()
	flags.Lookup("now").Usage = "judge as if it were this time, RFC 3339 or Unix seconds"
	flags.BoolVar(&f.online, "online", false, "ask the account about its meters and customers (needs a key, --sandbox or --sandbox-data)")
	flags.StringVar(&f.data, "sandbox-data", "", "take `FILE` (JSON) for the account")
	flags.BoolVar(&f.strict, "strict", false, "take warnings for errors")
	flags.IntVar(&f.limit, "limit", defaultLimit, "show at most `N` findings as text (0 shows all)")
	return cmd
}

func (a *app) usageValidate(ctx context.Context, path string, f usageValidateFlags) error {
	if f.limit < 0 {
		return &usageError{"--limit must not be negative; 0 shows all"}
	}
	if a.output == formatXLSX && a.env.Tty.Stdout {
		return &usageError{"a workbook is nothing to look at in a terminal: put > back.xlsx behind the command"}
	}
	o, err := f.file.options()
	if err != nil {
		return err
	}
	now := a.clock(f.session.now).Now()
	reading := judge.Options{Now: now, AllowDecimals: o.AllowDecimals, Sheet: o.Sheet, Customers: o.Customers, Strict: f.strict}
	reading.Zone, _ = loadZone(o.Zone) // it was checked
	if f.data != "" {
		f.online = true
		f.session.mode.sandbox = f.session.mode.sandbox || a.env.getenv(keyVariable) == ""
	}
	in, name, err := a.input(path, a.output == formatXLSX || f.online)
	if err != nil {
		return err
	}
	if f.online {
		reading, err = a.usageOnline(ctx, path, f, o)
		reading.Strict = f.strict
	}
	var r *validate.Report
	if err == nil {
		r, err = a.usageFindings(ctx, name, in, reading, f.limit)
	}
	if err = joined(err, in.Close()); err != nil {
		return err
	}
	return a.usageVerdict(r, path, f)
}

// usageOnline asks the account about what a file names.
func (a *app) usageOnline(ctx context.Context, path string, f usageValidateFlags, o usageOptions) (reading judge.Options, err error) {
	if err := rereadable(path); err != nil {
		return reading, err
	}
	err = a.withUsage(ctx, f.session, f.data, func(s *usageSession) error {
		ctx, release := s.abortable(ctx)
		defer release()
		reading, err = s.runner.Judge(ctx, migrate.FileInput(path), o)
		return err
	})
	return reading, err
}

// withUsage does something while an account is open.
func (a *app) withUsage(ctx context.Context, f sessionFlags, data string, do func(*usageSession) error) error {
	if err := f.check(); err != nil {
		return err
	}
	t, err := a.target(f.mode)
	if err != nil {
		return err
	}
	opener := openCommonSandbox
	if data != "" {
		if t.place != embedded {
			return &refusal{"sandbox_data_against_stripe", "--sandbox-data is for the embedded sandbox, and the key leads to " + t.words() + ": unset " + keyVariable + ", or leave it out"}
		}
		opener = accountFileSandbox(data)
	}
	return a.withLedger(ctx, f.state, func(store ledger.Ledger, dir string) error {
		s, err := a.openSession(f, t, store, dir, opener)
		if err != nil {
			return err
		}
		u, err := s.openUsage(ctx)
		if err == nil {
			err = do(u)
		}
		return joined(err, s.close())
	})
}

// usageFindings writes what is wrong with a file in the form that is wanted.
func (a *app) usageFindings(ctx context.Context, name string, in io.Reader, o judge.Options, limit int) (*validate.Report, error) {
	ctx, release := a.abortable(ctx)
	defer release()
	rules := judge.Rules()
	var out report.Renderer
	switch a.output {
	case formatCSV:
		back := report.NewCSV(a.stdout())
		return a.usageBack(ctx, name, in, o, back.Row, func(*validate.Report) error { return back.Close() })
	case formatXLSX:
		seekable := in.(io.Seeker)
		about, err := judge.Each(ctx, name, in, o, nil)
		if err == nil {
			_, err = seekable.Seek(0, io.SeekStart)
		}
		if err != nil {
			return nil, err
		}
		back, err := report.NewXLSX(a.stdout(), about.Findings, nil)
		if err != nil {
			return nil, err
		}
		return a.usageBack(ctx, name, in, o, back.Row, back.Close)
	case formatJSON:
		out = report.NewJSON(a.stdout())
	case formatNDJSON:
		out = report.NewNDJSON(a.stdout())
	case formatSARIF:
		out = report.NewSARIF(a.stdout(), name, rules)
	case formatHTML:
		out = report.NewHTML(a.stdout(), rules)
	default:
		text := a.textOptions(limit, nil)
		text.Rules = rules
		out = report.NewText(a.stdout(), text)
	}
	r, err := judge.Each(ctx, name, in, o, func(_ *csvspec.Row, found validate.Findings, _ *judge.Event) error {
		return out.Add(slices.Clone(found))
	})
	if err != nil {
		return nil, err
	}
	return r, out.Close(r)
}

// usageBack writes the file again, row by row, with what is wrong in each.
func (a *app) usageBack(ctx context.Context, name string, in io.Reader, o judge.Options, row func(*csvspec.Row, []validate.Finding) error, end func(*validate.Report) error) (*validate.Report, error) {
	r, err := judge.Each(ctx, name, in, o, func(one *csvspec.Row, found validate.Findings, _ *judge.Event) error { return row(one, found) })
	if err != nil {
		return nil, err
	}
	for _, f := range r.Findings {
		a.say("%s", f.At(name))
	}
	return r, end(r)
}

// usageVerdict says what comes next, and fails when something must be mended.
func (a *app) usageVerdict(r *validate.Report, path string, f usageValidateFlags) error {
	switch {
	case r.OK():
		if regular(path) {
			words := append([]string{"usage", "run", "--sandbox"}, f.file.words()...)
			if f.data != "" {
				words = append(words, "--sandbox-data", f.data)
			}
			a.say("Next: %s", a.commandLine(f.session.state, append(append(words, nowWords(f.session.now)...), fileWord(path))...))
		}
		return nil
	case r.Invalid > 0:
		return &alreadyPrinted{&invalidFile{fmt.Sprintf("%s: %d of %s must be mended; correct the file and validate it again", r.File, r.Invalid, plural(r.Rows, "row"))}}
	}
	return &alreadyPrinted{&invalidFile{fmt.Sprintf("%s: the file as a whole must be mended; correct it and validate it again", r.File)}}
}
