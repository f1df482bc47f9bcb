package validate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestUnknownColumns is about what is said of names that other systems and people write.
func TestUnknownColumns(t *testing.T) {
	for name, want := range map[string]string{
		"Contract End":                 "the subscriptions would charge forever",
		"expires_at":                   "the subscriptions would charge forever",
		"trial_period_days":            "the customers would be charged at start_date",
		"status":                       "rows of canceled or paused subscriptions",
		"default_payment_method":       "charge the customer's default one",
		"add_invoice_items.0.quantity": "charge the amount once",
		"adhoc_items.0.interval_count": "charge every interval",
		"metadata":                     "one column for each key",
		"order_id (metadata)":          "Is metadata.order_id meant?",
		"cupon":                        "Is coupon meant?",
		"items.0.price_id":             "Is items.0.price meant?",
		"items.0.amount":               "Is adhoc_items.0.amount meant?",
	} {
		f := findings(t, "customer,start_date,price,"+name+"\ncus_Ada,1801440000,price_Pro,x\n")[0]
		require.Equal(t, "column_unknown", f.Code, name)
		require.Contains(t, f.Message, want, name)
		if strings.Contains(name, " ") {
			name = `"` + name + `"`
		}
		require.Contains(t, f.Fix, "--allow-column "+name)
	}
}

// TestNoMisleadingGuess: a column that is there already cannot be meant, nor one of another kind of item.
func TestNoMisleadingGuess(t *testing.T) {
	for _, name := range []string{"customer_email", "price_name", "original_start_date", "add_invoice_items.0.price", "adhoc_items.0.coupon"} {
		f := findings(t, "customer,start_date,price,"+name+"\ncus_Ada,1801440000,price_Pro,x\n")[0]
		require.Equal(t, "column_unknown", f.Code)
		require.False(t, strings.Contains(f.Message, "meant"), "%s: %s", name, f.Message)
	}
}
