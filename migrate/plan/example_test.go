package plan_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/plan"
)

// A plan is made of a review, shown, kept as a file, and applied: what Apply returns, (*migrate.Migrator).Run runs.
func Example() {
	ctx := context.Background()
	review := reviewed(starting(10*days, 11*days), monthlyFacts()) // of (*migrate.Migrator).Review
	review.AccountData.Coupons = friend()

	p, err := plan.Make(ctx, review, config, func(r *plan.Row) error {
		fmt.Println(r)
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file strings.Builder
	if err := p.Write(&file); err != nil {
		fmt.Println(err)
		return
	}

	saved, err := plan.Read(strings.NewReader(file.String()))
	if err != nil {
		fmt.Println(err)
		return
	}
	later := config
	later.Now = today.Add(25 * time.Hour)
	_, err = saved.Apply(ctx, reviewer{review}, review.Input, later)
	fmt.Println(err)
	// Output:
	// line 2  cus_01  charge-at-start  2030-06-11 09:00 17.99 USD every month, then 2030-07-11 17.99 USD, then 2030-08-11 17.99 USD, then 2030-09-11 17.99 USD
	// line 3  cus_02  charge-at-start  2030-06-12 09:00 17.99 USD every month, then 2030-07-12 17.99 USD, then 2030-08-12 17.99 USD, then 2030-09-12 17.99 USD
	// the plan was made 2030-06-01 09:00:00 UTC, which is more than 24 hours ago: make a new one
}

// reviewer stands for a *migrate.Migrator.
type reviewer struct{ review *migrate.Review }

func (r reviewer) Review(context.Context, migrate.Input, migrate.Options) (*migrate.Review, error) {
	return r.review, nil
}
