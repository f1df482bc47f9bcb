// Command migrate moves subscriptions into Stripe Billing from the CSV files of Stripe's migration toolkit.
package main

import (
	"context"
	"os"
	_ "time/tzdata" // migrate fix --dates ZONE works on machines that have no time zones of their own

	"github.com/subferry/subferry/cmd/migrate/internal/cli"
)

func main() { os.Exit(cli.Main(context.Background())) }
