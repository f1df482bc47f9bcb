package csvspec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

func TestMeant(t *testing.T) {
	for name, want := range map[string]string{
		"Customer ID": "customer", "customer_id": "customer", "CustomerId": "customer", " Customer Id ": "customer",
		"Start Date": "start_date", "startDate": "start_date", "start-date": "start_date", "Start date (required)": "start_date",
		"Price ID": "price", "items[0].price": "items.0.price", "Items 1 Price": "items.1.price", "items.0.price_id": "items.0.price",
		"adhoc items 0 product id": "adhoc_items.0.product", "Add Invoice Items.0.Amount": "add_invoice_items.0.amount",
		"cupon": "coupon", "custmer": "customer", "quantiy": "quantity", "Trial End": "trial_end", "Default Tax Rate ID": "default_tax_rate",
		"metadata source": "metadata.source", "Metadata: orderID": "metadata.orderID", "orderID (metadata)": "metadata.orderID",
	} {
		got, ok := csvspec.Meant(name)
		require.True(t, ok, name)
		require.Equal(t, want, got, name)
		require.True(t, csvspec.ParseColumn(got).Known(), got)
	}
	for _, name := range []string{
		"customer", "Customer", "customer (required)", " price ", // the format knows them
		"Customer Email", "Amount", "Interval", "price 1", "price_2", "Plan", "Start", "date", "Created", "cancel_at", "end_date", "trial_days",
		"Start Date (UTC)", "quantity 1", "product", "item price", "id", "", "metadata", "currency_id", "quantity id", "items.price",
	} {
		got, ok := csvspec.Meant(name)
		require.False(t, ok, "%s is not certainly %s", name, got)
	}
}
