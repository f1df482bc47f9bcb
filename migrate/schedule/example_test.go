package schedule_test

import (
	"fmt"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate/account"
)

// A customer who has paid until 20 June elsewhere moves on 10 June.
func ExampleFromRow() {
	facts := &account.Account{Prices: map[string]account.Price{"price_1": {ID: "price_1", Interval: "month", IntervalCount: 1}}}
	row := &csvspec.Row{
		Customer: "cus_1", Price: "price_1",
		StartDate:          1907280000, // 10 June 2030
		BillingCycleAnchor: 1908144000, // 20 June 2030
		ProrationBehavior:  "none",
	}
	planned, err := schedule.FromRow(row, facts)
	fmt.Println(planned.Strategy, planned.FirstCharge, err)

	row.ProrationBehavior = ""
	_, err = schedule.FromRow(row, facts)
	fmt.Println(err)
	// Output:
	// trial-bridge 2030-06-20T00:00:00Z <nil>
	// billing_cycle_anchor: the time from start_date until 2030-06-20T00:00:00Z (1908144000) would have to be prorated (blank means create_prorations), which a schedule cannot do. To mend it: write none in proration_behavior: nothing is charged until the anchor, then a full period; or move start_date to the anchor, 2030-06-20T00:00:00Z (1908144000), and leave the anchor blank; or create this one as a subscription instead of a schedule (trial_end=start_date, billing_cycle_anchor, create_prorations): it exists at once and the customer sees it
}
