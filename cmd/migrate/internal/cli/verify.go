package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export/toolkit"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/verify"
)

// verifyFlags are the flags of migrate verify.
type verifyFlags struct {
	session sessionFlags
	source  sourceFlags
	mapping string
	decided string
	out     string
	receipt string
	preview int
	seed    uint64
	repair  bool
	apply   bool
	limit   int
}

// verifyCommand proves that what exists is what the file asked for.
func (a *app) verifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify ID",
		Short: "Prove, row by row, that what exists is what the file asked for",
		Long: `Reads back every schedule of a migration, or its subscription once that is live, and every direct subscription, and
compares each field with the row: customer, dates, items, prices, quantities, coupon, tax, collection, metadata. With a
key of the account that the subscriptions come from (STRIPE_SOURCE_API_KEY or STRIPE_SOURCE_API_KEY_FILE; reading suffices)
also with the source subscription as it is now: status, end of the paid period, quantity, price (through --map), discount.

Each difference is shown with both values and a sentence that says what it means to the customer; the exit code is 6 then.
Without differences there is a receipt (--out or --receipt), with the SHA-256 of the file, of each row's compared values
and of the whole. Which rows are verified is kept in the ledger; a difference takes that back. Nothing is changed in Stripe.

--repair plans to give back coupons that were lost, and nothing else; with --apply it does.`,
		Example: `  migrate verify mig_…
  migrate verify --out proof mig_…                       a receipt as JSON and CSV
  STRIPE_SOURCE_API_KEY=rk_test_… migrate verify --map prices.csv mig_…
  migrate verify --preview 50 mig_…                      ask Stripe for the next invoice of 50 rows
  migrate verify --repair --apply mig_…                  give lost coupons back`,
		Args: oneArgument("ID"), ValidArgsFunction: a.completeIDs(&f.session.state),
		RunE: a.asRunE(func(ctx context.Context, args []string) error {
			if err := f.check(args[0]); err != nil {
				return err
			}
			return a.withLedger(ctx, f.session.state, func(store ledger.Ledger, dir string) error {
				return a.withMigration(ctx, args[0], f.session, store, dir, func(s *session, m ledger.Migration) error { return s.verify(ctx, m, f) })
			})
		}),
	}
	a.outputFlag(cmd, formatText, formatJSON, formatCSV)
	f.session.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.source.apiBase, "source-api-base", "", "the source account is at the server at `URL`, which speaks Stripe's API (https, or http on this machine)")
	flags.StringVar(&f.mapping, "map", "", "which ID of this account stands for one of the source account: `FILE` is CSV with the columns kind,source,destination")
	addDecided(cmd, &f.decided)
	outFlag(cmd, &f.out, "write the receipt into the directory `DIR`, as ID.verified.json and ID.verified.csv (they must not exist yet)")
	flags.StringVar(&f.receipt, "receipt", "", "write the receipt to `FILE`, whose name ends in .json or .csv (must not exist yet)")
	flags.IntVar(&f.preview, "preview", 0, "ask for the next invoices of `N` rows, spread over the strategies, and compare them with the forecast")
	flags.Uint64Var(&f.seed, "seed", 1, "choose the rows of --preview by this `NUMBER`: the same number, the same rows")
	flags.BoolVar(&f.repair, "repair", false, "plan to give lost coupons back")
	flags.BoolVar(&f.apply, "apply", false, "with --repair: do it")
	flags.IntVar(&f.limit, "limit", 20, "show at most `N` differences as text (0 shows all)")
	return cmd
}

// addDecided adds the flag of commands that compare rows with the source account.
func addDecided(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "decisions", "", "expect what was decided about awkward states of the source: `FILE` is that of migrate export toolkit --decisions")
}

// readDecided returns what was decided; no name is nothing.
func readDecided(path string) (func(subscription, state string) (string, bool), error) {
	if path == "" {
		return nil, nil
	}
	d, err := readSmall(path, toolkit.ReadDecisions)
	return d.Word, err
}

// check refuses flags that contradict each other, and receipts that exist.
func (f *verifyFlags) check(id string) error {
	switch {
	case f.apply && !f.repair:
		return &usageError{"--apply goes with --repair: verify alone changes nothing"}
	case f.preview < 0 || f.limit < 0:
		return &usageError{"--preview and --limit must not be negative"}
	case f.receipt != "" && !slices.Contains([]string{".json", ".csv"}, strings.ToLower(filepath.Ext(f.receipt))):
		return &usageError{"the name of a receipt ends in .json or .csv, which says its form"}
	}
	for _, name := range f.files(id) {
		if exists(name) {
			return fmt.Errorf("%s exists already, and nothing is overwritten: name another one", name)
		}
	}
	return nil
}

