package gateway_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/sandbox"
	"github.com/subferry/subferry/migrate/schedule"
)

// A gateway to the embedded sandbox; without HTTP it is one to Stripe.
func ExampleNew() {
	stripe, err := sandbox.Open(sandbox.Options{Now: func() time.Time { return time.Date(2030, 5, 1, 0, 0, 0, 0, time.UTC) }})
	if err != nil {
		log.Fatal(err)
	}
	key, err := gateway.NewKey("sk_test_example")
	if err != nil {
		log.Fatal(err)
	}
	g, err := gateway.New(gateway.Config{Key: key, HTTP: stripe.Transport()})
	if err != nil {
		log.Fatal(err)
	}
	_, err = g.CreateSchedule(context.Background(), schedule.Schedule{
		Customer: "cus_1", StartDate: 1907280000, EndBehavior: schedule.EndRelease,
		Phase: schedule.Phase{Items: []schedule.Item{{Price: "price_1"}}, Iterations: 1},
	}, "row 1, attempt 1")
	fmt.Println(g)
	fmt.Println(err.(*migrate.StripeError).Outcome, err.(*migrate.StripeError).Message)
	// Output:
	// gateway with sk_test_…
	// refused No such customer: 'cus_1'
}
