package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/validate/account"
)

// preflightFlags say what is known of a move between two accounts before anything is created.
type preflightFlags struct {
	account string
	mapping string
	export  string
	source  sourceFlags
}

func (f *preflightFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.account, "account", "", "refuse to work in another account than `ACCOUNT` (acct_…)")
	flags.StringVar(&f.mapping, "map", "", "recognise IDs of the source account by `FILE`: CSV with the columns kind,source,destination")
	flags.StringVar(&f.export, "source-export", "", "recognise IDs of the source account by the files of `DIR`, which migrate export has written")
	flags.StringVar(&f.source.apiBase, "source-api-base", "", "with STRIPE_SOURCE_API_KEY: the source account is at the server at `URL`")
}

// words returns the flags as they were given.
func (f *preflightFlags) words() (words []string) {
	for _, flag := range [...][2]string{{"--account", f.account}, {"--map", f.mapping}, {"--source-export", f.export}, {"--source-api-base", f.source.apiBase}} {
		if flag[1] != "" {
			words = append(words, flag[:]...)
		}
	}
	return words
}

// check refuses an account that is none.
func (f *preflightFlags) check() error {
	if f.account != "" && !strings.HasPrefix(f.account, "acct_") {
		return &usageError{"--account names an account, whose ID begins with acct_"}
	}
	return nil
}

// sourceIDs returns the IDs of the source account that files tell of, with those of the destination account where the map
// has them; nil when no file was named.
func (f *preflightFlags) sourceIDs() (map[string]string, error) {
	if f.mapping == "" && f.export == "" {
		return nil, nil
	}
	ids := map[string]string{}
	if f.export != "" {
		if err := readExportedIDs(f.export, ids); err != nil {
			return nil, err
		}
	}
	m, err := readMap(f.mapping)
	if err != nil {
		return nil, err
	}
	for _, of := range m {
		maps.Copy(ids, of)
	}
	return ids, nil
}

// maxLine is the longest line of an export that is read.
const maxLine = 16 << 20

// readExportedIDs adds the IDs of prices, products, coupons and tax rates in the files of an export.
func readExportedIDs(dir string, ids map[string]string) error {
	found := false
	for _, kind := range []string{"prices", "plans", "products", "coupons", "subscriptions"} {
		name := filepath.Join(dir, kind+".ndjson")
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return unreadable(name, err)
		}
		found = true
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, maxLine)
		for n := 1; err == nil && lines.Scan(); n++ {
			if err = addIDs(lines.Bytes(), kind == "subscriptions", ids); err != nil {
				err = fmt.Errorf("line %d: %w", n, err)
			}
		}
		if err = errors.Join(err, lines.Err(), f.Close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if !found {
		return &refusal{"no_export", dir + " has none of the files prices.ndjson, products.ndjson, coupons.ndjson and subscriptions.ndjson: write them with migrate export prices products coupons subscriptions --out " + dir}
	}
	return nil
}

// addIDs adds the ID of an object; of a subscription, those of what it sells and how it is taxed.
func addIDs(line []byte, subscription bool, ids map[string]string) error {
	type identified struct {
		ID string `json:"id"`
	}
	var o struct {
		identified
		TaxRates []identified `json:"default_tax_rates"`
		Discount *struct {
			Coupon identified `json:"coupon"`
		} `json:"discount"`
		Items struct {
			Data []struct {
				Price    identified   `json:"price"`
				TaxRates []identified `json:"tax_rates"`
			} `json:"data"`
		} `json:"items"`
	}
	if err := json.Unmarshal(line, &o); err != nil {
		return fmt.Errorf("it is no object of an export: %w", err)
	}
	all := []identified{o.identified}
	if subscription {
		all = o.TaxRates
		for _, i := range o.Items.Data {
			all = append(append(all, i.Price), i.TaxRates...)
		}
		if o.Discount != nil {
			all = append(all, o.Discount.Coupon)
		}
	}
	for _, one := range all {
		if one.ID != "" {
			ids[one.ID] = ""
		}
	}
	return nil
}

// lookUpSource returns what tells the source account's IDs apart: the files that were named, and that account itself when
// its key is set. An embedded sandbox asks no other account unless its address is said.
func (w *fileSession) lookUpSource(f preflightFlags) (func(context.Context, migrate.ObjectIDs) (map[string]string, error), error) {
	known, err := f.sourceIDs()
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, missing migrate.ObjectIDs) (map[string]string, error) {
		if w.target.place == embedded && f.source.apiBase == "" {
			return known, nil
		}
		source, err := w.openSourceAccount(ctx, ledger.Migration{}, f.source)
		if err != nil || source == nil {
			return known, err
		}
		there, err := source.migrator.LookUp(ctx, missing)
		if err != nil {
			w.say("Note: the source account %s could not be asked whether IDs are its own: %v", source.ID, err)
			return known, nil
		}
		all := map[string]string{}
		addKnown(all, there.Prices)
		addKnown(all, there.Products)
		addKnown(all, there.Coupons)
		addKnown(all, there.TaxRates)
		maps.Copy(all, known)
		return all, nil
	}, nil
}

// unlike returns what compares the terms of what the map pairs; nil when no map was named. Without the source account's key
// there is nothing to compare with.
func (w *fileSession) unlike(f preflightFlags) (func(context.Context, *account.Account) (map[string][]account.Unlike, error), error) {
	m, err := readMap(f.mapping)
	if err != nil || f.mapping == "" || w.target.place == embedded && f.source.apiBase == "" {
		return nil, err
	}
	return func(ctx context.Context, known *account.Account) (map[string][]account.Unlike, error) {
		prices, coupons := m.Used(known)
		if len(prices)+len(coupons) == 0 {
			return nil, nil
		}
		source, err := w.openSourceAccount(ctx, ledger.Migration{}, f.source)
		if err != nil || source == nil {
			return nil, err
		}
		there, err := source.migrator.LookUp(ctx, migrate.ObjectIDs{Prices: prices, Coupons: coupons})
		if err != nil {
			w.say("Note: the terms of prices and coupons were not compared with those of the source account %s: %v", source.ID, err)
			return nil, nil
		}
		return m.Unlike(known, there), nil
	}, nil
}

// addKnown adds IDs of which nothing more is known.
func addKnown[T any](known map[string]string, found map[string]T) {
	for id := range found {
		known[id] = ""
	}
}
