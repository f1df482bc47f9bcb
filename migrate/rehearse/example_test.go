package rehearse_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
	"github.com/subferry/subferry/migrate/rehearse/report"
	"github.com/subferry/subferry/validate"
)

// A file of one row is migrated on 15 January, and everything that follows until it has renewed twice is shown.
func Example() {
	box, err := rehearse.Open(time.Date(2027, 1, 15, 9, 0, 0, 0, time.UTC))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer box.Close()
	if err := box.Load(strings.NewReader(`{
		"customers": [{"id": "cus_ada", "invoice_settings": {"default_payment_method": "pm_card_visa"}}],
		"products":  [{"id": "prod_team", "name": "Team"}],
		"prices":    [{"id": "price_team", "product": "prod_team", "currency": "usd", "unit_amount": 2900, "recurring": {"interval": "month"}}]
	}`)); err != nil {
		fmt.Println(err)
		return
	}
	result, err := rehearse.Run(context.Background(), rehearse.Config{
		Sandbox: box,
		Input:   inputOf("customer,start_date,price,quantity\ncus_ada,1801386000,price_team,3\n"), // 31 January
		Options: migrate.Options{Unit: csvspec.UnitMinor, Lead: validate.LiveLead, CheckCustomers: true},
	})
	if err == nil {
		err = report.Text(os.Stdout, result)
	}
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// Rehearsal of subs.csv, 15 Jan 2027 09:00 UTC to 31 Mar 2027 11:00 UTC
	//   rows       1 of 1 row scheduled
	//   invoices   3 made
	//   charged    261.00 USD in 3 charges
	//   amounts    All amounts are computed from the account.
	//   forecast   Every invoice is as forecast: 3 compared.
	//
	// Charges by day (UTC)
	//   2027-01-31          1             87.00 USD
	//   2027-02-28          1             87.00 USD
	//   2027-03-31          1             87.00 USD
}
