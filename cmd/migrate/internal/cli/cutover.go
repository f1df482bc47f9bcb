package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/cutover"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/verify"
)

// cutoverFlags are the flags of migrate cutover.
type cutoverFlags struct {
	session   sessionFlags
	source    sourceFlags
	mapping   string
	decided   string
	apply     bool
	undo      bool
	pause     bool
	at        timeFlag
	rows      []int64
	canary    int
	tolerance time.Duration
	late      bool
	unlike    bool
	limit     int
}

// cutoverCommand stops the source subscriptions.
func (a *app) cutoverCommand() *cobra.Command {
	var f cutoverFlags
	cmd := &cobra.Command{
		Use:   "cutover ID",
		Short: "Stop the old subscriptions of verified rows, so that every period is charged once",
		Long: `Stops, in the account that the subscriptions come from (STRIPE_SOURCE_API_KEY or STRIPE_SOURCE_API_KEY_FILE), those whose
rows were verified: each is canceled at the end of its period, when the new one begins to charge. Without --apply it only
shows the plan: what would be stopped, what is left alone and why, and which open invoices, drafts, pending items and
prorations of these customers there are, with what would become of each.

Left alone: rows that are not verified (migrate verify) or have changed since, that charge within the hour, whose old
and new subscription would leave a time that is paid twice or not at all, and subscriptions that no row names. Right
before each is stopped, both sides are read again; afterwards again, which proves it. What this command has stopped
carries a mark in its metadata (subferry_cutover): running it again goes on where it ended, and --undo lets go on what
carries the mark, as it was, until it has ended. The key needs to write subscriptions, and to read invoices.

After each step, migrate status --who-bills says for every row which account charges next.`,
		Example: `  migrate cutover mig_…                                  the plan
  migrate cutover --apply --canary 5 mig_…               stop five, and look
  migrate cutover --apply --confirm acct_SOURCE mig_…    stop all the others
  migrate cutover --apply --pause mig_…                  pause: their invoices are void until --undo
  migrate cutover --undo --apply mig_…                   let them go on`,
		Args: oneArgument("ID"), ValidArgsFunction: a.completeIDs(&f.session.state),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			return a.withLedger(ctx, f.session.state, func(store ledger.Ledger, dir string) error {
				return a.withMigration(ctx, args[0], f.session, store, dir, func(s *session, m ledger.Migration) error { return s.cutover(ctx, m, f) })
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON)
	f.session.addReading(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.session.confirm, "confirm", "", "the source `ACCOUNT` that is meant (acct_…), instead of typing it when asked")
	flags.StringVar(&f.source.apiBase, "source-api-base", "", "the source account is at the server at `URL`, which speaks Stripe's API (https, or http on this machine)")
	flags.StringVar(&f.mapping, "map", "", "which ID of this account stands for one of the source account: `FILE` is CSV with the columns kind,source,destination")
	addDecided(cmd, &f.decided)
	flags.BoolVar(&f.apply, "apply", false, "do it; without, only the plan is shown")
	flags.BoolVar(&f.undo, "undo", false, "let go on what was stopped, as it was, as long as it has not ended")
	flags.BoolVar(&f.pause, "pause", false, "pause instead of canceling: the subscription stays, and its invoices are void")
	flags.Var(&f.at, "at", "cancel at this `TIME` instead, RFC 3339 or Unix seconds: only those one of whose periods ends then")
	flags.Int64SliceVar(&f.rows, "row", nil, "only this data row `N` of the file, counted from 1; may be repeated")
	flags.IntVar(&f.canary, "canary", 0, "deal with `N` rows, and leave the others for the next time")
	flags.DurationVar(&f.tolerance, "tolerance", cutover.DefaultTolerance, "by how much the end of the old period may miss the first new charge")
	flags.BoolVar(&f.late, "late", false, "also rows that both accounts have charged: stops the old one at the end of what it has charged")
	flags.BoolVar(&f.unlike, "unlike-source", false, "also rows that differ from their old subscription as it is now, as long as the new account has what the file says")
	flags.IntVar(&f.limit, "limit", 20, "show at most `N` rows of each list as text (0 shows all)")
	cmd.MarkFlagsMutuallyExclusive("pause", "at", "undo")
	return cmd
}

func (f *cutoverFlags) check() error {
	if f.canary < 0 || f.limit < 0 || f.tolerance < 0 {
		return &usageError{"--canary, --limit and --tolerance must not be negative"}
	}
	if i := slices.IndexFunc(f.rows, func(row int64) bool { return row < 1 }); i >= 0 {
		return &usageError{fmt.Sprintf("--row %d: the rows of the file are counted from 1", f.rows[i])}
	}
	return nil
}

// cutover shows the plan, asks, and stops, or lets go on, with progress on the screen.
func (s *session) cutover(ctx context.Context, m ledger.Migration, f cutoverFlags) error {
	source, err := s.openSourceAccount(ctx, m, f.source)
	if err != nil {
		return err
	}
	if source == nil {
		return &refusal{"no_key", fmt.Sprintf("no key of the account that the subscriptions come from: set %s or %s to one that may write subscriptions there", sourceKeyVariable, sourceKeyFileVariable)}
	}
	c, err := s.newCutover(source, f)
	if err != nil {
		return err
	}
	o := cutover.Options{
		Stop: cutover.Stop{Pause: f.pause}, Canary: f.canary, Tolerance: f.tolerance, Late: f.late, Account: source.ID,
	}
	if !f.at.IsZero() {
		o.Stop.At = csvspec.At(f.at.Time)
	}
	for _, row := range f.rows {
		if o.Rows == nil {
			o.Rows = map[int64]bool{}
		}
		o.Rows[row] = true
	}
	what := "stops old subscriptions"
	plan, act := c.Plan, c.Apply
	if f.undo {
		what, plan, act = "lets old subscriptions go on", c.PlanUndo, c.Undo
	}
	s.say("%s: %s of %s in %s, whose rows are in %s, %s.", s.bold(m.ID), what, m.File, source.ID, m.Account, s.target.words())
	if !f.apply {
		plan, err := s.planCutover(ctx, m, o, plan)
		if err != nil {
			return unknownRows(err)
		}
		return s.printCutover(plan, nil, f)
	}
	if err := s.confirmSource(ctx, source, f); err != nil {
		return err
	}
	ctx, stop, done := s.stoppable(ctx)
	o.Halt = stop
	hide := s.progress.start(map[bool]string{false: "Stopping", true: "Restoring"}[f.undo])
	r, failure := act(ctx, m.ID, o)
	hide()
	done()
	if r == nil {
		return unknownRows(failure)
	}
	return s.printCutover(r, failure, f)
}

// unknownRows says of rows that do not exist that the command line was wrong.
func unknownRows(err error) error {
	if as[*migrate.NoSuchRowsError](err) {
		return &usageError{err.Error()}
	}
	return err
}

// planCutover makes a plan; nothing is left behind when it is broken off.
func (s *session) planCutover(ctx context.Context, m ledger.Migration, o cutover.Options, plan func(context.Context, string, cutover.Options) (*cutover.Result, error)) (*cutover.Result, error) {
	ctx, release := s.abortable(ctx)
	defer release()
	defer s.progress.start("Comparing")()
	return plan(ctx, m.ID, o)
}

// newCutover returns a cutover between the session's account and the source account.
func (s *session) newCutover(source *sourceAccount, f cutoverFlags) (*cutover.Cutover, error) {
	mapping, err := readMap(f.mapping)
	if err != nil {
		return nil, err
	}
	decided, err := readDecided(f.decided)
	if err != nil {
		return nil, err
	}
	c := cutover.Config{
		Destination: verify.Party{Migrator: s.migrator, Reader: s.gateway}, Ledger: s.ledger, Clock: s.clock, Observe: s.progress.observe,
	}
	against := (*verify.Party)(nil)
	if source != nil {
		c.Source = &cutover.Source{Migrator: source.migrator, Writer: source.gateway}
		if !f.unlike && !f.late {
			against = &verify.Party{Migrator: source.migrator, Reader: source.gateway}
		}
	}
	c.Verify = func(ctx context.Context, id string, rows map[int64]bool) (map[int64]string, error) {
		v := verify.New(verify.Config{Destination: c.Destination, Source: against, Ledger: unwritten{s.ledger}, Clock: s.clock})
		r, err := v.Verify(ctx, id, verify.Options{Map: mapping, Rows: rows, Decided: decided})
		if err != nil {
			return nil, err
		}
		changed := map[int64]string{}
		for _, d := range r.Differences {
			if changed[d.Row] == "" {
				changed[d.Row] = strings.TrimSpace(fmt.Sprintf("%s (%s: %q, not %q)", d.Sentence, d.Field, d.Found, d.Expected))
			}
		}
		return changed, nil
	}
	return cutover.New(c), nil
}

// unwritten is a ledger in which a comparison leaves no trace. What a cutover compares decides about the cutover: only migrate
// verify says what is verified, and what is not any more.
type unwritten struct{ ledger.Ledger }

func (unwritten) PutVerified(context.Context, string, []ledger.Verified) error { return nil }

// confirmSource asks for the source account's ID, in live mode and in test mode: subscriptions of real customers could
// stop by mistake, or go on.
func (s *session) confirmSource(ctx context.Context, source *sourceAccount, f cutoverFlags) error {
	switch given := f.session.confirm; {
	case given == source.ID:
		return nil
	case given != "":
		return &refusal{"wrong_account", fmt.Sprintf("--confirm names %s, but the source account is %s: nothing was started", given, source.ID)}
	}
	mode := ""
	if source.Livemode {
		mode = " This is LIVE MODE."
	}
	what := "Stop the subscriptions in the source account?"
	if f.undo {
		what = "Let the subscriptions in the source account go on?"
	}
	return s.ask(ctx, what+mode+" Type its ID ("+source.ID+"): ", source.ID, "--confirm "+source.ID)
}

// cutoverOutcome is what a cutover would do, or has done: what JSON mode prints.
type cutoverOutcome struct {
	*cutover.Result
	Error *errorJSON `json:"error,omitempty"`
}

// printCutover prints what a cutover would do, or has done, and returns why it is not all well.
func (s *session) printCutover(r *cutover.Result, failure error, f cutoverFlags) error {
	switch {
	case failure != nil:
		failure = &partlyDone{failure}
	case r.Applied && r.Failed+r.Refused > 0:
		failure = &rowsFailed{fmt.Sprintf("%s left alone, for the reasons given; the same command tries them again", plural(r.Failed+r.Refused, "row"))}
	}
	if !s.textMode() {
		return joined(asPrinted(failure), s.printJSON(cutoverOutcome{r, s.errorJSON(failure)}))
	}
	done, todo := "stopped", "to stop"
	if r.Undo {
		done, todo = "going on", "to restore"
	}
	s.print("migration   %s\naccount     %s\nsource      %s\n", r.ID, r.Account, r.SourceAccount)
	if !r.Undo {
		how := map[string]string{"period_end": "canceled at the end of the period", "pause": "paused, with void invoices"}[r.Stop]
		if !f.at.IsZero() {
			how = "canceled at " + f.at.String()
		}
		s.print("how         %s\n", how)
	}
	s.print("%-11s %d\n%-11s %d\n", done, r.Done, todo, r.ToDo)
	for _, c := range []count{
		{"ending", r.Ends, " (end or have ended without this; an undo leaves them alone)"}, {"left alone", r.Refused, ""},
		{"failed", r.Failed, " (Stripe said no)"}, {"unsettled", r.Unsettled, " (the same command looks them up)"},
	} {
		if c.n > 0 {
			s.print("%-11s %d%s\n", c.name, c.n, c.note)
		}
	}
	if r.FirstEnd != "" && !r.Applied {
		s.print("first due   %s (the earliest of these old subscriptions would charge then)\n", r.FirstEnd)
	}
	s.showCutoverRows("ending", r.Notes, f.limit)
	s.showCutoverRows("left alone", r.Refusals, f.limit)
	s.showCutoverRows("failed", r.Failures, f.limit)
	s.showLeftovers(r.Leftovers, f.limit)
	switch {
	case !r.Applied && r.ToDo > 0:
		s.say("Nothing was changed. To do it: %s", s.sameCommand("--apply", "--confirm", r.SourceAccount))
	case !r.Applied:
		s.say("Nothing was changed, and nothing is to be done.")
	default:
		s.say("Who charges each row now: %s", s.whoBillsCommand(r.ID, f.source))
	}
	return asPrinted(failure)
}

// whoBillsCommand is the command that says who bills, at the same accounts.
func (s *session) whoBillsCommand(id string, f sourceFlags) string {
	words := []string{"status", "--who-bills"}
	if f.apiBase != "" {
		words = append(words, "--source-api-base", f.apiBase)
	}
	return s.migrationCommand(append(words, id)...)
}

func (s *session) showCutoverRows(what string, rows []cutover.Row, limit int) {
	for i, r := range rows {
		if limit > 0 && i == limit {
			s.print("… and %s more that are %s; --limit 0 shows all\n", fmt.Sprint(len(rows)-i), what)
			return
		}
		s.print("line %d (row %d), %s: %s\n  %s\n", r.Line, r.Row, r.Customer, r.Code, r.Sentence)
	}
}

func (s *session) showLeftovers(all []cutover.Leftover, limit int) {
	if len(all) > 0 {
		s.print("open in the source account: %s\n", plural(len(all), "item"))
	}
	for i, o := range all {
		if limit > 0 && i == limit {
			s.print("… and %d more; --limit 0 shows all\n", len(all)-i)
			return
		}
		at := "customer " + o.Customer
		if o.Row > 0 {
			at = fmt.Sprintf("line %d (row %d), %s", o.Line, o.Row, o.Customer)
		}
		s.print("%s: %s %s\n  %s\n", at, o.Kind, o.ID, o.Sentence)
	}
}
