package examples_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/ledger"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/validate"
)

// A program that validates a file and runs it. With a key of your own, without HTTP, and with a ledger on the disk
// (package sqlite) it runs in Stripe.
func Example() {
	ctx := context.Background()
	box, err := sandbox.Open(sandbox.Options{})
	check(err)
	account, err := os.Open("sandbox.json")
	check(err)
	check(box.Load(account))

	key, err := gateway.NewKey("sk_test_sandbox")
	check(err)
	stripe, err := gateway.New(gateway.Config{Key: key, HTTP: box.Transport()})
	check(err)
	migrator, err := migrate.New(migrate.Config{Gateway: stripe, Ledger: ledger.NewMemory()})
	check(err)

	options := migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.SandboxLead, Margin: validate.DefaultMargin}
	review, err := migrator.Review(ctx, migrate.FileInput("ad-hoc.csv"), options)
	check(err)
	fmt.Println(review.Ready, "rows, from", review.FirstStart)
	summary, err := migrator.Run(ctx, review, migrate.RunOptions{})
	check(err)
	fmt.Println(summary.Scheduled, "scheduled,", summary.Failed, "failed")
	// Output:
	// 6 rows, from 2035-03-05T09:00:00Z
	// 6 scheduled, 0 failed
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
