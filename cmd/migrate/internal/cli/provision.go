package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

// provision gives the embedded sandbox what a file names and it lacks, and says so.
func (s *session) provision(ctx context.Context, in migrate.Input, o migrate.Options) error {
	made, err := rehearse.Provision(ctx, s.sandbox, in, o)
	if err != nil {
		return err
	}
	if made.Count() > 0 {
		s.say("Sandbox: made up what the file names and the sandbox lacked: %s.", inventory(made.Provisioned))
		s.say("         Assumed: %s.", strings.Join(assumed(made), "; "))
	}
	return nil
}

// validationOptions returns the options for judging a file by itself.
func (s *session) validationOptions(o migrate.Options) validate.Options {
	return o.Validation(s.clock.Now(), nil)
}

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
func assumed(p rehearse.MadeUp) []string {
	var all []string
	for _, k := range [...]struct {
		ids  []string
		text string
	}{
		{p.Customers, "customers with a card, an e-mail and an address"},
		{p.Prices, "prices of 10.00" + intervals(p)},
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
func intervals(p rehearse.MadeUp) string {
	switch p.Yearly {
	case 0:
		return " a month"
	case len(p.Prices):
		return " a year"
	}
	return fmt.Sprintf(", %d a month and %d a year (as the file's dates need)", len(p.Prices)-p.Yearly, p.Yearly)
}
