package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
)

// provision gives the embedded sandbox what a file names and it lacks, and says what was made up and assumed.
func (s *session) provision(ctx context.Context, in migrate.Input, o migrate.Options) error {
	made, err := rehearse.Provision(ctx, s.sandbox, in, o)
	if err != nil || made.Count() == 0 {
		return err
	}
	prices := "prices of 10.00" // which of them are monthly and which yearly depends on the file's dates
	switch made.Yearly {
	case 0:
		prices += " a month"
	case len(made.Prices):
		prices += " a year"
	default:
		prices += fmt.Sprintf(", %d a month and %d a year (as the file's dates need)", len(made.Prices)-made.Yearly, made.Yearly)
	}
	var inventory, assumed []string
	for _, k := range [...]struct {
		ids           []string
		what, assumed string
	}{
		{made.Customers, "customer", "customers with a card, an e-mail and an address"},
		{made.Prices, "price", prices},
		{made.Products, "product", "products that are active"},
		{made.Coupons, "coupon", "coupons of 10 % forever"},
		{made.TaxRates, "tax rate", "exclusive taxes of 10 %"},
	} {
		if len(k.ids) > 0 {
			inventory, assumed = append(inventory, plural(len(k.ids), k.what)), append(assumed, k.assumed)
		}
	}
	s.say("Sandbox: made up what the file names and the sandbox lacked: %s.", strings.Join(inventory, ", "))
	s.say("         Assumed: %s.", strings.Join(assumed, "; "))
	return nil
}
