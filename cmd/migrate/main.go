// Command migrate moves subscriptions into Stripe Billing from the CSV files of Stripe's migration toolkit. The way through:
//
//	migrate template basic --sample 12 > subs.csv      a file to play with; convert makes one of Stripe's own export
//	migrate validate subs.csv                          what is wrong with it; fix mends what has one meaning only
//	migrate plan --sandbox --out plan.json subs.csv    every charge, before anything is created
//	migrate rehearse subs.csv                          the whole migration and the months that follow, offline
//	migrate run --sandbox plan.json                    review, confirm, create a schedule for each row
//	migrate status mig_…                               how it stands; list, report and resume read the same ledger
//	migrate cancel mig_…                               undo it within ten hours; release lets go of what is live
//
// Without a key, --sandbox works in a sandbox inside the program. With a test key in STRIPE_API_KEY it is Stripe's test mode,
// and with a live key and --live it is live mode. The exit codes are those of migrate help.
//
// The program is package internal/cli, and the rules of the code base are the tests of internal/house. Programs of your own
// use the packages csvspec, validate and migrate, of which this one is only the wiring.
package main

import (
	"context"
	"os"
	_ "time/tzdata" // migrate fix --dates ZONE works on machines that have no time zones of their own

	"github.com/subferry/subferry/cmd/migrate/internal/cli"
)

func main() { os.Exit(cli.Main(context.Background())) }
