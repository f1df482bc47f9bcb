package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/plan"
)

// planFlags are the flags of migrate plan: those of a run that say how a file is read, and where the plan goes.
type planFlags struct {
	run         runFlags
	renewals    int
	out         string // the file of --out
	planFile    string // the plan file; "" keeps none
	outputFile  string // the file of the output; "" is standard output
	oldPlanFile string // the plan file as -o names it
	zone        zoneFlag
}

// planCommand shows every charge of a file.
func (a *app) planCommand() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Show every charge before anything is created, and keep it as a plan that can be run",
		Long: `Reads the file and the account, and shows for each row its strategy, its first charge and the next renewals; over all
rows the totals by currency and by day, the monthly recurring revenue, and everything whose amount is not known
before it is charged, with the reason. Nothing is created.

--out plan.json keeps the plan, beside what is shown. It pins the file's content, the account, its mode, the prices
and discounts, and the time: migrate run plan.json creates exactly what it shows, within 24 hours, or says what no
longer holds. An older plan of the same file and account is replaced; no other file is overwritten.

-o csv writes a line for each customer, charge and date, -o html the same as a page with a chart; --out takes the name
of a file for these as well. Each figure says whether it is computed from the account, rests on an assumption, or is
not known; the invoice total and the amount due, which a customer's balance may change, are two figures.`,
		Example: `  migrate plan --sandbox subs.csv
  migrate plan --sandbox --out plan.json subs.csv && migrate run --sandbox plan.json
  migrate plan --sandbox -o csv --out charges.csv subs.csv
  migrate plan --sandbox -o html --timezone Europe/Berlin --out plan.html subs.csv
  STRIPE_API_KEY=sk_test_… migrate plan --amount-unit minor -o json subs.csv
  STRIPE_API_KEY_FILE=key.txt migrate plan --live --amount-unit minor --out plan.json subs.csv`,
		Args: oneArgument("FILE"),
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.plan(ctx, args[0], f) }),
	}
	cmd.Flags().VarP(&planOutput{a, &f}, "output", "o", "form of the output; a file name that ends in .json is taken for --out")
	complete(cmd, "output", planForms)
	outFlag(cmd, &f.out, "keep the plan in `FILE`, whose name ends in .json, for migrate run; or, with -o csv or html, write these there")
	f.zone.flag(cmd)
	f.run.session.addReading(cmd)
	f.run.file.add(cmd)
	f.run.customers.add(cmd, defaultCheck)
	flags := cmd.Flags()
	flags.StringVar(&f.run.sandboxData, "sandbox-data", "", "take `FILE` (JSON) for the embedded sandbox's account, instead of making up what the file names")
	flags.BoolVar(&f.run.skipInvalid, "skip-invalid", false, "leave out rows with errors and plan the others")
	f.run.preflight.add(cmd)
	f.run.scheduled.addSkip(cmd)
	flags.IntVar(&f.renewals, "renewals", plan.Renewals, "list `N` renewals with each row")
	return cmd
}

// planOutput is a form of output, or the name of the plan file.
type planOutput struct {
	app   *app
	flags *planFlags
}

// String implements pflag.Value.
func (o *planOutput) String() string {
	if o.app == nil {
		return ""
	}
	return string(o.app.output)
}

// Type implements pflag.Value.
func (o *planOutput) Type() string { return strings.Join(planForms, "|") }

// planForms are the forms of a plan's output.
var planForms = []string{string(formatText), string(formatJSON), string(formatCSV), string(formatHTML)}

// Set implements pflag.Value.
func (o *planOutput) Set(text string) error {
	switch {
	case slices.Contains(planForms, text):
		o.app.output = format(text)
	case strings.HasSuffix(text, ".json"):
		o.flags.oldPlanFile = text
	default:
		return errors.New("expected one of " + strings.Join(planForms, ", ") + ", or a file name that ends in .json, which keeps the plan as --out does")
	}
	return nil
}

