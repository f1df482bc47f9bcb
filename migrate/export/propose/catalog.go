package propose

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/subferry/subferry/migrate/export"
)

// Catalog is what an account sells, as Stripe's JSON has it.
type Catalog struct {
	Products []json.RawMessage `json:"products"`
	Prices   []json.RawMessage `json:"prices"`
	Coupons  []json.RawMessage `json:"coupons"`
	TaxRates []json.RawMessage `json:"tax_rates"`
}

// Read reads the catalog of an account.
func Read(ctx context.Context, e *export.Exporter) (c Catalog, err error) {
	for _, list := range []struct {
		path   string
		expand []string
		into   *[]json.RawMessage
	}{
		{"/v1/products", nil, &c.Products},
		{"/v1/prices", []string{"currency_options", "tiers"}, &c.Prices},
		{"/v1/coupons", []string{"applies_to", "currency_options"}, &c.Coupons},
		{"/v1/tax_rates", nil, &c.TaxRates},
	} {
		if *list.into, err = e.All(ctx, export.Kind{Path: list.path}.Expanding(list.expand...)); err != nil {
			return c, err
		}
	}
	return c, nil
}

// ReadFile reads a catalog from an account file, or from the directory of an export. A directory has no tax rates,
// because they are no kind that is exported; at least prices or coupons must be there.
func ReadFile(path string) (c Catalog, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	if !info.IsDir() {
		text, err := os.ReadFile(path)
		if err != nil {
			return c, err
		}
		if err := json.Unmarshal(text, &c); err != nil {
			return c, fmt.Errorf("%s is no account file, which is JSON with products, prices, coupons and tax_rates, nor the directory of an export: %w", path, err)
		}
		if len(c.Prices)+len(c.Coupons)+len(c.Products)+len(c.TaxRates) == 0 {
			return c, fmt.Errorf("%s has no products, prices, coupons or tax_rates: expected an account file or the directory of an export", path)
		}
		return c, nil
	}
	found := false
	for _, list := range []struct {
		name string
		into *[]json.RawMessage
	}{{"products", &c.Products}, {"prices", &c.Prices}, {"coupons", &c.Coupons}} {
		switch err := readLines(filepath.Join(path, list.name+".ndjson"), list.into); {
		case err == nil:
			found = found || list.name != "products"
		case !errors.Is(err, fs.ErrNotExist):
			return c, err
		}
	}
	if !found {
		return c, fmt.Errorf("%s has neither prices.ndjson nor coupons.ndjson: export them with migrate export products prices coupons --out %s", path, path)
	}
	return c, nil
}

// readLines reads a file with an object in each line.
func readLines(path string, into *[]json.RawMessage) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	in := bufio.NewReader(f)
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 1 {
			*into = append(*into, json.RawMessage(line))
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return errors.Join(err, f.Close())
		}
	}
}

// Only leaves of a catalog what files name, with the products of those prices.
func (c Catalog) Only(n export.Names) Catalog {
	keep := func(all []json.RawMessage, ids map[string]bool, also func(head)) []json.RawMessage {
		return slices.DeleteFunc(slices.Clone(all), func(raw json.RawMessage) bool {
			var h head
			if json.Unmarshal(raw, &h) != nil || !ids[h.ID] {
				return true
			}
			also(h)
			return false
		})
	}
	products, nothing := map[string]bool{}, func(head) {}
	for id := range n.Products {
		products[id] = true
	}
	c.Prices = keep(c.Prices, n.Prices, func(h head) { products[string(h.Product)] = true })
	c.Coupons = keep(c.Coupons, n.Coupons, nothing)
	c.TaxRates = keep(c.TaxRates, n.TaxRates, nothing)
	c.Products = keep(c.Products, products, nothing)
	return c
}
