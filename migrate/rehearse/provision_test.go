package rehearse_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/rehearse"
)

// A price recurs every year when the dates of a row need a longer period than a month. A file with errors gets nothing,
// unless the rows with errors are left out, and what exists is left alone.
func TestProvision(t *testing.T) {
	box, err := rehearse.Open(january)
	require.NoError(t, err)
	defer box.Close()
	ctx := context.Background()
	faulty := inputOf("customer,start_date,price\ncus_0,soon,price_team\ncus_1,1801386000,price_team\n")
	made, err := rehearse.Provision(ctx, box, faulty, migrate.Options{})
	require.NoError(t, err)
	require.Zero(t, made.Count())

	made, err = rehearse.Provision(ctx, box, faulty, migrate.Options{SkipInvalid: true})
	require.NoError(t, err)
	require.Equal(t, []string{"price_team"}, made.Prices)

	made, err = rehearse.Provision(ctx, box, inputOf("customer,start_date,price,billing_cycle_anchor,proration_behavior\n"+
		"cus_1,1801386000,price_team,,\ncus_1,1801386000,price_year,1806570000,none\n"), migrate.Options{})
	require.NoError(t, err)
	require.Equal(t, []string{"price_year"}, made.Prices)
	require.Equal(t, 1, made.Yearly)
	require.Empty(t, made.Customers)
}
