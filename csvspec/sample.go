package csvspec

import (
	"fmt"
	"time"
)

// Sample returns n rows of the template that show how it is used: plain rows, rows with a quantity, rows that are
// invoiced with 30 days to pay, trials, one-off items on the first invoice. They are valid as they are: every
// subscription starts on a full hour, at least three days after now. The same now gives the same rows, and another now
// other subscriptions. The IDs are made up; replace them with those of your account.
func Sample(t Template, n int, now time.Time) []Row {
	rows := make([]Row, n)
	for i := range rows {
		// The safest row starts on its next renewal date and says nothing of anchors and backdates, in working hours, so
		// that no time zone's midnight is meant.
		day := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, 4+i%28)
		r := &rows[i]
		*r = Row{
			Customer:  fmt.Sprintf("cus_Sample%06d", i+1),
			StartDate: At(day.Add(time.Duration(9+i*5%9) * time.Hour)),
			Metadata: Metadata{
				{Key: "third_party_sub_id", Value: fmt.Sprintf("%s_%s_%d", t, now.UTC().Format("20060102T150405"), i+1)},
				{Key: "source", Value: "external:previous_system"},
			},
		}
		quantity := &r.Quantity // of the first thing that is sold
		switch t {
		case Basic:
			r.Price = "price_SampleMonthly"
		case MultiItem:
			r.Items = []Item{{Price: "price_SampleMonthly", Quantity: Of(1)}, {Price: "price_SampleSeats", Quantity: Of(int64(i%10 + 1))}}
			quantity = &r.Items[0].Quantity
		case AdHoc:
			r.AdhocItems = []AdhocItem{{Amount: Of(int64(1999 + 500*(i%5))), Product: "prod_SamplePlan",
				Interval: "month", Currency: "usd", Quantity: Of(1)}}
			quantity = &r.AdhocItems[0].Quantity
		}
		switch i % 6 { // each row of six shows something else
		case 1:
			*quantity = Of(5)
		case 2:
			r.CollectionMethod, r.DaysUntilDue = "send_invoice", Of(30)
		case 3:
			r.TrialEnd = At(r.StartDate.Time().AddDate(0, 0, 14))
		case 4:
			r.AddInvoiceItems = []InvoiceItem{{Amount: Of(5000), Product: "prod_SampleSetupFee", Currency: "usd"}}
		case 5:
			r.CollectionMethod, r.CancelAtPeriodEnd = "charge_automatically", true
		}
	}
	return rows
}
