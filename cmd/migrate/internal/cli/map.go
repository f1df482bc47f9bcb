package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate/export/propose"
	"github.com/subferry/subferry/validate/convert"
)

// mapFlags are the flags of migrate map propose.
type mapFlags struct {
	session             sessionFlags
	source, destination string
	sourceBase          string
	out                 string
	file                fileFlags
}

// mapCommand holds the commands about maps from one account to another.
func (a *app) mapCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "map", Short: "Map the prices of one Stripe account to those of another",
		Args: a.onlySubcommands,
		RunE: func(cmd *cobra.Command, _ []string) error { a.started = true; return cmd.Help() },
	}
	cmd.AddCommand(a.proposeCommand())
	return cmd
}

// proposeCommand suggests a map for review.
func (a *app) proposeCommand() *cobra.Command {
	var f mapFlags
	cmd := &cobra.Command{
		Use:   "propose [FILE…] --out MAP",
		Short: "Suggest which prices, coupons, tax rates and products stand for those of the source account",
		Long: `Compares the prices, coupons, tax rates and products of two accounts and writes a map file for review: a line for each
of the source account, with what stands for it in the destination account where that is clear. Files of the format
(FILE) limit it to what they name.

What is looked at, in this order: metadata that names the other one's ID, the same lookup key or ID, then equal terms
(amount, currency, interval, usage, tiers, tax behavior) with the same metadata, product name or nickname. What is named
alike and differs in terms, or fits several, is left open, with the candidates. Nothing is used before a person has
written yes or no into the column accepted of each line: migrate refuses the file until then. Who means what costs
something else writes "different terms" there instead of yes: verify reports such a pair otherwise.

The source account is read with the key in STRIPE_SOURCE_API_KEY or STRIPE_SOURCE_API_KEY_FILE, the destination account
with the one in STRIPE_API_KEY or STRIPE_API_KEY_FILE; nothing is changed in either. --source and --destination take an
account file (migrate export account) or the directory of an export (migrate export prices coupons products) instead.
Restricted keys need the read permissions Products, Prices, Coupons and Tax rates.`,
		Example: `  migrate map propose --out prices.csv
  migrate map propose subs.csv --out prices.csv
  migrate map propose --source source/ --destination account.json --out prices.csv`,
		RunE: a.asRunE(func(ctx context.Context, args []string) error { return a.propose(ctx, args, f) }),
	}
	f.session.addReading(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.source, "source", "", "take the source account from `PATH`, an account file or the directory of an export")
	flags.StringVar(&f.destination, "destination", "", "take the destination account from `PATH`, likewise")
	addSourceBase(cmd, &f.sourceBase)
	outFlag(cmd, &f.out, "write the map to `MAP`, which must not exist yet")
	f.file.addSheet(cmd)
	a.outputFlag(cmd, formatText, formatJSON)
	return cmd
}

// addSourceBase adds the flag of commands that read the source account beside another one.
func addSourceBase(cmd *cobra.Command, base *string) {
	cmd.Flags().StringVar(base, "source-api-base", "", "read the source account from the server at `URL`, which speaks Stripe's API (https, or http on this machine)")
}

func (a *app) propose(ctx context.Context, files []string, f mapFlags) error {
	switch {
	case f.out == "":
		return &usageError{"say where the map goes: --out prices.csv"}
	case exists(f.out):
		return fmt.Errorf("%s exists already, and nothing is overwritten: name another file with --out", f.out)
	}
	if err := f.session.check(); err != nil {
		return err
	}
	names, err := a.readNames(files, f.file.sheet)
	if err != nil {
		return err
	}
	ctx, release := a.abortable(ctx)
	defer release()
	from, err := a.catalog(ctx, f, f.source, "the source account", func() (target, error) {
		mode := f.session.mode
		mode.apiBase = f.sourceBase
		return a.sourceTarget(mode)
	})
	if err != nil {
		return err
	}
	to, err := a.catalog(ctx, f, f.destination, "the destination account", func() (target, error) { return a.target(f.session.mode) })
	if err != nil {
		return err
	}
	if len(files) > 0 {
		from = from.Only(names)
	}
	proposals, err := propose.Propose(from, to)
	if err != nil {
		return err
	}
	out, end, err := createNew(f.out)
	if err == nil {
		err = end(propose.Write(out, proposals))
	}
	if err != nil {
		return err
	}
	return a.toldProposals(f, proposals)
}

// catalog reads what an account sells, from a file when one is named.
func (a *app) catalog(ctx context.Context, f mapFlags, path, what string, of func() (target, error)) (c propose.Catalog, err error) {
	if path != "" {
		if c, err = propose.ReadFile(path); err != nil {
			err = &invalidFile{err.Error()}
		}
		return c, err
	}
	t, err := of()
	if err != nil {
		return c, err
	}
	s, err := a.openReading(f.session, t)
	if err != nil {
		return c, err
	}
	end := s.progress.start("Reading " + what)
	c, err = propose.Read(ctx, s.exporter)
	end()
	if err != nil && !errors.Is(err, context.Canceled) {
		err = fmt.Errorf("%s could not be read: %w", what, err)
	}
	return c, joined(err, s.close())
}

// toldProposals says how sure the proposals are, and what to do with them.
func (a *app) toldProposals(f mapFlags, all []propose.Proposal) error {
	counts := map[convert.Kind]map[propose.Confidence]int{}
	for _, k := range convert.MapKinds() {
		counts[k] = map[propose.Confidence]int{propose.Sure: 0, propose.Likely: 0, propose.Possible: 0, propose.Open: 0}
	}
	for _, p := range all {
		counts[p.Kind][p.Confidence]++
	}
	if !a.textMode() {
		return a.printJSON(struct {
			Out       string                                      `json:"out"`
			Counts    map[convert.Kind]map[propose.Confidence]int `json:"counts"`
			Proposals []propose.Proposal                          `json:"proposals"`
		}{f.out, counts, all})
	}
	for _, k := range convert.MapKinds() {
		n := counts[k]
		a.print("%-8s  %d sure, %d likely, %d possible, %d open\n", k, n[propose.Sure], n[propose.Likely], n[propose.Possible], n[propose.Open])
	}
	a.say("Written to %s. Nothing of it is used yet: read each line, correct the destination where it is wrong or blank, and write yes or no into the column %s.",
		f.out, convert.AcceptedColumn)
	words := []string{"export", "toolkit", "--map", f.out, "--out", "subs.csv"}
	if f.sourceBase != "" {
		words = append(words, "--api-base", f.sourceBase)
	}
	a.say("Next: %s", a.commandLine(stateFlag{}, words...))
	return nil
}
