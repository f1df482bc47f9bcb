package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/export/toolkit"
)

// exportToolkitFlags are the flags of migrate export toolkit.
type exportToolkitFlags struct{ mapping, customers, decisions string }

func (f *exportToolkitFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.mapping, "map", "", "toolkit: take the destination account's IDs from `FILE`: CSV with the columns kind,source,destination")
	flags.StringVar(&f.customers, "customers", "", "toolkit: "+customersUsage)
	flags.StringVar(&f.decisions, "decisions", "", "toolkit: take what you have decided from `FILE`, which an export before has written and you have filled in")
}

// toolkitExport is one export of subscriptions as a file of the toolkit.
type toolkitExport struct {
	*source
	flags exportFlags
	kind  export.Kind
	dir   string // where the subscriptions are while it works
	blind string // why payment methods could not be looked at
	files map[string]string
}

// exportToolkit writes the account's subscriptions as a file of the toolkit, and beside it what needs a decision and
// what cannot move.
func (a *app) exportToolkit(ctx context.Context, f exportFlags) error {
	if f.preview > 0 || f.prove || f.incremental {
		return &usageError{"--preview, --prove and --incremental are for kinds: migrate export subscriptions --out DIR"}
	}
	if f.out == "-" {
		return &usageError{"the export is several files: name the first of them with --out subs.csv"}
	}
	stem := strings.TrimSuffix(f.out, filepath.Ext(f.out))
	files := map[string]string{"rows": f.out, "decisions": stem + ".decisions.csv", "left": stem + ".left.csv", "coupons": stem + ".coupons.csv"}
	for _, what := range []string{"rows", "decisions", "left", "coupons"} {
		if exists(files[what]) {
			return fmt.Errorf("%s exists already, and nothing is overwritten: name another file with --out", files[what])
		}
	}
	options := toolkit.Options{}
	var err error
	if f.toolkit.mapping != "" {
		if options.Map, err = readMap(f.toolkit.mapping); err != nil {
			return err
		}
	}
	if options.Customers, err = readCustomers(f.toolkit.customers); err != nil {
		return err
	}
	if f.toolkit.decisions != "" {
		if options.Decisions, err = readSmall(f.toolkit.decisions, toolkit.ReadDecisions); err != nil {
			return err
		}
	}
	s, err := a.openSource(f.session)
	if err != nil {
		return err
	}
	t := &toolkitExport{source: s, flags: f, files: files, dir: filepath.Join(filepath.Dir(f.out), "."+filepath.Base(f.out)+".unfinished")}
	err = t.fetch(ctx)
	if err == nil {
		options.Now = s.clock.Now()
		err = t.write(options)
	}
	return joined(err, s.close())
}

// fetch reads the subscriptions. A key that may not see payment methods or customers gets them without.
func (t *toolkitExport) fetch(ctx context.Context) error {
	options, err := t.flags.options(nil)
	if err != nil {
		return err
	}
	options.Dir = t.dir
	plain, err := export.ParseKinds([]string{"subscriptions"})
	if err != nil {
		return err
	}
	end := t.progress.start("Reading subscriptions")
	defer end()
	for _, k := range []export.Kind{
		plain[0].Expanding("customer.invoice_settings.default_payment_method", "customer.default_source", "default_payment_method", "default_source"),
		plain[0].Expanding("customer"), plain[0],
	} {
		t.kind, options.Kinds = k, []export.Kind{k}
		m, err := t.exporter.Run(ctx, options)
		if finished := (*export.ExistsError)(nil); errors.As(err, &finished) { // by a command that died before it wrote the file
			if err := os.RemoveAll(t.dir); err != nil {
				return err
			}
			m, err = t.exporter.Run(ctx, options)
		}
		if err != nil {
			return t.stopped(err, m != nil)
		}
		skipped := m.Result(k.Name).Skipped
		if skipped == nil {
			return nil
		}
		if err := os.RemoveAll(t.dir); err != nil {
			return err
		}
		if skipped.Status != http.StatusForbidden && skipped.Status != http.StatusBadRequest || len(k.Params["expand[]"]) == 0 {
			return &migrate.StripeError{Outcome: migrate.Refused, Status: skipped.Status, Code: skipped.Code, Message: skipped.Message, RequestID: skipped.RequestID}
		}
		t.blind = skipped.Message
	}
	return nil
}

