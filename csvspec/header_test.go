package csvspec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
)

func header(t *testing.T, line string) *csvspec.Header {
	t.Helper()
	r, err := csvspec.NewReader(strings.NewReader(line), csvspec.ReadOptions{})
	require.NoError(t, err)
	return r.Header()
}

func TestHeaderColumns(t *testing.T) {
	tests := []struct {
		raw, name string
		field     csvspec.Field
		quirk     csvspec.Quirk
	}{
		{"customer", "customer", csvspec.FieldCustomer, 0},
		{"customer (required)", "customer", csvspec.FieldCustomer, csvspec.QuirkRequired},
		{"start_date(Required) ", "start_date", csvspec.FieldStartDate, csvspec.QuirkRequired | csvspec.QuirkSpace},
		{" price\u00a0", "price", csvspec.FieldPrice, csvspec.QuirkSpace},
		{"“coupon”", "coupon", csvspec.FieldCoupon, csvspec.QuirkQuote},
		{"Trial_End", "trial_end", csvspec.FieldTrialEnd, csvspec.QuirkCase},
		{"Items.3.Price", "items.3.price", csvspec.FieldItemPrice, csvspec.QuirkCase},
		{"items.99.quantity", "items.99.quantity", csvspec.FieldItemQuantity, 0},
		{"items.100.quantity", "items.100.quantity", csvspec.FieldUnknown, 0},
		{"items.01.quantity", "items.01.quantity", csvspec.FieldUnknown, 0},
		{"items.x.price", "items.x.price", csvspec.FieldUnknown, 0},
		{"adhoc_items.0.interval", "adhoc_items.0.interval", csvspec.FieldAdhocInterval, 0},
		{"add_invoice_items.1.amount", "add_invoice_items.1.amount", csvspec.FieldInvoiceAmount, 0},
		{"metadata.source", "metadata.source", csvspec.FieldMetadata, 0},
		{"metadata_source", "metadata.source", csvspec.FieldMetadata, 0},
		{"METADATA_Source", "metadata.Source", csvspec.FieldMetadata, csvspec.QuirkCase},
		{"metadata.", "metadata.", csvspec.FieldUnknown, 0},
		{"cancel_at", "cancel_at", csvspec.FieldUnknown, 0},
		{"  ", "", csvspec.FieldUnknown, csvspec.QuirkSpace | csvspec.QuirkBlank},
	}
	for _, test := range tests {
		t.Run(test.raw, func(t *testing.T) {
			c := header(t, "x,"+test.raw+",customer,price").Columns[1]
			c.Quirk &^= csvspec.QuirkDuplicate
			require.Equal(t, test.raw, c.Raw)
			require.Equal(t, test.name, c.Name)
			require.Equal(t, test.field, c.Field)
			require.Equal(t, test.quirk, c.Quirk)
			require.Equal(t, test.quirk == 0 && test.field != csvspec.FieldUnknown, c.Clean())
		})
	}
}

func TestHeaderDuplicates(t *testing.T) {
	h := header(t, "customer,Customer,metadata.a,metadata_a,,")
	var twice []int
	for _, c := range h.Columns {
		if c.Has(csvspec.QuirkDuplicate) {
			twice = append(twice, c.Index)
		}
	}
	require.Equal(t, []int{1, 3}, twice)
}

func TestHeaderTemplate(t *testing.T) {
	for line, want := range map[string]csvspec.Template{
		"customer,start_date,price":                         csvspec.Basic,
		"customer,start_date":                               csvspec.Basic,
		"customer,items.0.price,price":                      csvspec.MultiItem,
		"customer,items.0.price,adhoc_items.1.amount":       csvspec.AdHoc,
		"customer,adhoc_items.0.amount,price,items.0.price": csvspec.AdHoc,
	} {
		require.Equal(t, want, header(t, line).Template(), line)
	}
}

func TestFieldNamesAreColumns(t *testing.T) {
	for f := csvspec.FieldCustomer; f <= csvspec.FieldCancelAtPeriodEnd; f++ {
		c := csvspec.ParseColumn(f.Name(0))
		if f == csvspec.FieldMetadata {
			c = csvspec.ParseColumn(f.Name(0) + "key")
		}
		require.Equal(t, f, c.Field, f.String())
	}
	require.Len(t, csvspec.KnownColumns(), int(csvspec.FieldCancelAtPeriodEnd))
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{
		"Start Date": "start_date", "start-date": "start_date", "startDate": "start_date", "strat_date": "start_date",
		"customer_id": "customer", "Custmer": "customer", "cancel_at": "cancel_at_period_end",
		"item.0.price": "items.0.price", "items[3].quantity": "items.3.quantity", "items_2_price": "items.2.price",
		"adhoc_item.0.ammount": "adhoc_items.0.amount", "metadata source": "metadata.source", "metadata[plan]": "metadata.plan",
		"tax_rate": "default_tax_rate", "days_until_du": "days_until_due", "anchor": "billing_cycle_anchor",
		"colour": "", "id": "", "": "", "x": "", "e-mail": "",
	} {
		got, ok := csvspec.Nearest(name)
		require.Equal(t, want, got, name)
		require.Equal(t, want != "", ok, name)
	}
}

func TestNearestOfAColumnIsItself(t *testing.T) {
	for _, name := range csvspec.KnownColumns() {
		name = strings.ReplaceAll(name, ".x.", ".7.")
		got, ok := csvspec.Nearest(strings.ToUpper(name))
		require.True(t, ok, name)
		require.True(t, strings.EqualFold(name, got), "%s gave %s", name, got)
	}
}
