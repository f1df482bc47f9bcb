package validate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// TestLimits is about the last value that is right and the first that is not.
func TestLimits(t *testing.T) {
	adhoc := func(amount, quantity int64) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			r.AdhocItems = append(r.AdhocItems, csvspec.AdhocItem{Amount: csvspec.Of(amount), Product: "prod_Pro", Interval: "month", Currency: "usd", Quantity: csvspec.Of(quantity)})
		}
	}
	items := func(n, more int) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			r.Price = ""
			for i := range n {
				r.Items = append(r.Items, csvspec.Item{Price: fmt.Sprint("price_", i)})
			}
			for range more {
				adhoc(1, 1)(r)
			}
		}
	}
	oneOffs := func(n int) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			for range n {
				r.AddInvoiceItems = append(r.AddInvoiceItems, csvspec.InvoiceItem{Amount: csvspec.Of(1), Product: "prod_Setup", Currency: "usd"})
			}
		}
	}
	keys := func(n int, backdate csvspec.Timestamp) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			for i := range n {
				r.Metadata = append(r.Metadata, csvspec.KeyValue{Key: fmt.Sprint("key_", i), Value: "x"})
			}
			if r.BackdateStartDate = backdate; backdate != 0 {
				r.ProrationBehavior = "none"
			}
		}
	}
	quantity := func(row, item, free int64) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			r.Price, r.Quantity = "price_Pro", csvspec.Of(row)
			r.Items = []csvspec.Item{{Price: "price_Seat", Quantity: csvspec.Of(item)}}
			adhoc(0, free)(r)
		}
	}
	text := func(key, value int) func(*csvspec.Row) {
		return func(r *csvspec.Row) {
			r.Metadata = csvspec.Metadata{{Key: strings.Repeat("ß", key), Value: strings.Repeat("😀", value)}}
		}
	}
	for _, c := range []struct {
		name        string
		right, over func(*csvspec.Row)
		want        string
	}{
		{"a quantity", quantity(999_999_999, 1, 1), quantity(1_000_000_000, 1, 1), "quantity_large"},
		{"a quantity of an item", quantity(1, 999_999_999, 1), quantity(1, 1_000_000_000, 1), "quantity_large"},
		{"a quantity of a free item", quantity(1, 1, 999_999_999), quantity(1, 1, 999_999_999_999_999_999), "quantity_large"},
		{"items", items(20, 0), items(21, 0), "items_too_many"},
		{"items of both kinds", items(12, 8), items(12, 9), "items_too_many"},
		{"one-off items", oneOffs(20), oneOffs(21), "items_too_many"},
		{"metadata beside ours", keys(49, 0), keys(50, 0), "metadata_too_many"},
		{"metadata beside ours and the original start", keys(48, 1767225600), keys(49, 1767225600), "metadata_too_many"},
		{"characters of a key", text(40, 1), text(41, 1), "metadata_key"},
		{"characters of a value", text(1, 500), text(1, 501), "metadata_value"},
		{"an amount", adhoc(99_999_999, 1), adhoc(100_000_000, 1), "amount_large"},
		{"an amount times its quantity", adhoc(33_333_333, 3), adhoc(33_333_334, 3), "amount_large"},
		{"an amount times a quantity that no sum can hold", adhoc(1, 99_999_999), adhoc(99_999_999, 999_999_999_999_999_999), "amount_large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for want, change := range map[string]func(*csvspec.Row){"": c.right, c.want: c.over} {
				r := &csvspec.Row{Customer: "cus_Ada", StartDate: at("2027-02-01")}
				if change(r); len(r.Items)+len(r.AdhocItems) == 0 {
					r.Price = "price_Pro"
				}
				found := codes(validate.Row(r, minorUnits()))
				if want == "" {
					require.NotContains(t, found, c.want)
				} else {
					require.Contains(t, found, want)
				}
			}
		})
	}
}

// TestLargeQuantityIsOneFinding: a quantity that makes the total too large as well is one mistake.
func TestLargeQuantityIsOneFinding(t *testing.T) {
	opts := minorUnits()
	opts.Account = exampleAccount()
	row := &csvspec.Row{Customer: "cus_Ada", StartDate: at("2027-02-01"), Price: "price_Pro", Quantity: csvspec.Of(1_000_000_000)}
	require.Equal(t, []string{"total_large"}, codes(validate.Row(row, opts)))
	row.Price = "price_Free"
	require.Contains(t, codes(validate.Row(row, opts)), "quantity_large")
	row = &csvspec.Row{Customer: "cus_Ada", StartDate: at("2027-02-01"), AdhocItems: []csvspec.AdhocItem{
		{Amount: csvspec.Of(100), Product: "prod_Pro", Interval: "month", Currency: "usd", Quantity: csvspec.Of(1_000_000_000)}}}
	require.Equal(t, []string{"amount_large"}, codes(validate.Row(row, minorUnits())))
}
