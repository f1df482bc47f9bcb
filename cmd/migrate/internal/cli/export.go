package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export"
)

// exportFlags are the flags of migrate export.
type exportFlags struct {
	session     sessionFlags
	out, config string
	since       day
	until       day
	formula     string
	split       string
	form        format // of the files
	incremental bool
	prove       bool
	preview     int
	webhooks    bool
	fromAccount string

	toolkit exportToolkitFlags
	account exportAccountFlags
}

const exportHelp = `Reads a Stripe account, completely, and changes nothing in it. The key of the account is read from STRIPE_SOURCE_API_KEY,
or from a file named by STRIPE_SOURCE_API_KEY_FILE; a restricted key with read permissions suffices.

  migrate export KIND…|all --out DIR     objects as lines of JSON, or CSV for spreadsheets, with a manifest that proves them
  migrate export toolkit --out FILE      live subscriptions as a file for migrate run, with what needs a decision beside it
  migrate export account FILE… --out ACCOUNT   the customers, prices and coupons that files name, for --sandbox-data
  migrate export events --from-webhooks --out DIR   events that webhooks have brought to migrate serve, appended

Kinds: KINDS.

Lists are read in parallel ranges of time, at the pace that the account allows. Interrupted, the same command goes on.
What Stripe does not give (a permission is missing) is skipped, and the manifest says why.

A restricted key needs the read permissions of what it exports: Customers, Subscriptions, Invoices, Prices, Plans,
Products, Coupons, Charges and refunds, Disputes, Balance, Events, Files, Transfers, Application fees; and Account. The
toolkit needs Subscriptions and Customers, and Payment methods to tell which of them a copy leaves behind; the account
file needs Customers, Prices, Products, Coupons and Tax rates.`

