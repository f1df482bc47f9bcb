package sandbox_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/subferry/subferry/migrate/sandbox"
)

// stripe-go talks to the sandbox through its Transport: no socket, no other
// change.
func Example() {
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	box, err := sandbox.Open(sandbox.Options{Seed: "example", Now: func() time.Time { return start }})
	if err != nil {
		panic(err)
	}
	defer func() { _ = box.Close() }()
	_, err = box.Provision(sandbox.Wanted{Customers: []string{"cus_1"}, Prices: []sandbox.WantedPrice{{ID: "price_1"}}})
	if err != nil {
		panic(err)
	}

	backend := stripe.GetBackendWithConfig(stripe.APIBackend, &stripe.BackendConfig{
		HTTPClient:        &http.Client{Transport: box.Transport()},
		URL:               stripe.String("http://sandbox"),
		MaxNetworkRetries: stripe.Int64(0),
	})
	stripeClient := client.New("sk_test_123", &stripe.Backends{API: backend})
	schedule, err := stripeClient.SubscriptionSchedules.New(&stripe.SubscriptionScheduleParams{
		Customer:  stripe.String("cus_1"),
		StartDate: stripe.Int64(start.AddDate(0, 0, 2).Unix()),
		Phases: []*stripe.SubscriptionSchedulePhaseParams{{
			Items:      []*stripe.SubscriptionSchedulePhaseItemParams{{Price: stripe.String("price_1")}},
			Iterations: stripe.Int64(1),
		}},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(schedule.Status)

	schedule, err = stripeClient.SubscriptionSchedules.Cancel(schedule.ID, &stripe.SubscriptionScheduleCancelParams{
		InvoiceNow: stripe.Bool(false), Prorate: stripe.Bool(false),
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(schedule.Status)
	// Output:
	// not_started
	// canceled
}
