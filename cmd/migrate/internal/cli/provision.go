package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

// provision gives the embedded sandbox what a file names and it lacks, and says so. A file with errors gets nothing:
// half of what it names may be mistakes.
func (s *session) provision(ctx context.Context, in migrate.Input, o migrate.Options) error {
	wrong, err := s.wrong(ctx, in, o)
	if err != nil || wrong {
		return err
	}
	names, err := migrate.NamesIn(ctx, in, o)
	if err != nil {
		return err
	}
	made, err := s.box.Provision(wanted(names))
	if err != nil {
		return err
	}
	if made.Count() > 0 {
		s.say("Sandbox: made up what the file names and the sandbox lacked: %s.", inventory(made))
		s.say("         Assumed: %s.", strings.Join(assumed(names, made), "; "))
	}
	return nil
}

// wrong tells whether the file alone shows that it will not be run.
func (s *session) wrong(ctx context.Context, in migrate.Input, o migrate.Options) (bool, error) {
	f, err := in.Open()
	if err != nil {
		return false, err
	}
	defer f.Close()
	report, err := validate.Each(ctx, in.Name, f, s.validation(o), func(*csvspec.Row, []validate.Finding) error { return nil })
	return err == nil && (report.Invalid > 0 && !o.SkipInvalid || hasErrors(report)), err
}

// validation returns the options for judging a file by itself.
func (s *session) validation(o migrate.Options) validate.Options {
	return o.Validation(s.clock.Now(), nil)
}

// longestMonth is the longest that a monthly period can be.
const longestMonth = 31 * 24 * time.Hour

// wanted says what the sandbox shall have. A price is monthly, or yearly when a row's dates need a longer period.
func wanted(n migrate.Names) sandbox.Wanted {
	w := sandbox.Wanted{
		Customers: sorted(n.Customers), Products: sorted(n.Products), Coupons: sorted(n.Coupons), TaxRates: sorted(n.TaxRates),
	}
	for _, id := range sorted(n.Prices) {
		use := n.Prices[id]
		price := sandbox.WantedPrice{ID: id, Interval: interval(use)}
		if _, known := csvspec.Decimals(use.Currency); known {
			price.Currency = use.Currency
		}
		w.Prices = append(w.Prices, price)
	}
	return w
}

func interval(use migrate.PriceUse) string {
	if use.Longest > longestMonth {
		return "year"
	}
	return "month"
}

func sorted[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }

// inventory counts what was made up.
func inventory(p sandbox.Provisioned) string {
	var parts []string
	for _, k := range [...]struct {
		ids  []string
		what string
	}{{p.Customers, "customer"}, {p.Prices, "price"}, {p.Products, "product"}, {p.Coupons, "coupon"}, {p.TaxRates, "tax rate"}} {
		if len(k.ids) > 0 {
			parts = append(parts, plural(len(k.ids), k.what))
		}
	}
	return strings.Join(parts, ", ")
}

// assumed says what was made up of what was not known.
func assumed(n migrate.Names, p sandbox.Provisioned) []string {
	var all []string
	for _, k := range [...]struct {
		ids  []string
		text string
	}{
		{p.Customers, "customers with a card, an e-mail and an address"},
		{p.Prices, "prices of 10.00" + intervals(n, p)},
		{p.Products, "products that are active"},
		{p.Coupons, "coupons of 10 % forever"},
		{p.TaxRates, "exclusive taxes of 10 %"},
	} {
		if len(k.ids) > 0 {
			all = append(all, k.text)
		}
	}
	return all
}

// intervals says which of the prices are monthly and which yearly.
func intervals(n migrate.Names, p sandbox.Provisioned) string {
	yearly := 0
	for _, id := range p.Prices {
		if interval(n.Prices[id]) == "year" {
			yearly++
		}
	}
	switch yearly {
	case 0:
		return " a month"
	case len(p.Prices):
		return " a year"
	}
	return fmt.Sprintf(", %d a month and %d a year (as the file's dates need)", len(p.Prices)-yearly, yearly)
}
