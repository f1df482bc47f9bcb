package rehearse_test

import (
	"context"
	"fmt"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
)

// Without an account to load, one is made up from the file in one call.
func ExampleProvision() {
	box, err := rehearse.Open(time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer box.Close()
	ctx := context.Background()
	input := inputOf("customer,start_date,price,coupon\ncus_ada,1801386000,price_team,\ncus_bob,1801386000,price_team,WELCOME\n")
	options := migrate.Options{Unit: csvspec.UnitMinor}
	made, err := rehearse.Provision(ctx, box, input, options)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("made up:", made.Customers, made.Prices, made.Coupons)

	result, err := rehearse.Run(ctx, rehearse.Config{Sandbox: box, Input: input, Options: options})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Scheduled, "scheduled,", result.Invoices, "invoices")
	// Output:
	// made up: [cus_ada cus_bob] [price_team] [WELCOME]
	// 2 scheduled, 6 invoices
}