// exportCommand reads a source account.
func (a *app) exportCommand() *cobra.Command {
	f := exportFlags{form: formatNDJSON}
	cmd := &cobra.Command{
		Use:   "export KIND…|all|toolkit|account --out OUT",
		Short: "Read an account: its objects, its subscriptions as a file of the toolkit, or an account for a rehearsal",
		Long:  strings.Replace(exportHelp, "KINDS", folded(strings.Join(export.KindNames(), ", "), "  "), 1),
		Example: `  migrate export all --out source/
  migrate export subscriptions customers --out source/ --since 2024-01-01 --split 6month
  migrate export all --out source/ --incremental
  migrate export all --out source/ --prove
  migrate export toolkit --map prices.csv --out subs.csv
  migrate export account subs.csv --out account.json
  migrate export events --from-webhooks --out source/`,
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error { return f.read(cmd, &args) }
	cmd.RunE = a.asRunE(func(ctx context.Context, args []string) error { return a.export(ctx, args, f) })
	f.session.addReading(cmd)
	flags := cmd.Flags()
	outFlag(cmd, &f.out, "write to the directory or file `OUT`")
	flags.StringVar(&f.config, "config", "", "take from `FILE` (YAML) what is not said here: the names of the flags, and kinds")
	flags.Var(&f.since, "since", "objects created from this time on: a day in UTC, RFC 3339 or Unix seconds (default: from the first)")
	flags.Var(&f.until, "until", "objects created before this time (default: now)")
	flags.StringVar(&f.formula, "formula", export.DefaultFormula().String(), "how --since and --until compare: `gt or gte, lt or lte`, with a comma between them")
	flags.StringVar(&f.split, "split", "", "read periods of this `LENGTH` at the same time: 6month, 2week, 30day, 1year (default: as dense as the objects lie)")
	forms := []string{string(formatNDJSON), string(formatCSV)}
	flags.Var(&enumFlag{names: forms, set: func(n string) { f.form = format(n) }, current: func() string { return string(f.form) }}, "format",
		"of the files: lines of JSON, or CSV beside them")
	complete(cmd, "format", forms)
	flags.BoolVar(&f.incremental, "incremental", false, "go on from the export in OUT: new, changed and deleted objects")
	flags.BoolVar(&f.prove, "prove", false, "count the account's objects again and compare them with the export in OUT")
	flags.IntVar(&f.preview, "preview", 0, "show the newest `N` objects of each kind (100 at most), and write nothing")
	flags.BoolVar(&f.webhooks, "from-webhooks", false, "append the events that have come since the last time to "+export.AppendedFile+"; nothing is asked of Stripe")
	flags.StringVar(&f.fromAccount, "account", "", "with --from-webhooks: those of the account `ACCOUNT`, when there are several")
	f.toolkit.add(cmd)
	f.account.add(cmd)
	a.outputFlag(cmd, formatText, formatJSON)
	cmd.MarkFlagsMutuallyExclusive("incremental", "prove", "preview", "from-webhooks")
	cmd.ValidArgs = append(export.KindNames(), "all", "toolkit", "account")
	return cmd
}

// read takes over the configuration file, and refuses arguments that make no sense.
func (f *exportFlags) read(cmd *cobra.Command, args *[]string) error {
	if f.config != "" {
		kinds, err := readConfig(f.config, cmd)
		if err != nil {
			return err
		}
		if len(*args) == 0 {
			f.account.kinds = kinds
			*args = kinds
		}
	}
	switch {
	case len(*args) == 0:
		return &usageError{"what is to be exported? " + cmd.UseLine()}
	case f.preview < 0 || cmd.Flags().Changed("preview") && f.preview == 0:
		return &usageError{"--preview takes a number from 1 to 100"}
	case f.out == "" && f.preview == 0:
		return &usageError{"say where the export goes: --out OUT"}
	}
	return f.session.check()
}

// export does what the first argument says.
func (a *app) export(ctx context.Context, args []string, f exportFlags) error {
	if len(args) == 0 {
		args = f.account.kinds // of the configuration file
	}
	ctx, release := a.abortable(ctx)
	defer release()
	for _, name := range args {
		if name == "toolkit" && len(args) > 1 {
			return &usageError{"toolkit is exported by itself: leave the other kinds out"}
		}
	}
	switch {
	case f.webhooks:
		return a.exportWebhooks(ctx, args, f)
	case f.fromAccount != "":
		return &usageError{"--account goes with --from-webhooks: otherwise the account is that of the key"}
	case args[0] == "toolkit":
		return a.exportToolkit(ctx, f)
	case args[0] == "account" && (len(args) > 1 && !slices.Contains(export.KindNames(), args[1]) && args[1] != "all" || strings.HasSuffix(f.out, ".json")):
		return a.exportAccount(ctx, args[1:], f)
	}
	kinds, err := export.ParseKinds(args)
	if err != nil {
		return &usageError{err.Error()}
	}
	options, err := f.options(kinds)
	if err != nil {
		return err
	}
	s, err := a.openSource(f.session)
	if err != nil {
		return err
	}
	switch {
	case f.preview > 0:
		err = s.preview(ctx, options, f.preview)
	case f.prove:
		err = s.prove(ctx, options)
	default:
		err = s.exportKinds(ctx, options)
	}
	return joined(err, s.close())
}

// options returns what the flags say.
func (f *exportFlags) options(kinds []export.Kind) (o export.Options, err error) {
	o = export.Options{Dir: f.out, Kinds: kinds, Since: f.since.Time, Until: f.until.Time, CSV: f.form == formatCSV, Incremental: f.incremental}
	if o.Formula, err = export.ParseFormula(f.formula); err != nil {
		return o, &usageError{"--formula " + err.Error()}
	}
	if f.split != "" {
		if o.Split, err = export.ParseSplit(f.split); err != nil {
			return o, &usageError{"--split " + err.Error()}
		}
	}
	if !o.Since.IsZero() && !o.Until.IsZero() && !o.Since.Before(o.Until) {
		return o, &usageError{fmt.Sprintf("--since %s is not before --until %s", f.since.String(), f.until.String())}
	}
	return o, nil
}

// exportKinds exports lists.
func (s *source) exportKinds(ctx context.Context, o export.Options) error {
	end := s.progress.start("Exporting")
	m, err := s.exporter.Run(ctx, o)
	end()
	if err != nil {
		return s.stopped(err, m != nil)
	}
	if err := s.showManifest(o, m); err != nil {
		return err
	}
	if s.textMode() {
		s.say("Next: %s", s.sameCommandProving())
	}
	for _, r := range m.Kinds {
		if r.Skipped != nil && slices.Contains(s.named, r.Kind) {
			return &alreadyPrinted{&partlyDone{fmt.Errorf("%s was not exported: %s", r.Kind, r.Skipped)}}
		}
		if len(r.Doubts) > 0 {
			return &alreadyPrinted{&partlyDone{fmt.Errorf("%s may lack objects of the second %s, of which Stripe did not show all: run the command with --prove", r.Kind, r.Doubts[0])}}
		}
	}
	return nil
}

// stopped turns the error of an export into one that says how to go on.
func (s *source) stopped(err error, begun bool) error {
	exists, other := (*export.ExistsError)(nil), (*export.OtherExportError)(nil)
	switch {
	case errors.Is(err, context.Canceled) && begun:
		s.say("Next: %s", s.sameCommand())
		return migrate.ErrInterrupted
	case errors.As(err, &exists):
		return &refusal{"export_exists", err.Error()}
	case errors.As(err, &other):
		return &refusal{"other_export", err.Error()}
	case begun: // as text: what is advised about errors of Stripe is for requests that create something
		return &withSuggestions{&partlyDone{errors.New(err.Error())}, []suggestion{{"go on", s.sameCommand()}}}
	}
	return err
}

// day is a flag for a moment that may also be a day, which begins at midnight UTC.
type day struct{ timeFlag }

// Set implements pflag.Value.
func (d *day) Set(text string) error {
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		d.Time = t
		return nil
	}
	if err := d.timeFlag.Set(text); err != nil {
		return errors.New("expected 2026-01-31, 2026-01-31T12:00:00Z or Unix seconds")
	}
	return nil
}