// write judges the subscriptions and writes the files, all of them or none.
func (t *toolkitExport) write(o toolkit.Options) error {
	temp := map[string]*os.File{}
	defer func() {
		for _, f := range temp {
			_ = errors.Join(f.Close(), os.Remove(f.Name())) // those that were renamed are gone already
		}
	}()
	for what := range t.files {
		f, err := os.CreateTemp(filepath.Dir(t.flags.out), ".export-*")
		if err != nil {
			return err
		}
		temp[what] = f
	}
	each := func(visit func([]byte) error) error { return export.Lines(t.dir, t.kind, visit) }
	sum, err := toolkit.Write(each, o, toolkit.Outputs{Rows: temp["rows"], Decisions: temp["decisions"], Left: temp["left"]})
	if err != nil {
		return t.failed(err)
	}
	if err := writeCoupons(temp["coupons"], sum.Coupons); err != nil {
		return err
	}
	for what, wanted := range map[string]bool{"rows": true, "decisions": sum.Undecided > 0, "left": sum.Immovable+sum.LeftOut > 0, "coupons": len(sum.Coupons) > 0} {
		if !wanted {
			delete(t.files, what)
			continue
		}
		if err := errors.Join(temp[what].Sync(), temp[what].Close()); err != nil {
			return err
		}
		if err := os.Rename(temp[what].Name(), t.files[what]); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(t.dir); err != nil {
		return err
	}
	return t.told(sum, o)
}

// failed says what the map or the decisions lack.
func (t *toolkitExport) failed(err error) error {
	unmapped, decision := (*toolkit.UnmappedError)(nil), (*toolkit.DecisionError)(nil)
	switch {
	case errors.As(err, &unmapped):
		if t.textMode() {
			for _, p := range unmapped.Missing {
				t.print("%s,%s,\n", p.Kind, p.Source)
			}
			t.say("Add these lines to %s, with the destination account's IDs in the last column.", t.flags.toolkit.mapping)
		}
		return &invalidFile{t.flags.toolkit.mapping + ": " + err.Error()}
	case errors.As(err, &decision):
		return &invalidFile{t.flags.toolkit.decisions + ": " + err.Error()}
	}
	return err
}

func writeCoupons(w io.Writer, coupons []toolkit.Coupon) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"id", "from", "name", "percent_off", "amount_off", "currency", "duration", "duration_in_months"})
	for _, c := range coupons {
		amount := ""
		if c.Amount != nil {
			amount = strconv.FormatInt(*c.Amount, 10)
		}
		percent := string(c.Percent)
		if percent == "null" {
			percent = ""
		}
		err = errors.Join(err, out.Write([]string{c.ID, c.From, c.Name, percent, amount, c.Currency, "repeating", strconv.Itoa(c.Months)}))
	}
	out.Flush()
	return errors.Join(err, out.Error())
}

// told says what became of the subscriptions, and the next command.
func (t *toolkitExport) told(sum toolkit.Summary, o toolkit.Options) error {
	if !t.textMode() {
		return t.printJSON(struct {
			Out string `json:"out"`
			toolkit.Summary
			Files map[string]string `json:"files"`
			Blind string            `json:"payment_methods_unknown,omitempty"`
		}{t.flags.out, sum, t.files, t.blind})
	}
	t.print("%s: %d ready, %d need a decision, %d cannot move, %d left out by decision\n", plural(sum.Subscriptions, "subscription"),
		sum.Ready, sum.Undecided, sum.Immovable, sum.LeftOut)
	for _, v := range []struct {
		verdict toolkit.Verdict
		words   string
	}{{toolkit.Ready, "to know"}, {toolkit.Undecided, "to decide"}, {toolkit.Immovable, "cannot move"}} {
		for _, s := range sum.States {
			words := v.words
			if s.Verdict == toolkit.Undecided && s.Undecided == 0 {
				words = "decided"
			}
			if s.Verdict == v.verdict {
				t.print("%s\n", folded(fmt.Sprintf("  %s, %s", words, s), "    "))
			}
		}
	}
	for _, f := range []struct{ what, words string }{{"rows", "ready rows"}, {"decisions", "to be decided: fill in the last column"},
		{"left", "what stays with the source account, and why"}, {"coupons", "coupons to create in the destination account"}} {
		if name := t.files[f.what]; name != "" {
			t.print("%s  %s\n", name, f.words)
		}
	}
	if t.blind != "" {
		t.say("Payment methods could not be looked at (%s): nobody has looked for those that a copy leaves behind.", t.blind)
	}
	if o.Map == nil && sum.Ready > 0 {
		t.say("Prices, coupons and tax rates have the source account's IDs: --map FILE puts the destination account's in their place.")
	}
	if n := len(sum.Unused); n > 0 {
		t.say("%s not needed: no subscription is in that state (any more): %s", plural(n, "decision"), firstOf(sum.Unused[:min(n, 5)], n))
	}
	if sum.Undecided > 0 {
		stem := strings.TrimSuffix(t.flags.out, filepath.Ext(t.flags.out))
		words := []string{"export", "toolkit", "--decisions", t.files["decisions"], "--out", stem + "-2.csv"}
		if t.flags.toolkit.mapping != "" {
			words = append(words, "--map", t.flags.toolkit.mapping)
		}
		if t.flags.toolkit.customers != "" {
			words = append(words, "--customers", t.flags.toolkit.customers)
		}
		t.say("To decide: fill in %s, then %s", t.files["decisions"], t.fileCommand(words...))
	}
	if sum.Ready > 0 {
		t.say("Next: %s", t.commandLine(stateFlag{}, append([]string{"validate", "--amount-unit", "minor", fileWord(t.flags.out)}, nowWords(t.flags.session.now)...)...))
	}
	return nil
}