// files returns the files of the receipt.
func (f *verifyFlags) files(id string) (all []string) {
	if f.receipt != "" {
		all = append(all, f.receipt)
	}
	if f.out != "" {
		all = append(all, filepath.Join(f.out, id+".verified.json"), filepath.Join(f.out, id+".verified.csv"))
	}
	return all
}

// verify compares with progress on the screen, repairs when that is asked for, and shows what was found.
func (s *session) verify(ctx context.Context, m ledger.Migration, f verifyFlags) error {
	o := verify.Options{Preview: f.preview, Seed: f.seed}
	var err error
	if o.Map, err = readMap(f.mapping); err != nil {
		return err
	}
	if o.Decided, err = readDecided(f.decided); err != nil {
		return err
	}
	source, err := s.openSourceAccount(ctx, m, f.source)
	if err != nil {
		return err
	}
	c := verify.Config{
		Destination: verify.Party{Migrator: s.migrator, Reader: s.gateway}, Ledger: s.ledger, Clock: s.clock,
		Observe: func(done, total int64) { s.progress.observe(migrate.Progress{Done: done, Total: total}) },
	}
	what := "the file"
	if source != nil {
		c.Source, o.SourceAccount = &verify.Party{Migrator: source.migrator, Reader: source.gateway}, source.ID
		what = "the file and the source account " + source.ID
	}
	s.say("%s: compares %s in %s, %s, with %s.", s.bold(m.ID), m.File, m.Account, s.target.words(), what)
	v := verify.New(c)
	r, err := s.compare(ctx, v, m, o)
	if err != nil {
		return err
	}
	if f.repair {
		if r, err = s.repairCoupons(ctx, v, m, o, r, f); err != nil {
			return err
		}
	}
	if r.Clean() {
		if err := writeReceipts(r, f.files(m.ID)); err != nil {
			return err
		}
	}
	return s.printVerified(m, r, f)
}

// compare verifies once. A file that has changed gets a suggestion.
func (s *session) compare(ctx context.Context, v *verify.Verifier, m ledger.Migration, o verify.Options) (*verify.Result, error) {
	ctx, release := s.abortable(ctx)
	defer release()
	defer s.progress.start("Comparing")()
	r, err := v.Verify(ctx, m.ID, o)
	if errors.Is(err, migrate.ErrChanged) {
		err = fmt.Errorf("%w: it is not the file that %s was run with (SHA-256 %.12s…), so it cannot say what was asked for; put the file back as it was at %s",
			err, m.ID, m.SHA256, m.Path)
	}
	return r, err
}

// repairCoupons shows which lost coupons can be given back, does it when that is asked for, and verifies again.
func (s *session) repairCoupons(ctx context.Context, v *verify.Verifier, m ledger.Migration, o verify.Options, r *verify.Result, f verifyFlags) (*verify.Result, error) {
	sent := 0
	for _, one := range r.Repairs {
		if one.Request == "" {
			s.say("line %d: the coupon %s is left to you: %s.", one.Line, one.Coupon, one.Reason)
			continue
		}
		sent++
		s.say("line %d: %s", one.Line, one.Request)
	}
	switch {
	case sent == 0:
		s.say("No coupon can be given back by this command.")
		return r, nil
	case !f.apply:
		s.say("Nothing was changed. To give %s back: %s", plural(sent, "coupon"), s.sameCommand("--apply"))
		return r, nil
	}
	if err := s.confirm(ctx, m.Account, "Give "+plural(sent, "coupon")+" back"); err != nil {
		return nil, err
	}
	repairs := r.Repairs
	if err := v.Apply(ctx, m.ID, repairs, s.gateway, s.log); err != nil {
		return nil, &partlyDone{err}
	}
	again, err := s.compare(ctx, v, m, o)
	if err == nil {
		again.Repairs = repairs
	}
	return again, err
}

// writeReceipts writes the receipts, each as its name says.
func writeReceipts(r *verify.Result, files []string) error {
	for _, name := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		write := func(w io.Writer) error { return r.WriteCSV(w) }
		if strings.EqualFold(filepath.Ext(name), ".json") {
			write = r.WriteJSON
		}
		if err := errors.Join(write(out), out.Close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}