// maxRenewals bounds the lines that a row may have.
const maxRenewals = 120

func (f planFlags) check() error {
	if f.renewals < 0 || f.renewals > maxRenewals {
		return &usageError{fmt.Sprintf("--renewals must be between 0 and %d", maxRenewals)}
	}
	return f.run.check()
}

// files decides what the files are for. A name that ends in .json is always the plan, which is the only thing that
// migrate run takes.
func (f *planFlags) files(form format, input string) error {
	f.planFile = f.oldPlanFile
	switch {
	case f.out == "":
	case strings.HasSuffix(f.out, ".json"):
		if f.oldPlanFile != "" && f.oldPlanFile != f.out {
			return &usageError{fmt.Sprintf("-o %s and --out %s name two files for one plan: leave one of them out", f.oldPlanFile, f.out)}
		}
		f.planFile = f.out
	case form == formatCSV, form == formatHTML:
		f.outputFile = f.out
	default:
		return &usageError{fmt.Sprintf("--out %s: the plan is kept in a file whose name ends in .json; for the charges themselves say -o csv or -o html too", f.out)}
	}
	if f.outputFile != "" && exists(f.outputFile) {
		return fmt.Errorf("%s exists already, and nothing is overwritten: name another file", f.outputFile)
	}
	if f.planFile == "" {
		return nil
	}
	_, err := replaceablePlan(f.planFile, migrate.FileInput(input).Path)
	return err
}

func (a *app) plan(ctx context.Context, path string, f planFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := f.files(a.output, path); err != nil {
		return err
	}
	f.run.infer(a)
	t, err := a.targetFor(path, f.run)
	if err == nil {
		err = notPlan(path)
	}
	if err != nil {
		return err
	}
	return a.withFileSession(ctx, path, f.run, t, nil, func(w *fileSession) error { return w.planned(ctx, f) })
}

// planned reviews the file and shows its plan.
func (w *fileSession) planned(ctx context.Context, f planFlags) error {
	ctx, release := w.abortable(ctx)
	defer release()
	review, err := w.validatedReview(ctx)
	if err != nil {
		return err
	}
	if review.Ready == 0 {
		return w.noneReady(review)
	}
	out, err := w.planPrinter(f)
	if err != nil {
		return err
	}
	p, err := plan.Make(ctx, review, plan.Config{Now: w.clock.Now(), APIVersion: gateway.APIVersion, Renewals: f.renewals, MadeUp: w.provisions, AccountFile: w.sandboxData}, out.row)
	var replaced *plan.Plan
	if err == nil && f.planFile != "" {
		replaced, err = writePlan(f.planFile, p)
	}
	if err = out.end(p, err); err != nil {
		return err
	}
	if replaced != nil {
		w.say("%s replaces the plan of the same file that was made %s.", f.planFile, w.when(replaced.Created))
	}
	w.afterPlan(ctx, review, f)
	return nil
}

// afterPlan says what is worth a look, what a run would refuse all the same, and the next command.
func (w *fileSession) afterPlan(ctx context.Context, r *migrate.Review, f planFlags) {
	if text := unchecked(r); text != "" {
		w.say("Customers: %d%s", r.Report.Customers, text)
	}
	w.showWarnings(r)
	choice, refused := w.selectMigration(ctx, r)
	if refused != nil {
		w.say("Note: a run would be refused as things are: %s", withoutSuggestions(refused))
	} else if choice.Searches {
		w.say("A run looks first, with at most %s, for subscriptions of these customers that are live or scheduled already.", plural(r.SearchRequests(), "request"))
	}
	if f.outputFile != "" {
		w.say("Written to %s.", f.outputFile)
	}
	if f.planFile == "" {
		w.say("To keep the plan, which can then be run exactly as it is shown: %s", w.sameCommand("--out", freePlanName("plan.json", r.Input.Path)))
		return
	}
	if refused == nil {
		w.say("Next: %s", w.fileCommand("run", fileWord(f.planFile)))
	}
}