// exportAccountFlags are the flags of migrate export account.
type exportAccountFlags struct {
	personal bool
	file     fileFlags
	kinds    []string // of the configuration file
}

func (f *exportAccountFlags) add(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.personal, "personal", false, "account: keep names, e-mails, addresses and metadata of customers (left out otherwise)")
	f.file.addSheet(cmd)
}

// readNames returns what files of the format name.
func (a *app) readNames(files []string, sheet string) (names export.Names, err error) {
	for _, path := range files {
		in, name, err := a.input(path, false)
		if err != nil {
			return names, err
		}
		if err := joined(names.ReadNames(in, sheet), in.Close()); err != nil {
			return names, &invalidFile{name + ": " + err.Error()}
		}
	}
	return names, nil
}

// exportAccount writes the account file for what files name.
func (a *app) exportAccount(ctx context.Context, files []string, f exportFlags) error {
	switch {
	case len(files) == 0:
		return &usageError{"which files? the account gets the customers, prices and coupons that they name: migrate export account subs.csv --out account.json"}
	case f.preview > 0 || f.prove || f.incremental:
		return &usageError{"--preview, --prove and --incremental are for kinds: migrate export customers --out DIR"}
	case f.out != "-" && exists(f.out):
		return fmt.Errorf("%s exists already, and nothing is overwritten: name another file with --out", f.out)
	}
	names, err := a.readNames(files, f.account.file.sheet)
	if err != nil {
		return err
	}
	s, err := a.openSource(f.session)
	if err != nil {
		return err
	}
	personal := export.LeftOut
	if f.account.personal {
		personal = export.Included
	}
	file, err := s.exporter.ReadAccount(ctx, names, personal)
	if err = joined(err, s.close()); err != nil {
		if errors.Is(err, context.Canceled) {
			return err
		}
		return fmt.Errorf("the account could not be read: %w", err)
	}
	return s.toldAccount(f, file, files)
}

// toldAccount writes the account file and says what is in it.
func (s *source) toldAccount(f exportFlags, file *export.AccountFile, files []string) error {
	if f.out == "-" {
		return file.Write(s.stdout())
	}
	out, end, err := createNew(f.out)
	if err == nil {
		err = end(file.Write(out))
	}
	if err != nil {
		return err
	}
	counts := map[string]int{"customers": len(file.Customers), "products": len(file.Products), "prices": len(file.Prices), "coupons": len(file.Coupons), "tax_rates": len(file.TaxRates)}
	if !s.textMode() {
		missing := file.Missing
		if missing == nil {
			missing = []string{}
		}
		return s.printJSON(struct {
			Out     string         `json:"out"`
			Account string         `json:"account"`
			Counts  map[string]int `json:"counts"`
			Missing []string       `json:"missing"`
			Notes   []string       `json:"notes,omitempty"`
		}{f.out, file.Account.ID, counts, missing, file.Notes})
	}
	text, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	s.print("%s: %s\n", f.out, strings.NewReplacer(`"`, "", "{", "", "}", "", ",", ", ", ":", " ", "tax_rates", "tax rates").Replace(string(text)))
	if n := len(file.Missing); n > 0 {
		s.print("%s named and not in the account: %s\n", plural(n, "object"), firstOf(file.Missing[:min(n, 10)], n))
	}
	for _, note := range file.Notes {
		s.say("%s", note)
	}
	if !f.account.personal {
		s.say("Personal data is left out: names, addresses and metadata are gone, e-mails and postal codes are made up where there was one. --personal keeps them.")
	}
	s.say("Next: %s", s.commandLine(stateFlag{}, "rehearse", "--sandbox-data", f.out, fileWord(files[0])))
	return nil
}
